"""A score as a bar, with thresholds as ticks."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import STYLES
from weldspot_desktop.ui.theme import STEP


def paint_bar(painter: QPainter, bar: QRectF, class_index: int, score: float | None, *, hollow: bool = False) -> None:
    """Paint the track and, if there is a score (0 to 1), the part of it that the score fills.

    Parameters
    ----------
    bar
        The whole track.
    hollow
        Draw an outline where another bar would be filled, so that two kinds of scores are told apart.
    """
    of, style, high = theme.colours(), STYLES[class_index], bar.height()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(of.line))
    painter.drawRoundedRect(bar, high / 2, high / 2)
    if score:
        filled = QRectF(bar)
        filled.setWidth(max(bar.width() * score, 3.0))
        round_by = min(high, filled.width()) / 2
        painter.setPen(QPen(QColor(style.edge.now), 1))
        painter.setBrush(QColor(of.window if hollow else style.fill))
        painter.drawRoundedRect(filled.adjusted(0.5, 0.5, -0.5, -0.5), round_by, round_by)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_thresholds(painter: QPainter, bar: QRectF, lower: float | None, upper: float | None) -> None:
    """Paint the upper threshold as a tick across the bar; the lower one stands only above and below it."""
    of = theme.colours()
    if lower is not None:
        x = round(bar.left() + lower * bar.width())
        for top in (bar.top() - STEP, bar.bottom()):
            painter.fillRect(QRectF(x - 1, top, 2, STEP), QColor(of.text))
    if upper is not None:
        x = round(bar.left() + upper * bar.width())
        painter.fillRect(QRectF(x - 2, bar.top(), 4, bar.height()), QColor(of.window))
        painter.fillRect(QRectF(x - 1, bar.top() - STEP, 2, bar.height() + 2 * STEP), QColor(of.text))
