"""The command palette: every action of the program, found by typing."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.shortcuts import TAKES_ENTER, key_text
from weldspot_desktop.ui.theme import Size

_KEYS = Qt.ItemDataRole.UserRole
_ENTRY = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Entry:
    """One line of the palette.

    Attributes
    ----------
    where
        "Log", or empty for what works everywhere.
    action
        What is done.
    """

    where: str
    action: QAction

    @property
    def text(self) -> str:
        return f"{self.where}: {self.action.text()}" if self.where else self.action.text()


def matching(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """Entries that hold all typed words (in text or explanation), the ones that begin with them first."""
    words = typed.casefold().split()
    found = [entry for entry in entries if all(w in f"{entry.text} {entry.action.toolTip()}".casefold() for w in words)]

    def rank(entry: Entry) -> tuple[bool, bool]:
        text = entry.text.casefold()
        starts = [part for part in text.replace(":", " ").split() if words and part.startswith(words[0])]
        return (not starts, not all(w in text for w in words))

    return sorted(found, key=rank)


class _Line(QStyledItemDelegate):
    """Text at the left, keys at the right."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = theme.colours()
        box: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        inner = box.adjusted(theme.space(3), 0, -theme.space(3), 0)
        painter.setFont(theme.font(Size.SMALL))
        painter.setPen(QColor(colours.on_accent if chosen else colours.muted))
        keys = str(index.data(_KEYS))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, keys)
        inner.setRight(inner.right() - painter.fontMetrics().horizontalAdvance(keys) - theme.space(3))
        painter.setFont(theme.font())
        painter.setPen(QColor(colours.on_accent if chosen else colours.text))
        text = painter.fontMetrics().elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole)), Qt.TextElideMode.ElideRight, inner.width()
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, theme.pixels(Size.BODY) + theme.space(5))


class CommandPalette(QDialog):
    """A search field over a list; Enter runs the line, Esc closes.

    Signals
    -------
    chosen(Entry)
        After the dialog has closed.
    """

    chosen = Signal(object)

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle("Commands")
        self._entries = list(entries)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(3),) * 4)
        column.setSpacing(theme.space(2))
        self.search = QLineEdit()
        self.search.setPlaceholderText("What do you want to do?")
        self.search.setAccessibleName("Search commands")
        self.search.setProperty(TAKES_ENTER, True)
        theme.set_text(self.search, Size.HEAD)
        self.list = QListWidget()
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_Line(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.nothing = QLabel("No command matches.")
        theme.set_text(self.nothing, Size.BODY, muted=True)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list.itemClicked.connect(self._run_current)
        self._filter("")
        self.resize(theme.pixels(560), theme.pixels(440))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
            if key in steps and self.list.count():
                row = min(max(self.list.currentRow() + steps[Qt.Key(key)], 0), self.list.count() - 1)
                self.list.setCurrentRow(row)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run_current()
                return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QColor(theme.colours().edge))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _filter(self, typed: str) -> None:
        self.list.clear()
        for entry in matching(self._entries, typed):
            item = QListWidgetItem(entry.text, self.list)
            item.setData(_KEYS, key_text(entry.action))
            item.setData(_ENTRY, entry)
            item.setToolTip(entry.action.toolTip())
        self.list.setCurrentRow(0)
        self.list.setVisible(self.list.count() > 0)
        self.nothing.setVisible(self.list.count() == 0)

    def _run_current(self) -> None:
        chosen = self.list.selectedItems()
        if not chosen:
            return
        entry: Entry = chosen[0].data(_ENTRY)
        self.accept()
        self.chosen.emit(entry)
