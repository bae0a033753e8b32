"""The weld bead of a synthetic picture: its path, its height with ripples, and its outline.

Lengths are in picture widths; x runs right, y down, s along the bead, t across it.
"""

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from weldspot_desktop.pictures.synthetic_texture import Field, Surface, colour, fractal, mixed, noise, step

_SAMPLES = 1024


class Style(Enum):
    """How a bead was laid."""

    EVEN = "even"
    IRREGULAR = "irregular"
    TALL = "tall"


@dataclass(frozen=True)
class Bead:
    """One bead, described along its path.

    Attributes
    ----------
    origin
        x and y of the point from which s is measured.
    angle
        Direction of the path, radians.
    start, end
        s of its ends.
    middle, half, rise, undercut
        (1024,) each, from start to end: sideways offset, half width, height of the crown as a share of the
        half width, depth of the groove beside it as a share of the half width.
    pitch, bend, relief
        Ripples: distance, backward bow at the edges in half widths, height as a share of the pitch.
    roundness
        Exponent of the cross section: 1 a flat parabola, 0.5 a half ellipse with steep flanks.
    """

    style: Style
    origin: tuple[float, float]
    angle: float
    start: float
    end: float
    middle: Field
    half: Field
    rise: Field
    undercut: Field
    pitch: float
    bend: float
    relief: float
    roundness: float

    def at(self, s: float, u: float) -> tuple[float, float]:
        """Place (x, y) of the point at `s`, `u` half widths beside the middle (beyond 1: on the plate)."""
        place = int(np.clip((s - self.start) / (self.end - self.start), 0, 1) * (_SAMPLES - 1))
        t = float(self.middle[place] + u * self.half[place])
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return float(self.origin[0] + s * cos - t * sin), float(self.origin[1] + s * sin + t * cos)

    def outline(self) -> list[tuple[float, float]]:
        """Corners of its border; may lie outside the picture."""
        along = np.linspace(self.start, self.end, 24)
        turn = np.linspace(-np.pi / 2, np.pi / 2, 9)[1:-1]
        near = [self.at(self.start - float(self.half[0] * np.cos(a)), float(-np.sin(a))) for a in turn]
        far = [self.at(self.end + float(self.half[-1] * np.cos(a)), float(np.sin(a))) for a in turn]
        sides = [[self.at(float(s), u) for s in along] for u in (-1, 1)]
        return [*sides[0], *far, *sides[1][::-1], *near]


def lay(rng: np.random.Generator, style: Style, *, offset: float, angle: float, half: float) -> Bead:
    """Draw a bead from a generator: `offset` sideways from the middle of the picture, mean half width `half`."""
    through = rng.random() < 0.6
    start = -0.85 if through else rng.uniform(-0.42, -0.3)
    end = 0.85 if through or rng.random() < 0.4 else rng.uniform(0.3, 0.42)
    pitch = half * rng.uniform(0.28, 0.5)
    middle, width = 0.035 * half * _wave(rng, 7), 1 + 0.03 * _wave(rng, 12)
    rise = np.full(_SAMPLES, rng.uniform(0.2, 0.36), np.float32)
    undercut = np.zeros(_SAMPLES, np.float32)
    relief, roundness, bend = rng.uniform(0.16, 0.27), 1.0, rng.uniform(0.5, 1.0)
    if style is Style.TALL:
        rise, roundness = rng.uniform(1.15, 1.5) * (1 + 0.12 * _wave(rng, 9)), 0.55
        relief *= 0.6
    elif style is Style.IRREGULAR:
        middle = half * (0.42 * _wave(rng, 5) + 0.2 * _wave(rng, 14))
        width = np.clip(1 + 0.45 * _wave(rng, 9) + 0.22 * _wave(rng, 24), 0.35, 1.9)
        rise = np.clip(0.55 + 0.5 * _wave(rng, 13), 0.1, 1.3)
        undercut = np.clip(0.03 + 0.14 * _wave(rng, 8), 0, 0.16)
        pitch *= rng.uniform(1.1, 1.7)
        relief *= rng.uniform(0.7, 1.3)
        roundness = 0.8
    x, y = 0.5 - offset * np.sin(angle) + rng.normal(0, 0.02), 0.5 + offset * np.cos(angle) + rng.normal(0, 0.02)
    return Bead(
        style,
        (float(x), float(y)),
        angle,
        float(start),
        float(end),
        np.asarray(middle, np.float32),
        np.asarray(half * width, np.float32),
        np.asarray(rise, np.float32),
        np.asarray(undercut, np.float32),
        float(pitch),
        float(bend),
        float(relief),
        roundness,
    )


