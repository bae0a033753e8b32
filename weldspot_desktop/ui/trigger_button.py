"""The choice of the trigger in the live toolbar."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from weldspot_desktop.inspection.triggers import Mode, Phase
from weldspot_desktop.ui import theme

WORDS: Final[dict[Mode, str]] = {Mode.CONTINUOUS: "Continuous", Mode.MANUAL: "Manual", Mode.REST: "At rest"}
ICONS: Final[dict[Mode, str]] = {
    Mode.CONTINUOUS: "infinity",
    Mode.MANUAL: "gesture-tap-button",
    Mode.REST: "motion-pause-outline",
}
TIPS: Final[dict[Mode, str]] = {
    Mode.CONTINUOUS: "Each verdict is shown; Space records and the picture goes on",
    Mode.MANUAL: "Space freezes the picture and records it; Space again goes on",
    Mode.REST: "A part that has come to rest is recorded by itself",
}
RECORDS: Final[dict[Mode, str]] = {
    Mode.CONTINUOUS: "Record and next",
    Mode.MANUAL: "Freeze and record",
    Mode.REST: "Record now",
}
"""What Space does."""

PHASES: Final[dict[Phase, str]] = {
    Phase.WAITING: "waiting",
    Phase.MOVING: "moving",
    Phase.SETTLING: "settling",
    Phase.CAME_TO_REST: "at rest",
}


class TriggerButton(QToolButton):
    """Shows what triggers; its menu chooses, and opens the HTTP trigger.

    Signals
    -------
    chosen(Mode)
        The person chose a trigger.
    http_wanted
        The person wants to see the HTTP trigger.
    """

    chosen = Signal(object)
    http_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode = Mode.CONTINUOUS
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._group = QActionGroup(self)
        self._actions: dict[Mode, QAction] = {}
        for mode, word in WORDS.items():
            action = QAction(word, self)
            action.setCheckable(True)
            action.setToolTip(TIPS[mode])
            action.triggered.connect(lambda _checked=False, mode=mode: self.chosen.emit(mode))
            self._group.addAction(action)
            self._menu.addAction(action)
            self._actions[mode] = action
        self._menu.addSeparator()
        self._http = QAction("HTTP trigger…", self)
        self._http.triggered.connect(lambda _checked=False: self.http_wanted.emit())
        self._menu.addAction(self._http)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.show_mode(Mode.CONTINUOUS)
        self.show_http(None)

    @property
    def icon_name(self) -> str:
        """Name of its icon."""
        return ICONS[self._mode]

    def show_mode(self, mode: Mode) -> None:
        """Show the trigger in force."""
        self._mode = mode
        self._actions[mode].setChecked(True)
        self.setText(WORDS[mode])
        self.setToolTip(f"Trigger: {TIPS[mode][:1].lower()}{TIPS[mode][1:]} (T)")
        self.setAccessibleName(f"Trigger: {WORDS[mode]}")
        self.setIcon(theme.icon(self.icon_name))

    def show_http(self, url: str | None) -> None:
        """Show where the HTTP trigger listens; None while it does not."""
        self._http.setText(f"HTTP trigger: {url}…" if url is not None else "HTTP trigger: off…")
