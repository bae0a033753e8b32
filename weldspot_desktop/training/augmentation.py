"""Variants of a training picture that leave its labels true: other orientations, lights and cameras."""

import cv2
import numpy as np
from numpy.typing import NDArray


def augment(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """A random variant of (s, s, 3) RGB pixels.

    Orientation: one of the eight of a square, for a weld has no upper side. Frame: a crop of 70 to 100 % of
    the area. Light and camera: gain, contrast, colour cast, sometimes grey, sometimes blurred or noisy.
    """
    turned = np.rot90(pixels, int(random.integers(4)))
    if random.random() < 0.5:
        turned = turned[:, ::-1]
    cropped = _crop(np.ascontiguousarray(turned), random)
    lit = _light(cropped, random)
    return _camera(lit, random)


def _crop(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    side = pixels.shape[0]
    width, height = (int(side * np.sqrt(random.uniform(0.7, 1.0)) * random.uniform(0.93, 1.0)) for _ in range(2))
    left, top = int(random.integers(side - width + 1)), int(random.integers(side - height + 1))
    part = pixels[top : top + height, left : left + width]
    return np.asarray(cv2.resize(part, (side, side), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _light(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    values = pixels.astype(np.float32)
    if random.random() < 0.15:
        values = np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
    else:
        grey = values.mean(axis=2, keepdims=True)
        values = grey + (values - grey) * np.float32(random.uniform(0.6, 1.4))
        values *= random.uniform(0.9, 1.1, size=3).astype(np.float32)
    mean = values.mean()
    values = mean + (values - mean) * np.float32(random.uniform(0.75, 1.3))
    values = values * np.float32(random.uniform(0.7, 1.3)) + np.float32(random.uniform(-15, 15))
    return np.asarray(np.clip(values, 0, 255), dtype=np.uint8)


def _camera(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    if random.random() < 0.15:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.4, 1.2)), dtype=np.uint8)
    if random.random() < 0.15:
        noise = random.normal(0, random.uniform(2, 8), pixels.shape).astype(np.float32)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    return pixels
