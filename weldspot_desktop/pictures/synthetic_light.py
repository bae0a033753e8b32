"""Light on a height field, and the camera that looks at it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.pictures.synthetic_texture import Field, Surface, colour, noise


def lit(rng: np.random.Generator, surface: Surface) -> Field:
    """Shade a surface from one lamp, a pale sky from the other side and some light from everywhere.

    Returns
    -------
    (3, n, n) float32
        About 0 to 1; mirrored light may be brighter.
    """
    size = surface.height.shape[0]
    azimuth, elevation = rng.uniform(0, 2 * np.pi), rng.uniform(0.55, 1.05)
    lamp = np.array(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], np.float32
    )
    right = cv2.Sobel(surface.height, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(surface.height, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    length = 1 / np.sqrt(1 + right * right + down * down)

    def towards(x: float, y: float, z: float) -> Field:
        return np.asarray(np.maximum((z - right * np.float32(x) - down * np.float32(y)) * length, 0), np.float32)

    shaded = shadow(surface.height, lamp)
    direct = towards(*lamp) * (1 - shaded * np.float32(rng.uniform(0.5, 0.85)))
    sky = towards(-0.5 * lamp[0], -0.5 * lamp[1], 0.87)
    lobe = towards(*_halfway(lamp))
    broad = _squared(lobe, 3)
    tight = _squared(broad, 2) * _squared(broad, 1) * (1 - 0.7 * shaded)
    mirrored_sky = _squared(towards(*_halfway(np.array([-lamp[0], -lamp[1], 0.45], np.float32))), 3)

    hollow = surface.height - cv2.GaussianBlur(surface.height, (0, 0), size / 90)
    hollow = 1 + np.clip(hollow * np.float32(26 / size), -0.55, 0.12)
    falloff = 1 + np.float32(rng.uniform(0.1, 0.3)) * noise(rng, size, 2)
    matt = (0.30 + 0.62 * direct + 0.22 * sky) * hollow * falloff
    shine = surface.gloss * (0.75 * broad + 1.5 * tight) * falloff
    picture = surface.albedo * matt + shine * colour(1.0, 0.97, 0.92)
    picture += (surface.gloss * mirrored_sky * np.float32(0.55)) * colour(0.82, 0.92, 1.0)
    return np.asarray(picture, np.float32)


def shadow(height: Field, lamp: Field) -> Field:
    """Cast shadow (n, n), 0 to 1, of a height field under a lamp's unit direction; at half resolution inside."""
    size = height.shape[0]
    half = (size + 1) // 2
    small = cv2.resize(height, (half, half), interpolation=cv2.INTER_AREA) * np.float32(0.5)
    flat = float(np.hypot(lamp[0], lamp[1]))
    rise = float(lamp[2]) / flat
    dark = np.zeros((half, half), np.float32)
    for part in (1 / 320, 2 / 320, 4 / 320, 7 / 320, 11 / 320, 16 / 320, 24 / 320):
        distance = part * half
        move = np.array([[1, 0, -lamp[0] / flat * distance], [0, 1, -lamp[1] / flat * distance]], np.float64)
        nearer = cv2.warpAffine(small, move, (half, half), borderMode=cv2.BORDER_REPLICATE)
        np.maximum(dark, nearer - small - np.float32(distance * rise), out=dark)
    dark = cv2.blur(np.clip(dark * np.float32(640 / size), 0, 1), (3, 3))
    return np.asarray(cv2.resize(dark, (size, size), interpolation=cv2.INTER_LINEAR), np.float32)


def photographed(rng: np.random.Generator, picture: Field) -> NDArray[np.uint8]:
    """What a camera makes of (3, n, n): exposure, colour cast, vignette, a little blur, noise; (n, n, 3) uint8."""
    size = picture.shape[1]
    warm = rng.normal(0, 0.045)
    if rng.random() < 0.12:
        picture = np.repeat((picture * colour(0.30, 0.59, 0.11)).sum(axis=0, keepdims=True), 3, axis=0)
    gain = rng.uniform(0.36, 0.5) / max(float(picture[:, ::8, ::8].mean()), 0.05)
    line = np.linspace(-1, 1, size, dtype=np.float32) ** 2
    vignette = 1 - np.float32(rng.uniform(0, 0.22)) * (line[:, None] + line[None, :]) / 2
    tint = (gain * (1 + warm), gain * (1 + rng.normal(0, 0.012)), gain * (1 - warm))
    blur = rng.uniform(0.35, 0.95) * size / 640
    grain = rng.standard_normal((size, size), dtype=np.float32) * np.float32(rng.uniform(0.004, 0.02))
    grain += noise(rng, size, size // 3) * np.float32(0.006)
    planes = []
    for source, strength in zip(picture, tint, strict=True):
        plane = source * vignette
        plane *= np.float32(strength)
        # A shoulder instead of a cut, so that highlights keep a trace of colour: steep below 0.75, flat above.
        over = np.maximum(plane - np.float32(0.75), 0)
        plane -= over * (over + np.float32(0.1)) / (over + np.float32(0.5))
        plane = cv2.GaussianBlur(plane, (0, 0), blur)
        plane += grain
        # To eight bits with rounding and saturation, in one pass.
        planes.append(cv2.convertScaleAbs(np.maximum(plane, 0, out=plane), alpha=255.0))
    return np.asarray(cv2.merge(planes), np.uint8)


def _halfway(light: Field) -> Field:
    """Unit vector between a light and the camera, which looks straight down."""
    middle = light / np.linalg.norm(light) + np.array([0, 0, 1], np.float32)
    return np.asarray(middle / np.linalg.norm(middle), np.float32)


def _squared(field: Field, times: int) -> Field:
    """A field squared so many times; much faster than a power."""
    for _ in range(times):
        field = field * field
    return field
