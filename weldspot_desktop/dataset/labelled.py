"""What an importer yields: a labelled picture, or a problem with a part of the source."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

Corners = tuple[tuple[float, float], ...]
"""Corners x, y of a region, 0 to 1 of the picture's width and height."""

TOLERANCE: Final = 0.005
"""How far a corner may lie outside the picture and still be moved to its edge: exports round."""

MOST_CORNERS: Final = 10_000
"""Of one polygon; no hand draws more."""

_LISTED: Final = 20
"""Problems of one file that are named; further ones are only counted."""


@dataclass(frozen=True)
class RegionLabel:
    """Where a class was marked: a box (four corners) or a polygon (three or more)."""

    class_index: int
    kind: Literal["box", "polygon"]
    corners: Corners

    @property
    def whole(self) -> bool:
        """Whether this is a box around the whole picture: it says that the class is there, but not where."""
        return self.kind == "box" and all(
            math.isclose(value, round(value), abs_tol=1e-6) for corner in self.corners for value in corner
        )


@dataclass(frozen=True)
class LabelledPicture:
    """One picture of a source with what is known of it.

    Attributes
    ----------
    path
        The picture file.
    classes
        Class indices that are present.
    regions
        Where they were marked; may be empty.
    name
        What people call it; the file's name if empty.
    group, scene
        Who or where it comes from, and which weld it shows; None if the source does not say.
    """

    path: Path
    classes: frozenset[int]
    regions: tuple[RegionLabel, ...] = field(default=())
    name: str = ""
    group: str | None = None
    scene: str | None = None

    @property
    def title(self) -> str:
        return self.name or self.path.name


@dataclass(frozen=True)
class Problem:
    """Something in a source that was not taken, and why; the import goes on.

    Attributes
    ----------
    place
        File, and line where there is one.
    reason
        One sentence.
    """

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Format(Protocol):
    """A kind of labelled source on disk. A new one is a new file and one line in `importers.FORMATS`."""

    title: str

    def recognises(self, source: Path) -> bool:
        """Whether this looks like such a source; reads as little as possible, and never raises."""
        ...

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        """Pictures and problems, lazily, in a fixed order."""
        ...


def box(class_index: int, left: float, top: float, right: float, bottom: float) -> RegionLabel:
    """A box from its edges, 0 to 1 of the picture.

    Raises
    ------
    ValueError
        If it has no area or lies outside the picture; the message is the end of a sentence.
    """
    if not (right > left and bottom > top):
        raise ValueError("the box has no area")
    return RegionLabel(class_index, "box", within([(left, top), (right, top), (right, bottom), (left, bottom)]))


def polygon(class_index: int, corners: list[tuple[float, float]]) -> RegionLabel:
    """A polygon of at least three corners, 0 to 1 of the picture.

    Raises
    ------
    ValueError
        If it has too few or far too many corners, or lies outside the picture.
    """
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise ValueError(f"the polygon has {len(corners)} corners")
    return RegionLabel(class_index, "polygon", within(corners))


def within(corners: list[tuple[float, float]]) -> Corners:
    """The corners, those a little outside the picture moved to its edge.

    Raises
    ------
    ValueError
        If one lies further outside, or is no finite number.
    """
    for x, y in corners:
        if not (-TOLERANCE <= x <= 1 + TOLERANCE and -TOLERANCE <= y <= 1 + TOLERANCE):
            raise ValueError("lies outside the picture")
    return tuple((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in corners)


def some(problems: Iterable[Problem], place: str) -> Iterator[Problem]:
    """The first problems of one file by name, and how many more there are: a broken file may hold millions."""
    count = 0
    for problem in problems:
        count += 1
        if count <= _LISTED:
            yield problem
    if count > _LISTED:
        yield Problem(place, f"{count - _LISTED} more of this kind")
