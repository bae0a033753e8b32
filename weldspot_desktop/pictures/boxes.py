"""Boxes around what a heat map shows: where a class was seen, for people and for drawings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.pictures.overlay import Box

MOST: Final = 50
"""Boxes of one class in one picture; the strongest are kept."""

_FINER: Final = 4
"""The map is interpolated this much finer, so that boxes do not jump by whole cells."""

_SMALLEST: Final = _FINER * _FINER // 4
"""Smallest area, in pixels of the finer map, that is more than a flicker: a quarter of a cell."""


def derive(logits: NDArray[np.float32], class_index: int, level: float) -> list[Box]:
    """Bounding boxes of the connected places where a class's evidence reaches a level, strongest first.

    Parameters
    ----------
    logits
        (h, w, 7) class evidence, as the model gives it.
    class_index
        0 to 6.
    level
        Evidence that counts, as a logit; the model's card holds one for each class.

    Returns
    -------
    list of Box
        Regions of 0 to 1 of what was judged; the score is the strongest evidence inside, 0 to 1. The strongest
        is named, the others are not.
    """
    evidence = np.ascontiguousarray(logits[..., class_index], dtype=np.float32)
    if evidence.max() < level:
        return []
    height, width = evidence.shape[0] * _FINER, evidence.shape[1] * _FINER
    fine = cv2.resize(evidence, (width, height), interpolation=cv2.INTER_LINEAR)
    count, places, statistics, _ = cv2.connectedComponentsWithStats((fine >= level).astype(np.uint8), connectivity=8)
    boxes = []
    for number in range(1, count):
        left, top, across, down, area = (int(value) for value in statistics[number])
        if area < _SMALLEST:
            continue
        inside = places[top : top + down, left : left + across] == number
        peak = float(fine[top : top + down, left : left + across][inside].max())
        region = (left / width, top / height, (left + across) / width, (top + down) / height)
        boxes.append(Box(class_index, region, 1 / (1 + float(np.exp(-peak)))))
    strongest = sorted(boxes, key=lambda box: -(box.score or 0.0))[:MOST]
    return [replace(box, named=number == 0) for number, box in enumerate(strongest)]


def within(boxes: Sequence[Box], region: Region | None) -> list[Box]:
    """Boxes of a region of interest, 0 to 1 of it, as boxes of the whole picture."""
    if region is None:
        return list(boxes)
    left, top, width, height = region[0], region[1], region[2] - region[0], region[3] - region[1]
    return [
        replace(
            box,
            region=(
                left + box.region[0] * width,
                top + box.region[1] * height,
                left + box.region[2] * width,
                top + box.region[3] * height,
            ),
        )
        for box in boxes
    ]