def deposit(rng: np.random.Generator, surface: Surface, bead: Bead) -> None:
    """Put a bead on a surface: height, bright metal, and the heat tint beside it."""
    size = surface.height.shape[0]
    line = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size)
    cos, sin = np.float32(np.cos(bead.angle)), np.float32(np.sin(bead.angle))
    dx, dy = (line - np.float32(bead.origin[0]))[None, :], (line - np.float32(bead.origin[1]))[:, None]
    s, t = dx * cos + dy * sin, dy * cos - dx * sin
    place = np.clip((s - bead.start) * np.float32((_SAMPLES - 1) / (bead.end - bead.start)), 0, _SAMPLES - 1)
    index = place.astype(np.intp)
    half = bead.half.take(index, mode="clip")
    u = (t - bead.middle.take(index, mode="clip")) / half
    beyond = (np.maximum(bead.start - s, 0) + np.maximum(s - bead.end, 0)) / half
    u2 = u * u + beyond * beyond
    from_middle = cv2.sqrt(u2)

    rough = noise(rng, size, size // 5)
    irregular = bead.style is Style.IRREGULAR
    jitter = _wave(rng, 60) * np.float32(0.9 if irregular else 0.25)
    sway = fractal(rng, size, 8, 4) * np.float32(0.5 if irregular else 0.17)
    phase = s / np.float32(bead.pitch) + jitter.take(index, mode="clip") + sway
    phase += u2 * half * np.float32(bead.bend / bead.pitch)
    phase -= np.floor(phase)
    ripple = np.minimum(phase / np.float32(0.7), (1 - phase) / np.float32(0.3))
    ripple *= ripple * (3 - 2 * ripple)
    inside = np.maximum(1 - u2, 0)
    body = inside if bead.roundness == 1 else cv2.pow(inside, bead.roundness)
    height = body * half * bead.rise.take(index, mode="clip")
    height += ripple * np.float32(bead.relief * bead.pitch) * np.minimum(inside * 2, 1)
    height += np.minimum(inside * 4, 1) * rough * np.float32(0.02 * float(bead.half.mean()))
    if bead.undercut.any():
        groove = np.maximum(1 - ((from_middle - np.float32(1.04)) * np.float32(7)) ** 2, 0)
        height -= groove * half * bead.undercut.take(index, mode="clip")

    on = step(np.asarray(from_middle, np.float32), 1.03, 0.97)
    surface.height *= 1 - on
    surface.height += height * np.float32(size)

    _heat_tint(rng, surface, np.asarray((from_middle - 1) * half, np.float32), on)
    # Fresh metal, darker in the valleys of the ripples where oxide gathers.
    bright = np.float32(rng.uniform(0.42, 0.62)) * (0.86 + 0.2 * ripple + 0.1 * rough)
    tone = colour(1.0, rng.uniform(0.95, 1.0), rng.uniform(0.88, 1.06))
    oxide = step(fractal(rng, size, 7, 4), 0.2, 1.2) * np.float32(rng.uniform(0.0, 0.8))
    metal = mixed(np.asarray(bright * tone, np.float32), colour(0.27, 0.22, 0.17), oxide)
    surface.albedo[:] = mixed(surface.albedo, metal, on)
    surface.gloss += (np.float32(0.6) - 0.35 * oxide - surface.gloss) * on


def _heat_tint(rng: np.random.Generator, surface: Surface, reach: Field, on: Field) -> None:
    """Soot at the toe, then blue, brown and straw as on steel that was hot; `reach` is the distance from the toe."""
    strength = np.float32(rng.uniform(0.15, 0.75))
    wide = np.float32(rng.uniform(0.05, 0.14))
    away = np.clip(reach / wide + 0.22 * fractal(rng, surface.height.shape[0], 5, 4), 0, 1)
    stops = np.array([0, 0.15, 0.35, 0.6, 1.0])
    tints = np.array([(0.62, 0.6, 0.62), (0.68, 0.74, 0.92), (0.76, 0.66, 0.62), (1.0, 0.86, 0.62), (1, 1, 1)])
    index = (away * 255).astype(np.uint8)
    for plane, tint in zip(surface.albedo, tints.T, strict=True):
        table = 1 + (np.interp(np.linspace(0, 1, 256), stops, tint) - 1) * strength
        plane *= cv2.LUT(index, table.astype(np.float32))
    surface.gloss *= 1 - np.float32(0.5) * (1 - away) * (1 - on)


def _wave(rng: np.random.Generator, count: int) -> Field:
    """A smooth random line along a bead, (1024,) within -1 to 1, with about `count` waves."""
    knots = rng.uniform(-1, 1, count + 2)
    place = np.linspace(0, count, _SAMPLES)
    left = place.astype(np.int64)
    part = place - left
    part = part * part * (3 - 2 * part)
    return np.asarray(knots[left] * (1 - part) + knots[left + 1] * part, np.float32)
