"""The status bar's field for the phones' pictures: how it stands with them, and a menu of what can be done."""

from datetime import datetime
from typing import Final

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.cloud_sync import CloudState, CloudSync, Condition
from weldspot_desktop.ui.theme import Size

_ICONS: Final = {
    Condition.UNSET: "cloud-outline",
    Condition.WAITING: "cloud-outline",
    Condition.RUNNING: "cloud-sync-outline",
    Condition.DONE: "cloud-check-outline",
    Condition.OFFLINE: "cloud-off-outline",
    Condition.FAILED: "cloud-alert-outline",
}
_WIDEST: Final = 40
"""Signs of an account's name that are shown; the rest is in the tooltip."""


def words(state: CloudState, now: datetime) -> str:
    """What the field says, short.

    Parameters
    ----------
    state
        How it stands.
    now
        Aware; a time of another day is shown with its date.
    """
    said = {
        Condition.UNSET: "Phones: not set up",
        Condition.WAITING: "Phones: not fetched yet",
        Condition.RUNNING: _running(state),
        Condition.DONE: f"Fetched {_when(state, now)}{_came(state)}",
        Condition.OFFLINE: f"Offline {_when(state, now)}".strip(),
        Condition.FAILED: f"Not fetched {_when(state, now)}".strip(),
    }[state.condition]
    who = state.who if len(state.who) <= _WIDEST else f"{state.who[: _WIDEST - 1]}…"
    return f"{said} · {who}" if who else said


def whole_words(state: CloudState, now: datetime) -> str:
    """The same at length: a sentence, who is signed in, and what to do."""
    lines = ["Pictures that phones send"]
    if state.condition is Condition.UNSET:
        lines.append("Nobody has said yet where they come from. Press to connect.")
    elif state.condition is Condition.RUNNING:
        lines.append(f"{_running(state)}.")
    elif state.condition is Condition.FAILED and state.fault is not None:
        lines += [state.fault.what, state.fault.advice]
    elif state.condition is Condition.OFFLINE:
        lines.append("The cloud cannot be reached. Fetching goes on by itself when it can.")
    elif state.result is not None:
        lines.append(f"{_when(state, now)}: {state.result.sentence}")
    if state.who:
        lines.append(f"Signed in: {state.who}")
    return "\n".join(line for line in lines if line)


class CloudField(QToolButton):
    """The field. Pressing it shows the menu.

    Parameters
    ----------
    service
        Which fetches.
    connect, sync, sign_out
        Actions of the window for its menu.

    Signals
    -------
    connect_wanted
        Pressed where nothing is set up.
    """

    connect_wanted = Signal()

    def __init__(
        self,
        service: CloudSync,
        connect: QAction,
        sync: QAction,
        sign_out: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        theme.set_look(self, "plain")
        theme.set_text(self, Size.SMALL, muted=True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.stop = QAction("Stop fetching", self)
        self.stop.triggered.connect(service.stop)
        self.what = QAction(self)
        self.what.setEnabled(False)
        self.menu_of_field = QMenu(self)
        for action in (self.what, sync, self.stop):
            self.menu_of_field.addAction(action)
        self.menu_of_field.addSeparator()
        for action in (connect, sign_out):
            self.menu_of_field.addAction(action)
        self._sync, self._sign_out = sync, sign_out
        self.clicked.connect(self._press)
        service.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands now."""
        state, now = self._service.state, datetime.now().astimezone()
        text = words(state, now)
        if text != self.text():
            self.setText(text.replace("&", "&&"))
            self.setAccessibleName(f"Phones' pictures: {text}")
        at_length = whole_words(state, now)
        self.setToolTip(at_length)
        self.setAccessibleDescription(at_length)
        self.what.setText(text.replace("&", "&&"))
        running = state.condition is Condition.RUNNING
        self.stop.setVisible(running)
        self._sync.setEnabled(not running)
        self._sign_out.setEnabled(bool(state.who))
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_service"):
            self._dress()
        super().changeEvent(event)

    def _press(self) -> None:
        if self._service.state.condition is Condition.UNSET:
            self.connect_wanted.emit()
            return
        self.refresh()
        self.menu_of_field.popup(self.mapToGlobal(QPoint(0, -self.menu_of_field.sizeHint().height())))

    def _dress(self) -> None:
        of = theme.colours()
        condition = self._service.state.condition
        colour = {Condition.DONE: of.good, Condition.OFFLINE: of.warning, Condition.FAILED: of.bad}.get(
            condition, of.muted
        )
        self.setIconSize(theme.icon_size(Size.BODY))
        self.setIcon(theme.icon(_ICONS[condition], colour))


def _running(state: CloudState) -> str:
    if state.total:
        return f"Fetching {state.done / state.total:.0%}".replace("%", " %")
    return f"Looking, {state.done} seen" if state.done else "Looking for pictures"


def _came(state: CloudState) -> str:
    result = state.result
    if result is None:
        return ""
    parts = [f"{result.kept} new"] if result.kept else []
    if result.quarantined:
        parts.append(f"{result.quarantined} in quarantine")
    if result.left:
        parts.append(f"{result.left} left")
    return ", " + ", ".join(parts) if parts else ""


def _when(state: CloudState, now: datetime) -> str:
    if state.at is None:
        return ""
    at = state.at.astimezone(now.tzinfo)
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"
