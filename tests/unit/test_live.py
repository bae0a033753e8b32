import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.typing import NDArray

from weldspot_desktop import pictures
from weldspot_desktop.inspection import live as live_module
from weldspot_desktop.inspection.inspector import Assessment, Region, crop
from weldspot_desktop.inspection.live import Judged, Live, State
from weldspot_desktop.inspection.sources import Frame, Source, SourceError, SourceOptions
from weldspot_desktop.model import Prediction
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict


class Script(Source):
    """A source that does what a test writes down: `read` calls `work` with the number of the call."""

    def __init__(self, work: Callable[[int], object], *, opening: Callable[[int], object] = lambda n: None) -> None:
        super().__init__("script", SourceOptions())
        self._work, self._opening = work, opening
        self.reads = self.opened = self.closed = 0
        self.threads: set[int] = set()

    @staticmethod
    def accepts(text: str) -> bool:
        return False

    @property
    def title(self) -> str:
        return "Script"

    def open(self) -> None:
        self.threads.add(threading.get_ident())
        self.opened += 1
        self._opening(self.opened)

    def read(self) -> Frame | None:
        self.threads.add(threading.get_ident())
        self.reads += 1
        if self._work(self.reads) is StopIteration:
            return None
        self._interrupted.wait(0.005)
        return None if self._interrupted.is_set() else self._frame(np.full((40, 60, 3), self.reads % 256, np.uint8))

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        self.closed += 1


class Judge:
    """Stands in for the inspector, whose model is not what these tests are about."""

    thresholds = ThresholdSet(name="test", lower=(0.4,) * 7, upper=(0.6,) * 7)

    def __init__(self, work: Callable[[], object] = lambda: None) -> None:
        self._work = work
        self.shapes: list[tuple[int, ...]] = []

    def pixels(self, pixels: NDArray[np.uint8], *, region: Region | None = None) -> Assessment:
        self._work()
        self.shapes.append(crop(pixels, region).shape)
        zeros = np.zeros(7, np.float32)
        prediction = Prediction(zeros, zeros, np.zeros((2, 2, 7), np.float32), None, 1.0)
        return Assessment(prediction, Judgement(Verdict.UNSURE, (), ""), {"brightness": 90.0}, (0.0, 0.0, 0.5, 0.5))


def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@contextmanager
def running(source: Source, judge: Judge | None = None, **options: object) -> Iterator[Live]:
    live = Live(source, judge or Judge(), stall_seconds=options.pop("stall_seconds", 0.3), **options)  # type: ignore[arg-type]
    live.start()
    try:
        yield live
    finally:
        live.stop()


def live_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("live-")]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "BACK_OFF_SECONDS", (0.01, 0.02, 0.04))


def test_frames_are_judged_numbered_and_timed() -> None:
    with running(Script(lambda n: None)) as live:
        results: list[Judged] = []

        def three() -> bool:
            result = live.results.take()
            if result is not None:
                results.append(result)
            return len(results) == 3

        until(three)
        assert live.status.state is State.LIVE
        numbers = [result.frame.number for result in results]
        assert numbers == sorted(set(numbers))
        assert all(0 <= result.latency < 1 for result in results)
        assert live.pace.per_second > 0
        assert live.pace.p95_ms is not None


def test_a_slow_judge_sees_the_newest_frame() -> None:
    source = Script(lambda n: None)
    with running(source, Judge(lambda: time.sleep(0.1))) as live:
        until(lambda: live.pace.count >= 3)
        result = live.results.take()
        assert result is not None
        assert source.reads - result.frame.number < 60
        assert source.reads > 20
        assert live.pace.p95_ms is not None
        assert live.pace.p95_ms < 400


