"""What is drawn over a picture: boxes with names, the region of interest, the tile that decided."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from weldspot_desktop.pictures.marks import CLASS_MARKS, text_on
from weldspot_desktop.pictures.overlay import Box


def paint_region(painter: QPainter, place: QRectF, *, outside: QRectF | None = None) -> None:
    """The region of interest as a dashed frame; what is `outside` of it is darkened."""
    if outside is not None:
        shade = QColor(0, 0, 0, 110)
        for part in (
            QRectF(outside.left(), outside.top(), outside.width(), place.top() - outside.top()),
            QRectF(outside.left(), place.bottom(), outside.width(), outside.bottom() - place.bottom()),
            QRectF(outside.left(), place.top(), place.left() - outside.left(), place.height()),
            QRectF(place.right(), place.top(), outside.right() - place.right(), place.height()),
        ):
            painter.fillRect(part, shade)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    # White dashes on black are seen on any picture.
    painter.setPen(QPen(QColor(0, 0, 0), 2))
    painter.drawRect(place)
    painter.setPen(QPen(QColor(255, 255, 255), 2, Qt.PenStyle.DashLine))
    painter.drawRect(place)


def paint_tile(painter: QPainter, place: QRectF) -> None:
    """The corners of a part of the picture: a frame would be taken for a box or a region."""
    inside = place.adjusted(2, 2, -2, -2)
    long = min(inside.width(), inside.height()) / 6
    for colour, width in ((QColor(0, 0, 0), 5), (QColor(255, 255, 255), 2)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
        for corner, x, y in (
            (inside.topLeft(), 1, 1),
            (inside.topRight(), -1, 1),
            (inside.bottomLeft(), 1, -1),
            (inside.bottomRight(), -1, -1),
        ):
            painter.drawPolyline([corner + QPointF(x * long, 0), corner, corner + QPointF(0, y * long)])


def paint_box(painter: QPainter, box: Box, place: QRectF, font: QFont, room: float) -> None:
    """A box in the colour of its class, with name and shape above it if it is named.

    Parameters
    ----------
    painter
        Paints the widget.
    box, place
        What to paint, and where in the widget.
    font
        Of the name.
    room
        Width of the widget: the name stays within it.
    """
    red, green, blue = CLASS_MARKS[box.class_index].colour
    colour = QColor(red, green, blue)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 2))
    painter.drawRect(place)
    if not box.named:
        return
    metrics = QFontMetricsF(font)
    high = metrics.height() + 4
    label = QRectF(place.left() - 1, place.top() - high, metrics.horizontalAdvance(box.text) + high + 8, high)
    if label.top() < 0:
        label.moveTop(place.top())
    label.moveLeft(max(0.0, min(label.left(), room - label.width())))
    painter.fillRect(label, colour)
    words = QColor(*text_on((red, green, blue)))
    middle, half = QPointF(label.left() + 2 + high / 2, label.center().y()), high * 0.3
    outline = CLASS_MARKS[box.class_index].outline
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(words)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPolygon(QPolygonF([middle + QPointF(x, y) * half for x, y in outline]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(words)
    painter.drawText(label.adjusted(high + 2, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, box.text)
