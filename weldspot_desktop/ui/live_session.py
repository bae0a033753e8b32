"""The live loop as the window sees it: one run at a time, fetched on a timer."""

from functools import partial
from queue import Empty, SimpleQueue
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.inspector import Inspector, Region
from weldspot_desktop.inspection.live import Live, State, Status
from weldspot_desktop.inspection.pace import PaceSummary
from weldspot_desktop.inspection.sources import Source, SourceError
from weldspot_desktop.inspection.station import Recorded, Station
from weldspot_desktop.inspection.triggers import Asked, Mode, RestOptions
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.live_records import Brief

PULL_MS: Final = 25
"""Somewhat shorter than a frame at 30 per second, so that each of them is fetched."""

_REPORT_EVERY: Final = 10
"""Pulls between two looks at state and pace."""

_AT_ONCE: Final = {"smoothing", "smoothing_seconds", "rest_seconds", "rest_levels", "rest_records_no_weld", "show_raw"}
"""Settings that a run takes over while it goes on."""

NO_PACE: Final = PaceSummary(0.0, None, None, 0)


class LiveSession(QObject):
    """Starts and stops runs over sources, and fetches the newest result while the page is seen.

    Parameters
    ----------
    frame
        The window's services.

    Signals
    -------
    judged(Judged)
        A new result; emitted and received in the window's thread at once, never queued.
    reported
        State or pace may have changed.
    recorded(Brief)
        A trigger wrote a record, whatever triggered.
    not_recorded(str, ExpectedError)
        What triggered, and why there is no record.
    """

    judged = Signal(object)
    reported = Signal()
    recorded = Signal(object)
    not_recorded = Signal(str, object)
    _arrived = Signal()

    def __init__(self, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self.station = Station(
            frame.context.recorder,
            rest=RestOptions(),
            recorded=self._hand_over,
            failed=self._hand_over_failure,
            broke=frame.workers.broke.emit,
        )
        # The queue carries what the station says from its threads; the signal only says that there is something.
        self._said: SimpleQueue[Brief | tuple[Asked, ExpectedError]] = SimpleQueue()
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._keeps_judging = False
        self._live: Live | None = None
        self._leaving: list[Live] = []
        self._source: Source | None = None
        self._status: Status | None = None
        self._region: Region | None = None
        self._run = 0
        self._pulls = 0
        self._watched = False
        self._paused = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(PULL_MS)
        self._timer.timeout.connect(self._pull)
        self.station.person = frame.person()
        frame.person_changed.connect(self._person_changed)
        self._take_settings()

    @property
    def source(self) -> Source | None:
        """What was started last; None after `stop`."""
        return self._source

    @property
    def inspector(self) -> Inspector | None:
        """Who judges; None while nothing runs."""
        return self._live.inspector if self._live is not None else None

    @property
    def status(self) -> Status | None:
        """State at this moment; None if nothing was started."""
        return self._live.status if self._live is not None else self._status

    @property
    def pace(self) -> PaceSummary:
        """Speed over the last seconds."""
        return self._live.pace if self._live is not None else NO_PACE

    @property
    def region(self) -> Region | None:
        """The region of interest in force; None for the whole picture."""
        return self._region

    @property
    def paused(self) -> bool:
        """Whether the person paused it."""
        return self._paused

    def start(self, text: str, region: Region | None) -> None:
        """Run over the source that a text names, in place of the present one. Returns at once."""
        settings = self._frame.context.settings.live
        old = self._leave()
        self._paused = False
        self._region = region
        try:
            self._source = self._frame.context.source(text)
        except SourceError as error:
            self._source = None
            self._end(error)
            self._frame.run(partial(_stopped, old), owner=self)
            return
        self._status = Status(State.CONNECTING, f"Connecting to {self._source.title}.")
        self._timer.start()
        self._frame.run(
            partial(self._prepare, old, self._source, settings.stall_seconds),
            partial(self._begin, self._run),
            partial(self._fail, self._run),
            owner=self,
        )
        self.reported.emit()

    def set_region(self, region: Region | None) -> None:
        """Judge this region from the next frame on; None for all of it."""
        self._region = region
        self.station.scene_changed()
        if self._live is not None:
            self._live.region = region

    def set_paused(self, paused: bool) -> None:
        """Hold or go on, as the person asks."""
        self._paused = paused
        self._apply()

    def set_watched(self, watched: bool) -> None:
        """Whether the page is seen.

        Unseen nothing is judged, unless a trigger may come meanwhile (`set_keeps_judging`, the trigger at rest). The
        source stays open, so that coming back is quick.
        """
        self._watched = watched
        self._apply()

    def set_mode(self, mode: Mode) -> None:
        """Choose what triggers."""
        self.station.set_mode(mode)
        self._apply()

    def set_keeps_judging(self, keeps: bool) -> None:
        """Whether pictures are judged while another page is open too: for triggers that nobody has to see."""
        self._keeps_judging = keeps
        self._apply()

    def setting_changed(self, key: str) -> bool:
        """Take over a setting of the section `live`; False if only a new start can."""
        if key in _AT_ONCE:
            self._take_settings()
        return key in _AT_ONCE

    def retry(self) -> None:
        """Open a lost source again now."""
        if self._live is not None:
            self._live.retry()

    def stop(self) -> None:
        """Let go of the source, beside the window."""
        old = self._leave()
        self._source = None
        self._status = None
        self._frame.run(partial(_stopped, old), owner=self)
        self.reported.emit()

    def shutdown(self) -> None:
        """Write what was triggered; stop and wait for it, and for runs whose turn to be stopped has not come."""
        self._leave()
        self.station.close()
        for live in self._leaving:
            live.stop()

    def _leave(self) -> Live | None:
        """Forget the present run, which the caller stops."""
        self._timer.stop()
        self._run += 1
        self.station.detach()
        old, self._live = self._live, None
        self._leaving = [live for live in self._leaving if live.alive]
        if old is not None:
            self._leaving.append(old)
        return old

    def _prepare(self, old: Live | None, source: Source, stall_seconds: float) -> Live:
        """Runs beside the window: letting go of a camera and reading the model take their time."""
        _stopped(old)
        inspector = self._frame.context.inspector(threads_per_inference=2)
        smoothing = self._frame.context.settings.live.shown_smoothing
        return Live(source, inspector, stall_seconds=stall_seconds, smoothing_seconds=smoothing, seen=self.station.seen)

    def _begin(self, run: int, live: Live) -> None:
        if run != self._run:
            return
        live.region = self._region
        self._live = live
        self.station.attach(live)
        self._apply()
        live.start()
        self.reported.emit()

    def _fail(self, run: int, error: ExpectedError) -> None:
        if run == self._run:
            self._timer.stop()
            self._end(error)

    def _end(self, error: ExpectedError) -> None:
        self._status = Status(State.ENDED, error.what, error.advice)
        self.reported.emit()

    def _apply(self) -> None:
        if self._live is None:
            return
        # Where each picture counts they wait until somebody looks: none of them goes by unseen.
        unseen = (self._keeps_judging or self.station.mode is Mode.REST) and not self._live.source.each_counts
        seen = self._watched or unseen
        if seen and not self._paused:
            self._live.resume()
        else:
            self._live.pause()
        if self._watched:
            self._timer.start()
        else:
            self._timer.stop()
        self.reported.emit()

    def _pull(self) -> None:
        live = self._live
        if live is None:
            return
        result = live.results.take()
        if result is not None:
            self.judged.emit(result)
        self._pulls += 1
        if self._pulls % _REPORT_EVERY == 0:
            self.reported.emit()
            if live.fault is not None and live is self._live:
                self._report_fault(live, live.fault)

    def _take_settings(self) -> None:
        settings = self._frame.context.settings.live
        self.station.set_rest(RestOptions(settings.rest_seconds, settings.rest_levels))
        self.station.rest_records_no_weld = settings.rest_records_no_weld
        if self._live is not None:
            self._live.set_smoothing(settings.shown_smoothing)

    def _person_changed(self, person: Person | None) -> None:
        self.station.person = person

    def _hand_over(self, recorded: Recorded) -> None:
        """Runs in the station's thread: only what the filmstrip needs goes on, not the frame."""
        assert recorded.number is not None
        verdict = recorded.judged.judgement.verdict
        weld_id = recorded.weld.get("weld_id", "")
        self._said.put(Brief(recorded.number, verdict, weld_id, recorded.thumbnail, recorded.asked))
        self._arrived.emit()

    def _hand_over_failure(self, asked: Asked, error: ExpectedError) -> None:
        self._said.put((asked, error))
        self._arrived.emit()

    def _deliver(self) -> None:
        while True:
            try:
                said = self._said.get_nowait()
            except Empty:
                return
            if isinstance(said, Brief):
                self.recorded.emit(said)
            else:
                self.not_recorded.emit(said[0].value, said[1])

    def _report_fault(self, live: Live, fault: Exception) -> None:
        """A bug ended the run: keep its state, and let the window report it once."""
        self._status = live.status
        _stopped(self._leave())
        self._frame.workers.broke.emit(fault)


def _stopped(live: Live | None) -> None:
    if live is not None:
        live.stop()
