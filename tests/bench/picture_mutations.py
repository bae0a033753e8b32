"""Damaged and hostile picture files, made from good ones by a seeded generator: case n is the same on every machine."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from weldspot_desktop.pictures.synthetic_weld import render_weld

Seed = tuple[str, bytes]
"""Kind ("JPEG progressive") and bytes of a good picture."""

_EDGES = (0, 1, 2, 3, 4, 7, 8, 16, 64, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFF)


def synthetic_seeds() -> list[Seed]:
    """One small picture in every kind of file that the program reads."""
    pixels = render_weld(3, size=224).pixels
    image = Image.fromarray(pixels)
    grey, palette, clear = image.convert("L"), image.convert("P"), image.convert("RGBA")
    clear.putalpha(grey)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    turned = Image.Exif()
    turned[274] = 6
    turned[270] = "weld " * 40
    kinds: list[tuple[str, Image.Image, dict[str, Any]]] = [
        ("JPEG", image, {"quality": 85}),
        ("JPEG progressive", image, {"progressive": True}),
        ("JPEG grey", grey, {"quality": 60}),
        ("JPEG CMYK", image.convert("CMYK"), {}),
        ("JPEG turned", image, {"exif": turned, "comment": "a comment", "restart_marker_blocks": 4}),
        ("PNG", image, {}),
        ("PNG palette", palette, {"transparency": 3}),
        ("PNG alpha", clear, {"exif": turned}),
        ("PNG deep", deep, {}),
        ("PNG bits", image.convert("1"), {}),
        ("PNG animated", palette, {"save_all": True, "append_images": [palette, palette]}),
        ("WEBP", image, {"quality": 70}),
        ("WEBP lossless", clear, {"lossless": True}),
        ("WEBP animated", image, {"save_all": True, "append_images": [image.rotate(5)]}),
        ("TIFF", image, {}),
        ("TIFF LZW", clear, {"compression": "tiff_lzw"}),
        ("TIFF deflate", deep, {"compression": "tiff_adobe_deflate"}),
        ("TIFF JPEG", image, {"compression": "jpeg"}),
        ("TIFF fax", image.convert("1"), {"compression": "group4"}),
        ("TIFF pages", grey, {"save_all": True, "append_images": [grey] * 3, "tiffinfo": turned}),
        ("BMP", image, {}),
        ("BMP palette", palette, {}),
        ("BMP bits", image.convert("1"), {}),
        ("GIF", palette, {}),
        ("GIF animated", palette, {"save_all": True, "append_images": [palette.rotate(9)]}),
    ]
    return [(kind, _saved(picture, kind.split()[0], options)) for kind, picture, options in kinds]


def photograph_seeds(folder: Path, count: int = 6) -> list[Seed]:
    """The smallest photographs of a folder; none where there is none."""
    paths = sorted((path for path in folder.rglob("*.jpg")), key=lambda path: (path.stat().st_size, path.name))
    return [("photograph", path.read_bytes()) for path in paths[:count]]


def case(number: int, seed: int, seeds: list[Seed]) -> Seed:
    """Mutated picture `number` of a run; the same for the same seeds."""
    rng = random.Random(f"{seed}/{number}")
    kind, content = seeds[number % len(seeds)]
    data = bytearray(content)
    of_format = _OF_FORMAT.get(kind.split()[0], _flip_bits)
    names = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        mutate = rng.choice((*_GENERAL, of_format, of_format, of_format))
        names.append(mutate.__name__.strip("_"))
        data = mutate(rng, data) if data else data
        if rng.random() < 0.05:
            data = _splice(rng, data, rng.choice(seeds)[1])
            names.append("splice")
    return f"{number} {kind} {'+'.join(names)}", bytes(data)


# -- mutations of any bytes --------------------------------------------------------------------------------------


def _flip_bits(rng: random.Random, data: bytearray) -> bytearray:
    # Half of them near the start, where the headers are.
    for _ in range(rng.choice((1, 2, 8, 64))):
        place = rng.randrange(min(len(data), 512) if rng.random() < 0.5 else len(data))
        data[place] ^= 1 << rng.randrange(8)
    return data


def _set_field(rng: random.Random, data: bytearray) -> bytearray:
    form = rng.choice((">H", "<H", ">I", "<I", "B"))
    size = struct.calcsize(form)
    if len(data) > size:
        place = rng.randrange(min(len(data), 600) - size) if len(data) > 600 + size else rng.randrange(len(data) - size)
        value = rng.choice(_EDGES) & (256**size - 1)
        data[place : place + size] = struct.pack(form, value)
    return data


def _truncate(rng: random.Random, data: bytearray) -> bytearray:
    return data[: rng.randrange(len(data))]


def _cut_out(rng: random.Random, data: bytearray) -> bytearray:
    start = rng.randrange(len(data))
    del data[start : start + rng.choice((1, 2, 16, 300, 4000))]
    return data


def _repeat(rng: random.Random, data: bytearray) -> bytearray:
    start = rng.randrange(len(data))
    piece = data[start : start + rng.choice((1, 8, 100, 2000))]
    data[start:start] = piece * rng.choice((1, 2, 50))
    return data


def _noise(rng: random.Random, data: bytearray) -> bytearray:
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.choice((4, 64, 1000)))
    data[start:end] = rng.randbytes(end - start)
    return data


def _append(rng: random.Random, data: bytearray) -> bytearray:
    return data + rng.randbytes(rng.choice((1, 100, 5000)))


def _splice(rng: random.Random, data: bytearray, other: bytes) -> bytearray:
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


_GENERAL: tuple[Callable[[random.Random, bytearray], bytearray], ...] = (
    _flip_bits,
    _set_field,
    _truncate,
    _cut_out,
    _repeat,
    _noise,
    _append,
)


# -- mutations that know the container ---------------------------------------------------------------------------


def _jpeg(rng: random.Random, data: bytearray) -> bytearray:
    """Change, repeat, drop or move a segment."""
    segments, place = [], 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] not in (0xDA, 0xD9):
        length = 2 + int.from_bytes(data[place + 2 : place + 4])
        segments.append((place, min(place + length, len(data))))
        place += max(length, 2)
    return _change_parts(rng, data, segments, length_at=2, form=">H", skip=4)


def _png(rng: random.Random, data: bytearray) -> bytearray:
    """Change a chunk and mend its check sum, so that the decoder sees what is in it."""
    chunks, place = [], 8
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4])
        chunks.append((place, min(end, len(data))))
        place = end
    if not chunks:
        return _flip_bits(rng, data)
    start, end = chunks[0] if rng.random() < 0.4 else rng.choice(chunks)
    kind, body = bytes(data[start + 4 : start + 8]), bytearray(data[start + 8 : end - 4])
    if kind == b"IDAT" and rng.random() < 0.6:
        body = _other_pixels(rng, body)
    elif body:
        body = rng.choice((_flip_bits, _set_field, _noise, _cut_out, _repeat))(rng, body)
    made = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    data[start:end] = made * rng.choice((1, 1, 1, 2, 40))
    return data


def _other_pixels(rng: random.Random, body: bytearray) -> bytearray:
    """Unpack, change and pack coded pixels; or more of them than the header promises."""
    try:
        rows = bytearray(zlib.decompressobj().decompress(bytes(body), 10_000_000))
    except zlib.error:
        return body
    if rng.random() < 0.3 or not rows:
        return bytearray(zlib.compress(bytes(rng.choice((10, 10_000, 20_000_000))), 9))
    return bytearray(zlib.compress(bytes(_noise(rng, rows)), 1))


def _webp(rng: random.Random, data: bytearray) -> bytearray:
    chunks, place = [], 12
    while place + 8 <= len(data):
        end = place + 8 + int.from_bytes(data[place + 4 : place + 8], "little")
        chunks.append((place, min(end + end % 2, len(data))))
        place = end + end % 2
    data = _change_parts(rng, data, chunks, length_at=4, form="<I", skip=8)
    if len(data) > 8 and rng.random() < 0.8:
        data[4:8] = struct.pack("<I", len(data) - 8)
    return data


def _tiff(rng: random.Random, data: bytearray) -> bytearray:
    """Change type, count or value of an entry of a directory."""
    if len(data) < 8:
        return data
    order = "<" if data[:2] == b"II" else ">"
    directory = struct.unpack_from(order + "I", data, 4)[0]
    if directory + 2 > len(data):
        return _flip_bits(rng, data)
    count = struct.unpack_from(order + "H", data, directory)[0]
    entry = directory + 2 + 12 * rng.randrange(max(1, count))
    if entry + 12 > len(data):
        return _flip_bits(rng, data)
    field = rng.choice(("tag", "type", "count", "value", "value", "value", "next", "short"))
    offset, form = {
        "tag": (0, "H"),
        "type": (2, "H"),
        "count": (4, "I"),
        "value": (8, "I"),
        "short": (8, "H"),
        "next": (directory + 2 + 12 * count - entry, "I"),
    }[field]
    value = rng.choice((*_EDGES, directory, len(data), len(data) - 1, rng.randrange(70_000)))
    place, size = entry + offset, struct.calcsize(form)
    if place + size <= len(data):
        struct.pack_into(order + form, data, place, value & (256**size - 1))
    return data


def _bmp(rng: random.Random, data: bytearray) -> bytearray:
    """Change a field of the headers: sizes, bits, compression, colours."""
    place, form = rng.choice(
        ((10, "<I"), (14, "<I"), (18, "<i"), (22, "<i"), (26, "<H"), (28, "<H"), (30, "<I"), (34, "<I"), (46, "<I"))
    )
    size = struct.calcsize(form)
    if place + size <= len(data):
        value = rng.choice((*_EDGES, 24, 32, 9000, rng.randrange(1000))) & (256**size - 1)
        data[place : place + size] = value.to_bytes(size, "little")
    return data


def _change_parts(
    rng: random.Random, data: bytearray, parts: list[tuple[int, int]], *, length_at: int, form: str, skip: int
) -> bytearray:
    if not parts:
        return _flip_bits(rng, data)
    start, end = rng.choice(parts)
    piece = data[start:end]
    manner = rng.choice(("length", "inside", "repeat", "drop", "move"))
    size = struct.calcsize(form)
    if manner == "length" and start + length_at + size <= len(data):
        value = rng.choice((*_EDGES, len(piece) + 1, len(data))) & (256**size - 1)
        struct.pack_into(form, data, start + length_at, value)
    elif manner == "inside" and len(piece) > skip:
        data[start + skip : end] = rng.choice((_flip_bits, _set_field, _noise))(rng, piece[skip:])
    elif manner == "repeat":
        data[start:start] = piece * rng.choice((1, 5, 300))
    elif manner == "drop":
        del data[start:end]
    elif manner == "move":
        del data[start:end]
        target = rng.choice(parts)[0]
        data[target:target] = piece
    return data


_OF_FORMAT: dict[str, Callable[[random.Random, bytearray], bytearray]] = {
    "JPEG": _jpeg,
    "photograph": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "TIFF": _tiff,
    "BMP": _bmp,
}


def _saved(image: Image.Image, form: str, options: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()
