"""What the window offers its pages; pages know this object, never the window itself."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QAction

from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui.workers import Lane, Progress, Workers

Result = TypeVar("Result")


class Kind(StrEnum):
    """What a notice is about."""

    INFO = "info"
    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


class Slot(StrEnum):
    """Places of the status bar, from left to right; the inspector's is the frame's own."""

    CAMERA = "camera"
    MODEL = "model"
    JOB = "job"


@dataclass(frozen=True)
class Notice:
    """A short message that goes away by itself.

    Attributes
    ----------
    text, advice
        What happened, and what to do next.
    kind
        Its sign and colour.
    button, action
        Something to press ("Undo") and what it does; both or none.
    also
        A second thing to press, with what it does.
    """

    text: str
    kind: Kind = Kind.INFO
    advice: str = ""
    button: str = ""
    action: Callable[[], object] | None = None
    also: tuple[str, Callable[[], object]] | None = None


class Frame(QObject):
    """Services of the window for its pages.

    Signals
    -------
    noticed(Notice)
    status_changed(slot, text, state)
        A text for the status bar; state is one of `Kind`.
    badge_changed(page key, count)
    page_wanted(page key)
    job_started(title, Progress), job_ended(Progress)
    person_changed(Person or None)
    settings_changed(section, key)
        A value of `context.settings` is new; also for the theme, so pages need not ask.
    records_changed()
        Inspections were written: emit it after recording, so that the log shows them.
    thresholds_changed()
        Another threshold set is in force: whoever holds an inspector lets go of it.
    uploads_changed()
        Uploads came, or were decided: emit it after a sync, so that the review page and its badge show them.
    """

    noticed = Signal(object)
    status_changed = Signal(str, str, str)
    badge_changed = Signal(str, int)
    page_wanted = Signal(str)
    job_started = Signal(str, object)
    job_ended = Signal(object)
    person_changed = Signal(object)
    settings_changed = Signal(str, str)
    records_changed = Signal()
    thresholds_changed = Signal()
    uploads_changed = Signal()

    def __init__(self, context: Context, workers: Workers, memory: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.workers = workers
        self.memory = memory
        """What is remembered between runs: `value(key, default, type=...)`, `setValue(key, value)`."""
        self._person: Person | None = None
        self._actions: list[QAction] = []
        workers.failed.connect(self.report)

    def notify(
        self,
        text: str,
        kind: Kind = Kind.INFO,
        *,
        advice: str = "",
        button: str = "",
        action: Callable[[], object] | None = None,
        also: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Show a short notice; it is announced to screen readers too."""
        self.noticed.emit(Notice(text, kind, advice, button, action, also))

    def report(self, error: ExpectedError) -> None:
        """Show an expected error as a notice."""
        self.notify(error.what, Kind.ERROR, advice=error.advice)

    def set_status(self, slot: Slot, text: str, state: Kind = Kind.INFO) -> None:
        """Write into a place of the status bar; an empty text clears it."""
        self.status_changed.emit(slot.value, text, state.value)

    def set_badge(self, key: str, count: int) -> None:
        """Show how much waits on a page; 0 removes the badge."""
        self.badge_changed.emit(key, count)

    def show_page(self, key: str) -> None:
        """Go to a page of the registry."""
        self.page_wanted.emit(key)

    def run(
        self,
        function: Callable[[], Result],
        on_done: Callable[[Result], object] | None = None,
        on_error: Callable[[ExpectedError], object] | None = None,
        *,
        lane: Lane = Lane.GENERAL,
        owner: QObject | None = None,
    ) -> None:
        """Run a short function beside the window; see `Workers.run`. Errors become notices without `on_error`."""
        self.workers.run(function, on_done, on_error, lane=lane, owner=owner)

    def run_job(
        self,
        title: str,
        function: Callable[[Progress], Result],
        on_done: Callable[[Result], object] | None = None,
        on_error: Callable[[ExpectedError], object] | None = None,
        *,
        lane: Lane = Lane.GENERAL,
        owner: QObject | None = None,
        on_end: Callable[[], object] | None = None,
    ) -> Progress:
        """Run a long function whose progress the status bar shows, with a way to cancel it there.

        Parameters
        ----------
        title
            Two or three words: "CSV export".
        on_end
            Called last whatever the outcome, also after cancelling: for buttons that were off meanwhile.
        """
        job: list[Progress] = []

        def ended() -> None:
            self.job_ended.emit(job[0])
            if on_end is not None:
                on_end()

        job.append(self.workers.run_job(function, on_done, on_error, lane=lane, owner=owner, on_end=ended))
        self.job_started.emit(title, job[0])
        return job[0]

    def person(self) -> Person | None:
        """Who is signed in, if anybody."""
        return self._person

    def person_name(self) -> str:
        """The name that stands behind what is done now; "system" if nobody is signed in."""
        return self._person.name if self._person is not None else "system"

    def set_person(self, person: Person | None) -> None:
        """Sign somebody in (the caller has checked the PIN), or out with None."""
        self._person = person
        self.person_changed.emit(person)

    def save_settings(self, section: str, key: str) -> None:
        """Write the settings after one was changed, and tell everyone."""
        try:
            self.context.save_settings()
        except ExpectedError as error:
            self.report(error)
        self.settings_changed.emit(section, key)

    def add_action(self, action: QAction) -> None:
        """Make an action known to the command palette and the shortcut sheet."""
        self._actions.append(action)
        action.destroyed.connect(self._forget_actions)

    def actions(self) -> list[QAction]:
        """Every action made known."""
        return list(self._actions)

    def action(self, text: str) -> QAction | None:
        """The action of these words, wherever it was made; None while nobody has made it."""
        return next((action for action in self._actions if action.text() == text), None)

    def _forget_actions(self) -> None:
        from shiboken6 import Shiboken

        self._actions = [action for action in self._actions if Shiboken.isValid(action)]
