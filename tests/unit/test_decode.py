"""Pictures of strangers: the right pixels, or a sentence that says why not, and never anything else."""

import io
import os
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile

from weldspot_desktop.pictures import Picture, PictureError, decode, read_file
from weldspot_desktop.pictures.decode import long_windows_path
from weldspot_desktop.pictures.synthetic_weld import render_weld

PIXELS = render_weld(5, size=64).pixels[:48]
"""48 rows of 64 pixels: not square, so that swapped sides are seen."""


def encoded(format_name: str, image: Image.Image | None = None, **options: object) -> bytes:
    stream = io.BytesIO()
    (image if image is not None else Image.fromarray(PIXELS)).save(stream, format_name, **options)
    return stream.getvalue()


WHOLE: dict[str, bytes] = {
    "jpeg": encoded("JPEG", quality=90),
    "jpeg progressive": encoded("JPEG", quality=90, progressive=True),
    "jpeg grey": encoded("JPEG", Image.fromarray(PIXELS).convert("L")),
    "jpeg restart": encoded("JPEG", quality=90, restart_marker_blocks=2),
    "png": encoded("PNG"),
    "tiff": encoded("TIFF"),
    "tiff lzw": encoded("TIFF", compression="tiff_lzw"),
    "tiff deflate": encoded("TIFF", compression="tiff_adobe_deflate"),
    "tiff jpeg": encoded("TIFF", compression="jpeg", quality=90),
    "webp": encoded("WEBP", quality=90),
    "webp lossless": encoded("WEBP", lossless=True),
    "bmp": encoded("BMP"),
    "gif": encoded("GIF"),
}


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


def png_rows(values: np.ndarray) -> bytes:
    """Filter byte 0 and big-endian samples for each row."""
    big = values.astype(values.dtype.newbyteorder(">"))
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in big))


# -- the file ----------------------------------------------------------------------------------------------------


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(WHOLE["jpeg"])
    assert read_file(path) == WHOLE["jpeg"]


def test_missing_empty_and_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="No such file"):
        read_file(tmp_path / "none.jpg")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(PictureError, match="empty"):
        read_file(tmp_path / "empty.jpg")
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(PictureError, match="folder"):
        read_file(tmp_path / "folder.jpg")


def test_a_name_with_a_zero_character_says_so(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="name"):
        read_file(tmp_path / "a\0b.jpg")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are a POSIX thing")
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PictureError, match="device or a pipe"):
        read_file(tmp_path / "pipe.jpg")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="devices in folders are a POSIX thing")
def test_a_device_is_not_read() -> None:
    with pytest.raises(PictureError, match="device or a pipe"):
        read_file(Path("/dev/zero"))


