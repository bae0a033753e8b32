"""JPEG files that hold a picture and nothing else: written anew from pixels, after what is of use was read.

Writing anew leaves no place for what a file can carry besides: metadata of every kind, thumbnails, further pictures,
bytes behind the end. Colour profiles go too, because nothing here applies them: the picture looks and scores as before.
"""

import io
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, JpegImagePlugin

_PLAIN_QUALITY: Final = 95
_FORM: Final = "%Y:%m:%d %H:%M:%S"
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Cameras whose clock was never set say less."""


def is_jpeg(content: bytes) -> bool:
    """Whether a file begins as JPEG files do."""
    return content.startswith(b"\xff\xd8\xff")


def captured(content: bytes, *, latest: datetime) -> datetime | None:
    """When a JPEG's camera says that it took the picture (EXIF DateTimeOriginal, tag 36867).

    Parameters
    ----------
    content
        Bytes of the file.
    latest
        What is later cannot be true.

    Returns
    -------
    datetime or None
        Aware; in this computer's zone where the camera names none, since phones and workstation mostly share it. None
        if there is none, or none that can be true.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
            facts = image.getexif().get_ifd(ExifTags.IFD.Exif)
        found = datetime.strptime(_text(facts.get(ExifTags.Base.DateTimeOriginal)), _FORM)
        offset = _text(facts.get(ExifTags.Base.OffsetTimeOriginal))
        aware = datetime.fromisoformat(found.isoformat() + offset) if offset else found.astimezone()
    except Exception:  # noqa: BLE001 - Pillow's EXIF reader raises nearly every kind of exception on strangers' bytes
        return None
    return aware if aware.tzinfo is not None and _EARLIEST <= aware <= latest + timedelta(days=1) else None


def written(pixels: NDArray[np.uint8], *, like: bytes) -> bytes:
    """Pixels as a JPEG file.

    The quantisation and the colour resolution are those of the file that the pixels come from, where they can be had:
    the same steps lose least, and the file stays as small. Otherwise the quality is 95.

    Parameters
    ----------
    pixels
        (h, w, 3) RGB.
    like
        Bytes of that file.
    """
    image = Image.fromarray(pixels)
    try:
        return _saved(image, **_steps(like))
    except (OSError, ValueError, TypeError, SyntaxError):
        # Tables that a decoder takes, but no encoder: damaged or made to harm.
        return _saved(image, quality=_PLAIN_QUALITY, subsampling=0)


def _steps(content: bytes) -> dict[str, Any]:
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        # 16-bit tables, and those of a file with four inks, say nothing about three colours of eight bits.
        tables = image.quantization if isinstance(image, JpegImagePlugin.JpegImageFile) else {}
        if image.mode != "RGB" or not tables or any(not 0 < step < 256 for table in tables.values() for step in table):
            return {"quality": _PLAIN_QUALITY, "subsampling": 0}
        return {"qtables": tables, "subsampling": max(0, JpegImagePlugin.get_sampling(image))}


def _saved(image: Image.Image, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", **options)
    return target.getvalue()


def _text(value: object) -> str:
    text = value.decode("ascii") if isinstance(value, bytes) else str(value if value is not None else "")
    return text.strip("\0 ")