def test_only_one_thread_ever_touches_the_source_and_stop_leaves_none() -> None:
    source = Script(lambda n: None)
    live = Live(source, Judge(), stall_seconds=1)  # type: ignore[arg-type]
    live.start()
    until(lambda: source.reads > 5)
    start = time.monotonic()
    assert live.stop()
    assert time.monotonic() - start < 1.0
    assert live_threads() == []
    assert len(source.threads) == 1
    assert source.opened == source.closed == 1
    assert live.status.state is State.ENDED


def test_stopping_interrupts_a_source_that_waits_for_its_next_picture() -> None:
    source = Script(lambda n: source._interrupted.wait(30) if n == 3 else None)
    live = Live(source, Judge(), stall_seconds=60)  # type: ignore[arg-type]
    live.start()
    until(lambda: source.reads == 3)
    start = time.monotonic()
    assert live.stop()
    assert time.monotonic() - start < 0.8


def test_stopping_twice_or_before_the_start_is_harmless() -> None:
    live = Live(Script(lambda n: None), Judge(), stall_seconds=1)  # type: ignore[arg-type]
    assert live.stop()
    assert live.stop()


def test_a_pause_judges_nothing_and_goes_on_afterwards() -> None:
    judge = Judge()
    with running(Script(lambda n: None), judge) as live:
        until(lambda: len(judge.shapes) > 3)
        live.pause()
        assert live.status.state is State.PAUSED
        time.sleep(0.05)
        judged = len(judge.shapes)
        time.sleep(0.1)
        assert len(judge.shapes) == judged
        live.resume()
        assert live.status.state is State.LIVE
        until(lambda: len(judge.shapes) > judged + 3)


def test_a_recording_waits_during_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Script, "held_by_pause", True)
    source = Script(lambda n: None)
    with running(source) as live:
        until(lambda: source.reads > 3)
        live.pause()
        time.sleep(0.05)
        reads = source.reads
        time.sleep(0.1)
        assert source.reads == reads
        live.resume()
        until(lambda: source.reads > reads + 3)


def test_the_region_of_interest_is_cut_before_judging() -> None:
    judge = Judge()
    with running(Script(lambda n: None), judge, region=(0.5, 0.5, 1.0, 1.0)) as live:
        until(lambda: judge.shapes)
        assert judge.shapes[0] == (20, 30, 3)
        live.region = None
        until(lambda: judge.shapes[-1] == (40, 60, 3))


def fail(number: int, *, at: set[int]) -> None:
    if number in at:
        raise SourceError("The cable is out.", "Put it in.")


def test_a_lost_source_is_told_and_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "BACK_OFF_SECONDS", (0.2,))
    source = Script(lambda n: fail(n, at={4}))
    with running(source) as live:
        until(lambda: live.status.state is State.LOST)
        assert live.status.what == "The cable is out."
        assert live.status.advice == "Put it in."
        until(lambda: live.status.state is State.LIVE)
        assert source.opened == 2
        assert source.closed == 1


def test_waits_grow_and_begin_anew_after_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "BACK_OFF_SECONDS", (0.01, 0.02, 0.03))
    waits: list[float] = []
    source = Script(lambda n: fail(n, at={5}), opening=lambda n: fail(n, at={1, 2, 3, 4, 6}))
    live = Live(source, Judge(), stall_seconds=1)  # type: ignore[arg-type]
    wait = live._hurry.wait
    monkeypatch.setattr(live._hurry, "wait", lambda seconds: (waits.append(seconds), wait(seconds))[1])
    live.start()
    until(lambda: source.reads > 8)
    live.stop()
    assert waits == [0.01, 0.02, 0.03, 0.03, 0.01, 0.02]


def test_who_waits_for_a_lost_source_can_hurry_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "BACK_OFF_SECONDS", (60.0,))
    source = Script(lambda n: fail(n, at={3}))
    with running(source) as live:
        until(lambda: live.status.state is State.LOST)
        live.retry()
        until(lambda: live.status.state is State.LIVE)
        start = time.monotonic()
    assert time.monotonic() - start < 1.0


