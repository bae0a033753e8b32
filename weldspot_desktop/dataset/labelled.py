"""What an importer yields: a labelled picture, or a problem with a part of the source."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

Corners = tuple[tuple[float, float], ...]
"""Corners x, y of a region, 0 to 1 of the picture's width and height."""


@dataclass(frozen=True)
class RegionLabel:
    """Where a class was marked: a box (four corners) or a polygon (three or more)."""

    class_index: int
    kind: Literal["box", "polygon"]
    corners: Corners


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
    """

    path: Path
    classes: frozenset[int]
    regions: tuple[RegionLabel, ...] = field(default=())


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
        """Whether this looks like such a source; reads as little as possible."""
        ...

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        """Pictures and problems, lazily, in a fixed order."""
        ...
