"""How an upload looks in the list: thumbnail, ticks as marks, scores, how far they differ, state."""

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QIcon, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from weldspot_desktop.store.uploads import State
from weldspot_desktop.ui import theme, thumbnails
from weldspot_desktop.ui.class_style import draw_mark
from weldspot_desktop.ui.review_model import ROW
from weldspot_desktop.ui.review_rows import (
    ReviewRow,
    age_words,
    class_words,
    classes_of,
    difference_words,
    differs,
    plain,
    score_words,
    told_class,
)
from weldspot_desktop.ui.theme import Size

_LINES: Final = 3


class ReviewDelegate(QStyledItemDelegate):
    """Three lines beside a thumbnail."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(thumbnails.WIDTH * 4, row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        of, area = theme.colours(), QRect(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(area, QColor(of.selected if selected else of.window))
        if selected:
            painter.fillRect(area.left(), area.top(), 3, area.height(), QColor(of.accent))
        painter.fillRect(area.left(), area.bottom(), area.width(), 1, QColor(of.line))
        row: ReviewRow | None = index.data(ROW)
        if row is not None:
            inside = QRectF(area).adjusted(theme.space(3), theme.space(2), -theme.space(3), -theme.space(2))
            picture = QRectF(inside.left(), inside.top(), thumbnails.WIDTH, thumbnails.HEIGHT)
            picture.moveTop(inside.center().y() - picture.height() / 2)
            self._paint_picture(painter, picture, row, index.data(Qt.ItemDataRole.DecorationRole))
            inside.setLeft(picture.right() + theme.space(3))
            high = inside.height() / _LINES
            lines = [
                QRectF(inside.left(), inside.top() + place * high, inside.width(), high) for place in range(_LINES)
            ]
            self._paint_ticks(painter, lines[0], row)
            self._paint_scores(painter, lines[1], row)
            self._paint_facts(painter, lines[2], row)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(of.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(0, 0, -1, -2))
        painter.restore()

    @staticmethod
    def _paint_picture(painter: QPainter, place: QRectF, row: ReviewRow, icon: QIcon | None) -> None:
        if icon is not None:
            icon.paint(painter, place.toRect())
            return
        painter.fillRect(place, QColor(theme.colours().raised))
        if row.picture is None:
            side = theme.pixels(Size.TITLE)
            missing = theme.icon("image-off-outline", theme.colours().muted).pixmap(side, side)
            painter.drawPixmap(place.center().toPoint() - missing.rect().center() / missing.devicePixelRatio(), missing)

    @staticmethod
    def _paint_ticks(painter: QPainter, line: QRectF, row: ReviewRow) -> None:
        of, upload, look = theme.colours(), row.upload, row.look
        side = theme.pixels(Size.HEAD)
        words = look.word if row.state is not State.NEW or row.holder is not None else ""
        painter.setFont(theme.font(Size.SMALL))
        if words:
            colour = look.ink()
            wide = QFontMetricsF(painter.font()).horizontalAdvance(words)
            painter.setPen(QColor(colour))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
            line.setRight(line.right() - wide - theme.space(1))
            sign = theme.icon(look.icon, colour).pixmap(side, side)
            painter.drawPixmap(round(line.right() - side), round(line.center().y() - side / 2), sign)
            line.setRight(line.right() - side - theme.space(2))
        bits = upload.labels if upload.labels is not None else upload.ticks
        mark = theme.pixels(Size.BODY)
        for index in classes_of(bits):
            draw_mark(painter, QRectF(line.left(), line.center().y() - mark / 2, mark, mark), index)
            line.setLeft(line.left() + mark + theme.space(1))
        painter.setFont(theme.font(Size.BODY))
        painter.setPen(QColor(of.text))
        # In quarantine the ticks are unknown: the name says more.
        said = row.title if row.state is State.QUARANTINED else class_words(bits) or "Nothing ticked"
        _write(painter, line.adjusted(theme.space(1) if bits else 0, 0, 0, 0), said)

    @staticmethod
    def _paint_scores(painter: QPainter, line: QRectF, row: ReviewRow) -> None:
        of, upload = theme.colours(), row.upload
        painter.setFont(theme.font(Size.SMALL, bold=differs(upload)))
        words = difference_words(upload)
        painter.setPen(QColor(of.warning if differs(upload) else of.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        line.setRight(line.right() - QFontMetricsF(painter.font()).horizontalAdvance(words) - theme.space(2))
        painter.setFont(theme.font(Size.SMALL))
        painter.setPen(QColor(of.muted))
        if row.state is State.QUARANTINED:
            _write(painter, line, plain(upload.reason))
            return
        words, told = score_words(upload), told_class(upload)
        if words and told is not None:
            side = theme.pixels(Size.SMALL)
            draw_mark(painter, QRectF(line.left(), line.center().y() - side / 2, side, side), told)
            line.setLeft(line.left() + side + theme.space(1))
            fits = QFontMetricsF(painter.font()).horizontalAdvance(words) <= line.width()
            _write(painter, line, words if fits else score_words(upload, short=True))

    @staticmethod
    def _paint_facts(painter: QPainter, line: QRectF, row: ReviewRow) -> None:
        of, upload = theme.colours(), row.upload
        painter.setFont(theme.font(Size.SMALL))
        if upload.audit:
            painter.setPen(QColor(of.info))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "audit")
            side = theme.pixels(Size.BODY)
            line.setRight(line.right() - QFontMetricsF(painter.font()).horizontalAdvance("audit") - theme.space(1))
            dice = theme.icon("dice-5-outline", of.info).pixmap(side, side)
            painter.drawPixmap(round(line.right() - side), round(line.center().y() - side / 2), dice)
            line.setRight(line.right() - side - theme.space(2))
        painter.setPen(QColor(of.muted))
        holder = f"{row.holder} is looking" if row.holder is not None else ""
        parts = (
            holder,
            "" if row.state is State.QUARANTINED else row.title,
            upload.group or "",
            age_words(upload.sent),
        )
        _write(painter, line, " · ".join(plain(part) for part in parts if part))


def row_height() -> int:
    """Of a row, at the text size in force."""
    words = round(theme.pixels(Size.BODY) * 1.35) + 2 * round(theme.pixels(Size.SMALL) * 1.45)
    return max(words, thumbnails.HEIGHT) + theme.space(4)


def _write(painter: QPainter, line: QRectF, words: str) -> None:
    fitted = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitted)
