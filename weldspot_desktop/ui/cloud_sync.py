"""Fetching what phones sent, beside the window: at the interval of the settings, and when somebody asks."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from weldspot_desktop.cloud import signing
from weldspot_desktop.cloud.faults import RevokedError, SignInNeededError
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.review.schedule import Schedule
from weldspot_desktop.review.sync_result import LastSync, Outcome, SyncResult
from weldspot_desktop.settings import Cloud, CloudBackend
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.workers import Lane, Progress

_LOG = logging.getLogger(__name__)

_FIRST_MS: Final = 4000
"""After the start and after a change of the settings: the window comes first, and settings change one by one."""

_LONGEST_MS: Final = 2_000_000_000
"""What a timer of Qt can hold."""

_REFRESH_MS: Final = 250

CONNECTION: Final = frozenset(
    {"backend", "folder", "bucket", "project", "api_key", "email", "sign_in", "key_file", "every_minutes"}
)
"""Settings whose change asks for another look at once."""


class Condition(Enum):
    """How it stands with the phones' pictures."""

    UNSET = auto()
    """Nobody has said where they come from."""

    WAITING = auto()
    """Set up, and no look has ended yet."""

    RUNNING = auto()
    DONE = auto()
    OFFLINE = auto()
    FAILED = auto()


@dataclass(frozen=True)
class CloudState:
    """What the status bar shows.

    Attributes
    ----------
    condition
        How it stands.
    at
        When the last look ended; None if there was none.
    result
        Of the last look.
    fault
        Why the last look failed; None if it did not.
    who
        Who is signed in; empty if nobody is or nobody needs to.
    done, total
        While it runs: uploads dealt with, and in all if that is known.
    """

    condition: Condition = Condition.UNSET
    at: datetime | None = None
    result: SyncResult | None = None
    fault: ExpectedError | None = None
    who: str = ""
    done: int = 0
    total: int | None = None


