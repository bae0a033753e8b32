"""The live loop: one thread captures, one judges, the window fetches the newest result.

Between them lie mailboxes that hold one item, so a slow part sees fewer pictures and never older ones.
"""

import hashlib
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection import scene
from weldspot_desktop.inspection.inspector import Assessment, Inspected, Inspector, Region, crop
from weldspot_desktop.inspection.mailbox import Mailbox
from weldspot_desktop.inspection.pace import Pace, PaceSummary
from weldspot_desktop.inspection.recording import ToRecord
from weldspot_desktop.inspection.smoothing import Steadier, Steady
from weldspot_desktop.inspection.sources.source import Frame, Source
from weldspot_desktop.model import Prediction
from weldspot_desktop.verdict import Judgement

BACK_OFF_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
"""Waits before opening a lost source again; the last one repeats. A picture that arrives starts them anew."""

_PNG_COMPRESSION: Final = 1
_WAIT_SECONDS: Final = 0.2

_log = logging.getLogger(__name__)


class State(StrEnum):
    """What the live view does."""

    CONNECTING = "connecting"
    LIVE = "live"
    PAUSED = "paused"
    LOST = "lost"
    ENDED = "ended"


@dataclass(frozen=True)
class Status:
    """A state, with a sentence and advice for the person who watches.

    Attributes
    ----------
    retry_at
        `time.monotonic()` at which a lost source is opened again; None while that goes on, and in other states.
    """

    state: State
    what: str
    advice: str = ""
    retry_at: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until a lost source is opened again; None while it is being opened."""
        return None if self.retry_at is None else max(self.retry_at - time.monotonic(), 0.0)

    def outlook(self) -> str:
        """When a lost source is opened again, as a sentence; empty in other states."""
        if self.state is not State.LOST:
            return ""
        left = self.seconds_left
        return "It is opened again by itself" + ("." if left is None else f" in {math.ceil(left)} s.")


@dataclass(frozen=True, eq=False)
class Judged:
    """A frame with its verdict.

    Attributes
    ----------
    frame : what was judged
    region : region of interest that was applied, None for all of it
    assessment : what was found out about this frame alone
    steady : what is shown of the frames so far, without flicker
    small : the scene in small (`scene.small`), of the region
    latency : float, seconds from capture to verdict
    """

    frame: Frame
    region: Region | None
    assessment: Assessment
    steady: Steady
    small: NDArray[np.float32]
    latency: float

    @property
    def prediction(self) -> Prediction:
        """What the model said."""
        return self.assessment.prediction

    @property
    def judgement(self) -> Judgement:
        """What the rule made of it."""
        return self.assessment.judgement

    def to_record(self, origin: str, weld: Mapping[str, str], *, trigger: str | None = None) -> ToRecord:
        """What the recorder keeps of it: the whole frame as PNG, without loss, and this frame's own scores and verdict.

        A record is one picture that anybody can judge again; what was smoothed over earlier frames is not in it. A
        frame that was a file has the file as its origin.

        Takes tens of milliseconds: not for the window's thread.
        """
        pixels = self.frame.pixels
        encoded, png = cv2.imencode(
            ".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, _PNG_COMPRESSION]
        )
        if not encoded:
            raise ValueError(f"a frame of shape {pixels.shape} could not be encoded as PNG")
        content = png.tobytes()
        height, width = pixels.shape[:2]
        sha256 = hashlib.sha256(content).hexdigest()
        inspected = Inspected.of(self.assessment, self.frame.path or origin, sha256, (width, height))
        return ToRecord(inspected, content, self.region, dict(weld), trigger)


class Live:
    """One run over one source, from `start` to `stop`; for another run make another object.

    Parameters
    ----------
    source
        Opened, read and closed by the capture thread alone.
    inspector
        Judges in the inference thread.
    stall_seconds
        Without a picture for so long the source counts as lost.
    region
        Region of interest at the start; `region` may be set at any time.
    smoothing_seconds
        Time constant of the scores that are shown; 0 shows each frame's own (`smoothing`).
    seen
        Called in the inference thread with each judged frame, before the window can fetch it; must be quick.

    Notes
    -----
    The capture thread is the only one that opens, reads and closes the source: OpenCV crashes when a capture is
    released while another thread reads from it. Drivers that may block are read in a child process, which is killed
    (`sources.capture_process`); what blocks all the same, such as a folder of a server that went away, is left to
    its time-out by `stop`. The thread is a daemon, so that it cannot keep the program alive.
    """

    def __init__(
        self,
        source: Source,
        inspector: Inspector,
        *,
        stall_seconds: float,
        region: Region | None = None,
        smoothing_seconds: float = 0.0,
        seen: Callable[[Judged], object] = lambda judged: None,
    ) -> None:
        self.source = source
        self.region = region
        self.results: Mailbox[Judged] = Mailbox()
        self.inspector = inspector
        self._stall_seconds = stall_seconds
        self._seen = seen
        self._steadier = Steadier(smoothing_seconds)
        self._last: Judged | None = None
        self._begin_anew = threading.Event()
        self._frames: Mailbox[Frame] = Mailbox()
        self._pace = Pace()
        self._lock = threading.Lock()
        self._status = Status(State.CONNECTING, f"Connecting to {source.title}.")
        self._last_frame: float | None = None
        self._fault: Exception | None = None
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._threads = (
            threading.Thread(target=self._guarded, args=(self._capture,), name="live-capture", daemon=True),
            threading.Thread(target=self._guarded, args=(self._judge,), name="live-inference", daemon=True),
        )

    @property
    def status(self) -> Status:
        """State at this moment: a source that stalls is lost even while its driver still waits for a picture."""
        with self._lock:
            status, last = self._status, self._last_frame
        if status.state is not State.LIVE:
            return status
        if not self._running.is_set():
            return Status(State.PAUSED, "Paused. Nothing is judged.")
        if self.source.awaits:
            silent = self.source.silent_since
            if silent is not None and time.monotonic() - silent > self._stall_seconds:
                return Status(State.LOST, f"{self.source.title} does not answer.", "Check the network and its drive.")
            return replace(status, advice=self.source.notice)
        if last is not None and time.monotonic() - last > self._stall_seconds:
            return Status(State.LOST, f"{self.source.title} gives no picture.", "Check its cable.")
        return status

    @property
    def pace(self) -> PaceSummary:
        """Frames per second and latency over the last seconds."""
        return self._pace.summary()

    @property
    def fault(self) -> Exception | None:
        """The bug that ended the run, if one did: it is logged, and for the caller to report."""
        return self._fault

    @property
    def alive(self) -> bool:
        """Whether a thread of this run still lives."""
        return any(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()

    def pause(self) -> None:
        """Judge nothing until `resume`. A recording waits; of a camera the pictures go by."""
        self._running.clear()

    def resume(self) -> None:
        """Judge again."""
        with self._lock:
            self._last_frame = time.monotonic()
        self._pace.restart()
        self._running.set()

    def set_smoothing(self, seconds: float) -> None:
        """Smooth over another time from the next frame on; 0 smooths nothing."""
        self._steadier.seconds = seconds

    def forget_scene(self) -> None:
        """What comes next is another part: the verdict that is shown starts anew with the next frame."""
        self._begin_anew.set()

    def retry(self) -> None:
        """Open a lost source again now, without waiting for its turn."""
        self._hurry.set()

    def stop(self, seconds: float = 1.0) -> bool:
        """End the run.

        Parameters
        ----------
        seconds
            Longest wait for the threads.

        Returns
        -------
        bool
            False if a thread is still inside a driver; it ends by itself when the driver comes back.
        """
        self._let_go()
        self.results.close()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(deadline - time.monotonic(), 0))
        self._set(Status(State.ENDED, "Stopped."))
        ended = not self.alive
        if not ended:
            _log.warning("%s did not let go within %.1f s; left to its time-out", self.source.title, seconds)
        return ended

    def _guarded(self, work: Callable[[], None]) -> None:
        """A thread's whole life: what nobody expected is logged and ends the run visibly."""
        try:
            work()
        except ExpectedError as error:
            self._end(Status(State.ENDED, error.what, error.advice))
        except Exception as error:  # noqa: BLE001 - kept for the window, which reports it as a bug
            _log.exception("the live view ended by a fault")
            self._fault = error
            self._end(
                Status(State.ENDED, "The live view stopped by a fault in the program.", "The log file has the details.")
            )

    def _end(self, status: Status) -> None:
        self._set(status)
        self._let_go()

    def _let_go(self) -> None:
        """Wake both threads wherever they wait, to end."""
        self._stopping.set()
        self._hurry.set()
        self._running.set()
        self.source.interrupt()
        self._frames.close()

    def _capture(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            before = self._last_frame
            try:
                try:
                    self.source.open()
                    if self.source.awaits and not self._stopping.is_set():
                        attempt = 0
                        self._set(Status(State.LIVE, self.source.awaits))
                    ended = self._read()
                finally:
                    self.source.close()
            except ExpectedError as error:
                if self._stopping.is_set():
                    return
                if self._last_frame != before:
                    attempt = 0
                wait = BACK_OFF_SECONDS[min(attempt, len(BACK_OFF_SECONDS) - 1)]
                attempt += 1
                lost = Status(State.LOST, error.what, error.advice, time.monotonic() + wait)
                self._set(lost)
                _log.warning("%s Next try in %.1f s.", error.what, wait)
                self._hurry.wait(wait)
                self._hurry.clear()
                self._set(replace(lost, retry_at=None))
            else:
                if ended:
                    self._end(Status(State.ENDED, f"{self.source.title} has ended."))

    def _read(self) -> bool:
        """Read until the run stops or the source ends; True if it was the source."""
        while not self._stopping.is_set():
            if self.source.held_by_pause:
                self._running.wait()
            frame = self.source.read()
            if frame is None:
                return not self._stopping.is_set()
            with self._lock:
                self._last_frame = frame.captured
                if self._status.state is not State.LIVE and not self._stopping.is_set():
                    self._status = Status(State.LIVE, f"{self.source.title} is live.")
            if self.source.each_counts:
                self._frames.put_after(frame)
            else:
                self._frames.put(frame)
        return False

    def _judge(self) -> None:
        while not self._stopping.is_set():
            frame = self._frames.take(_WAIT_SECONDS)
            if frame is None:
                continue
            if not self._running.is_set():
                if not self.source.each_counts:
                    continue
                self._running.wait()
            region = self.region
            assessment = self.inspector.pixels(frame.pixels, region=region)
            small = scene.small(crop(frame.pixels, region))
            steady = self._steadied(frame, region, assessment, small)
            latency = time.monotonic() - frame.captured
            self._pace.add(latency)
            judged = self._last = Judged(frame, region, assessment, steady, small, latency)
            self._seen(judged)
            if self.source.each_counts:
                self.results.put_after(judged)
            else:
                self.results.put(judged)

    def _steadied(
        self, frame: Frame, region: Region | None, assessment: Assessment, small: NDArray[np.float32]
    ) -> Steady:
        last = self._last
        cut = last is not None and (last.region != region or scene.change(last.small, small) >= scene.CUT)
        # Where each picture counts they are of different welds.
        if self._begin_anew.is_set() or cut or self.source.each_counts:
            self._begin_anew.clear()
            self._steadier.reset()
        return self._steadier.update(
            assessment.prediction.scores.tolist(),
            assessment.judgement,
            self.inspector.thresholds,
            distance=assessment.prediction.distance,
            at=frame.captured,
        )

    def _set(self, status: Status) -> None:
        with self._lock:
            if self._status.state is not State.ENDED:
                self._status = status
