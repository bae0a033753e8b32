"""Imperfections for synthetic welds: pores, cracks and spatter, each with the region it covers.

Places and lengths are in picture widths, x right and y down.
"""

from collections.abc import Iterable
from itertools import pairwise

import cv2
import numpy as np

from weldspot_desktop.pictures.synthetic_bead import Bead
from weldspot_desktop.pictures.synthetic_texture import Field, Surface, colour, step

Corners = list[tuple[float, float]]
Spot = tuple[float, float, float]
"""x, y and radius."""


def pores(rng: np.random.Generator, bead: Bead) -> list[Spot]:
    """A nest of gas pores somewhere on a bead, or a short row of large ones."""
    centre = rng.uniform(-0.3, 0.3)
    half = float(bead.half.mean())
    spread = half * rng.uniform(0.9, 2.6)
    found: list[Spot] = []
    for _ in range(int(rng.integers(9, 34))):
        s = float(np.clip(rng.normal(centre, spread * 0.6), bead.start + half, bead.end - half))
        x, y = bead.at(s, float(np.clip(rng.normal(0, 0.4), -0.85, 0.85)))
        r = float(np.clip(half * rng.lognormal(-2.3, 0.45), 0.004, 0.02))
        if all(np.hypot(x - other[0], y - other[1]) > r + other[2] for other in found):
            found.append((x, y, r))
    return _visible(found)


def droplets(rng: np.random.Generator, bead: Bead) -> list[Spot]:
    """A patch of spatter on the plate beside a bead."""
    centre, side = rng.uniform(-0.32, 0.32), rng.choice([-1.0, 1.0])
    half = float(bead.half.mean())
    found: list[Spot] = []
    for _ in range(int(rng.integers(6, 22))):
        away = (float(half) + 0.012 + rng.exponential(0.05)) / half
        x, y = bead.at(float(centre + rng.normal(0, 0.08)), float(side * away))
        found.append((x, y, float(np.clip(rng.lognormal(-4.75, 0.45), 0.004, 0.026))))
    return _visible(found)


def crack(rng: np.random.Generator, bead: Bead) -> Corners:
    """A jagged line along the middle of a bead, across it, or beside its toe."""
    half = float(bead.half.mean())
    kind = rng.integers(3)
    steps = int(rng.integers(22, 44))
    progress = np.linspace(0, 1, steps)
    jag = np.cumsum(rng.normal(0, 1, steps))
    jag -= np.linspace(jag[0], jag[-1], steps)
    jag /= max(1.0, float(np.abs(jag).max()))
    jag += rng.normal(0, 0.12, steps)
    middle = rng.uniform(-0.22, 0.22)
    if kind == 1:
        along = middle + jag * half * 0.3
        across = np.linspace(-1, 1, steps) * rng.uniform(0.8, 1.5)
    else:
        along = middle + (progress - 0.5) * rng.uniform(0.2, 0.5)
        base = rng.uniform(-0.25, 0.25) if kind == 0 else rng.choice([-1.0, 1.0]) * rng.uniform(0.98, 1.25)
        across = base + 0.3 * jag
    return [bead.at(float(s), float(u)) for s, u in zip(along, across, strict=True)]


def pit(surface: Surface, spots: Iterable[Spot]) -> None:
    """Sink round dark holes with a raised rim."""
    for at, distance in _stamps(surface, spots, reach=1.9):
        radius = np.float32(at[2])
        hole = step(distance, 1.05, 0.72)
        rim = np.exp(-(((distance - 1.2) * 4) ** 2))
        surface.height[at[:2]] += rim * radius * np.float32(0.22) - hole * radius * np.float32(1.1)
        surface.albedo[:, *at[:2]] *= 1 - np.float32(0.86) * hole
        surface.gloss[at[:2]] *= 1 - np.float32(0.97) * hole


def spatter(rng: np.random.Generator, surface: Surface, spots: Iterable[Spot]) -> None:
    """Set solidified droplets on the surface: half balls, bright or oxidised, with a burnt halo."""
    for at, distance in _stamps(surface, spots, reach=2.2):
        radius = np.float32(at[2])
        ball = np.sqrt(np.maximum(1 - distance * distance, 0))
        on = step(distance, 1.08, 0.9)
        halo = np.float32(rng.uniform(0.0, 0.5)) * step(distance, 2.1, 0.9) * (1 - on)
        metal = colour(0.46, 0.44, 0.42) if rng.random() < 0.4 else colour(0.25, 0.2, 0.16)
        surface.height[at[:2]] += ball * radius * np.float32(0.8)
        surface.albedo[:, *at[:2]] *= 1 - halo
        surface.albedo[:, *at[:2]] += (metal - surface.albedo[:, *at[:2]]) * on
        surface.gloss[at[:2]] += (np.float32(0.55) - surface.gloss[at[:2]]) * on