def test_stopping_does_not_wait_for_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "BACK_OFF_SECONDS", (60.0,))
    live = Live(Script(lambda n: fail(n, at={1})), Judge(), stall_seconds=1)  # type: ignore[arg-type]
    live.start()
    until(lambda: live.status.state is State.LOST)
    start = time.monotonic()
    assert live.stop()
    assert time.monotonic() - start < 1.0


def test_a_stall_is_told_while_the_driver_still_waits_and_stop_does_not() -> None:
    freed = threading.Event()
    source = Script(lambda n: freed.wait(10) if n == 4 else None)
    live = Live(source, Judge(), stall_seconds=0.1)  # type: ignore[arg-type]
    live.start()
    until(lambda: live.status.state is State.LOST)
    assert "gives no picture" in live.status.what
    start = time.monotonic()
    assert not live.stop(0.2)
    assert time.monotonic() - start < 0.5
    assert source.closed == 0
    freed.set()
    until(lambda: not live_threads())
    assert source.closed == 1


def test_a_stall_that_ends_by_itself_is_live_again() -> None:
    with running(Script(lambda n: time.sleep(0.25) if n == 4 else None), stall_seconds=0.1) as live:
        until(lambda: live.status.state is State.LOST)
        until(lambda: live.status.state is State.LIVE)


def test_the_end_of_a_source_is_a_state_without_threads() -> None:
    with running(Script(lambda n: StopIteration if n > 3 else None)) as live:
        until(lambda: live.status.state is State.ENDED)
        assert live.status.what == "Script has ended."
        assert live.fault is None
        until(lambda: not live_threads())


@pytest.mark.parametrize("where", ["source", "judge"])
def test_a_bug_in_a_thread_is_logged_kept_and_ends_the_run(where: str, caplog: pytest.LogCaptureFixture) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    source = Script(bug if where == "source" else lambda n: None)
    judge = Judge(bug if where == "judge" else lambda: None)
    with caplog.at_level(logging.ERROR), running(source, judge) as live:
        until(lambda: live.status.state is State.ENDED)
        assert isinstance(live.fault, ZeroDivisionError)
        until(lambda: not live_threads())
    assert "ZeroDivisionError: a bug" in caplog.text
    assert source.closed == 1


def test_a_kept_frame_is_the_frame_without_loss() -> None:
    with running(Script(lambda n: None), region=(0.0, 0.0, 0.5, 0.5)) as live:
        found: list[Judged] = []
        until(lambda: (result := live.results.take()) is not None and not found.append(result))
    record = found[0].to_record("Script", {"weld_id": "W-1"}, trigger="space")
    assert record.content is not None
    assert np.array_equal(pictures.decode(record.content).pixels, found[0].frame.pixels)
    assert record.inspected.sha256 == hashlib.sha256(record.content).hexdigest()
    assert (record.inspected.width, record.inspected.height) == (60, 40)
    assert record.inspected.judgement is found[0].judgement
    assert record.inspected.quality == {"brightness": 90.0}
    assert record.inspected.tile == (0.0, 0.0, 0.5, 0.5)
    assert record.region == (0.0, 0.0, 0.5, 0.5)
    assert record.weld == {"weld_id": "W-1"}
    assert record.trigger == "space"


def test_a_lost_source_says_when_it_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "BACK_OFF_SECONDS", (3.0,))
    opening = threading.Event()
    source = Script(lambda n: fail(n, at={1}), opening=lambda n: opening.wait(5) if n == 2 else None)
    with running(source) as live:
        until(lambda: live.status.state is State.LOST)
        assert live.status.outlook() == "It is opened again by itself in 3 s."
        assert 2 < (live.status.seconds_left or 0) <= 3
        live.retry()
        until(lambda: source.opened == 2)
        assert live.status.state is State.LOST
        assert live.status.outlook() == "It is opened again by itself."
        opening.set()
        until(lambda: live.status.state is State.LIVE)
        assert live.status.outlook() == ""
