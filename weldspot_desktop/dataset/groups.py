"""Which pictures show the same scene, from pixels and names; no split may cut through a group.

Pixels: two pictures are near-duplicates when their small grey versions correlate in one of the eight
orientations. Cells that are burnt out in either picture are left out of the comparison, so that a copy
that was brightened until it clips is still found.

Names: copies of one source file (`name.rf.hash`), tiles of one photograph (`…_block_x_y`), neighbouring
frames of one video, and numbered series of backgrounds.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

SIDE: Final = 48
"""Cells along a side of the small version."""

LEAST_CORRELATION: Final = 0.90
"""Among 753 weld photographs the closest of 282,000 unrelated pairs reach 0.92; a copy that was turned, made grey
or brightened by half stays above 0.98."""

LEAST_SHARE: Final = 0.015
"""Share of cells that must be usable in both pictures."""

LEAST_DEVIATION: Final = 0.01
"""Standard deviation (of 0 to 1) below which a picture is flat: correlation would be noise."""

_BURNT: Final = 248
_BLOCK: Final = 512
_LARGEST_FRAME_GAP: Final = 12
"""Frames of one video at most so many numbers apart are neighbours."""

_COPY: Final = re.compile(r"\.rf\.[0-9a-f]{32}$")
_TILE: Final = re.compile(r"^(?P<photo>.+)_block_\d+_\d+")
_FRAME: Final = re.compile(r"^(?P<video>.*(?:vid|video|frame)[_-]?)(?P<number>\d{1,9})(?:\D|$)", re.IGNORECASE)
_SERIES: Final = re.compile(r"^(?P<series>.*\D)\d{1,9}$")


@dataclass(frozen=True)
class Descriptor:
    """A small grey version of a picture.

    Attributes
    ----------
    cells : (SIDE, SIDE) float32, 0 to 1
    usable : (SIDE, SIDE) float32, 1 where hardly any pixel is burnt out, else 0
    """

    cells: NDArray[np.float32]
    usable: NDArray[np.float32]


def descriptor(pixels: NDArray[np.uint8]) -> Descriptor:
    """Descriptor of (h, w, 3) RGB pixels."""
    side = 256
    small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    burnt = (small.max(axis=2) >= _BURNT).astype(np.float32)
    size = (SIDE, SIDE)
    cells = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    usable = cv2.resize(burnt, size, interpolation=cv2.INTER_AREA) < 0.1
    return Descriptor(np.asarray(cells, dtype=np.float32), usable.astype(np.float32))


def near_duplicates(descriptors: Sequence[Descriptor]) -> NDArray[np.intp]:
    """Pairs (k, 2) of indices, first below second, whose pictures show the same pixels.

    Notes
    -----
    Cost grows with the square of the number: 1,000 pictures take about a second, 10,000 some minutes.
    """
    if not descriptors:
        return np.zeros((0, 2), dtype=np.intp)
    cells = np.array([d.cells.ravel() for d in descriptors])
    usable = np.array([d.usable.ravel() for d in descriptors])
    found = []
    for orientation in range(8):
        turned = np.array([_turned(d.cells, orientation).ravel() for d in descriptors])
        turned_usable = np.array([_turned(d.usable, orientation).ravel() for d in descriptors])
        for start in range(0, len(cells), _BLOCK):
            rows = slice(start, start + _BLOCK)
            close = _correlation(cells[rows], usable[rows], turned, turned_usable) >= LEAST_CORRELATION
            found.append(np.argwhere(close) + np.array([start, 0]))
    pairs = np.sort(np.concatenate(found), axis=1)
    return np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)


def same_names(names: Sequence[str], backgrounds: Sequence[bool]) -> list[tuple[int, int]]:
    """Pairs of indices whose file names say that they show one scene.

    Parameters
    ----------
    names
        File names, with or without ending.
    backgrounds
        Whether each picture is Background: only there a numbered series (`fork_1`, `fork_2`) is one scene,
        since collections of weld photographs are numbered too.
    """
    stems = [_stem(name) for name in names]
    alike: dict[Hashable, list[int]] = defaultdict(list)
    videos: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, stem in enumerate(stems):
        alike["stem", stem].append(index)
        if tile := _TILE.match(stem):
            alike["photo", tile["photo"]].append(index)
        if frame := _FRAME.match(stem):
            videos[frame["video"].casefold()].append((int(frame["number"]), index))
        elif backgrounds[index] and (series := _SERIES.match(stem)):
            alike["series", series["series"]].append(index)
    pairs = [pair for members in alike.values() for pair in pairwise(members)]
    for frames in videos.values():
        for (number, index), (next_number, next_index) in pairwise(sorted(frames)):
            if next_number - number <= _LARGEST_FRAME_GAP:
                pairs.append((index, next_index))
    return pairs


def same_scenes(scenes: Sequence[str | None]) -> list[tuple[int, int]]:
    """Pairs of indices whose sources name the same weld."""
    alike: dict[str, list[int]] = defaultdict(list)
    for index, scene in enumerate(scenes):
        if scene is not None:
            alike[scene].append(index)
    return [pair for members in alike.values() for pair in pairwise(members)]


def group(
    names: Sequence[str],
    descriptors: Sequence[Descriptor],
    backgrounds: Sequence[bool],
    scenes: Sequence[str | None] | None = None,
) -> NDArray[np.intp]:
    """Group number of every picture; pictures linked by pixels, names or scenes, also over others, share one.

    Parameters
    ----------
    names, descriptors, backgrounds
        One for each picture; see `same_names` and `near_duplicates`.
    scenes
        Which weld each picture shows, where its source says so.

    Returns
    -------
    (n,) array of 0, 1, 2, … in the order of first appearance.
    """
    pairs: Iterable[tuple[int, int]] = [
        *same_names(names, backgrounds),
        *same_scenes(scenes or []),
        *map(tuple, near_duplicates(descriptors)),
    ]
    links = np.array(list(pairs), dtype=np.intp).reshape(-1, 2)
    count = len(names)
    graph = coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(count, count))
    components = connected_components(graph, directed=False)[1]
    _, first, inverse = np.unique(components, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.intp)


def _stem(name: str) -> str:
    stem = re.sub(r"\.(?:bmp|gif|jpe?g|png|tiff?|webp)$", "", name, flags=re.IGNORECASE)
    return _COPY.sub("", stem)


def _turned(square: NDArray[np.float32], orientation: int) -> NDArray[np.float32]:
    turned = np.rot90(square, orientation % 4)
    return np.fliplr(turned) if orientation >= 4 else turned


def _correlation(
    a: NDArray[np.float32], usable_a: NDArray[np.float32], b: NDArray[np.float32], usable_b: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Pearson correlation of every row of a with every row of b over the cells that both can use; -1 if too few."""
    count = usable_a @ usable_b.T
    n = np.maximum(count, 1)
    masked_a, masked_b = a * usable_a, b * usable_b
    mean_a, mean_b = masked_a @ usable_b.T / n, usable_a @ masked_b.T / n
    covariance = masked_a @ masked_b.T / n - mean_a * mean_b
    variance_a = (masked_a * a) @ usable_b.T / n - mean_a**2
    variance_b = usable_a @ (masked_b * b).T / n - mean_b**2
    flat = LEAST_DEVIATION**2
    result = covariance / np.sqrt(np.maximum(variance_a, flat) * np.maximum(variance_b, flat))
    return np.where(count < LEAST_SHARE * SIDE * SIDE, np.float32(-1), result)
