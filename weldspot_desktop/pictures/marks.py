"""Colour and shape of each class and verdict, as plain data: one table for drawings, window and reports.

Class colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), safe for colour-blind eyes. They
are for marks; words beside them take the text colour of their ground.
"""

import math
from dataclasses import dataclass
from typing import Final

from weldspot_desktop import labels

Rgb = tuple[int, int, int]
Variants = tuple[str, str]
"""A colour as #rrggbb, once for a light ground and once for a dark one."""

Outline = tuple[tuple[float, float], ...]
"""Corners of a filled shape; x to the right and y down, each -1 to 1."""


@dataclass(frozen=True)
class ClassMark:
    """How a class is marked.

    Attributes
    ----------
    colour
        Red, green and blue, 0 to 255.
    sign
        The shape as a character.
    outline
        The shape as corners.
    """

    colour: Rgb
    sign: str
    outline: Outline


def _regular(corners: int, *, first: float = -90.0, inner: float | None = None) -> Outline:
    """A regular polygon, or with `inner` (radius of the notches) a star; `first` is an angle in degrees."""
    steps = corners if inner is None else 2 * corners
    radii = (1.0,) if inner is None else (1.0, inner)
    angles = (math.radians(first + 360 * i / steps) for i in range(steps))
    return tuple(
        (radii[i % len(radii)] * math.cos(a), radii[i % len(radii)] * math.sin(a)) for i, a in enumerate(angles)
    )


_SQUARE: Final[Outline] = ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8))
_TRIANGLE: Final[Outline] = ((0.0, -0.9), (1.0, 0.8), (-1.0, 0.8))
_CHECK: Final[Outline] = ((-0.95, 0.1), (-0.55, -0.3), (-0.25, 0.05), (0.6, -0.85), (0.98, -0.45), (-0.25, 0.85))

CLASS_MARKS: Final[tuple[ClassMark, ...]] = (
    ClassMark((0x8A, 0x8A, 0x8A), "■", _SQUARE),
    ClassMark((0xCC, 0x79, 0xA7), "◆", _regular(4)),
    ClassMark((0xD5, 0x5E, 0x00), "▲", _TRIANGLE),
    ClassMark((0xE6, 0x9F, 0x00), "●", _regular(40)),
    ClassMark((0x00, 0x9E, 0x73), "✔", _CHECK),
    ClassMark((0x00, 0x72, 0xB2), "⬢", _regular(6)),
    ClassMark((0x56, 0xB4, 0xE9), "★", _regular(5, inner=0.45)),
)
"""One for each class, in class order."""

CLASS_EDGES: Final[tuple[Variants, ...]] = (
    ("#6b717a", "#8a8a8a"),
    ("#b0558a", "#cc79a7"),
    ("#c25500", "#d55e00"),
    ("#a87200", "#e69f00"),
    ("#00805d", "#009e73"),
    ("#0072b2", "#3d9bdc"),
    ("#2f84bc", "#56b4e9"),
)
"""Line around a class's mark: 3:1 on the ground, which two of the class colours miss on a light one."""

CLASS_TEXTS: Final[tuple[Variants, ...]] = (
    ("#565c65", "#a5acb6"),
    ("#a3457c", "#d78db4"),
    ("#b04a00", "#f28b45"),
    ("#855900", "#e9ab1e"),
    ("#00714f", "#3cc299"),
    ("#0067a3", "#5bb0ea"),
    ("#1e6f9f", "#6cc0ef"),
)
"""For words in a class's colour: 4.5:1 on the ground."""

VERDICT_COLOURS: Final[dict[str, Rgb]] = {
    "NO WELD": (0x5B, 0x63, 0x6D),
    "CLEAR": (0x00, 0x75, 0x55),
    "DEFECT": (0xB8, 0x4A, 0x00),
    "UNSURE": (0xF2, 0xB1, 0x34),
    "RETAKE": (0x00, 0x63, 0x9C),
}
"""Ground of a verdict's word; `text_on` gives the colour of the word on it."""

VERDICT_EDGES: Final[dict[str, Variants]] = {
    "NO WELD": ("#5b636d", "#8a8a8a"),
    "CLEAR": ("#007555", "#009e73"),
    "DEFECT": ("#b84a00", "#d55e00"),
    "UNSURE": ("#a87200", "#e69f00"),
    "RETAKE": ("#00639c", "#4c9be8"),
}
"""Line around a verdict's ground, and small signs: 3:1."""

VERDICT_TEXTS: Final[dict[str, Variants]] = {
    "NO WELD": ("#565c65", "#a5acb6"),
    "CLEAR": ("#00714f", "#3cc299"),
    "DEFECT": ("#b04a00", "#f28b45"),
    "UNSURE": ("#855900", "#e9ab1e"),
    "RETAKE": ("#1a62b8", "#6db3f5"),
}
"""A verdict's word in a table: 4.5:1."""

_HOOK: Final[Outline] = (
    *((0.45 * math.cos(math.radians(a)), -0.45 + 0.42 * math.sin(math.radians(a))) for a in range(-190, 61, 10)),
    (0.0, 0.12),
    (0.0, 0.38),
)
_LENS: Final[Outline] = tuple(
    (0.34 * math.cos(math.radians(a)), 0.12 + 0.34 * math.sin(math.radians(a))) for a in range(0, 361, 15)
)
_BODY: Final[Outline] = (
    (-0.9, -0.4), (-0.45, -0.4), (-0.25, -0.75), (0.25, -0.75), (0.45, -0.4), (0.9, -0.4), (0.9, 0.7), (-0.9, 0.7),
    (-0.9, -0.4),
)  # fmt: skip

VERDICT_STROKES: Final[dict[str, tuple[Outline, ...]]] = {
    "NO WELD": (((-0.7, 0.0), (0.7, 0.0)),),
    "CLEAR": (((-0.75, 0.05), (-0.25, 0.55), (0.75, -0.55)),),
    "DEFECT": (((-0.6, -0.6), (0.6, 0.6)), ((-0.6, 0.6), (0.6, -0.6))),
    "UNSURE": (_HOOK, ((0.0, 0.68), (0.0, 0.92))),
    "RETAKE": (_BODY, _LENS),
}
"""Sign of each verdict as pen strokes in the square -1 to 1: dash, check, cross, question mark, camera.

Strokes and not characters, because fonts differ in which signs they hold. `STROKE` is the pen's width.
"""

STROKE: Final = 0.26

assert len(CLASS_MARKS) == labels.COUNT


def luminance(colour: Rgb) -> float:
    """Relative luminance, 0 to 1, of an sRGB colour (WCAG 2.2)."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(ground: Rgb) -> Rgb:
    """Black or white, whichever reads better on the ground; always 4.5:1 or more."""
    white, black = (255, 255, 255), (0, 0, 0)
    return white if contrast(white, ground) >= contrast(black, ground) else black
