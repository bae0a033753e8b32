"""The line under the log that says whether its trail is whole, and when that was verified."""

import json
from datetime import datetime
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.store.trail_check import Verification
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.notices import announce
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.widgets.elided_label import ElidedLabel
from weldspot_desktop.ui.workers import Progress

_VERIFIED: Final = "log/verified"
_NEVER: Final = "The trail was not verified on this computer yet."
_SIGNS: Final = {None: "shield-outline", True: "shield-check-outline", False: "shield-alert-outline"}


class TrailStrip(QWidget):
    """Verifies the trail beside the window, and remembers the last result for each workspace.

    Signals
    -------
    verified(Verification)
    """

    verified = Signal(object)

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._job: Progress | None = None
        self._sound: bool | None = None
        self._lines: list[str] = []
        self._sign = QLabel()
        self._sign.setAccessibleName("State of the trail")
        self._sign.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.sentence = ElidedLabel()
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme.set_text(self.sentence, Size.BODY, muted=True)
        self.details_button = QPushButton("Details")
        self.details_button.clicked.connect(self.show_details)
        self.verify_button = QPushButton("Verify")
        self.verify_button.setAccessibleName("Verify the trail")
        self.verify_button.setToolTip("Compare the trail with its signatures and with the records")
        self.verify_button.clicked.connect(self.verify)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        row.setSpacing(theme.space(2))
        row.addWidget(self._sign)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.details_button)
        row.addWidget(self.verify_button)
        self._recall()
        self._dress()

    @property
    def running(self) -> bool:
        """Whether it is verifying."""
        return self._job is not None

    def verify(self) -> None:
        """Verify the trail; the status bar shows how far it is, and can cancel it."""
        if self._job is not None:
            self._frame.notify("The trail is being verified already.")
            return
        self.verify_button.setEnabled(False)
        context = self._frame.context
        self._job = self._frame.run_job(
            "Verifying the trail",
            lambda progress: context.verify_trail(progress.report),
            self._found,
            owner=self,
            on_end=self._ended,
        )

    def show_details(self) -> None:
        """Show the whole result, which can be copied."""
        dialog = QDialog(self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Trail")
        text = QPlainTextEdit("\n".join(self._lines))
        text.setReadOnly(True)
        text.setAccessibleName("Result of verifying the trail")
        text.setTabChangesFocus(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(dialog.reject)
        column = QVBoxLayout(dialog)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(3))
        column.addWidget(text)
        column.addWidget(buttons)
        dialog.resize(theme.pixels(640), theme.pixels(300))
        dialog.open()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "verify_button"):
            self._dress()
        super().changeEvent(event)

    def _found(self, found: Verification) -> None:
        self._lines, self._sound = found.lines(), found.sound
        self._show(found.at, found.summary())
        remembered = {"at": found.at.isoformat(), "sound": found.sound, "lines": self._lines}
        self._frame.memory.setValue(self._key(), json.dumps(remembered))
        if found.sound:
            # A notice would cover the line that says the same.
            if self.isVisible():
                announce(self, found.summary())
            else:
                self._frame.notify(found.summary(), Kind.GOOD)
        else:
            self._frame.notify(
                found.summary(),
                Kind.ERROR,
                advice="Keep the workspace as it is, with its backups, and tell who answers for the records.",
                button="Details",
                action=self.show_details,
            )
        self.verified.emit(found)

    def _ended(self) -> None:
        self._job = None
        self.verify_button.setEnabled(True)

    def _show(self, at: datetime, summary: str) -> None:
        when = at.astimezone().strftime("%Y-%m-%d %H:%M")
        self.sentence.show_text(f"Verified {when}: {summary[:1].lower()}{summary[1:]}")
        self.details_button.setVisible(bool(self._lines))
        self._dress()

    def _recall(self) -> None:
        self.sentence.show_text(_NEVER)
        self.details_button.hide()
        try:
            known = json.loads(str(self._frame.memory.value(self._key(), "")))
            at, lines = datetime.fromisoformat(known["at"]), [str(line) for line in known["lines"]]
        except (ValueError, TypeError, KeyError):
            # Never verified, or the memory of another version.
            return
        if lines:
            self._lines, self._sound = lines, bool(known.get("sound"))
            self._show(at, lines[0])

    def _key(self) -> str:
        # A settings file takes slashes for groups.
        return f"{_VERIFIED}/{str(self._frame.context.workspace.root).replace('/', '|').replace(chr(92), '|')}"

    def _dress(self) -> None:
        colours = theme.colours()
        colour = {None: None, True: colours.good, False: colours.bad}[self._sound]
        side = theme.icon_size(Size.BODY)
        self._sign.setPixmap(theme.icon(_SIGNS[self._sound], colour).pixmap(side))
        self.verify_button.setIcon(theme.icon("shield-check-outline"))
        theme.set_text(self.sentence, Size.BODY, bold=self._sound is False, muted=self._sound is not False)
