"""Heat maps: where in a picture the model saw a class, as colours over the picture's pixels."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Region = tuple[float, float, float, float]
"""Left, top, right and bottom, 0 to 1 of the picture."""

LARGEST_SIDE: Final = 320
"""Side of a heat map in pixels before it is stretched over the picture; the evidence itself is far coarser."""

FAINTEST: Final = 0.15
"""Evidence under this is not drawn, so that the picture stays clear where the model saw nothing."""


def evidence(logits: NDArray[np.float32], class_index: int) -> NDArray[np.float32]:
    """Evidence of one class at each place, 0 to 1.

    Parameters
    ----------
    logits
        (h, w, 7) class evidence before pooling, as the model gives it.
    class_index
        0 to 6.

    Returns
    -------
    (h, w) float32
    """
    values = np.asarray(logits[..., class_index], dtype=np.float32)
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -60.0, 60.0))), dtype=np.float32)


def upsample(values: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Stretch (h, w) evidence smoothly to (height, width), within 0 to 1."""
    stretched = cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.asarray(stretched, dtype=np.float32), 0.0, 1.0)


def rgba(logits: NDArray[np.float32], class_index: int, width: int, height: int) -> NDArray[np.uint8]:
    """Colours of the heat map of one class, to be laid over the picture or region that was judged.

    The scale is absolute (0 is clear, 1 is bright orange), so that two pictures can be compared. It is
    the middle of Inferno, which stays in order for colour-blind eyes and in grey print.

    Parameters
    ----------
    logits
        (h, w, 7) as the model gives it.
    class_index
        0 to 6.
    width, height
        Of what was judged, in pixels; the result has its shape, but no side over `LARGEST_SIDE`.

    Returns
    -------
    (rows, columns, 4) uint8
        Red, green, blue and opacity, not multiplied.
    """
    scale = min(1.0, LARGEST_SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    values = upsample(evidence(logits, class_index), *size)
    coloured = np.empty((*values.shape, 4), dtype=np.uint8)
    # The dark end of Inferno would look like shadow on steel, its pale end like glare.
    steps = np.round(80 + 140 * values).astype(np.uint8)
    coloured[..., :3] = cv2.applyColorMap(steps, cv2.COLORMAP_INFERNO)[..., ::-1]
    rise = np.clip((values - FAINTEST) / (0.6 - FAINTEST), 0.0, 1.0)
    coloured[..., 3] = np.round(255 * rise * rise * (3 - 2 * rise))
    return coloured


def blend(
    pixels: NDArray[np.uint8],
    logits: NDArray[np.float32],
    class_index: int,
    *,
    opacity: float,
    region: Region | None = None,
) -> NDArray[np.uint8]:
    """A copy of the picture with the heat map of one class over it.

    Parameters
    ----------
    pixels
        (h, w, 3) uint8 RGB.
    logits
        (h, w, 7) as the model gives it.
    class_index
        0 to 6.
    opacity
        0 (nothing is seen of it) to 1 (it covers the picture where evidence is strong).
    region
        What was judged; None for the whole picture.
    """
    result = pixels.copy()
    rows, columns = result.shape[:2]
    left, top, right, bottom = corners(region, columns, rows)
    part = result[top:bottom, left:right]
    width, height = right - left, bottom - top
    colours = cv2.resize(rgba(logits, class_index, width, height), (width, height), interpolation=cv2.INTER_LINEAR)
    share = colours[..., 3:].astype(np.float32) * (opacity / 255)
    part[:] = np.round(part * (1 - share) + colours[..., :3] * share).astype(np.uint8)
    return result


def corners(region: Region | None, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a region in pixels, at least one pixel wide and high."""
    if region is None:
        return 0, 0, width, height
    left, top = min(int(region[0] * width), width - 1), min(int(region[1] * height), height - 1)
    return left, top, max(round(region[2] * width), left + 1), max(round(region[3] * height), top + 1)
