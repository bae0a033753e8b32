import io
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from drawn_face import drawn_face
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from weldspot_desktop.model.faces import THRESHOLD, FaceDetector
from weldspot_desktop.pictures import PictureError, decode
from weldspot_desktop.pictures.blur import blur
from weldspot_desktop.pictures.clean_jpeg import captured, written
from weldspot_desktop.review.cleaning import Cleaner

SECRET = b"SECRET-OF-THE-SENDER"
PLAIN = Cleaner(blur_faces=False, largest_megapixels=50)
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def scene(width: int = 320, height: int = 240) -> Image.Image:
    """Something that is not the same in any orientation."""
    down, across = np.mgrid[0:height, 0:width]
    return Image.fromarray(
        np.stack([across * 255 // width, down * 255 // height, (across + down) % 256], -1).astype("u1")
    )


def jpeg(image: Image.Image, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", **{"quality": 90} | options)
    return target.getvalue()


def exif(orientation: int = 1, taken: str | None = None, offset: str | None = None) -> Image.Exif:
    made = Image.Exif()
    made[ExifTags.Base.Orientation] = orientation
    made[ExifTags.Base.Artist] = SECRET.decode()
    details = made.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.MakerNote] = SECRET
    if taken is not None:
        details[ExifTags.Base.DateTimeOriginal] = taken
    if offset is not None:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    made.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 8.0, 14.0)
    return made


def markers(content: bytes) -> set[int]:
    """Kinds of the segments before the picture's data."""
    found, place = set(), 2
    while content[place + 1] != 0xDA:
        found.add(content[place + 1])
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    return found


def test_nothing_but_the_picture_is_kept():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = jpeg(scene(), exif=exif(), comment=SECRET, icc_profile=profile, xmp=b"<x>" + SECRET + b"</x>")
    # IPTC, a phone's own segment, and a film behind the end of the picture.
    for marker in (0xED, 0xE4):
        content = content[:2] + bytes((0xFF, marker)) + (len(SECRET) + 2).to_bytes(2) + SECRET + content[2:]
    content += SECRET
    assert content.count(SECRET) >= 7
    cleaned = PLAIN.clean(content)
    assert SECRET not in cleaned.content
    # APP0 is JFIF's own head; then only tables and the frame.
    assert markers(cleaned.content) <= {0xE0, 0xDB, 0xC0, 0xC4}
    assert cleaned.content.endswith(b"\xff\xd9")
    assert cleaned.faces is None
    assert np.abs(decode(cleaned.content).pixels.astype(int) - decode(content).pixels).mean() < 0.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright_without_being_told(orientation):
    content = jpeg(scene(), exif=exif(orientation))
    cleaned = PLAIN.clean(content)
    upright = decode(content).pixels
    assert (cleaned.height, cleaned.width) == upright.shape[:2]
    with Image.open(io.BytesIO(cleaned.content)) as kept:
        assert not kept.getexif()
        assert np.abs(np.asarray(kept).astype(int) - upright).mean() < 2


def test_files_stay_about_as_large_as_they_were():
    """With the steps of the phone's own file; a fixed high quality would double them."""
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8))
    for quality in (60, 90):
        content = jpeg(noise, quality=quality)
        assert len(PLAIN.clean(content).content) == pytest.approx(len(content), rel=0.1)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_kinds_of_jpeg_become_plain_ones(mode):
    content = jpeg(scene().convert(mode))
    with Image.open(io.BytesIO(PLAIN.clean(content).content)) as kept:
        assert kept.mode == "RGB"
        assert np.abs(np.asarray(kept).astype(int) - decode(content).pixels).mean() < 3


@pytest.mark.parametrize(
    ("taken", "offset", "expected"),
    [
        ("2024:05:06 07:08:09", "+02:00", datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=2)))),
        ("2024:05:06 07:08:09", None, datetime(2024, 5, 6, 7, 8, 9).astimezone()),
        ("2024:05:06 07:08:09", "nonsense", None),
        ("0000:00:00 00:00:00", None, None),
        ("2031:01:01 00:00:00", "+00:00", None),
        ("1970:01:01 00:00:00", "+00:00", None),
        ("2024:05:06", None, None),
        (None, None, None),
    ],
)
def test_the_time_of_capture_is_read_where_it_can_be_true(taken, offset, expected):
    assert captured(jpeg(scene(), exif=exif(taken=taken, offset=offset)), latest=NOW) == expected


