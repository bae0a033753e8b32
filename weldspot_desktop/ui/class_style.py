"""How classes and verdicts are drawn in the window: the table of `pictures.marks` with a variant for each theme.

Two of the class colours are too light for a white window: every mark therefore has an edge, and the edge
keeps the contrast.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from weldspot_desktop import labels
from weldspot_desktop.pictures import marks
from weldspot_desktop.ui import theme
from weldspot_desktop.verdict import Verdict


@dataclass(frozen=True)
class ForTheme:
    """A colour that differs between the themes."""

    light: str
    dark: str

    @property
    def now(self) -> str:
        """The one for the theme in force."""
        return self.dark if theme.colours().dark else self.light


@dataclass(frozen=True)
class ClassStyle:
    """How one class is drawn.

    Attributes
    ----------
    fill
        The class's own colour, the same in both themes and on pictures.
    edge
        Line around fills: 3:1 on the theme's window and raised colours.
    text
        For words in the class's colour: 4.5:1.
    """

    fill: str
    edge: ForTheme
    text: ForTheme


@dataclass(frozen=True)
class VerdictStyle:
    """How one verdict is shown.

    Attributes
    ----------
    fill, ink
        Ground of the big word, and the word on it: 4.5:1.
    edge
        Line around the fill, and small signs: 3:1 on the window.
    text
        The word in a table: 4.5:1.
    """

    fill: str
    ink: str
    edge: ForTheme
    text: ForTheme


def _hex(colour: marks.Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


STYLES: Final[tuple[ClassStyle, ...]] = tuple(
    ClassStyle(_hex(mark.colour), ForTheme(*edge), ForTheme(*text))
    for mark, edge, text in zip(marks.CLASS_MARKS, marks.CLASS_EDGES, marks.CLASS_TEXTS, strict=True)
)
"""One style for each class, in class order."""

assert len(STYLES) == labels.COUNT

SHORT_NAMES: Final = {labels.CLASSES.index("Excess Reinforcement"): "Excess Reinf."}
"""Where the full name does not fit; tooltip and accessible name have it."""

VERDICTS: Final[dict[Verdict, VerdictStyle]] = {
    verdict: VerdictStyle(
        _hex(marks.VERDICT_COLOURS[verdict]),
        _hex(marks.text_on(marks.VERDICT_COLOURS[verdict])),
        ForTheme(*marks.VERDICT_EDGES[verdict]),
        ForTheme(*marks.VERDICT_TEXTS[verdict]),
    )
    for verdict in Verdict
}
"""One style for each verdict."""


def draw_mark(painter: QPainter, box: QRectF, class_index: int) -> None:
    """Draw the mark of a class into a square: its shape, filled, with the edge that keeps the contrast."""
    style = STYLES[class_index]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(style.edge.now), 1))
    painter.setBrush(QColor(style.fill))
    painter.drawPolygon(_scaled(marks.CLASS_MARKS[class_index].outline, box.adjusted(1, 1, -1, -1)))
    painter.restore()


def draw_sign(painter: QPainter, box: QRectF, verdict: Verdict, colour: str) -> None:
    """Draw the sign of a verdict into a square: dash, check, cross, question mark or camera."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(colour), box.width() / 2 * marks.STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke in marks.VERDICT_STROKES[verdict]:
        painter.drawPolyline(_scaled(stroke, box))
    painter.restore()


def mark_icon(class_index: int, side: int = 16) -> QIcon:
    """The mark of a class for item views and buttons, in the theme in force."""
    pixmap = _clear(side)
    painter = QPainter(pixmap)
    draw_mark(painter, QRectF(0, 0, side, side), class_index)
    painter.end()
    return _untinted(pixmap)


def sign_icon(verdict: Verdict, side: int = 16) -> QIcon:
    """The sign of a verdict for item views and buttons, in the theme in force."""
    pixmap = _clear(side)
    painter = QPainter(pixmap)
    draw_sign(painter, QRectF(2, 2, side - 4, side - 4), verdict, VERDICTS[verdict].text.now)
    painter.end()
    return _untinted(pixmap)


def _untinted(pixmap: QPixmap) -> QIcon:
    """An icon that keeps its colours in a selected row, where Qt would tint it."""
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


def _clear(side: int) -> QPixmap:
    """An empty square, drawn at twice the size so that it stays sharp on dense screens."""
    pixmap = QPixmap(side * 2, side * 2)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(QColor(0, 0, 0, 0))
    return pixmap


def _scaled(outline: marks.Outline, box: QRectF) -> QPolygonF:
    """Corners of -1 to 1 in a box."""
    centre, half = box.center(), min(box.width(), box.height()) / 2
    return QPolygonF([centre + QPointF(x * half, y * half) for x, y in outline])
