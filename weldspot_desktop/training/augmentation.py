"""Variants of a training picture that leave its labels true: other orientations, frames, lights, materials, cameras.

One warp moves the picture and, with the same matrix, the corners of its labelled regions. Everything works on bytes
with tables and small matrices, because the pictures are made while the network computes and must not slow it.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_SHOWN: Final = 0.7
"""Shortest side of a crop, as a share of the picture's side."""

_TURN: Final = 12.0
"""Largest turn beside right angles, in degrees."""

_NOISE_SIDE: Final = 1024
_GREY: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True)
class Frame:
    """What part of a picture a variant shows, and how it is turned.

    Attributes
    ----------
    matrix : (2, 3) float64
        From places x, y (0 to 1) in the variant to places in the picture.
    """

    matrix: NDArray[np.float64]

    @classmethod
    def whole(cls) -> "Frame":
        """The picture as it is."""
        return cls(np.eye(2, 3))

    @classmethod
    def random(cls, random: np.random.Generator) -> "Frame":
        """One of the eight orientations of a square, a little further turned, cropped and stretched."""
        side = random.uniform(LEAST_SHOWN, 1.05)
        stretch = np.exp(random.uniform(-0.15, 0.15))
        angle = np.deg2rad(90 * int(random.integers(4)) + random.uniform(-_TURN, _TURN) * (random.random() < 0.5))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        if random.random() < 0.5:
            turn = turn @ np.diag([-1.0, 1.0])
        sides = np.minimum([side * stretch, side / stretch], 1.05)
        linear = turn @ np.diag(sides)
        room = np.maximum((1 - np.abs(turn) @ sides) / 2, 0.0)
        centre = 0.5 + random.uniform(-1, 1, size=2) * room
        return cls(np.column_stack([linear, centre - linear @ [0.5, 0.5]]))

    def picture(self, pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
        """The (size, size, 3) variant of (h, w, 3) pixels; what lies outside is mirrored."""
        height, width = pixels.shape[:2]
        # Pixel centres lie at half pixels: place = (column + 0.5) / size.
        to_place = np.array([[1 / size, 0, 0.5 / size], [0, 1 / size, 0.5 / size], [0, 0, 1]])
        to_pixel = np.array([[width, 0, -0.5], [0, height, -0.5], [0, 0, 1]])
        matrix = (to_pixel @ np.vstack([self.matrix, [0, 0, 1]]) @ to_place)[:2]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped = cv2.warpAffine(pixels, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(warped, dtype=np.uint8)

    def places(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where (k, 2) places of the picture lie in the variant; may be outside of 0 to 1."""
        linear, offset = self.matrix[:, :2], self.matrix[:, 2]
        return np.asarray(np.linalg.solve(linear, (corners - offset).T).T)


class Look:
    """Random lights, materials and cameras; holds a table of noise, so one is made for each training."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._noise = random.normal(0, 1, (_NOISE_SIDE, _NOISE_SIDE, 3)).astype(np.float32)

    def vary(self, pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
        """(s, s, 3) RGB pixels as another light, material and camera might have given them."""
        pixels = _colours(pixels, random)
        if random.random() < 0.3:
            pixels = _uneven_light(pixels, random)
        if random.random() < 0.25:
            pixels = _unsharp(pixels, random)
        if random.random() < 0.2:
            pixels = self._noisy(pixels, random)
        if random.random() < 0.25:
            pixels = _compressed(pixels, random)
        return pixels

    def _noisy(self, pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
        side = pixels.shape[0]
        y, x = random.integers(_NOISE_SIDE - side + 1, size=2) if side <= _NOISE_SIDE else (0, 0)
        noise = np.resize(self._noise[y : y + side, x : x + side], pixels.shape) * np.float32(random.uniform(2, 10))
        return np.asarray(cv2.add(pixels, noise, dtype=cv2.CV_8U), dtype=np.uint8)


def _colours(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Gain, contrast, saturation and cast as one matrix, then gamma as a table."""
    saturation = 0.0 if random.random() < 0.15 else random.uniform(0.5, 1.4)
    matrix = saturation * np.eye(3) + (1 - saturation) * np.tile(_GREY, (3, 1))
    cast = np.exp(random.normal(0, 0.06, size=3)) if saturation else np.ones(3)
    contrast = np.exp(random.uniform(-0.3, 0.3))
    gain = np.exp(random.uniform(-0.35, 0.3))
    mean = float(pixels[::8, ::8].mean())
    matrix = cast[:, None] * matrix * contrast * gain
    offset = np.full(3, mean * gain * (1 - contrast) + random.uniform(-12, 12))
    shifted = cv2.transform(pixels, np.column_stack([matrix, offset]))
    if random.random() < 0.4:
        gamma = np.exp(random.uniform(-0.3, 0.3))
        shifted = cv2.LUT(shifted, np.round(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8))
    return np.asarray(shifted, dtype=np.uint8)


def _uneven_light(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """A lamp at one side: a smooth field of gains."""
    side = pixels.shape[0]
    field = np.exp(random.uniform(-0.4, 0.4, size=(3, 3))).astype(np.float32)
    gains = cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.multiply(pixels, cv2.merge([gains] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def _unsharp(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Out of focus, moved, or from a coarser sensor."""
    kind = random.integers(3)
    side = pixels.shape[0]
    if kind == 0:
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.5, 1.5)), dtype=np.uint8)
    if kind == 1:
        length = int(random.integers(3, 8))
        kernel = np.zeros((length, length), dtype=np.float32)
        end = (int(random.integers(length)), 0) if random.random() < 0.5 else (0, int(random.integers(length)))
        cv2.line(kernel, end, (length - 1 - end[0], length - 1 - end[1]), 1.0)
        return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), dtype=np.uint8)
    coarse = max(8, int(side * random.uniform(0.4, 0.8)))
    small = cv2.resize(pixels, (coarse, coarse), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _compressed(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 85))])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1], dtype=np.uint8)