def test_a_loop_of_links_says_so(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jpg", tmp_path / "b.jpg"
    first.symlink_to(second)
    second.symlink_to(first)
    with pytest.raises(PictureError, match="could not be read"):
        read_file(first)


def test_a_link_to_a_picture_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.jpg").write_bytes(WHOLE["jpeg"])
    (tmp_path / "link.jpg").symlink_to(tmp_path / "real.jpg")
    assert read_file(tmp_path / "link.jpg") == WHOLE["jpeg"]


def test_a_huge_file_is_refused_without_reading(tmp_path: Path) -> None:
    path = tmp_path / "huge.tif"
    with path.open("wb") as file:
        file.truncate(1_000_000_001)
    with pytest.raises(PictureError, match="1000 MB"):
        read_file(path)


@pytest.mark.parametrize("name", ["Schweißnaht №7 焊缝 🔥.jpg", "with space and 'quote'.jpg"])
def test_names_of_all_scripts(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(WHOLE["jpeg"])
    assert decode(read_file(path)).width == 64


def test_a_path_beyond_260_characters(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["sixty characters of a folder name, which some tools do make up"] * 6)
    folder.mkdir(parents=True)
    path = folder / "weld.jpg"
    path.write_bytes(WHOLE["jpeg"])
    assert len(str(path)) > 260
    assert decode(read_file(path)).width == 64


def test_a_name_longer_than_the_file_system_takes_says_so(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="could not be read"):
        read_file(tmp_path / ("a" * 300 + ".jpg"))


def test_long_windows_paths_get_their_prefix() -> None:
    long = "\\".join(["folder"] * 50)
    assert long_windows_path(rf"C:\{long}\a.jpg") == rf"\\?\C:\{long}\a.jpg"
    assert long_windows_path(rf"\\server\share\{long}") == rf"\\?\UNC\server\share\{long}"
    assert long_windows_path(rf"\\?\C:\{long}") == rf"\\?\C:\{long}"
    assert long_windows_path(r"C:\short.jpg") == r"C:\short.jpg"


# -- right pixels ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WHOLE)
def test_every_format_gives_its_pixels(kind: str) -> None:
    picture = decode(WHOLE[kind])
    assert (picture.width, picture.height) == (64, 48)
    assert picture.pixels.shape == (48, 64, 3)
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.flags.c_contiguous
    expected = PIXELS if "grey" not in kind else np.asarray(Image.fromarray(PIXELS).convert("L"))[..., None]
    exact = kind in {"png", "tiff", "tiff lzw", "tiff deflate", "webp lossless", "bmp"}
    assert np.abs(picture.pixels.astype(float) - expected).mean() <= (0 if exact else 12)


def test_greyscale_one_bit_and_palette() -> None:
    grey = Image.fromarray(PIXELS).convert("L")
    for format_name in ("PNG", "TIFF", "BMP"):
        found = decode(encoded(format_name, grey)).pixels
        np.testing.assert_array_equal(found, np.repeat(np.asarray(grey)[..., None], 3, axis=2))
    bits = grey.convert("1")
    for format_name in ("PNG", "TIFF", "BMP"):
        found = decode(encoded(format_name, bits)).pixels
        np.testing.assert_array_equal(found[..., 1], np.asarray(bits) * 255)
    palette = Image.fromarray(PIXELS).quantize(16)
    expected = np.asarray(palette.convert("RGB"))
    for format_name in ("PNG", "TIFF", "BMP", "GIF"):
        np.testing.assert_array_equal(decode(encoded(format_name, palette)).pixels, expected)


GREY16 = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 21
EXPECTED16 = np.round(GREY16 / 257).astype(int)


def test_sixteen_bit_grey_is_scaled_to_eight() -> None:
    contents = {
        "png": encoded("PNG", Image.fromarray(GREY16)),
        "tiff": encoded("TIFF", Image.fromarray(GREY16)),
        "tiff deflate": encoded("TIFF", Image.fromarray(GREY16), compression="tiff_adobe_deflate"),
    }
    for kind, content in contents.items():
        found = decode(content).pixels
        assert found.shape == (48, 64, 3), kind
        np.testing.assert_array_equal(found[..., 0], EXPECTED16, err_msg=kind)
        np.testing.assert_array_equal(found[..., 0], found[..., 2], err_msg=kind)


def tiff(values: np.ndarray, *, order: str) -> bytes:
    """An uncompressed RGB TIFF with 16 bits a sample, written by hand: Pillow writes none."""
    height, width, channels = values.shape
    data = values.astype(np.dtype(np.uint16).newbyteorder(order)).tobytes()
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 3, 8 + len(data)),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 8),
        (277, 3, 1, channels),
        (278, 4, 1, height),
        (279, 4, 1, len(data)),
    ]
    bits = struct.pack(order + "HHH", 16, 16, 16)
    entries = b""
    for tag, kind, count, value in tags:
        packed = struct.pack(order + "HH", value, 0) if kind == 3 and count == 1 else struct.pack(order + "I", value)
        entries += struct.pack(order + "HHI", tag, kind, count) + packed
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8 + len(data) + len(bits))
    return head + data + bits + struct.pack(order + "H", len(tags)) + entries + struct.pack(order + "I", 0)


def test_sixteen_bit_colour_is_scaled_to_eight() -> None:
    values = np.stack([GREY16, GREY16[::-1], 65535 - GREY16], axis=2)
    expected = np.round(values / 257).astype(int)
    contents = {
        "png": png(64, 48, 16, 2, png_rows(values)),
        "tiff little": tiff(values, order="<"),
        "tiff big": tiff(values, order=">"),
    }
    for kind, content in contents.items():
        found = decode(content).pixels.astype(int)
        # Pillow keeps the upper byte, which is up to one step from the rounded value.
        assert np.abs(found - expected).max() <= 1, kind


