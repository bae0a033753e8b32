"""What the network should answer for a picture: its classes, and where they were marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.dataset.manifest import PictureEntry
from weldspot_desktop.training.augmentation import Frame

_FINE: Final = 4
"""Pixels of the raster in one cell of the map: a cell's target is the share of it that is marked."""

_SHIFT: Final = 4
_GONE: Final = 0.02
_DOUBTFUL: Final = 0.3
"""Shares of a class's marked area left in the frame: under the first it is gone, under the second nobody can say."""


@dataclass(frozen=True)
class Target:
    """The answer for one picture or variant.

    Attributes
    ----------
    truth : (7,) float32, 0 or 1
    known : (7,) float32, 1 where `truth` can be relied on, 0 where a crop left too little to say
    evidence : (h, w, 7) float32, share of each cell that is marked, 0 to 1
    placed : (7,) float32, 1 where `evidence` is known: the class is absent, or its places were marked
    """

    truth: NDArray[np.float32]
    known: NDArray[np.float32]
    evidence: NDArray[np.float32]
    placed: NDArray[np.float32]


def target(entry: PictureEntry, frame: Frame, cells: int) -> Target:
    """The answer for the part of a picture that a frame shows, for a map of `cells` x `cells`."""
    truth = np.zeros(labels.COUNT, dtype=np.float32)
    truth[list(entry.classes)] = 1
    known = np.ones(labels.COUNT, dtype=np.float32)
    placed = np.ones(labels.COUNT, dtype=np.float32)
    # Background is what a whole picture shows; no place of it is evidence.
    placed[labels.BACKGROUND] = 0
    evidence = np.zeros((cells, cells, labels.COUNT), dtype=np.float32)
    for index in entry.classes:
        marked = [np.array(region.corners) for region in entry.regions if region.class_index == index]
        if not marked:
            placed[index] = 0
            continue
        moved = [frame.places(corners) for corners in marked]
        shown = _share_shown(moved)
        if shown < _DOUBTFUL:
            truth[index] = 0.0
            known[index] = float(shown < _GONE)
            placed[index] = known[index]
        else:
            evidence[..., index] = _raster(moved, cells)
    return Target(truth, known, evidence, placed)


def _share_shown(regions: Sequence[NDArray[np.float64]]) -> float:
    """Share of the regions' area, by their bounding boxes, that lies within the frame."""
    whole = inside = 0.0
    for corners in regions:
        low, high = corners.min(axis=0), corners.max(axis=0)
        cut = np.clip(high, 0, 1) - np.clip(low, 0, 1)
        whole += float(np.prod(np.maximum(high - low, 1e-6)))
        inside += float(np.prod(np.maximum(cut, 0)))
    return inside / whole


def _raster(regions: Sequence[NDArray[np.float64]], cells: int) -> NDArray[np.float32]:
    side = cells * _FINE
    canvas = np.zeros((side, side), dtype=np.uint8)
    polygons = [np.round((np.clip(corners, -1, 2) * side - 0.5) * 2**_SHIFT).astype(np.int32) for corners in regions]
    for polygon in polygons:
        cv2.fillPoly(canvas, [polygon], 255, lineType=cv2.LINE_8, shift=_SHIFT)
    # People mark small things tightly; one pixel of margin lets a pore reach the middle of its cell.
    wider = cv2.dilate(canvas, np.ones((3, 3), dtype=np.uint8))
    coverage = cv2.resize(wider, (cells, cells), interpolation=cv2.INTER_AREA)
    return np.asarray(coverage, dtype=np.float32) * np.float32(1 / 255)
