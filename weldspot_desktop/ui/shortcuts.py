"""Keys: what they do while a text field has the focus, and the sheet that lists them all."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import Size

TAKES_ENTER: Final = "takesEnter"
"""Property of a text field that wants Enter itself, as the command palette's search field does."""

_TYPING = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
    Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier,
)
_FUNCTION_KEYS = range(Qt.Key.Key_F1.value, Qt.Key.Key_F35.value + 1)
_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOVES = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
)  # fmt: skip


def is_text_field(widget: QObject | None) -> bool:
    """Whether a widget takes what is typed."""
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit | QAbstractSpinBox)


class KeyRules(QObject):
    """An event filter for the application that keeps single keys out of the way of typing.

    In a text field no key without Ctrl, Alt or Meta triggers an action (function keys do), Esc leaves the field, and
    Enter goes to the next field: a barcode scanner types and sends Enter, and must not confirm anything. A list and
    a slider keep their arrows. A button keeps its Space if Tab led to it; after a click Space means what it means on
    the page.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reached_by_key = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._belongs_to(watched, event):
                event.accept()
                return True
        elif kind is QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            self._reached_by_key = event.reason() in _BY_KEY
        elif kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and is_text_field(watched):
            return self._in_text_field(watched, event)
        return False

    def _belongs_to(self, widget: QObject, event: QKeyEvent) -> bool:
        key, typing = Qt.Key(event.key()), event.modifiers() in _TYPING
        if not typing or key in _FUNCTION_KEYS:
            return False
        if is_text_field(widget):
            return True
        if isinstance(widget, QAbstractButton):
            return key == Qt.Key.Key_Space and self._reached_by_key
        if isinstance(widget, QComboBox):
            return key in (Qt.Key.Key_Space, *_MOVES)
        return isinstance(widget, QAbstractItemView | QAbstractSlider) and key in _MOVES

    @staticmethod
    def _in_text_field(widget: QObject, event: QKeyEvent) -> bool:
        if not isinstance(widget, QWidget) or event.modifiers() not in _TYPING:
            return False
        key = Qt.Key(event.key())
        several_lines = isinstance(widget, QPlainTextEdit | QTextEdit)
        if key in _ENTER and not several_lines and not widget.property(TAKES_ENTER):
            _go_to_next(widget)
            return True
        if key == Qt.Key.Key_Escape and not isinstance(widget.window(), QDialog):
            widget.clearFocus()
            return True
        return False


def _go_to_next(widget: QWidget) -> None:
    """Give the focus to the next widget that Tab would reach."""
    candidate = widget.nextInFocusChain()
    while candidate is not None and candidate is not widget:
        if _can_be_next(candidate):
            candidate.setFocus(Qt.FocusReason.TabFocusReason)
            return
        candidate = candidate.nextInFocusChain()


def _can_be_next(widget: QWidget) -> bool:
    reachable = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return reachable and widget.isEnabled() and widget.isVisible() and widget.focusProxy() is None


def key_text(action: QAction) -> str:
    """The keys of an action as people read them."""
    return " or ".join(
        shortcut.toString(QKeySequence.SequenceFormat.NativeText) for shortcut in action.shortcuts() if shortcut
    )


class ShortcutSheet(QDialog):
    """All shortcuts, grouped by where they work.

    Parameters
    ----------
    groups
        Title and actions of each group; actions without a shortcut are left out.
    """

    def __init__(self, groups: Sequence[tuple[str, Sequence[QAction]]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(4))
        title = QLabel("Shortcuts")
        theme.set_text(title, Size.TITLE, bold=True)
        note = QLabel("Single keys are off while a text field has the focus; Esc leaves the field.")
        theme.set_text(note, Size.BODY, muted=True)
        note.setWordWrap(True)
        column.addWidget(title)
        column.addWidget(note)
        column.addWidget(self._table(groups), 1)
        foot = QHBoxLayout()
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        foot.addStretch(1)
        foot.addWidget(close)
        column.addLayout(foot)
        self.resize(theme.pixels(560), theme.pixels(620))

    @staticmethod
    def _table(groups: Sequence[tuple[str, Sequence[QAction]]]) -> QScrollArea:
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, theme.space(4), 0)
        grid.setHorizontalSpacing(theme.space(6))
        grid.setVerticalSpacing(theme.space(2))
        grid.setColumnStretch(1, 1)
        row = 0
        for title, actions in groups:
            with_keys = [action for action in actions if key_text(action)]
            if not with_keys:
                continue
            head = QLabel(title)
            theme.set_text(head, Size.HEAD, bold=True)
            head.setContentsMargins(0, theme.space(3) if row else 0, 0, 0)
            grid.addWidget(head, row, 0, 1, 2)
            row += 1
            for action in with_keys:
                keys = QLabel(key_text(action))
                theme.set_text(keys, Size.BODY, bold=True)
                what = QLabel(action.text())
                what.setWordWrap(True)
                grid.addWidget(keys, row, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(what, row, 1)
                row += 1
        grid.setRowStretch(row, 1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(content)
        return area