def test_values_of_unknown_range_are_refused() -> None:
    for mode in ("F", "I"):
        with pytest.raises(PictureError, match="32-bit"):
            decode(encoded("TIFF", Image.new(mode, (8, 8), 7)))


def test_cmyk_of_adobe_and_of_others() -> None:
    inks = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    inks.paste((0, 0, 255, 51), (8, 0, 16, 16))
    expected = [(0, 255, 255), (204, 204, 0)]
    adobe = encoded("JPEG", inks, quality=100)
    assert b"Adobe" in adobe
    for content in (adobe, encoded("TIFF", inks)):
        found = decode(content).pixels.astype(int)
        for place, colour in zip((3, 12), expected, strict=True):
            assert np.abs(found[8, place] - colour).max() <= 6
    # Without Adobe's marker the numbers are ink as they stand; Pillow wrote inverted ink, so white comes out black.
    start = adobe.index(b"\xff\xee")
    length = int.from_bytes(adobe[start + 2 : start + 4])
    found = decode(adobe[:start] + adobe[start + 2 + length :]).pixels.astype(int)
    stored = 255 - np.array([(255, 0, 0, 0), (0, 0, 255, 51)])
    for place, (c, m, y, k) in zip((3, 12), stored, strict=True):
        wanted = [(255 - ink) * (255 - k) / 255 for ink in (c, m, y)]
        assert np.abs(found[8, place] - wanted).max() <= 6


