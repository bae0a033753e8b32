"""The last step of the cloud wizard: the connection is tried, each thing by itself."""

from functools import partial
from queue import Empty, SimpleQueue
from typing import Final

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtCore import Qt as QtCore
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from weldspot_desktop.cloud.check import TITLES, Step, check, steps_of
from weldspot_desktop.settings import Cloud
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.cloud_wizard_pages import WizardPage
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.workers import Progress

_LOOK_MS: Final = 80


class StepRow(QWidget):
    """One thing that is tried: its sign, what it is, a sentence, advice."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._step: Step | None = None
        self._running = False
        self._sign = QLabel()
        head = QLabel(title)
        theme.set_text(head, Size.BODY, bold=True)
        self.words = QLabel()
        self.words.setTextFormat(QtCore.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(
            QtCore.TextInteractionFlag.TextSelectableByMouse | QtCore.TextInteractionFlag.TextSelectableByKeyboard
        )
        theme.set_text(self.words, Size.BODY, muted=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, theme.space(1), 0, theme.space(1))
        grid.setHorizontalSpacing(theme.space(3))
        grid.setVerticalSpacing(0)
        grid.addWidget(self._sign, 0, 0, 2, 1, QtCore.AlignmentFlag.AlignTop)
        grid.addWidget(head, 0, 1)
        grid.addWidget(self.words, 1, 1)
        grid.setColumnStretch(1, 1)
        self._dress()

    def wait(self, *, running: bool) -> None:
        """Nothing is known yet; it runs now, or comes later."""
        self._step, self._running = None, running
        self.words.setText("Trying …" if running else "Comes later.")
        self._dress()

    def show_step(self, step: Step) -> None:
        """Show how it ended."""
        self._step, self._running = step, False
        self.words.setText(f"{step.sentence} {step.advice}".strip())
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "words"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        of = theme.colours()
        if self._step is None:
            name, colour, word = ("progress-clock" if self._running else "circle-outline"), of.muted, "waits"
        else:
            name, colour, word = {
                True: ("check-circle-outline", of.good, "in order"),
                False: ("close-circle-outline", of.bad, "fault"),
                None: ("minus-circle-outline", of.muted, "not tried"),
            }[self._step.ok]
        side = theme.pixels(Size.TITLE)
        self._sign.setPixmap(theme.icon(name, colour).pixmap(side, side))
        self.setAccessibleName(f"{self._title}: {word}. {self.words.text()}")


class TestPage(WizardPage):
    """Runs the check beside the window and shows each step as it ends.

    Signals
    -------
    changed
        It runs, or not any more.
    """

    TITLE = "Does it work?"
    __test__ = False
    """Not a test for pytest."""

    changed = Signal()

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._cloud = Cloud()
        self._password = ""
        self._signed_in = False
        self._job: Progress | None = None
        self._came: SimpleQueue[Step | None] = SimpleQueue()
        self.steps: list[Step] = []
        self.rows: dict[str, StepRow] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.space(1))
        self.again = QPushButton("Test again")
        self.again.setAutoDefault(False)
        self.again.clicked.connect(self.test)
        foot = QHBoxLayout()
        foot.addWidget(self.again)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._list)
        column.addSpacing(theme.space(2))
        column.addLayout(foot)
        column.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._show_what_came)

    @property
    def running(self) -> bool:
        """Whether the check is under way."""
        return self._job is not None

    @property
    def passed(self) -> bool:
        """Whether every step ended, and none with a fault."""
        return len(self.steps) == len(self.rows) > 0 and all(step.ok is not False for step in self.steps)

    @property
    def signed_in(self) -> bool:
        """Whether a person was signed in by a password given here."""
        return self._signed_in

    @property
    def bucket(self) -> str:
        """The bucket that was found; empty if none was looked for."""
        return next((step.bucket for step in self.steps if step.bucket), "")

    def show_settings(self, cloud: Cloud) -> None:
        """See `WizardPage`; the check itself is begun by `begin`."""

    def fill(self, cloud: Cloud) -> Cloud:
        return cloud

    def begin(self, cloud: Cloud, password: str) -> None:
        """Try these settings."""
        self._cloud, self._password = cloud.model_copy(), password
        for row in self.rows.values():
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {key: StepRow(TITLES[key]) for key in steps_of(cloud)}
        for row in self.rows.values():
            self._list.addWidget(row)
        self.test()

    def test(self) -> None:
        """Try once more."""
        self.stop()
        self.steps = []
        # Of its own for each run: what a stopped one still reports is read by nobody.
        came = self._came = SimpleQueue()
        for number, row in enumerate(self.rows.values()):
            row.wait(running=number == 0)
        work = partial(_run, self._cloud.model_copy(), self._password, came)
        self._job = self._frame.workers.run_job(work, owner=self)
        self._timer.start()
        self.again.setEnabled(False)
        self.changed.emit()

    def stop(self) -> None:
        """Look no further; a request that is under way ends by itself."""
        if self._job is not None:
            self._job.cancel()
            self._finish()

    def focus_first(self) -> None:
        self.again.setFocus()

    def _show_what_came(self) -> None:
        while True:
            try:
                step = self._came.get_nowait()
            except Empty:
                return
            if step is None:
                self._finish()
                return
            self.steps.append(step)
            self.rows[step.key].show_step(step)
            if step.key == "sign-in" and step.ok and self._password:
                self._signed_in, self._password = True, ""
            if len(self.steps) < len(self.rows):
                list(self.rows.values())[len(self.steps)].wait(running=step.ok is not False)

    def _finish(self) -> None:
        self._job = None
        self._timer.stop()
        self.again.setEnabled(True)
        self.changed.emit()


def _run(cloud: Cloud, password: str, came: "SimpleQueue[Step | None]", progress: Progress) -> None:
    """Runs beside the window; the last thing that comes is None, also after a bug."""

    def report(step: Step) -> None:
        progress.report(0)
        came.put(step)

    try:
        check(cloud, report, password=password)
    finally:
        came.put(None)
