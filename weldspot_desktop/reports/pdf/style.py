"""Type and colours of the PDF: one font that holds Latin, Greek and Cyrillic, and a visible sign for what it lacks."""

import threading
import unicodedata
from functools import cache
from typing import Any, Final

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from weldspot_desktop import paths
from weldspot_desktop.pictures.marks import Rgb

REGULAR: Final = "WeldSpot"
BOLD: Final = "WeldSpot-Bold"
MISSING: Final = "\ufffd"
"""Stands for a character that the font does not hold."""

_FILES: Final = {REGULAR: "DejaVuSansCondensed.ttf", BOLD: "DejaVuSansCondensed-Bold.ttf"}
_LONGEST: Final = 2000
_UNPRINTED: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_LOCK: Final = threading.Lock()

INK: Final[Any] = HexColor("#1c2127")
MUTED: Final[Any] = HexColor("#565c65")
LINE: Final[Any] = HexColor("#c9ced6")
GROUND: Final[Any] = HexColor("#eef0f3")
NOTICE: Final[Any] = HexColor("#fbf3e2")
NOTICE_EDGE: Final[Any] = HexColor("#a87200")


def colour(rgb: Rgb) -> Any:
    """A colour of the table of marks for reportlab."""
    return Color(*(value / 255 for value in rgb))


@cache
def _glyphs() -> frozenset[int]:
    """Code points that both weights hold; registers them at the first call."""
    held: frozenset[int] | None = None
    for name, file in _FILES.items():
        font = TTFont(name, str(paths.resource("fonts", file)))
        pdfmetrics.registerFont(font)
        points = frozenset(font.face.charToGlyph)
        held = points if held is None else held & points
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    assert held is not None
    return held


def register_fonts() -> None:
    """Make the fonts known to reportlab; once for the program, from any thread.

    Raises
    ------
    ResourceMissingError
        If a font is missing from the installation.
    """
    with _LOCK:
        _glyphs()


def printable(text: str) -> str:
    """The text with a visible sign for every character that cannot be printed, and cut where it has no end."""
    glyphs = _glyphs()
    composed = unicodedata.normalize("NFC", text)
    if len(composed) > _LONGEST:
        composed = f"{composed[:_LONGEST]}… (cut)"
    return "".join(
        " " if c in "\t\n\r" else c if ord(c) in glyphs and unicodedata.category(c) not in _UNPRINTED else MISSING
        for c in composed
    )


def _style(name: str, size: float, leading: float, **changes: Any) -> Any:
    values: dict[str, Any] = {"fontName": REGULAR, "textColor": INK, "splitLongWords": 1}
    return ParagraphStyle(name, fontSize=size, leading=leading, **(values | changes))


STYLES: Final[dict[str, Any]] = {
    "body": _style("body", 9.5, 13),
    "small": _style("small", 7.8, 10),
    "muted": _style("muted", 8, 11, textColor=MUTED),
    "company": _style("company", 15, 19, fontName=BOLD),
    "title": _style("title", 26, 31, fontName=BOLD),
    "heading": _style("heading", 13, 17, fontName=BOLD),
    "head": _style("head", 8.5, 11, fontName=BOLD),
    "head small": _style("head small", 7.8, 10, fontName=BOLD),
    "name": _style("name", 9.5, 13, textColor=MUTED),
    "name small": _style("name small", 7.8, 10, textColor=MUTED),
}
"""Paragraph styles that templates may name, and a few that elements use."""


@cache
def right(style: str) -> Any:
    """A style of `STYLES`, aligned to the right."""
    return ParagraphStyle(f"{style} right", parent=STYLES[style], alignment=TA_RIGHT)
