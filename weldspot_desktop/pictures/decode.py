"""Pictures from files of any origin to RGB pixels, upright, or a sentence that says why not.

Pillow decodes: it knows the size before it allocates, refuses what is cut off, and can decode a JPEG at a
reduced scale.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from weldspot_desktop.errors import ExpectedError

SUFFIXES: Final = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""File name endings that a folder is searched for; the content decides what a file is."""

LARGEST_MEGAPIXELS: Final = 100
LARGEST_FILE: Final = 1_000_000_000

_FORMATS: Final = ("BMP", "GIF", "JPEG", "MPO", "PNG", "TIFF", "WEBP")


class PictureError(ExpectedError):
    """A file that is no picture we can judge; the sentence says why."""


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes
    ----------
    pixels : (h, w, 3) uint8 RGB, upright, contiguous
    width, height : size of the picture itself, upright; `pixels` may be smaller after a reduced decode
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int


def read_file(path: Path) -> bytes:
    """The bytes of a picture file.

    Raises
    ------
    PictureError
        If it is missing, empty, unreadable or larger than `LARGEST_FILE` bytes.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise PictureError(f"The file holds {size / 1e6:.0f} MB, too large for a picture.")
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(f"The file could not be read: {error.strerror or error}.") from error
    if not content:
        raise PictureError("The file is empty.")
    return content


def decode(
    content: bytes, *, at_least: tuple[int, int] | None = None, largest_megapixels: float = LARGEST_MEGAPIXELS
) -> Picture:
    """Decode a picture: upright, three channels, eight bits.

    Parameters
    ----------
    content
        Bytes of a JPEG, PNG, TIFF, WebP, BMP or GIF (the first picture counts).
    at_least
        Width and height that are enough: a JPEG is then decoded at the smallest scale of 1, 1/2, 1/4, 1/8
        that still covers them, which is several times faster.
    largest_megapixels
        Larger pictures are refused before memory is taken.

    Raises
    ------
    PictureError
        If the bytes are not such a picture, are cut off or damaged, or hold too many pixels.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limit below is ours and is checked before decoding.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                return _pixels(image, at_least, largest_megapixels)
    except UnidentifiedImageError:
        raise PictureError("The file is not a picture of a kind that can be read.") from None
    except Image.DecompressionBombError as error:
        raise PictureError("The picture holds too many pixels.") from error
    except MemoryError as error:
        raise PictureError("The picture needs more memory than there is.") from error
    except (OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError, EOFError, OverflowError) as error:
        # Pillow's decoders raise all of these on damaged files.
        raise PictureError(f"The picture is damaged or cut off ({error}).") from error


def _pixels(image: Image.Image, at_least: tuple[int, int] | None, largest_megapixels: float) -> Picture:
    width, height = image.size
    if width * height > largest_megapixels * 1e6:
        raise PictureError(
            f"The picture has {width * height / 1e6:.0f} megapixels, more than the limit of {largest_megapixels:g}."
        )
    turned = image.getexif().get(0x0112) in (5, 6, 7, 8)
    if at_least is not None:
        image.draft("RGB", at_least[::-1] if turned else at_least)
    image.load()
    upright = ImageOps.exif_transpose(image)
    pixels = np.ascontiguousarray(np.asarray(_rgb(upright), dtype=np.uint8))
    return Picture(pixels, *((height, width) if turned else (width, height)))


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image, dtype=np.float64)
        scale = 257.0 if image.mode != "F" or values.max(initial=0.0) > 1.0 else 1 / 255.0
        return Image.fromarray(np.clip(values / scale, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "P"):
        # Transparent parts become white, as on paper.
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    return image.convert("RGB")
