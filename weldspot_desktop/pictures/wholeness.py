"""Whether a picture file is all there, read from its container without decoding.

Decoders forgive a missing end when the rows they were asked for came out, and fill what is missing with
grey; a judge of pictures must not. Only containers that state their own end can be checked: JPEG
(ITU-T T.81, annex B), PNG (W3C PNG, section 5) and WebP (RFC 9649, section 2.4). TIFF, BMP and GIF are left
to the decoder.
"""

import re
import zlib
from typing import Final

_LARGEST_SCANS: Final = 100
"""Scans of a progressive JPEG; cameras and editors write about ten, a malicious file thousands."""

_MOST_DRAWN: Final = 2_500_000_000
"""Pixels times scans. Each scan goes over all of the picture, however few bytes it has: 100 megapixels in ten scans are
what an editor writes, in ninety they take many seconds."""

_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_START_OF_SCAN, _END_OF_IMAGE, _STUFFING, _START_OF_IMAGE = 0xDA, 0xD9, 0x00, 0xD8
_STARTS_OF_FRAME: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH: Final = frozenset({0x01, _START_OF_IMAGE, *range(0xD0, 0xD8)})
_MARKER_IN_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In coded data FF is followed by 00 or is a restart marker D0 to D7; anything else ends the scan.

The pattern begins with one plain byte, for which `re` skips ahead twenty times faster than for a repeated one.
"""


def missing_part(content: bytes) -> str | None:
    """Why the file is not whole, as the end of a sentence ("ends before …"), or None if no fault is seen.

    None does not promise a good picture: damage inside the coded pixels is not looked for, except in PNG.
    """
    if content.startswith(b"\xff\xd8"):
        return _jpeg(content)
    if content.startswith(_PNG_START):
        return _png(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _jpeg(content: bytes) -> str | None:
    place, scans, pixels = 2, 0, 0
    while True:
        place = content.find(b"\xff", place)
        while 0 <= place < len(content) and content[place] == 0xFF:
            place += 1
        if place < 0 or place >= len(content):
            return "ends before the picture does"
        marker = content[place]
        place += 1
        if marker == _END_OF_IMAGE:
            return None if scans else "holds no picture data"
        if marker == _STUFFING or marker in _WITHOUT_LENGTH:
            continue
        if place + 2 > len(content):
            return "ends before the picture does"
        if marker in _STARTS_OF_FRAME:
            height, width = (int.from_bytes(content[start : start + 2]) for start in (place + 3, place + 5))
            pixels = max(pixels, height * width)
        place += int.from_bytes(content[place : place + 2])
        if marker == _START_OF_SCAN:
            scans += 1
            if scans * pixels > _MOST_DRAWN:
                return f"draws {pixels / 1e6:.0f} megapixels in {scans} passes or more"
            if scans > _LARGEST_SCANS:
                return f"draws the picture in more than {_LARGEST_SCANS} passes"
            following = _MARKER_IN_SCAN.search(content, place)
            if following is None:
                return "ends before the picture does"
            place = following.start()


def _png(content: bytes) -> str | None:
    place = len(_PNG_START)
    while place + 12 <= len(content):
        length, kind = int.from_bytes(content[place : place + 4]), content[place + 4 : place + 8]
        end = place + 8 + length
        if end + 4 > len(content):
            break
        if kind in _CRITICAL and zlib.crc32(memoryview(content)[place + 4 : end]) != int.from_bytes(
            content[end : end + 4]
        ):
            return "was altered: a check sum does not fit"
        if kind == b"IEND":
            return None
        place = end + 4
    return "ends before the picture does"


def _webp(content: bytes) -> str | None:
    return "ends before the picture does" if int.from_bytes(content[4:8], "little") + 8 > len(content) else None
