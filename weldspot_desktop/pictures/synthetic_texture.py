"""Surfaces for synthetic pictures: steel in four states, and things that are no weld at all.

Lengths are in picture widths unless a name says pixels, so that one seed gives one scene at every size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


@dataclass
class Surface:
    """A flat piece of material, ready to be worked on and lit.

    Attributes
    ----------
    albedo : (3, n, n) float32, 0 to 1, colour under white light; planes, because they add up twice as fast
    height : (n, n) float32, pixels towards the camera
    gloss : (n, n) float32, 0 to 1, share of light that is mirrored
    """

    albedo: Field
    height: Field
    gloss: Field


def noise(rng: np.random.Generator, size: int, columns: int, rows: int | None = None) -> Field:
    """Smooth noise (size, size) within about -1 to 1, with so many waves across and down."""
    grid = rng.random((max(2, rows if rows is not None else columns), max(2, columns)), dtype=np.float32)
    return np.asarray(cv2.resize(grid * 2 - 1, (size, size), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def fractal(rng: np.random.Generator, size: int, waves: int, octaves: int) -> Field:
    """Noise summed over octaves, each twice as fine and half as strong as the one before."""
    # Coarse octaves are added up at a quarter of the size: they hold nothing finer, and it is much faster.
    quarter = max(8, size // 4)
    coarse = np.zeros((quarter, quarter), np.float32)
    fine = np.zeros((1, 1), np.float32)
    for octave in range(octaves):
        count = min(size, waves << octave)
        if count * 3 <= quarter:
            coarse += noise(rng, quarter, count) * np.float32(0.5**octave)
        else:
            fine = fine + noise(rng, size, count) * np.float32(0.5**octave)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_LINEAR) + fine, np.float32)


def streaks(rng: np.random.Generator, size: int, angle: float, *, length: int = 5, fineness: float = 1.0) -> Field:
    """Noise drawn out along a direction, as a brush leaves it; `angle` in radians, `length` in waves across."""
    drawn = noise(rng, size, length, int(size * fineness)) + 0.6 * noise(rng, size, length * 3, int(size * fineness))
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), -np.degrees(angle), 1.5)
    return np.asarray(cv2.warpAffine(drawn, turn, (size, size), borderMode=cv2.BORDER_REFLECT), dtype=np.float32)


def step(field: Field, low: float, high: float) -> Field:
    """0 under `low`, 1 over `high`, smooth between."""
    part = np.clip((field - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), dtype=np.float32)


def mixed(first: Field, second: Field | NDArray[np.float32], share: Field) -> Field:
    """`first` where `share` (n, n) is 0, `second` where it is 1; both (3, n, n) or one colour (3, 1, 1)."""
    return np.asarray(first + (second - first) * share, dtype=np.float32)


def colour(*channels: float) -> Field:
    """One RGB colour as (3, 1, 1) float32."""
    return np.array(channels, dtype=np.float32)[:, None, None]


def _tinted(base: Field, brightness: Field) -> Field:
    return np.asarray(base * brightness, dtype=np.float32)


def _brushed(rng: np.random.Generator, size: int) -> Surface:
    angle = rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.15)
    lines = streaks(rng, size, angle)
    cloud = fractal(rng, size, 3, 3)
    warmth = rng.uniform(0, 0.14)
    base = colour(0.56 + warmth / 2, 0.54, 0.53 - warmth) * np.float32(rng.uniform(0.75, 1.1))
    stain = step(fractal(rng, size, 4, 4), 0.25, 1.1) * np.float32(rng.uniform(0, 0.7))
    albedo = mixed(_tinted(base, 1 + 0.17 * lines + 0.13 * cloud), colour(0.34, 0.24, 0.14), stain)
    return Surface(albedo, np.asarray(lines * np.float32(size / 2200), np.float32), 0.34 - 0.2 * stain)


def _mill_scale(rng: np.random.Generator, size: int) -> Surface:
    cloud = fractal(rng, size, 5, 6)
    flaked = step(fractal(rng, size, 7, 6), 0.3, 1.5) * np.float32(rng.uniform(0.2, 1))
    shade = np.float32(rng.uniform(0.7, 1.3))
    albedo = mixed(
        _tinted(colour(0.24, 0.25, 0.28) * shade, 1 + 0.11 * cloud), colour(0.42, 0.38, 0.34) * shade, flaked
    )
    grain = noise(rng, size, size // 3) * np.float32(size / 2600)
    return Surface(albedo, np.asarray(grain - flaked * np.float32(size / 900), np.float32), 0.2 + 0.08 * cloud)


def _rusty(rng: np.random.Generator, size: int) -> Surface:
    cloud = fractal(rng, size, 4, 7)
    bloom = step(cloud + np.float32(rng.uniform(-0.3, 0.9)), -1.3, 1.3)
    orange = mixed(
        colour(0.33, 0.2, 0.13),
        colour(0.54, 0.33, 0.19),
        step(fractal(rng, size, 9, 4), -0.3, 0.9),
    )
    under = _tinted(colour(0.36, 0.32, 0.28), 1 + 0.1 * fractal(rng, size, 4, 3))
    grain = noise(rng, size, size // 3) * bloom * np.float32(size / 1500)
    return Surface(mixed(under, orange, bloom), np.asarray(grain, np.float32), 0.2 - 0.18 * bloom)


def _painted(rng: np.random.Generator, size: int) -> Surface:
    tone = rng.uniform(0.3, 0.68)
    base = colour(tone, tone + rng.uniform(-0.02, 0.02), tone + rng.uniform(-0.04, 0.06))
    albedo = _tinted(base, 1 + 0.05 * fractal(rng, size, 3, 3))
    peel = noise(rng, size, size // 7) * np.float32(size / 3800)
    return Surface(albedo, peel, np.full((size, size), 0.12, np.float32))


def _concrete(rng: np.random.Generator, size: int) -> Surface:
    cloud = fractal(rng, size, 3, 6)
    tone = rng.uniform(0.45, 0.7)
    pits = step(noise(rng, size, size // 9), 0.72, 0.95)
    albedo = _tinted(colour(tone + 0.03, tone, tone - 0.04), 1 + 0.13 * cloud - 0.35 * pits)
    height = np.asarray(
        noise(rng, size, size // 3) * np.float32(size / 900) - pits * np.float32(size / 260), np.float32
    )
    return Surface(albedo, height, np.zeros((size, size), np.float32))


def _wood(rng: np.random.Generator, size: int) -> Surface:
    angle = rng.uniform(0, np.pi)
    down, across = np.mgrid[0:size, 0:size].astype(np.float32) / np.float32(size)
    over = across * np.float32(np.sin(angle)) - down * np.float32(np.cos(angle))
    rings = np.sin((over + 0.07 * fractal(rng, size, 2, 3)) * np.float32(2 * np.pi * rng.uniform(7, 22)))
    grain = streaks(rng, size, angle, length=4)
    base = colour(0.62, 0.43, 0.26) * np.float32(rng.uniform(0.6, 1.15))
    albedo = _tinted(base, np.asarray(1 + 0.13 * rings + 0.12 * grain, np.float32))
    return Surface(
        albedo, np.asarray(grain * np.float32(size / 1200), np.float32), np.full((size, size), 0.05, np.float32)
    )


def _cloth(rng: np.random.Generator, size: int) -> Surface:
    down, across = np.mgrid[0:size, 0:size].astype(np.float32) / np.float32(size)
    threads = np.float32(2 * np.pi * rng.uniform(45, 95))
    folds = fractal(rng, size, 2, 2)
    weave = np.sin((across + 0.03 * folds) * threads) * np.sin((down + 0.02 * folds) * threads)
    base = colour(*rng.uniform(0.15, 0.7, 3))
    albedo = _tinted(base, np.asarray(1 + 0.16 * weave, np.float32))
    height = np.asarray(folds * np.float32(size / 28) + weave * np.float32(size / 1100), np.float32)
    return Surface(albedo, height, np.zeros((size, size), np.float32))


Maker = Callable[[np.random.Generator, int], Surface]

PLATES: Final[tuple[Maker, ...]] = (_brushed, _mill_scale, _rusty, _painted)
"""Steel that may carry a weld."""

BARE: Final[tuple[Maker, ...]] = (*PLATES, _concrete, _wood, _cloth)
"""What a picture without a weld may show."""