def split(rng: np.random.Generator, surface: Surface, line: Corners) -> None:
    """Open a crack along a line: thin, dark, of changing width."""
    size = surface.height.shape[0]
    mask = np.zeros((size, size), np.uint8)
    width = rng.uniform(0.0022, 0.0058) * size
    fraction_bits = 4
    points = np.round(np.array(line) * size * (1 << fraction_bits)).astype(np.int64)
    for place, (first, second) in enumerate(pairwise(points)):
        taper = np.sin(np.pi * (place + 0.5) / (len(points) - 1)) ** 0.5
        thickness = max(1, round(float(width * taper * rng.uniform(0.6, 1.5))))
        start, end = (int(first[0]), int(first[1])), (int(second[0]), int(second[1]))
        cv2.line(mask, start, end, 255, thickness, cv2.LINE_AA, fraction_bits)
    dark = mask.astype(np.float32) / np.float32(255)
    surface.height -= dark * np.float32(size / 190)
    surface.albedo *= 1 - np.float32(0.88) * dark
    surface.gloss *= 1 - dark


def box(spots: Iterable[Spot]) -> Corners:
    """Corners of the upright box around spots."""
    found = list(spots)
    left, right = min(x - r for x, _, r in found), max(x + r for x, _, r in found)
    top, bottom = min(y - r for _, y, r in found), max(y + r for _, y, r in found)
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def around(line: Corners, margin: float) -> Corners:
    """Polygon of a line widened by a margin on both sides."""
    points = np.array(line)
    direction = np.gradient(cv2.blur(points, (1, 7)), axis=0)
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    normal *= margin / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    both = np.concatenate([(points + normal)[::3], (points - normal)[::-3]])
    return [(float(x), float(y)) for x, y in both]


def clipped(corners: Corners) -> Corners:
    """The part of a polygon inside the picture (Sutherland and Hodgman, 1974); empty if there is none."""
    for axis in (0, 1):
        for limit, sign in ((0.0, 1.0), (1.0, -1.0)):
            inside: Corners = []
            for here, following in zip(corners, corners[1:] + corners[:1], strict=True):
                a, b = sign * (here[axis] - limit), sign * (following[axis] - limit)
                if a >= 0:
                    inside.append(here)
                if (a >= 0) != (b >= 0):
                    part = a / (a - b)
                    crossing = [h + (f - h) * part for h, f in zip(here, following, strict=True)]
                    crossing[axis] = limit
                    inside.append((crossing[0], crossing[1]))
            corners = inside
    return corners


def _visible(spots: Iterable[Spot]) -> list[Spot]:
    return [(x, y, r) for x, y, r in spots if r < x < 1 - r and r < y < 1 - r]


def _stamps(
    surface: Surface, spots: Iterable[Spot], *, reach: float
) -> Iterable[tuple[tuple[slice, slice, float], Field]]:
    """For each spot its window (rows, columns, radius in pixels) and the distance from it in radii."""
    size = surface.height.shape[0]
    for x, y, r in spots:
        radius = max(r * size, 0.8)
        left, right = max(0, int(x * size - radius * reach)), min(size, int(x * size + radius * reach) + 2)
        top, bottom = max(0, int(y * size - radius * reach)), min(size, int(y * size + radius * reach) + 2)
        across = (np.arange(left, right, dtype=np.float32) + 0.5 - x * size) / radius
        down = (np.arange(top, bottom, dtype=np.float32) + 0.5 - y * size) / radius
        # A little squeezed, each its own way: nothing solidifies as a perfect circle.
        skew = 0.25 * np.sin(40 * (x + 2 * y))
        distance = np.sqrt(across[None, :] ** 2 * (1 + skew) + down[:, None] ** 2 * (1 - skew))
        yield (slice(top, bottom), slice(left, right), radius), np.asarray(distance, np.float32)
