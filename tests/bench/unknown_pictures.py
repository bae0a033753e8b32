"""Pictures of things that a model was not trained on: everyday textures drawn by a program, and broken photographs."""

from collections.abc import Callable, Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def textures(count: int, size: int, seed: int) -> Iterator[tuple[str, Pixels]]:
    """`count` of each kind of texture, as (kind, (size, size, 3) RGB)."""
    random = np.random.default_rng(seed)
    for kind, draw in _TEXTURES.items():
        for _ in range(count):
            yield kind, draw(size, random)


def broken(photograph: Pixels, random: np.random.Generator) -> tuple[str, Pixels]:
    """A photograph as a faulty camera, cable or file might give it, with the name of the fault."""
    kind = list(_FAULTS)[int(random.integers(len(_FAULTS)))]
    return kind, _FAULTS[kind](photograph.copy(), random)


def _stripes(size: int, random: np.random.Generator) -> Pixels:
    angle, frequency = random.uniform(0, np.pi), random.uniform(0.02, 0.5)
    y, x = np.mgrid[0:size, 0:size]
    wave = 127 + 100 * np.sin(2 * np.pi * frequency * (x * np.cos(angle) + y * np.sin(angle)))
    return _coloured(wave, random)


def _checks(size: int, random: np.random.Generator) -> Pixels:
    side = int(random.integers(8, 60))
    y, x = np.mgrid[0:size, 0:size]
    return _coloured((x // side + y // side) % 2 * 200.0 + 20, random)


def _clouds(size: int, random: np.random.Generator) -> Pixels:
    layers = [
        cv2.resize(random.normal(size=(2**k, 2**k)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
        / 2 ** (0.7 * k)
        for k in range(1, 8)
    ]
    value = np.sum(layers, axis=0)
    return _coloured(255 * (value - value.min()) / np.ptp(value), random)


def _wood(size: int, random: np.random.Generator) -> Pixels:
    y, x = np.mgrid[0:size, 0:size] / size
    bend = cv2.resize(random.normal(size=(4, 4)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    rings = np.sin(2 * np.pi * (random.uniform(8, 25) * (x + 0.08 * bend) + 2 * y))
    value = 120 + 45 * rings + random.normal(0, 6, (size, size))
    return np.clip(value[..., None] * np.array([1.1, 0.8, 0.5]), 0, 255).astype(np.uint8)


def _cloth(size: int, random: np.random.Generator) -> Pixels:
    y, x = np.mgrid[0:size, 0:size]
    step = random.uniform(0.4, 1.5)
    value = 128 + 50 * np.sin(step * x) * np.sin(step * y) + random.normal(0, 12, (size, size))
    return _coloured(value, random)


def _coloured(value: NDArray[np.floating], random: np.random.Generator) -> Pixels:
    return np.clip(value[..., None] * random.uniform(0.4, 1.0, size=3), 0, 255).astype(np.uint8)


_TEXTURES: Final[dict[str, Callable[[int, np.random.Generator], Pixels]]] = {
    "texture: stripes": _stripes,
    "texture: checks": _checks,
    "texture: clouds": _clouds,
    "texture: wood": _wood,
    "texture: cloth": _cloth,
    "texture: noise": lambda size, random: random.integers(0, 256, (size, size, 3), dtype=np.uint8),
    "texture: one colour": lambda size, random: np.full((size, size, 3), random.integers(0, 256, 3), dtype=np.uint8),
}


def _half_missing(pixels: Pixels, random: np.random.Generator) -> Pixels:
    pixels[int(random.uniform(0.2, 0.6) * len(pixels)) :] = 128
    return pixels


def _shifted_rows(pixels: Pixels, random: np.random.Generator) -> Pixels:
    for top in range(0, len(pixels), 16):
        pixels[top : top + 16] = np.roll(pixels[top : top + 16], int(random.integers(len(pixels))), axis=1)
    return pixels


_FAULTS: Final[dict[str, Callable[[Pixels, np.random.Generator], Pixels]]] = {
    "broken: lower part missing": _half_missing,
    "broken: out of focus": lambda p, r: np.asarray(cv2.GaussianBlur(p, (0, 0), r.uniform(8, 20)), dtype=np.uint8),
    "broken: negative": lambda p, r: 255 - p,
    "broken: rows shifted": _shifted_rows,
    "broken: sensor noise": lambda p, r: np.clip(p + r.normal(0, 90, p.shape), 0, 255).astype(np.uint8),
    "broken: few colours": lambda p, r: (p // 100 * 100)[..., [2, 0, 1]],
    "broken: nearly black": lambda p, r: (p * 0.06).astype(np.uint8),
}
