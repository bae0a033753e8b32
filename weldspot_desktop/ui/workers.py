"""Work beside the window: one thread for the database, a few for the rest, results back in the window's thread."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from weldspot_desktop.errors import ExpectedError

_LOG = logging.getLogger(__name__)

Result = TypeVar("Result")


class Lane(Enum):
    """Where work runs."""

    DATABASE = auto()
    """One thread: reads and writes of the store keep their order."""

    GENERAL = auto()
    """A few threads: pictures, files, short requests."""

    NETWORK = auto()
    """One thread for what waits long for a cloud: one transfer after the other, and nobody else waits."""


class Cancelled(Exception):  # noqa: N818 - not an error: the person asked for it
    """Raised by `Progress.report` in work that was cancelled."""


class Progress:
    """How far a job is; written by the worker, read by the window on a timer. Safe to use from both."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done = 0
        self._total: int | None = None
        self._started = time.monotonic()
        self._cancelled = threading.Event()

    def report(self, done: int, total: int | None = None) -> None:
        """Say how many steps are done, of how many.

        Raises
        ------
        Cancelled
            If the person cancelled; let it pass through, it is no error.
        """
        if self._cancelled.is_set():
            raise Cancelled
        with self._lock:
            self._done, self._total = done, total

    def cancel(self) -> None:
        """Ask the worker to stop at its next report."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def done(self) -> int:
        return self._done

    @property
    def total(self) -> int | None:
        return self._total

    @property
    def fraction(self) -> float | None:
        """0 to 1, or None while the total is unknown."""
        with self._lock:
            return min(1.0, self._done / self._total) if self._total else None

    @property
    def rate(self) -> float:
        """Steps a second since the start."""
        elapsed = time.monotonic() - self._started
        return self._done / elapsed if elapsed > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the remaining time; None while it cannot be known."""
        rate, total = self.rate, self._total
        return (total - self._done) / rate if total and rate > 0 else None


@dataclass(frozen=True)
class _Delivery(Generic[Result]):
    future: Future[Result]
    on_done: Callable[[Result], object] | None
    on_error: Callable[[ExpectedError], object] | None
    on_end: Callable[[], object] | None
    owner: QObject | None


class Workers(QObject):
    """Runs functions beside the window and calls back in the window's thread.

    Callbacks come in the order in which the work ended. An `ExpectedError` goes to `on_error`, or to the signal
    `failed` if there is none; any other exception is a bug and goes to the signal `broke`. After `close`, or when
    the `owner` was destroyed, nothing is called any more.

    Signals
    -------
    failed(ExpectedError), broke(BaseException)
    """

    failed = Signal(object)
    broke = Signal(object)
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None, *, general_threads: int = 3) -> None:
        super().__init__(parent)
        self._pools = {
            Lane.DATABASE: ThreadPoolExecutor(1, thread_name_prefix="database"),
            Lane.GENERAL: ThreadPoolExecutor(general_threads, thread_name_prefix="general"),
            Lane.NETWORK: ThreadPoolExecutor(1, thread_name_prefix="network"),
        }
        # The queue carries the results; the signal only says that there is one, so no data waits in Qt.
        self._ended: SimpleQueue[_Delivery[Any]] = SimpleQueue()
        self._jobs: set[Progress] = set()
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        function: Callable[[], Result],
        on_done: Callable[[Result], object] | None = None,
        on_error: Callable[[ExpectedError], object] | None = None,
        *,
        lane: Lane = Lane.GENERAL,
        owner: QObject | None = None,
        on_end: Callable[[], object] | None = None,
    ) -> Future[Result]:
        """Run a function without arguments on a lane.

        Parameters
        ----------
        function
            Must not touch widgets. `functools.partial` carries arguments.
        on_done, on_error
            Called in the window's thread with the result, or with the expected error.
        lane
            DATABASE for everything that reads or writes the store.
        owner
            If this object is gone when the work ends, the result is dropped.
        on_end
            Called last, whatever the outcome, also after cancelling.

        Returns
        -------
        Future
            To cancel work that has not begun; its callbacks are then not called, `on_end` is.
        """
        if self._closed:
            raise RuntimeError("the workers are closed")
        future = self._pools[lane].submit(function)
        delivery = _Delivery(future, on_done, on_error, on_end, owner)
        future.add_done_callback(lambda _: self._hand_over(delivery))
        return future

    def run_job(
        self,
        function: Callable[[Progress], Result],
        on_done: Callable[[Result], object] | None = None,
        on_error: Callable[[ExpectedError], object] | None = None,
        *,
        lane: Lane = Lane.GENERAL,
        owner: QObject | None = None,
        on_end: Callable[[], object] | None = None,
    ) -> Progress:
        """Run a long function that reports progress; `Progress.cancel` on the returned object stops it."""
        progress = Progress()
        self._jobs.add(progress)

        def ended() -> None:
            self._jobs.discard(progress)
            if on_end is not None:
                on_end()

        self.run(lambda: function(progress), on_done, on_error, lane=lane, owner=owner, on_end=ended)
        return progress

    def close(self) -> None:
        """Stop: cancel jobs, drop what has not begun, wait for what runs, deliver nothing more."""
        self._closed = True
        for progress in tuple(self._jobs):
            progress.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _hand_over(self, delivery: _Delivery[Any]) -> None:
        """Runs in the worker (or in the window's thread, when cancelled)."""
        if not self._closed:
            self._ended.put(delivery)
            self._arrived.emit()

    @Slot()
    def _deliver(self) -> None:
        while not self._closed:
            try:
                delivery = self._ended.get_nowait()
            except Empty:
                return
            self._finish(delivery)

    def _finish(self, delivery: _Delivery[Any]) -> None:
        if delivery.owner is None or _alive(delivery.owner):
            self._call_back(delivery)
        if delivery.on_end is not None:
            delivery.on_end()

    def _call_back(self, delivery: _Delivery[Any]) -> None:
        if delivery.future.cancelled():
            return
        error = delivery.future.exception()
        if error is None:
            if delivery.on_done is not None:
                delivery.on_done(delivery.future.result())
        elif isinstance(error, Cancelled):
            _LOG.info("cancelled by the person")
        elif isinstance(error, ExpectedError):
            if delivery.on_error is not None:
                delivery.on_error(error)
            else:
                self.failed.emit(error)
        else:
            self.broke.emit(error)


def _alive(thing: QObject) -> bool:
    """Whether the C++ object behind a wrapper still exists."""
    from shiboken6 import Shiboken

    return Shiboken.isValid(thing)