@given(st.binary(max_size=300))
def test_damaged_metadata_has_no_time_and_stops_nothing(damage):
    whole = jpeg(scene(32, 24), exif=exif(taken="2024:05:06 07:08:09"))
    body = b"Exif\0\0" + damage
    content = whole[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body + whole[2:]
    found = captured(content, latest=NOW)
    assert found is None or found.tzinfo is not None


def png() -> bytes:
    target = io.BytesIO()
    facts = PngImagePlugin.PngInfo()
    scene().save(target, "PNG", pnginfo=facts)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (png(), "a PNG picture"),
        (b"GIF89a....", "a GIF picture"),
        (b"MZ\x90\0", "a Windows program"),
        (b"<html>", "no picture that phones send"),
        (jpeg(scene())[:-300], "cut off"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "damaged"),
    ],
)
def test_what_is_no_whole_jpeg_is_refused_with_the_reason(content, reason):
    with pytest.raises(PictureError, match=reason):
        PLAIN.clean(content)


def test_a_picture_over_the_limit_is_refused():
    with pytest.raises(PictureError, match="megapixels"):
        Cleaner(blur_faces=False, largest_megapixels=0.05).clean(jpeg(scene()))


def test_tables_that_no_encoder_takes_do_not_stop_cleaning():
    content = jpeg(scene())
    start = content.index(b"\xff\xdb")
    broken = content[: start + 5] + bytes(64) + content[start + 69 :]
    pixels = decode(content).pixels
    with Image.open(io.BytesIO(written(pixels, like=broken))) as kept:
        assert kept.size == (320, 240)


@pytest.mark.parametrize("side", [100, 240])
def test_faces_are_made_unrecognisable_and_the_rest_is_left(side):
    picture = scene(1200, 900)
    picture.paste(drawn_face(side), (700, 300))
    content = jpeg(picture)
    cleaned = Cleaner(blur_faces=True, largest_megapixels=50).clean(content)
    assert cleaned.faces == 1
    before, after = decode(content).pixels, decode(cleaned.content).pixels
    assert FaceDetector().find(after) == []
    # Of the face (the middle of the head) only the means of a few cells are left: hardly any edge.
    middle = slice(300 + side // 3, 300 + 2 * side // 3), slice(700 + side // 3, 700 + 2 * side // 3)
    assert _edges(after[middle]) < _edges(before[middle]) / 5
    outside = np.ones(before.shape[:2], dtype=bool)
    outside[300 - side // 4 : 300 + side * 5 // 4, 700 - side // 4 : 700 + side * 5 // 4] = False
    assert np.abs(after.astype(int) - before)[outside].mean() < 1


def _edges(pixels):
    return float(np.abs(np.diff(pixels.astype(int), axis=1)).mean())


def test_a_blurred_region_holds_nothing_of_what_was_in_it():
    """Two pictures that differ in a region, but not in the means of its cells, are the same afterwards."""
    pixels = np.full((200, 200, 3), 128, dtype=np.uint8)
    checked = pixels.copy()
    # The box grows by a quarter on each side: 160 pixels, eight cells of twenty.
    region = np.indices((160, 160)).sum(axis=0) % 2
    checked[20:180, 20:180] = np.where(region[..., None] == 0, 64, 192)
    box = (46.6667 / 200, 46.6667 / 200, 153.3333 / 200, 153.3333 / 200)
    ellipse = blur(checked, [box])[60:140, 60:140]
    assert np.abs(ellipse.astype(int) - 128).max() <= 1
    assert (checked[60:140, 60:140] != ellipse).all(), "the picture that was given is not written to"


@pytest.mark.parametrize(
    "box", [(-0.5, -0.5, 0.1, 0.1), (0.9, 0.9, 1.5, 1.5), (2, 2, 3, 3), (0.5, 0.5, 0.5001, 0.5001), (-1, -1, 2, 2)]
)
def test_boxes_over_the_edge_are_cut_there(box):
    pixels = np.asarray(scene())
    assert blur(pixels, [box]).shape == pixels.shape


def test_faces_are_found_once_and_only_where_they_are():
    picture = scene(1600, 1000)
    places = [(200, 150), (1000, 500)]
    for place in places:
        picture.paste(drawn_face(300), place)
    found = FaceDetector().find(np.asarray(picture))
    assert len(found) == 2
    middles = sorted(((f.box[0] + f.box[2]) / 2 * 1600, (f.box[1] + f.box[3]) / 2 * 1000) for f in found)
    for (x, y), (left, top) in zip(middles, places, strict=True):
        assert (x, y) == (pytest.approx(left + 150, abs=30), pytest.approx(top + 160, abs=40))
    assert FaceDetector().find(np.asarray(scene())) == []
    assert FaceDetector().find(np.zeros((1, 1, 3), dtype=np.uint8)) == []
    assert FaceDetector().find(np.zeros((3, 4000, 3), dtype=np.uint8)) == []


@pytest.mark.real_data
def test_welds_are_not_taken_for_faces(datasets):
    """Every twelfth photograph; `tests/bench/faces.py` looks at all of them."""
    detector = FaceDetector(threshold=THRESHOLD)
    photographs = sorted((datasets / "weld-quality-v9").rglob("*.jpg"))[::12]
    assert len(photographs) > 60
    assert [path.name for path in photographs if detector.find(decode(path.read_bytes()).pixels)] == []
