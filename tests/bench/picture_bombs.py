"""Small files that unpack to as much as the program allows, or claim far more: the worst cases for memory and time."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from PIL import Image

Image.MAX_IMAGE_PIXELS = None


SIDE: Final = 9990
"""Its square is just under the limit of 100 megapixels."""


def bombs(wanted: Sequence[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of those that are wanted, or of all; each is made when it is its turn."""
    for name, make in _MADE.items():
        if not wanted or name in wanted:
            yield name, make()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(side: int, bits: int, colour: int, *, rows: int | None = None, extra: bytes = b"") -> bytes:
    channels = {0: 1, 2: 3, 6: 4}[colour]
    row = bytes(1 + (side * bits * channels + 7) // 8)
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _ in range(rows or side)) + packer.flush()
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _passes(progressive: bytes, count: int) -> bytes:
    """The same picture with its last pass again and again."""
    start, end = progressive.rindex(b"\xff\xda"), progressive.rindex(b"\xff\xd9")
    return progressive[:end] + progressive[start:end] * count + progressive[end:]


def _run_lengths(side: int) -> bytes:
    """A BMP with 8 bits and run lengths, of one colour."""
    row = b"\xff\x05" * (side // 255) + bytes((side % 255, 5)) + b"\0\0"
    body = row * side + b"\0\1"
    palette = bytes(1024)
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(body), 2835, 2835, 256, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(body), 0, 0, 54 + 1024) + head + palette + body


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def _plain(mode: str) -> Image.Image:
    return Image.new("L", (SIDE, SIDE), 90).convert(mode)


_TEXT: Final = b"a\0\0" + zlib.compress(bytes(200_000_000), 9)

_MADE: Final[dict[str, Callable[[], bytes]]] = {
    "PNG RGB": lambda: _png(SIDE, 8, 2),
    "PNG alpha": lambda: _png(SIDE, 8, 6),
    "PNG deep alpha": lambda: _png(SIDE, 16, 6),
    "PNG deep grey": lambda: _png(SIDE, 16, 0),
    "PNG grey with a clear value": lambda: _png(SIDE, 8, 0, extra=_chunk(b"tRNS", b"\0\x05")),
    "PNG far too large": lambda: _png(60_000, 1, 0, rows=10),
    "PNG text": lambda: _png(64, 8, 2, extra=_chunk(b"zTXt", _TEXT)),
    "PNG many texts": lambda: _png(64, 8, 2, extra=_chunk(b"tEXt", b"a\0b") * 200_000),
    "PNG profile": lambda: _png(64, 8, 2, extra=_chunk(b"iCCP", _TEXT)),
    "JPEG": lambda: _saved(_plain("L"), "JPEG", quality=1),
    "JPEG progressive": lambda: _saved(_plain("RGB"), "JPEG", quality=1, progressive=True),
    "JPEG of 90 passes": lambda: _passes(_saved(_plain("L"), "JPEG", quality=1, progressive=True), 90),
    "JPEG CMYK": lambda: _saved(_plain("CMYK"), "JPEG", quality=1),
    "TIFF deflate": lambda: _saved(_plain("RGBA"), "TIFF", compression="tiff_adobe_deflate"),
    "TIFF fax": lambda: _saved(_plain("1"), "TIFF", compression="group4"),
    "TIFF LZW, deep": lambda: _saved(_plain("I;16"), "TIFF", compression="tiff_lzw"),
    "WEBP": lambda: _saved(_plain("RGB"), "WEBP", lossless=True, method=0),
    "GIF": lambda: _saved(_plain("P"), "GIF"),
    "BMP bits": lambda: _saved(_plain("1"), "BMP"),
    "BMP run lengths": lambda: _run_lengths(SIDE),
}
