"""The pointing game: whether the heat map's maximum falls on what a person marked.

Zhang et al., Top-down Neural Attention by Excitation Backprop, ECCV 2016; tolerance of 15 pixels of 640.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

TOLERANCE = 15 / 640
"""Distance to a labelled region that still counts, as a share of the picture's side."""

Region = NDArray[np.float64]
"""(k, 2) corners x, y of a polygon, 0 to 1 of the picture's width and height."""


def maximum(heat: ArrayLike) -> tuple[float, float]:
    """Centre of the largest cell of a (h, w) map, as x and y of 0 to 1."""
    values = np.asarray(heat)
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    return (float(column) + 0.5) / values.shape[1], (float(row) + 0.5) / values.shape[0]


def hit(point: tuple[float, float], regions: Sequence[Region], *, tolerance: float = TOLERANCE) -> bool:
    """Whether a point (x, y of 0 to 1) lies in or within `tolerance` of one of the regions."""
    return any(_distance(np.array(point), region) <= tolerance for region in regions)


def _distance(point: NDArray[np.float64], polygon: Region) -> float:
    """Distance of a point to a polygon, 0 inside."""
    start = np.asarray(polygon, dtype=np.float64)
    end = np.roll(start, -1, axis=0)
    crosses = (start[:, 1] > point[1]) != (end[:, 1] > point[1])
    rise = np.where(crosses, end[:, 1] - start[:, 1], 1.0)
    x_at = start[:, 0] + (point[1] - start[:, 1]) / rise * (end[:, 0] - start[:, 0])
    if np.count_nonzero(crosses & (point[0] < x_at)) % 2 == 1:
        return 0.0
    edge = end - start
    length = np.maximum((edge**2).sum(axis=1), 1e-18)
    along = np.clip(((point - start) * edge).sum(axis=1) / length, 0, 1)
    return float(np.sqrt((((start + along[:, None] * edge) - point) ** 2).sum(axis=1)).min())
