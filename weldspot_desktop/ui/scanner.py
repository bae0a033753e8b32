"""A barcode scanner that types while no text field has the focus.

A scanner is a keyboard that types a code within a few milliseconds and ends it with Enter. On a page where single keys
do something (space, 1 to 7, S …) a code would set off all of them. So a key that could be the first of a code is held
back for as long as a scanner would take to send the next one: too short for a person to notice.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from weldspot_desktop.ui.shortcuts import is_text_field

GAP_MS: Final = 40
"""Longest time between two keys of a scanner; a person who types fast needs twice as much."""

FEWEST: Final = 4
"""Keys in one burst that are a code even if the scanner sends no Enter."""

_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLAIN: Final = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
    Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier,
)


@dataclass(frozen=True)
class _Key:
    key: int
    modifiers: Qt.KeyboardModifier
    text: str
    at: int
    widget: QWidget


class ScanFilter(QObject):
    """An event filter for the application that tells a scanner from a person while one page is open.

    Parameters
    ----------
    page
        The page; nothing is held back while it is hidden, while a dialog or menu is open, or in a text field.

    Signals
    -------
    scanned(str)
        A code was read.
    """

    scanned = Signal(str)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._held: list[_Key] = []
        self._replaying = False
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setTimerType(Qt.TimerType.PreciseTimer)
        self._waiting.timeout.connect(self._expired)
        self._second_look = False

    def install(self) -> None:
        """Begin to watch the keys of the application."""
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def remove(self) -> None:
        """Watch no more."""
        self._waiting.stop()
        self._held = []
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or self._replaying:
            return False
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget) or not self._is_on(watched):
            return False
        if not self._may_belong_to_code(watched, event):
            return False
        if kind is QEvent.Type.ShortcutOverride:
            # Accepted, the key comes back as a plain key press, and no shortcut is set off.
            event.accept()
            return True
        if not event.isAutoRepeat():
            self._take(_Key(event.key(), event.modifiers(), event.text(), event.timestamp(), watched))
        return True

    def _is_on(self, widget: QWidget) -> bool:
        if QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None:
            return False
        return self._page.isVisible() and not is_text_field(widget) and widget.window() is self._page.window()

    def _may_belong_to_code(self, widget: QWidget, event: QKeyEvent) -> bool:
        if event.modifiers() not in _PLAIN:
            return False
        if event.key() in _ENTER:
            return bool(self._held)
        if len(event.text()) != 1 or not event.text().isprintable():
            return False
        # Space presses a button or opens a list that Tab led to; no code begins with it.
        return bool(self._held) or event.key() != Qt.Key.Key_Space or not self._wants_space(widget)

    @staticmethod
    def _wants_space(widget: QWidget) -> bool:
        return isinstance(widget, QAbstractButton) or widget.metaObject().className() == "QComboBox"

    def _take(self, key: _Key) -> None:
        if self._held and key.at - self._held[-1].at > GAP_MS:
            self._decide()
        if key.key in _ENTER:
            if len(self._held) >= 2:
                self._finish()
            else:
                self._held.append(key)
                self._decide()
            return
        self._held.append(key)
        self._second_look = False
        self._waiting.start(GAP_MS)

    def _expired(self) -> None:
        if not self._second_look:
            # Keys may wait behind work of the window: they come first.
            self._second_look = True
            self._waiting.start(0)
            return
        self._decide()

    def _decide(self) -> None:
        """No more keys in time: a burst is a code without Enter, anything less was a person."""
        if len(self._held) >= FEWEST:
            self._finish()
            return
        self._waiting.stop()
        held, self._held = self._held, []
        for key in held:
            self._replay(key)

    def _finish(self) -> None:
        self._waiting.stop()
        code = "".join(key.text for key in self._held)
        self._held = []
        self.scanned.emit(code)

    def _replay(self, key: _Key) -> None:
        """Do what the key would have done: the page's or the window's action, else the widget's own."""
        pressed = QKeySequence(key.key | key.modifiers.value & ~Qt.KeyboardModifier.KeypadModifier.value)
        plain = QKeySequence(key.key)
        for owner in (self._page, self._page.window()):
            for action in owner.actions():
                if action.isEnabled() and (
                    pressed in action.shortcuts() or self._symbol(plain, key, action.shortcuts())
                ):
                    action.trigger()
                    return
        self._replaying = True
        try:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.sendEvent(key.widget, QKeyEvent(kind, key.key, key.modifiers, key.text))
        finally:
            self._replaying = False

    @staticmethod
    def _symbol(plain: QKeySequence, key: _Key, shortcuts: list[QKeySequence]) -> bool:
        """Whether a shortcut names the symbol itself ("?"), which some keyboards reach by Shift."""
        return not key.text.isalnum() and plain in shortcuts
