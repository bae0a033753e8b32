"""Judging a folder beside the window: the job, its results in batches, its end."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.batch import picture_paths
from weldspot_desktop.inspection.folder import FolderRun
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.inspection.recording import Source
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.workers import Lane, Progress

DRAIN_MS: Final = 100
"""Results reach the window so often, in one batch, however many there are."""


@dataclass(frozen=True)
class Target:
    """What to judge: one folder, or files.

    Attributes
    ----------
    folder
        The folder, or the one that the files were taken from.
    files
        The files; None for all pictures of the folder.
    """

    folder: Path
    files: tuple[Path, ...] | None = None


class FolderJob(QObject):
    """One job after another; never two at once.

    Signals
    -------
    started(Inspector)
        The model is open; thresholds and title are known.
    rows(list of Inspected)
        Results without heat maps, some ten times a second.
    failed(ExpectedError)
        The job could not begin: the model or the workspace cannot be used.
    record_failed(ExpectedError)
        Results are no longer recorded; judging goes on.
    ended
        Whatever the outcome; `cancelled`, `recorded` and `progress` tell it.
    """

    started = Signal(object)
    rows = Signal(list)
    failed = Signal(object)
    record_failed = Signal(object)
    ended = Signal()

    def __init__(self, context: Context, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._frame = frame
        self._arrived: deque[Inspected] = deque()
        self._idle = threading.Event()
        self._idle.set()
        self._run: FolderRun | None = None
        self._opened: Inspector | None = None
        self._announced_failure = False
        self._recorded_seen = 0
        self.progress: Progress | None = None
        self.running = False
        self._timer = QTimer(self)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self._drain)

    def start(self, target: Target) -> None:
        """Begin; the caller has made sure that nothing runs."""
        assert not self.running
        self.running = True
        self._run = self._opened = None
        self._announced_failure = False
        self._recorded_seen = 0
        self._timer.start()
        self.progress = self._frame.run_job(
            "Folder",
            partial(self._work, target, self._frame.person()),
            on_error=self.failed.emit,
            owner=self,
            on_end=self._end,
        )

    def cancel(self) -> None:
        """Ask the job to stop; what was judged stays, and is recorded."""
        if self.running and self.progress is not None:
            self.progress.cancel()

    def shutdown(self) -> None:
        """Stop, and wait until the last results are recorded."""
        self.cancel()
        self._idle.wait()
        self._timer.stop()

    @property
    def cancelled(self) -> bool:
        """Whether the last job was cancelled."""
        return self.progress is not None and self.progress.cancelled

    @property
    def recorded(self) -> int:
        """Rows of the last job that are in the store."""
        return self._run.recorded if self._run is not None else 0

    def _work(self, target: Target, person: Person | None, progress: Progress) -> None:
        """Runs beside the window."""
        self._idle.clear()
        try:
            settings = self._context.settings
            inspector = self._context.inspector()
            recorder = self._context.recorder(inspector)
            run = FolderRun(
                inspector,
                partial(recorder.record, source=Source.FOLDER, person=person),
                self._submit,
                kept=settings.folder.copy_pictures,
                threads=settings.inspection.threads,
            )
            self._opened, self._run = inspector, run
            files = self._files(target, settings.folder.recursive, progress)
            progress.report(0, len(files))
            run.run(files, partial(self._take, progress, len(files)))
        finally:
            self._idle.set()

    @staticmethod
    def _files(target: Target, recursive: bool, progress: Progress) -> list[Path]:
        if target.files is not None:
            return list(target.files)
        found = []
        for path in picture_paths(target.folder, recursive=recursive):
            found.append(path)
            # Asks for nothing but whether to go on: a network drive may take minutes to list.
            progress.report(0)
        return found

    def _take(self, progress: Progress, total: int, row: Inspected) -> None:
        self._arrived.append(row)
        progress.report(min(progress.done + 1, total), total)

    def _submit(self, work: Callable[[], object]) -> Future[object]:
        """In the lane of the database, where all writing keeps its order."""
        return self._frame.workers.run(work, on_error=self._refused, lane=Lane.DATABASE, owner=self)

    def _refused(self, error: ExpectedError) -> None:
        if not self._announced_failure:
            self._announced_failure = True
            self.record_failed.emit(error)

    def _drain(self) -> None:
        if self._opened is not None:
            self.started.emit(self._opened)
            self._opened = None
        batch = []
        while self._arrived:
            batch.append(self._arrived.popleft())
        if batch:
            self.rows.emit(batch)
        if self.recorded != self._recorded_seen:
            self._recorded_seen = self.recorded
            self._frame.records_changed.emit()

    def _end(self) -> None:
        self._timer.stop()
        self._drain()
        self.running = False
        self.ended.emit()
