"""Making a part of a picture unrecognisable, for good."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_CELLS: Final = 8
"""Points that are left of a region in each direction: of a face within it about five, which nobody is known by."""

_MARGIN: Final = 0.25
"""How far the region reaches beyond the box on each side, of the box's side: a box ends at brows and chin."""


def blur(pixels: NDArray[np.uint8], boxes: Sequence[Sequence[float]]) -> NDArray[np.uint8]:
    """A copy of the picture in which an ellipse around each box is replaced by a handful of smooth colours.

    Parameters
    ----------
    pixels
        (h, w, 3) RGB.
    boxes
        Left, top, right and bottom, 0 to 1 of the picture; what lies outside of it is cut off.

    Returns
    -------
    (h, w, 3) uint8
        Nothing of the region but the means of its cells is in it.
    """
    made = pixels.copy()
    height, width = pixels.shape[:2]
    for left, top, right, bottom in boxes:
        margin_x, margin_y = (right - left) * _MARGIN, (bottom - top) * _MARGIN
        x0, x1 = _within(left - margin_x, right + margin_x, width)
        y0, y1 = _within(top - margin_y, bottom + margin_y, height)
        if x0 >= x1 or y0 >= y1:
            continue
        region = made[y0:y1, x0:x1]
        cells = cv2.resize(region, (min(_CELLS, x1 - x0), min(_CELLS, y1 - y0)), interpolation=cv2.INTER_AREA)
        smooth = cv2.resize(cells, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
        mask = np.zeros(region.shape[:2], dtype=np.uint8)
        # The ellipse is that of the region before it was cut at the picture's edge.
        middle = (left + right) / 2 * width - x0, (top + bottom) / 2 * height - y0
        axes = (right - left + 2 * margin_x) * width, (bottom - top + 2 * margin_y) * height
        cv2.ellipse(mask, (middle, axes, 0.0), 255, thickness=-1)
        region[mask > 0] = smooth[mask > 0]
    return made


def _within(low: float, high: float, size: int) -> tuple[int, int]:
    return max(0, int(np.floor(low * size))), min(size, int(np.ceil(high * size)))