class CloudSync(QObject):
    """The one place in the window that fetches. Never twice at once; a sync cut off goes on next time.

    Parameters
    ----------
    frame
        The window's services.

    Signals
    -------
    changed
        `state` is another.
    """

    changed = Signal()

    def __init__(self, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._state = CloudState()
        self._progress: Progress | None = None
        self._asked = False
        self._again = False
        self._schedule: Schedule | None = None
        self._told: type[ExpectedError] | None = None
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._look)
        self._refresh = QTimer(self)
        self._refresh.setInterval(_REFRESH_MS)
        self._refresh.timeout.connect(self._show_progress)
        frame.settings_changed.connect(self._setting_changed)

    @property
    def state(self) -> CloudState:
        """How it stands."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether a sync is under way."""
        return self._progress is not None

    def start(self) -> None:
        """Show how the last look ended, and begin to look."""
        if not is_set_up(self._cloud):
            self._set(CloudState())
            return
        self._set(replace(self._state, condition=Condition.WAITING))
        self._frame.run(self._read, self._was_read, self._unread, lane=Lane.DATABASE, owner=self)
        self._plan()

    def sync_now(self) -> None:
        """Look now, and say how it ended."""
        if not is_set_up(self._cloud):
            self._frame.notify(
                "It is not set up yet where phones' pictures come from.",
                Kind.WARNING,
                advice="Choose “Connect to the phones' pictures”.",
            )
            return
        self._asked = True
        if self.running:
            self._frame.notify("The phones' pictures are being fetched already.")
        else:
            self._look()

    def stop(self) -> None:
        """End the sync that runs: what was fetched stays, the rest comes next time."""
        if self._progress is not None:
            self._progress.cancel()

    def sign_out(self) -> None:
        """Forget who is signed in to the cloud on this computer."""
        self._frame.run(partial(signing.sign_out, self._cloud.model_copy()), self._signed_out, owner=self)

    def shutdown(self) -> None:
        """Begin nothing more; what runs is cancelled by the workers."""
        self._next.stop()
        self._refresh.stop()
        self.stop()

    # ---------------------------------------------------------------- inside

    @property
    def _cloud(self) -> Cloud:
        return self._frame.context.settings.cloud

    def _plan(self) -> None:
        """Look soon, and then at the interval; without one only when asked."""
        minutes = self._cloud.every_minutes
        self._schedule = Schedule(minutes * 60) if minutes else None
        self._next.stop()
        if self._schedule is not None and is_set_up(self._cloud):
            self._next.start(_FIRST_MS)

    def _look(self) -> None:
        if self.running:
            return
        self._next.stop()
        self._again = False
        self._progress = self._frame.workers.run_job(
            self._run, self._done, self._failed, lane=Lane.NETWORK, owner=self, on_end=self._ended
        )
        self._set(replace(self._state, condition=Condition.RUNNING, done=0, total=None))
        self._refresh.start()

    def _run(self, progress: Progress) -> tuple[SyncResult, LastSync | None, str]:
        """Runs beside the window."""
        context = self._frame.context
        result = context.sync(progress.report)
        return result, context.last_sync(), signing.who(self._cloud)

    def _done(self, found: tuple[SyncResult, LastSync | None, str]) -> None:
        result, last, who = found
        condition = Condition.OFFLINE if result.outcome is Outcome.OFFLINE else Condition.DONE
        self._set(CloudState(condition, last.ended if last is not None else None, result, None, who))
        self._told = None
        came = result.kept + result.quarantined
        if came:
            self._frame.uploads_changed.emit()
        if self._asked:
            offline = result.outcome is Outcome.OFFLINE
            self._frame.notify(result.sentence, Kind.WARNING if offline or result.left else Kind.GOOD)
        elif result.faces or came:
            self._frame.notify(result.sentence, Kind.INFO)
        self._wait(result.outcome)

    def _failed(self, error: ExpectedError) -> None:
        who = "" if isinstance(error, RevokedError | SignInNeededError) else self._state.who
        now = datetime.now().astimezone()
        self._set(replace(self._state, condition=Condition.FAILED, fault=error, at=now, who=who))
        self._frame.uploads_changed.emit()
        # In the background the same fault is told once; the status bar keeps showing it.
        if self._asked or type(error) is not self._told:
            self._frame.report(error)
        self._told = type(error)
        self._wait(Outcome.FAILED)

    def _ended(self) -> None:
        """Last of all, whatever the outcome, also after cancelling."""
        progress, self._progress = self._progress, None
        self._refresh.stop()
        self._asked = False
        if self._state.condition is Condition.RUNNING:
            # Cancelled: nothing was said of a result.
            self._set(replace(self._state, condition=Condition.WAITING, done=0, total=None))
            if progress is not None and progress.cancelled:
                self._frame.uploads_changed.emit()
                self._frame.notify("Fetching was stopped.", advice="What was fetched is in the queue.")
            self._wait(Outcome.CANCELLED)
        if self._again:
            self._plan()

    def _wait(self, outcome: Outcome) -> None:
        if self._schedule is not None:
            self._next.start(min(round(self._schedule.pause(outcome) * 1000), _LONGEST_MS))

    def _show_progress(self) -> None:
        progress = self._progress
        if progress is not None and (progress.done, progress.total) != (self._state.done, self._state.total):
            self._set(replace(self._state, done=progress.done, total=progress.total))

    def _read(self) -> tuple[LastSync | None, str]:
        return self._frame.context.last_sync(), signing.who(self._cloud)

    def _was_read(self, found: tuple[LastSync | None, str]) -> None:
        last, who = found
        if self._state.condition is not Condition.WAITING:
            return
        if last is None:
            self._set(replace(self._state, who=who))
            return
        condition = {Outcome.OFFLINE: Condition.OFFLINE, Outcome.FAILED: Condition.FAILED}.get(
            last.result.outcome, Condition.DONE
        )
        fault = ExpectedError(last.result.trouble) if condition is Condition.FAILED else None
        self._set(CloudState(condition, last.ended, last.result, fault, who))

    def _unread(self, error: ExpectedError) -> None:
        """The place cannot be opened: the look that follows says so too, and tries again."""
        if self._state.condition is Condition.WAITING:
            self._set(replace(self._state, condition=Condition.FAILED, fault=error))

    def _signed_out(self, _nothing: None) -> None:
        self._set(replace(self._state, who=""))
        self._frame.notify("The sign-in to the cloud is forgotten on this computer.", Kind.GOOD)

    def _setting_changed(self, section: str, key: str) -> None:
        if section != "cloud" or key not in CONNECTION:
            return
        self._told = None
        if self.running:
            self._again = True
        elif key == "every_minutes":
            self._plan()
        else:
            self._state = CloudState()
            self.start()

    def _set(self, state: CloudState) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit()


def is_set_up(cloud: Cloud) -> bool:
    """Whether somebody has said where uploads come from."""
    return bool((cloud.folder if cloud.backend is CloudBackend.LOCAL else cloud.bucket).strip())