def test_transparent_parts_are_white() -> None:
    layered = Image.new("RGBA", (8, 8), (200, 0, 0, 255))
    layered.paste((0, 0, 0, 0), (0, 0, 4, 8))
    for format_name, options in (("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})):
        found = decode(encoded(format_name, layered, **options)).pixels
        assert found[4, 1].tolist() == [255, 255, 255], format_name
        assert found[4, 6].tolist() == [200, 0, 0], format_name
    half = decode(encoded("PNG", Image.new("LA", (4, 4), (0, 128)))).pixels
    assert abs(int(half[0, 0, 0]) - 127) <= 1
    keyed = decode(encoded("PNG", Image.new("RGB", (4, 4), (9, 9, 9)), transparency=(9, 9, 9))).pixels
    assert keyed[0, 0].tolist() == [255, 255, 255]
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    assert decode(encoded("PNG", palette, transparency=1)).pixels[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_picture_of_several_counts(format_name: str) -> None:
    frames = [Image.new("RGB", (12, 8), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if format_name == "WEBP" else {}
    content = encoded(format_name, frames[0], save_all=True, append_images=frames[1:], **options)
    assert decode(content).pixels[4, 4].tolist() == [255, 0, 0]


def test_mpo_gives_its_first_picture() -> None:
    first, second = Image.fromarray(PIXELS), Image.new("RGB", (64, 48), "blue")
    content = encoded("MPO", first, save_all=True, append_images=[second], quality=90)
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "MPO"
    assert np.abs(decode(content).pixels.astype(float) - PIXELS).mean() < 12


def oriented(format_name: str, orientation: int, image: Image.Image, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(format_name, image, exif=exif, **options)


CORNERS = np.zeros((96, 128, 3), np.uint8)
CORNERS[:48, :64] = (255, 0, 0)
CORNERS[:48, 64:] = (0, 255, 0)
CORNERS[48:, :64] = (0, 0, 255)
CORNERS[48:, 64:] = (255, 255, 255)

STORED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}
"""What a camera writes for each EXIF orientation so that a viewer, who turns it back, sees the same."""


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("at_least", [None, (32, 24)])
def test_all_orientations_come_upright(orientation: int, format_name: str, at_least: tuple[int, int] | None) -> None:
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](CORNERS)))
    picture = decode(oriented(format_name, orientation, stored), at_least=at_least)
    assert (picture.width, picture.height) == (128, 96)
    reduced = at_least is not None and format_name == "JPEG"
    assert picture.pixels.shape == ((24, 32, 3) if reduced else (96, 128, 3))
    rows, columns = picture.pixels.shape[:2]
    for y, x in ((1, 1), (1, 3), (3, 1), (3, 3)):
        found = picture.pixels[rows * y // 4, columns * x // 4].astype(int)
        assert np.abs(found - CORNERS[24 * y, 32 * x]).max() < 40


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_none(value: int) -> None:
    assert decode(oriented("JPEG", value, Image.fromarray(CORNERS))).width == 128


@pytest.mark.parametrize(
    "block",
    [
        b"Exif\0\0garbage that is no TIFF header",
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0\xff\xff\xff\xff\xff\xff\xff\xff" * 3,
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x05\0\0\0\x01\0\0\0\x08\0\0",
    ],
)
def test_a_broken_exif_block_does_not_hide_a_good_picture(block: bytes) -> None:
    content = WHOLE["jpeg"]
    broken = content[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + content[2:]
    for at_least in (None, (8, 8)):
        picture = decode(broken, at_least=at_least)
        assert (picture.width, picture.height) == (64, 48)


def test_a_colour_profile_is_carried_without_harm() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(decode(encoded("PNG", icc_profile=profile)).pixels, PIXELS)


def test_a_reduced_decode_covers_what_was_asked() -> None:
    large = render_weld(3, size=640).pixels[:480]
    content = encoded("JPEG", Image.fromarray(large), quality=95)
    for wanted, expected in (
        ((320, 320), (640, 480)),
        ((320, 240), (320, 240)),
        ((80, 60), (80, 60)),
        ((9, 9), (80, 60)),
    ):
        picture = decode(content, at_least=wanted)
        assert picture.pixels.shape[1::-1] == expected
        assert (picture.width, picture.height) == (640, 480)


# -- refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WHOLE)
def test_cut_at_any_byte_is_refused_or_nothing_is_missing(kind: str) -> None:
    content = WHOLE[kind]
    whole = decode(content).pixels
    places = (
        range(len(content)) if len(content) < 4000 else [*range(600), *range(600, len(content), 37), len(content) - 1]
    )
    for length in places:
        try:
            found = decode(content[:length])
        except PictureError:
            continue
        # Only a GIF may lose its last byte or two: they follow the complete first picture.
        assert kind == "gif", f"{kind} of {len(content)} bytes was taken after {length}"
        assert length >= len(content) - 2
        np.testing.assert_array_equal(found.pixels, whole)


def test_cut_and_filled_up_with_zeros_is_refused() -> None:
    """What an interrupted copy leaves: the size is right, the end is zeros. WebP, TIFF and BMP cannot tell."""
    for kind in ("jpeg", "jpeg progressive", "jpeg restart", "png", "gif"):
        content = WHOLE[kind]
        cut = len(content) * 2 // 3
        with pytest.raises(PictureError):
            decode(content[:cut] + bytes(len(content) - cut))


def test_bytes_after_the_end_do_no_harm() -> None:
    for kind in ("jpeg", "png", "webp", "tiff"):
        assert decode(WHOLE[kind] + b"appended by some gallery").width == 64


def test_the_name_does_not_count() -> None:
    """A PNG called .jpg is read by its content; that the name never reaches the decoder is the point."""
    np.testing.assert_array_equal(decode(WHOLE["png"]).pixels, PIXELS)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"no picture but text, in a file called weld.jpg", b"%PDF-1.7\n", b"\0" * 5000, b"GIF89a", b"BM"],
)
def test_what_is_no_picture_says_so(content: bytes) -> None:
    with pytest.raises(PictureError) as caught:
        decode(content)
    assert caught.value.what.startswith(("The file is not a picture", "The picture is damaged"))


def test_more_than_100_megapixels_are_refused_before_memory_is_taken() -> None:
    contents = {
        "png": png(20_000, 20_000, 8, 2, b""),
        "bmp": b"BM"
        + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 12_000, 12_000, 1, 24, *[0] * 6),
        "gif": WHOLE["gif"].replace(struct.pack("<HH", 64, 48), struct.pack("<HH", 15_000, 15_000), 1),
        "jpeg": WHOLE["jpeg"].replace(struct.pack(">HH", 48, 64), struct.pack(">HH", 30_000, 30_000), 1),
    }
    for content in contents.values():
        with pytest.raises(PictureError, match="more than the limit of 100"):
            decode(content)


def test_the_limit_is_the_callers() -> None:
    with pytest.raises(PictureError, match=r"limit of 0\.003"):
        decode(WHOLE["jpeg"], largest_megapixels=0.003)
    assert decode(WHOLE["jpeg"], largest_megapixels=0.0031).width == 64


def test_pictures_that_pillow_alone_would_refuse_reach_our_limit() -> None:
    with pytest.raises(PictureError, match="400 megapixels, more than the limit of 300"):
        decode(png(20_000, 20_000, 8, 2, b""), largest_megapixels=300)


@pytest.mark.parametrize(("width", "height"), [(0, 10), (10, 0), (0, 0)])
def test_a_header_without_pixels_is_refused(width: int, height: int) -> None:
    contents = [
        png(width, height, 8, 2, zlib.compress(b"")),
        b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b",\0\0\0\0\0\0\0\0\0;",
        b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, *[0] * 6),
        WHOLE["jpeg"].replace(struct.pack(">HH", 48, 64), struct.pack(">HH", height, width), 1),
    ]
    for content in contents:
        with pytest.raises(PictureError):
            decode(content)


