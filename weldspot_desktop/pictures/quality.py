"""Whether a picture is fit to be judged: how dark, bright, glaring and blurred it is, against limits.

All measures are taken from one small square of luminance, whatever the size of the picture: they say what the model
gets to see, hardly depend on the resolution or on a reduced decode, and cost a fraction of a millisecond.
`tests/bench/quality_gate.py` measures on the photographs what the limits refuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

NAMES: Final = ("brightness", "glare", "blur")
"""Of the measures."""

SIDE: Final = 256
"""Side of the square that is measured, in pixels."""

_CLIPPED: Final = 250
"""Luminance from which a pixel counts as clipped: JPEG and averaging leave full white a little under 255."""

_SPECK: Final = 5
"""Clipped places narrower than this many pixels of the square are sparkle, not glare: rough metal is full of them."""

_BACKDROP: Final = 0.45
"""Largest share of the picture that a bright backdrop covers; more white than that hides what is before it."""

_DIRECTIONS: Final = ((1.0, 0.0), (0.0, 1.0), (0.5**0.5, 0.5**0.5), (0.5**0.5, -(0.5**0.5)))
"""Directions in which blur is measured: across, down and the two diagonals."""

_WITHIN: Final = float(np.cos(np.pi / 8))
"""An edge belongs to the direction that its gradient is nearest to."""

_STEEPEST: Final = 0.15
"""Share of the edges of one direction, the steepest, that its blur is measured at."""

_FAINTEST_EDGE: Final = 5.0
"""Steepness, in luminance a pixel, under which there is no edge to measure blur at: noise and compression reach 3."""

_FEWEST: Final = 100
"""Pixels of edges in one direction that are enough to measure its blur."""

_COARSER: Final = 4
"""How much smaller the copy is in which an edge is looked for that is too blurred to be steep in the square."""

_AGAIN: Final = 1.0
"""Standard deviation, in pixels, of the blur that is added to measure the blur that is there."""

_MOST_DIGITS: Final = 4

_MOST_BLUR: Final = 10.0
"""Blur beyond which the measure says no more than "very blurred"."""


@dataclass(frozen=True)
class Limits:
    """What is fit to judge; the defaults are those of the settings.

    Attributes
    ----------
    darkest, brightest
        Least and largest mean luminance, 0 to 255.
    glare
        Largest share of the picture within glare, 0 to 1.
    blur
        Largest blur, in pixels of the square that is measured.
    """

    darkest: float = 30.0
    brightest: float = 220.0
    glare: float = 0.2
    blur: float = 1.9


LIMITS: Final = Limits()
"""The usual ones."""


def measure(picture: NDArray[np.uint8]) -> dict[str, float]:
    """Measures of (h, w, 3) uint8 RGB pixels of any size.

    Returns
    -------
    dict
        ``brightness``: mean luminance (ITU-R BT.601 weights on the stored values), 0 to 255.

        ``glare``: share of the picture, 0 to 1, in compact places of clipped luminance. A place that reaches two or
        more edges of the picture is a bright backdrop, sky or paper, and is not counted unless it covers nearly half.

        ``blur``: standard deviation, in pixels of a square of `SIDE`, of the blur at the steepest edges, in the
        direction where it is worst, so that a shaken picture counts as well. Sharp pictures have 0.5 to 1, because
        sampling blurs too. Left out where there is no edge to measure it at: a plain wall is not blurred for all
        that one can know. Source: S. Zhuo, T. Sim, "Defocus map estimation from a single image", Pattern Recognition
        44 (2011): blurring once more by a known amount weakens a sharp edge more than a blurred one, and the ratio
        of the gradients gives the blur, whatever the contrast and the exposure.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    luminance = np.asarray(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    measures = {"brightness": round(float(luminance.mean()), 2), "glare": round(_glare(luminance), 4)}
    blur = _blur(luminance)
    if blur is not None:
        measures["blur"] = round(blur, 3)
    return measures


def failure(measures: Mapping[str, float], limits: Limits) -> str | None:
    """Why a picture with these measures is not fit to judge, with measure and limit; None if it is.

    The first that applies, of dark, bright, glare, blur: in the dark and in full white there is little to be sharp.
    """
    brightness, glare, blur = measures["brightness"], measures["glare"], measures.get("blur")
    if brightness < limits.darkest:
        shown = _apart(brightness, limits.darkest, 0)
        return f"too dark: mean brightness {shown} of 255, at least {limits.darkest:g} are needed"
    if brightness > limits.brightest:
        shown = _apart(brightness, limits.brightest, 0)
        return f"too bright: mean brightness {shown} of 255, at most {limits.brightest:g} are allowed"
    if glare > limits.glare:
        shown = _apart(100 * glare, 100 * limits.glare, 0)
        return f"glare: white spots cover {shown}% of it, at most {100 * limits.glare:g}% are allowed"
    if blur is not None and blur > limits.blur:
        shown = _apart(blur, limits.blur, 1)
        return f"blurred: edges spread {shown} pixels, at most {limits.blur:g} are allowed"
    return None


def _apart(value: float, limit: float, digits: int) -> str:
    """The value, rounded to so many digits or to more until it reads differently from the limit."""
    while digits < _MOST_DIGITS and round(value, digits) == round(limit, digits):
        digits += 1
    return f"{value:.{digits}f}"


def _glare(luminance: NDArray[np.uint8]) -> float:
    clipped = (luminance >= _CLIPPED).astype(np.uint8)
    if not clipped.any():
        return 0.0
    compact = cv2.morphologyEx(clipped, cv2.MORPH_OPEN, np.ones((_SPECK, _SPECK), dtype=np.uint8))
    _, _, places, _ = cv2.connectedComponentsWithStats(compact, connectivity=8)
    left, top, width, height, area = places[1:].T
    edges = (left == 0).astype(int) + (top == 0) + (left + width == SIDE) + (top + height == SIDE)
    return float(area[(edges < 2) | (area > _BACKDROP * luminance.size)].sum()) / luminance.size


def _blur(luminance: NDArray[np.uint8]) -> float | None:
    """Blur in pixels of the square; where nothing in it is steep, of its coarser copy, where strong blur shows."""
    values = luminance.astype(np.float32)
    fine = _worst_blur(values, _FEWEST)
    if fine is not None:
        return fine
    size = SIDE // _COARSER, SIDE // _COARSER
    small = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    coarse = _worst_blur(small, _FEWEST // _COARSER)
    return coarse * _COARSER if coarse is not None else None


def _worst_blur(values: NDArray[np.float32], fewest: int) -> float | None:
    """Blur in pixels of the picture, in the direction where it is largest; None without so many pixels of edges."""
    across, down = _gradient(values)
    steepness = np.asarray(cv2.magnitude(across, down), dtype=np.float32)
    # The flanks of an edge keep more of their steepness than its middle does: only the middle tells.
    middle = np.flatnonzero(steepness >= 0.9 * cv2.dilate(steepness, np.ones((3, 3), dtype=np.uint8)))
    again_across, again_down = _gradient(np.asarray(cv2.GaussianBlur(values, (0, 0), _AGAIN), dtype=np.float32))
    steepness, across, down, again_across, again_down = (
        part.ravel()[middle] for part in (steepness, across, down, again_across, again_down)
    )
    found = []
    for x, y in _DIRECTIONS:
        steep = np.abs(x * across + y * down)
        edges = np.flatnonzero((steep > _WITHIN * steepness) & (steep >= _FAINTEST_EDGE))
        if len(edges) < fewest:
            continue
        count = max(fewest, round(_STEEPEST * len(edges)))
        edges = edges[np.argpartition(steep[edges], -count)[-count:]]
        weakened = np.abs(x * again_across[edges] + y * again_down[edges])
        found.append(_spread(steep[edges] / np.maximum(weakened, 1e-3)))
    return max(found, default=None)


def _spread(ratios: NDArray[np.floating]) -> float:
    """Median blur of edges whose steepness was so many times as large before they were blurred once more.

    The edge of blur s becomes one of sqrt(s² + again²): the ratio is sqrt(s² + again²) / s.
    """
    least = float(np.hypot(1.0, _AGAIN / _MOST_BLUR))
    return float(np.median(_AGAIN / np.sqrt(np.maximum(ratios, least) ** 2 - 1)))


def _gradient(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Gradient across and down, in luminance a pixel."""
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(values, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.asarray(across, dtype=np.float32), np.asarray(down, dtype=np.float32)
