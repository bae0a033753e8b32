"""Judging a folder beside the window: the job, its pauses, its end."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.folder import FolderRun, Target
from weldspot_desktop.store import Database
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui.folder_progress import Rate
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.workers import Lane, Progress

LOOK_MS: Final = 500
"""The window learns so often how far the run is, however fast it is."""

_PAUSE_SECONDS: Final = 0.1


class FolderJob(QObject):
    """One job after another; never two at once.

    Signals
    -------
    moved(Database, int)
        The rows are in this database, in the run of this number: at the start, and when nothing can be recorded.
    advanced
        More files are listed or saved.
    looked
        Some time went by: progress and rate are new.
    failed(ExpectedError)
        The job could not begin or go on: the model or the workspace cannot be used.
    record_failed(ExpectedError)
        Results are no longer recorded; judging goes on.
    ended
        Whatever the outcome; `cancelled`, `run` and `progress` tell it.
    """

    moved = Signal(object, int)
    advanced = Signal()
    looked = Signal()
    failed = Signal(object)
    record_failed = Signal(object)
    ended = Signal()

    def __init__(self, context: Context, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._frame = frame
        self._idle = threading.Event()
        self._idle.set()
        self._going = threading.Event()
        self._going.set()
        self._shown: tuple[Database, int] | None = None
        self._seen = (0, 0, 0)
        self._announced_failure = False
        self.rate = Rate()
        self.listed = 0
        self.run: FolderRun | None = None
        self.thresholds: str | None = None
        self.progress: Progress | None = None
        self.running = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self, target: Target) -> None:
        """Begin, or go on with, a folder or files; the caller has made sure that nothing runs."""
        self._start(lambda run: run.open(target, recursive=self._context.settings.folder.recursive))

    def go_on(self, run_id: int) -> None:
        """Go on with a run that was stopped."""
        self._start(lambda run: run.reopen(run_id))

    def cancel(self) -> None:
        """Ask the job to stop; what was judged stays, and is recorded."""
        if self.running and self.progress is not None:
            self.progress.cancel()
            self._going.set()

    def pause(self, paused: bool) -> None:
        """Rest, with everything saved that is done, or go on."""
        if paused:
            self._going.clear()
        else:
            self._going.set()
        self.rate.restart()

    def shutdown(self) -> None:
        """Stop, and wait until the last results are recorded."""
        self.cancel()
        self._idle.wait()
        self._timer.stop()

    @property
    def paused(self) -> bool:
        return self.running and not self._going.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether the last job was cancelled."""
        return self.progress is not None and self.progress.cancelled

    @property
    def recorded(self) -> int:
        """New inspections of the last job that are in the store."""
        return self.run.recorded if self.run is not None else 0

    @property
    def in_memory(self) -> bool:
        """Whether the rows are kept nowhere but here."""
        return self.run is not None and self.run.record_failure is not None

    def _start(self, opening: Callable[[FolderRun], object]) -> None:
        assert not self.running
        self.running = True
        self.run = self._shown = self.thresholds = None
        self._announced_failure = False
        self._seen = (0, 0, 0)
        self.listed = 0
        self.rate.restart()
        self._going.set()
        self._idle.clear()
        self._timer.start()
        self.progress = self._frame.run_job(
            "Folder",
            partial(self._work, opening, self._frame.person()),
            on_error=self.failed.emit,
            owner=self,
            on_end=self._end,
        )

    def _work(self, opening: Callable[[FolderRun], object], person: Person | None, progress: Progress) -> None:
        """Runs beside the window."""
        try:
            settings = self._context.settings
            inspector = self._context.inspector()
            run = FolderRun(
                self._context.database,
                self._context.recorder(inspector),
                inspector,
                kept=settings.folder.copy_pictures,
                person=person,
                threads=settings.inspection.threads,
                submit=self._submit,
            )
            opening(run)
            self.run, self.thresholds = run, inspector.thresholds.name
            run.list_files(partial(self._listed, progress))
            total = run.total or 0
            progress.report(0, total)
            with closing(run.judge()) as steps:
                for step in steps:
                    progress.report(step.done, total)
                    if not self._going.is_set():
                        self._rest(run, progress, step.done, total)
        finally:
            self._idle.set()

    def _listed(self, progress: Progress, count: int) -> None:
        self.listed = count
        # Asks for nothing but whether to go on: a network drive may take minutes to list.
        progress.report(0)

    def _rest(self, run: FolderRun, progress: Progress, done: int, total: int) -> None:
        run.save()
        while not self._going.wait(_PAUSE_SECONDS):
            progress.report(done, total)

    def _submit(self, work: Callable[[], None]) -> "Future[None]":
        """In the lane of the database, where all writing keeps its order."""
        return self._frame.workers.run(work, on_error=self._refused, lane=Lane.DATABASE, owner=self)

    def _refused(self, error: ExpectedError) -> None:
        if not self._announced_failure:
            self._announced_failure = True
            self.record_failed.emit(error)

    def _look(self) -> None:
        run, progress = self.run, self.progress
        self.looked.emit()
        if run is None or progress is None:
            return
        source = (run.database, run.run_id)
        if source != self._shown:
            self._shown = source
            self.moved.emit(*source)
        if run.total is not None and not self.paused:
            self.rate.take(progress.done)
        seen = (self.listed, run.judged + run.reused, run.recorded)
        if seen != self._seen:
            recorded = seen[2] != self._seen[2]
            self._seen = seen
            self.advanced.emit()
            if recorded:
                self._frame.records_changed.emit()

    def _end(self) -> None:
        self._timer.stop()
        self._look()
        self.running = False
        self._going.set()
        self.ended.emit()
