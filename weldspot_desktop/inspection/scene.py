"""How much a scene changes from picture to picture, seen on a small grey version of it."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH: Final = 64
HEIGHT: Final = 36

CUT: Final = 40.0
"""Change, in grey levels, that only another scene makes from one frame to the next."""

_PERCENTILE: Final = 98.0
"""A part that covers a few cells moves although the mean of all cells hardly does."""


def small(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A small grey version of (h, w, 3) RGB pixels: (36, 64), 0 to 255; camera noise averages out in it."""
    reduced = cv2.resize(pixels, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(reduced, cv2.COLOR_RGB2GRAY), dtype=np.float32)


def change(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """How much two small versions differ, in grey levels; light that flickers over the whole picture does not count."""
    difference = after - before
    difference -= np.median(difference)
    return float(np.percentile(np.abs(difference), _PERCENTILE))
