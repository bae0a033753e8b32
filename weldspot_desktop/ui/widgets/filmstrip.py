"""The latest pictures as a strip of thumbnails with their verdicts."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from weldspot_desktop.pictures.thumbnail import HEIGHT, WIDTH
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import VERDICTS
from weldspot_desktop.ui.theme import STEP, Size
from weldspot_desktop.verdict import Verdict

MOST: Final = 100
"""Pictures kept in the strip; the oldest leave."""

_ENTRY: Final = Qt.ItemDataRole.UserRole

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class FilmstripEntry:
    """One picture of the strip.

    Attributes
    ----------
    key
        What the page knows it by.
    thumbnail
        (h, w, 3) uint8 RGB, as `pictures.thumbnail` makes it; None where there is no picture.
    verdict
        None for a picture that could not be judged.
    caption
        A few characters: weld ID or file name.
    recorded
        Whether it is in the log.
    """

    key: object
    thumbnail: NDArray[np.uint8] | None
    verdict: Verdict | None
    caption: str
    recorded: bool = False


class Filmstrip(QListView):
    """Thumbnails from left (newest) to right.

    Signals
    -------
    chosen(object)
        The key of the picture that the person went to, by mouse or arrow keys.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self._model = _Model(self)
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName("Latest pictures")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setViewportMargins(2 * STEP + 2, 0, 2 * STEP, 0)
        self._fit()

    def put(self, entry: FilmstripEntry, *, current: bool = True) -> None:
        """Add a picture at the left, or replace the one with the same key where it is.

        With `current` it becomes the current one; nothing is emitted.
        """
        self._quiet = True
        row = self._model.put(entry)
        if current:
            self.setCurrentIndex(self._model.index(row))
        self._quiet = False

    def entries(self) -> list[FilmstripEntry]:
        """What the strip shows, from the left."""
        return list(self._model.entries)

    def step(self, by: int) -> None:
        """Go so many pictures to the right (negative: to the left)."""
        row = self.currentIndex().row() + by
        if 0 <= row < self._model.rowCount():
            self.setCurrentIndex(self._model.index(row))

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if not self._quiet and current.isValid():
            self.chosen.emit(self._model.entries[current.row()].key)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._fit()
        super().changeEvent(event)

    def _fit(self) -> None:
        self.setFixedHeight(_cell().height() + self.horizontalScrollBar().sizeHint().height())
        self.scheduleDelayedItemsLayout()


class _Model(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: list[FilmstripEntry] = []

    def put(self, entry: FilmstripEntry) -> int:
        for row, known in enumerate(self.entries):
            if known.key == entry.key:
                self.entries[row] = entry
                self.dataChanged.emit(self.index(row), self.index(row))
                return row
        if len(self.entries) >= MOST:
            self.beginRemoveRows(QModelIndex(), MOST - 1, len(self.entries) - 1)
            del self.entries[MOST - 1 :]
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), 0, 0)
        self.entries.insert(0, entry)
        self.endInsertRows()
        return 0

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        if role == _ENTRY:
            return entry
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.DisplayRole):
            word = entry.verdict.value if entry.verdict is not None else "NOT JUDGED"
            return f"{entry.caption}: {word}{', recorded' if entry.recorded else ''}"
        return None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return _cell()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry: FilmstripEntry = index.data(_ENTRY)
        of, area = theme.colours(), QRect(option.rect)
        painter.save()
        picture = QRect(area.left() + STEP, area.top() + 2 * STEP, WIDTH, HEIGHT)
        if entry.thumbnail is not None:
            painter.drawPixmap(picture, pixmap(entry.thumbnail))
        else:
            painter.fillRect(picture, QColor(of.raised))
            icon = theme.icon("image-off-outline", of.muted)
            icon.paint(painter, picture.adjusted(24, 18, -24, -18))
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(of.accent), 3))
            painter.drawRect(picture.adjusted(-2, -2, 1, 1))
        high = theme.pixels(Size.SMALL) + 2 * STEP
        line = QRect(picture.left(), picture.bottom() + STEP, area.width() - 4 * STEP, high)
        painter.setFont(theme.font(Size.SMALL, bold=True))
        word = entry.verdict.value if entry.verdict is not None else "–"
        colour = VERDICTS[entry.verdict].text.now if entry.verdict is not None else of.muted
        painter.setPen(QColor(colour))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, word)
        taken = QFontMetrics(painter.font()).horizontalAdvance(word) + 2 * STEP
        painter.setFont(theme.font(Size.SMALL))
        painter.setPen(QColor(of.muted))
        rest = line.adjusted(taken, 0, 0, 0)
        caption = f"{entry.caption} •" if entry.recorded else entry.caption
        words = QFontMetrics(painter.font()).elidedText(caption, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


def pixmap(pixels: NDArray[np.uint8]) -> QPixmap:
    """A pixmap of (h, w, 3) RGB pixels; it holds its own copy."""
    contiguous = np.ascontiguousarray(pixels)
    height, width = contiguous.shape[:2]
    return QPixmap.fromImage(QImage(contiguous.data, width, height, width * 3, QImage.Format.Format_RGB888))


def _cell() -> QSize:
    # The longest word of a verdict and a short weld ID stand side by side at every text size.
    return QSize(max(WIDTH + 3 * STEP, 11 * theme.pixels(Size.SMALL)), HEIGHT + theme.pixels(Size.SMALL) + 6 * STEP)
