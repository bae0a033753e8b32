"""The live view as a station: whatever triggers, each trigger writes one record with its picture.

Without a window, so that the window, the server and `weldspot serve` share it.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.current_weld import CurrentWeld
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.inspection.live import Judged, Live, State
from weldspot_desktop.inspection.recording import Recorder, Source
from weldspot_desktop.inspection.triggers import Asked, Mode, Phase, RestOptions, RestTrigger
from weldspot_desktop.pictures.thumbnail import thumbnail
from weldspot_desktop.store.schema import Person
from weldspot_desktop.verdict import Verdict

MOST_WAITING: Final = 16
"""Records that may wait to be written; each holds a picture."""


class NotLiveError(ExpectedError):
    """No live source gives pictures at this moment."""


class NoFrameError(ExpectedError):
    """The source gave no new picture in time."""


class OverrunError(ExpectedError):
    """Triggers come faster than records can be written."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """A trigger that was answered.

    Attributes
    ----------
    number : of the record; None where the station only judges
    judged : the frame
    inspector : who judged it
    asked : what triggered
    weld : identity in the record
    sha256 : of the picture that is kept (PNG)
    thumbnail : (h, w, 3) uint8
    """

    number: int | None
    judged: Judged
    inspector: Inspector
    asked: Asked
    weld: dict[str, str]
    sha256: str
    thumbnail: NDArray[np.uint8]


class Station:
    """Watches one live run after another, and records what is triggered. Any thread may call it.

    Parameters
    ----------
    recorder
        Gives the recorder for an inspector; None judges only.
    rest
        Limits of the trigger at rest; `set_rest` changes them.
    recorded
        Called with each answered trigger, in the thread that wrote it.
    failed
        Called with what triggered and why nothing was recorded, in that thread.
    broke
        Called with a bug; in that thread.

    Notes
    -----
    One thread writes, so that records have the order of their triggers. A record is reported, and its future answered,
    only after its transaction was committed.
    """

    def __init__(
        self,
        recorder: Callable[[Inspector], Recorder] | None,
        *,
        rest: RestOptions,
        recorded: Callable[[Recorded], object] = lambda recorded: None,
        failed: Callable[[Asked, ExpectedError], object] = lambda asked, error: None,
        broke: Callable[[Exception], object] = lambda error: None,
    ) -> None:
        self.weld = CurrentWeld()
        self.person: Person | None = None
        self.rest_records_no_weld = False
        self._recorder = recorder
        self._recorded, self._failed, self._broke = recorded, failed, broke
        self._mode = Mode.CONTINUOUS
        self._rest = RestTrigger(rest)
        self._rest_lock = threading.Lock()
        self._phase = Phase.WAITING
        self._news = threading.Condition()
        self._live: Live | None = None
        self._newest: Judged | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="station-writer")
        self._room = threading.BoundedSemaphore(MOST_WAITING)

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def phase(self) -> Phase:
        """What the trigger at rest waits for."""
        return self._phase

    def set_mode(self, mode: Mode) -> None:
        """Choose the trigger. A part that lies there already does not come to rest again."""
        with self._rest_lock:
            self._mode = mode
            self._rest.reset()
            self._phase = Phase.WAITING

    def set_rest(self, options: RestOptions) -> None:
        """Choose the limits of the trigger at rest."""
        with self._rest_lock:
            self._rest.options = options

    def attach(self, live: Live) -> None:
        """Watch this run; its `seen` must be the station's."""
        with self._news:
            self._live = live
            self._newest = None
            self._news.notify_all()
        self.set_mode(self._mode)

    def detach(self) -> None:
        """No run any more; who waits for a picture is told."""
        with self._news:
            self._live = None
            self._newest = None
            self._news.notify_all()

    def seen(self, judged: Judged) -> None:
        """Take a judged frame, in the inference thread: wake who waits for it, and fire if the part came to rest."""
        with self._news:
            live = self._live
            self._newest = judged
            self._news.notify_all()
        with self._rest_lock:
            if live is None or self._mode is not Mode.REST:
                return
            self._phase = self._rest.update(judged.small, judged.frame.captured)
            fires = self._phase is Phase.CAME_TO_REST
        empty = judged.judgement.verdict is Verdict.NO_WELD
        if fires and (self.rest_records_no_weld or not empty):
            self.record(judged, Asked.REST)

    def scene_changed(self) -> None:
        """Another region: what is seen next was there from the start."""
        with self._rest_lock:
            self._rest.reset()

    def record(
        self, judged: Judged, asked: Asked, given: Mapping[str, str] | None = None, *, go_on: bool = True
    ) -> Future[Recorded]:
        """Record one judged frame with its picture and the current weld.

        Parameters
        ----------
        judged
            Of the run that is attached.
        asked
            What triggered.
        given
            Weld identity for this record alone, before the kept one.
        go_on
            Suggest the next weld ID.

        Returns
        -------
        Future
            The record, once it is committed; or the `ExpectedError` because of which nothing was recorded. `recorded`
            and `failed` are told the same.
        """
        with self._news:
            live = self._live
        if live is None:
            return self._refused(asked, _not_live("No live source is running."))
        if not self._room.acquire(blocking=False):
            problem = OverrunError(
                "The picture was not recorded: triggers come faster than records can be written.",
                "What was saved before is safe. Trigger less often, or use a faster disk.",
            )
            return self._refused(asked, problem)
        weld = self.weld.take(given, go_on=go_on)
        suggested = go_on and "weld_id" not in (given or {})
        write = partial(self._write, live.inspector, live.source.title, judged, asked, weld, self.person)
        try:
            future = self._writer.submit(write)
        except RuntimeError:
            # The writer is closed: the program ends.
            self._room.release()
            return self._refused(asked, _not_live("The program is closing."))
        future.add_done_callback(partial(self._written, asked, weld if suggested else None))
        live.forget_scene()
        return future

    def fresh(self, seconds: float) -> Judged:
        """A frame that was captured after this call.

        Parameters
        ----------
        seconds
            Longest wait.

        Raises
        ------
        NotLiveError
            If no source runs, or it is paused, lost or ended.
        NoFrameError
            If none comes in time.
        """
        asked = time.monotonic()
        with self._news:
            while True:
                live = self._live
                if live is None:
                    raise _not_live("No live source is running.")
                if self._newest is not None and self._newest.frame.captured >= asked:
                    return self._newest
                left = asked + seconds - time.monotonic()
                if left <= 0:
                    break
                status = live.status
                if status.state in (State.PAUSED, State.ENDED):
                    raise NotLiveError(status.what, status.advice)
                self._news.wait(min(left, 0.1))
        status = live.status
        if status.state is not State.LIVE:
            raise NotLiveError(status.what, status.advice)
        raise NoFrameError(
            f"{live.source.title} gave no new picture within {seconds:g} s. Nothing was recorded.", "Trigger again."
        )

    def trigger(self, asked: Asked, given: Mapping[str, str] | None = None, *, seconds: float = 2.0) -> Recorded:
        """Judge and record the next frame, waiting for both; not in the window's thread.

        Raises
        ------
        ExpectedError
            If nothing was recorded: `fresh`, `record`, and what the store raises.
        """
        return self.record(self.fresh(seconds), asked, given).result()

    def close(self) -> None:
        """Write what was triggered, then end."""
        self.detach()
        self._writer.shutdown(wait=True)

    def _write(
        self,
        inspector: Inspector,
        origin: str,
        judged: Judged,
        asked: Asked,
        weld: dict[str, str],
        person: Person | None,
    ) -> Recorded:
        item = judged.to_record(origin, weld, trigger=asked.value)
        assert item.content is not None
        number = None
        if self._recorder is not None:
            number = self._recorder(inspector).record([item], source=Source.LIVE, person=person)[0]
        sha256 = hashlib.sha256(item.content).hexdigest()
        return Recorded(number, judged, inspector, asked, weld, sha256, thumbnail(judged.frame.pixels))

    def _written(self, asked: Asked, suggested: dict[str, str] | None, future: Future[Recorded]) -> None:
        self._room.release()
        error = future.exception()
        if error is None:
            self._recorded(future.result())
            return
        if suggested is not None:
            self.weld.give_back(suggested)
        if isinstance(error, ExpectedError):
            self._failed(asked, error)
        elif isinstance(error, Exception):
            self._broke(error)

    def _refused(self, asked: Asked, error: ExpectedError) -> Future[Recorded]:
        future: Future[Recorded] = Future()
        future.set_exception(error)
        self._failed(asked, error)
        return future


def _not_live(what: str) -> NotLiveError:
    return NotLiveError(what, "Choose a source on the page Live.")