def test_bombs_in_png_texts_are_refused() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    for extra in (
        png_chunk(b"zTXt", b"Comment\0\0" + bomb),
        png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + bomb),
    ):
        with pytest.raises(PictureError):
            decode(png(1, 1, 8, 2, zlib.compress(b"\0\1\2\3"), extra))


def test_a_bomb_in_the_pixels_is_not_unpacked() -> None:
    """More rows than the header says: only those of the header are made."""
    assert decode(png(1, 1, 8, 2, zlib.compress(b"\0\1\2\3" + bytes(50_000_000), 9))).pixels.shape == (1, 1, 3)


def test_a_jpeg_with_thousands_of_passes_is_refused() -> None:
    content = WHOLE["jpeg progressive"]
    scan = content.rindex(b"\xff\xda")
    with pytest.raises(PictureError, match="passes"):
        decode(content[:scan] + content[scan:-2] * 2000 + b"\xff\xd9")


def test_an_altered_png_is_told_by_its_check_sum() -> None:
    content = bytearray(WHOLE["png"])
    content[len(content) // 2] ^= 1
    with pytest.raises(PictureError, match="check sum"):
        decode(bytes(content))


def test_pillow_is_not_told_to_forgive() -> None:
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def mutated(rng: np.random.Generator, content: bytes) -> bytes:
    changed = bytearray(content)
    kind = rng.integers(5)
    if kind == 0:
        for place in rng.integers(0, len(changed), rng.integers(1, 30)):
            changed[place] = rng.integers(256)
    elif kind == 1:
        for place in rng.integers(0, min(len(changed), 200), rng.integers(1, 6)):
            changed[place] = rng.choice([0, 1, 0x7F, 0x80, 0xFF])
    elif kind == 2:
        del changed[rng.integers(len(changed)) :]
    elif kind == 3:
        start, end = sorted(rng.integers(0, len(changed), 2))
        del changed[start:end]
    else:
        start = rng.integers(len(changed))
        changed[start:start] = rng.bytes(int(rng.integers(1, 400)))
    return bytes(changed)


@pytest.mark.parametrize(
    "kind", ["jpeg", "jpeg progressive", "png", "webp", "webp lossless", "tiff", "tiff lzw", "tiff jpeg", "bmp", "gif"]
)
def test_a_hundred_mutations_of_each_kind_give_a_picture_or_a_reason(kind: str) -> None:
    rng = np.random.default_rng(20_240_000 + len(kind))
    reasons = []
    for number in range(100):
        content = mutated(rng, WHOLE[kind])
        begun = time.monotonic()
        try:
            picture = decode(content, at_least=(16, 16) if number % 2 else None, largest_megapixels=4)
        except PictureError as error:
            reasons.append(error.what)
        else:
            assert isinstance(picture, Picture)
            assert picture.pixels.ndim == 3
            assert picture.pixels.shape[2] == 3
        assert time.monotonic() - begun < 5
    assert reasons
    assert all(reason.startswith(("The picture ", "The file ")) for reason in reasons)


@pytest.mark.real_data
def test_every_real_photograph_is_whole(datasets: Path) -> None:
    paths = sorted(datasets.glob("*/images/*"))
    assert len(paths) > 900
    for path in paths:
        assert decode(read_file(path), at_least=(80, 80)).width > 0
