"""Pictures from files of any origin to RGB pixels, upright, or a sentence that says why not.

Pillow decodes: it knows the size before it allocates, and can decode a JPEG at a reduced scale. What it
forgives, `wholeness` looks for first.

Not detectable: damage inside a JPEG's coded pixels that still decodes. libjpeg only warns of it, and Pillow
drops the warning. Most of it shows as shifted or coloured blocks; the verdict rule's distance and quality
checks are what stands against it.
"""

import io
import os
import stat
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops, UnidentifiedImageError

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.pictures.wholeness import missing_part

SUFFIXES: Final = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""File name endings that a folder is searched for; the content decides what a file is."""

LARGEST_MEGAPIXELS: Final = 100
LARGEST_FILE: Final = 1_000_000_000

_STRIP: Final = 4_000_000
"""Pixels that are converted at a time."""

_FORMATS: Final = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
_WINDOWS_PATH: Final = 259
"""Characters that the old Windows file functions take."""

_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation (CIPA DC-008, tag 274)."""

_SWAPS_SIDES: Final = frozenset({5, 6, 7, 8})

# The limit below is ours, and is checked before pixels are decoded; Pillow's would refuse what a user allowed.
Image.MAX_IMAGE_PIXELS = 1_000_000_000
# Pillow warns of odd metadata that does not touch the pixels. Set once: `catch_warnings` is not for threads.
warnings.filterwarnings("ignore", module=r"PIL\.")


class PictureError(ExpectedError):
    """A file that is no picture we can judge; the sentence says why."""


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes
    ----------
    pixels : (h, w, 3) uint8 RGB, upright, contiguous, not to be written to
    width, height : size of the picture itself, upright; `pixels` may be smaller after a reduced decode
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int

    @property
    def reduced(self) -> bool:
        """Whether `pixels` are fewer than the picture has."""
        return self.pixels.shape[:2] != (self.height, self.width)


def read_file(path: Path) -> bytes:
    """The bytes of a picture file.

    Raises
    ------
    PictureError
        If it is missing, empty, unreadable, no ordinary file, or larger than `LARGEST_FILE` bytes.
    """
    # Without waiting: opening a pipe would otherwise wait for somebody to write into it.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        if path.is_dir():
            raise PictureError("This is a folder, not a picture.")
        with os.fdopen(os.open(_reachable(path), flags), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise PictureError("This is a device or a pipe, not a picture file.")
            if found.st_size > LARGEST_FILE:
                raise PictureError(f"The file holds {found.st_size / 1e6:.0f} MB, too large for a picture.")
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise PictureError(f"The file could not be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise PictureError(f"The file could not be read: its name is not valid ({error}).") from error
    if not content:
        raise PictureError("The file is empty.")
    if len(content) > LARGEST_FILE:
        raise PictureError("The file grows while it is read, and is too large for a picture.")
    return content


Enough = tuple[int, int] | Callable[[int, int], tuple[int, int]]
"""Width and height that a picture must have at least, or what tells them from its own width and height, upright."""


def decode(
    content: bytes, *, at_least: Enough | None = None, largest_megapixels: float = LARGEST_MEGAPIXELS
) -> Picture:
    """Decode a picture: upright, three channels, eight bits.

    Sixteen bits are scaled to eight, transparent parts become white, colour profiles are not applied.

    Parameters
    ----------
    content
        Bytes of a JPEG, PNG, TIFF, WebP, BMP or GIF (the first picture counts).
    at_least
        Width and height that are enough, or a function of the picture's own that gives them: a JPEG is then decoded
        at the smallest scale of 1, 1/2, 1/4, 1/8 that still covers them, which is several times faster.
    largest_megapixels
        Larger pictures are refused before memory is taken.

    Raises
    ------
    PictureError
        If the bytes are not such a picture, are cut off or damaged, or hold too many pixels; and for
        pixels whose range is unknown (floating point, 32 bits).
    """
    fault = missing_part(content)
    if fault is not None:
        raise PictureError(f"The picture is damaged or cut off: the file {fault}.")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            return _picture(image, at_least, largest_megapixels)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(
            "The file is not a picture of a kind that can be read.",
            "Known are BMP, GIF, JPEG, PNG, TIFF and WebP; save others, such as a phone's HEIC, as JPEG.",
        ) from None
    except Image.DecompressionBombError:
        raise PictureError("The picture holds far too many pixels.") from None
    except MemoryError as error:
        raise PictureError("The picture needs more memory than there is.") from error
    except Exception as error:
        # Pillow's decoders raise nearly every kind of exception on strangers' bytes; all mean the same here.
        raise PictureError(f"The picture is damaged or cut off ({error}).") from error


def _picture(image: Image.Image, at_least: Enough | None, largest_megapixels: float) -> Picture:
    width, height = image.size
    if width < 1 or height < 1:
        raise PictureError("The picture has no pixels.")
    if width * height > largest_megapixels * 1e6:
        raise PictureError(
            f"The picture has {width * height / 1e6:.0f} megapixels, more than the limit of {largest_megapixels:g}."
        )
    if image.format == "TIFF":
        # Pillow sets TIFF upright itself while loading, and gives the upright size before.
        image.load()
        return Picture(_rgb(image), width, height)
    orientation = _orientation(image)
    swapped = orientation in _SWAPS_SIDES
    size = (height, width) if swapped else (width, height)
    if at_least is not None:
        wanted = at_least(*size) if callable(at_least) else at_least
        image.draft("RGB", wanted[::-1] if swapped else wanted)
    image.load()
    turn = _UPRIGHT.get(orientation)
    upright = image if turn is None else image.transpose(turn)
    return Picture(_rgb(upright), *size)


def _orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8; 1 if there is none or it cannot be read: the pixels are good all the same."""
    try:
        found = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - Pillow's EXIF reader raises nearly every kind of exception
        return 1
    return found if isinstance(found, int) else 1


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    """Pixels as RGB. A strip at a time: the steps in between would need the memory of the picture several times."""
    if image.mode in ("I", "F"):
        raise PictureError("The picture holds 32-bit values, whose range is not known.", "Save it with 8 or 16 bits.")
    # Pillow takes every CMYK JPEG for one of Adobe's, which hold inverted ink; others do not.
    inverted = image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info
    width, height = image.size
    if image.mode == "RGB" and not image.has_transparency_data and width * height <= _STRIP:
        # Nothing to convert: the copies that a conversion takes cost as much as decoding.
        return np.asarray(image)
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        strip = image if rows >= height else image.crop((0, top, width, bottom))
        pixels[top:bottom] = _strip_rgb(ImageChops.invert(strip) if inverted else strip)
    return pixels


def _strip_rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint32)
        return np.asarray((values + 128) // 257, dtype=np.uint8)[:, :, None]
    if image.has_transparency_data or image.mode in ("RGBa", "La"):
        # Transparent parts become white, as on paper.
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        image = Image.alpha_composite(paper, layered)
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _reachable(path: Path) -> str:
    """The path as the system's open takes it; on Windows in the form that may exceed 259 characters."""
    return long_windows_path(os.path.abspath(path)) if os.name == "nt" else str(path)  # noqa: PTH100


def long_windows_path(absolute: str) -> str:
    r"""An absolute Windows path with the prefix ``\\?\`` that lifts the limit of 259 characters.

    Source: Microsoft, "Maximum Path Length Limitation".
    """
    if len(absolute) <= _WINDOWS_PATH or absolute.startswith("\\\\?\\"):
        return absolute
    return f"\\\\?\\UNC\\{absolute[2:]}" if absolute.startswith("\\\\") else f"\\\\?\\{absolute}"
