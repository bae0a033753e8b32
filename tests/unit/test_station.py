"""The station on real frames, with the shipped model and a real store."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from weldspot_desktop import pictures
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.live import Live
from weldspot_desktop.inspection.recording import Source as RecordSource
from weldspot_desktop.inspection.sources import Frame, Source, SourceOptions
from weldspot_desktop.inspection.station import NoFrameError, NotLiveError, Recorded, Station
from weldspot_desktop.inspection.triggers import Asked, Mode, RestOptions
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.store import inspections, trail
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection


class Bench(Source):
    """A camera over a bench: shows what a test lays on it."""

    def __init__(self) -> None:
        super().__init__("bench", SourceOptions())
        self.picture = np.full((180, 320, 3), 118, np.uint8)
        self.silent = threading.Event()

    @staticmethod
    def accepts(text: str) -> bool:
        return False

    @property
    def title(self) -> str:
        return "Bench"

    def open(self) -> None:
        pass

    def read(self) -> Frame | None:
        self._interrupted.wait(0.02)
        while self.silent.is_set() and not self._interrupted.is_set():
            time.sleep(0.01)
        return None if self._interrupted.is_set() else self._frame(self.picture.copy())

    def close(self) -> None:
        pass


class Rig:
    """A station that runs over a bench."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.answered: list[Recorded] = []
        self.failures: list[tuple[Asked, ExpectedError]] = []
        self.bench = Bench()
        self.station = Station(
            context.recorder,
            rest=RestOptions(0.2, 6.0),
            recorded=self.answered.append,
            failed=lambda asked, error: self.failures.append((asked, error)),
        )
        self.live = Live(
            self.bench, context.inspector(), stall_seconds=5, smoothing_seconds=0.3, seen=self.station.seen
        )
        self.station.attach(self.live)
        self.live.start()
        self.station.fresh(15)

    def rows(self) -> list[Inspection]:
        with self.context.database.read() as session:
            return inspections.page(session, Query(newest_first=False), offset=0, limit=100)

    def close(self) -> None:
        self.station.close()
        self.live.stop()


@pytest.fixture
def rig(workspace: Path) -> Iterator[Rig]:
    context = Context(workspace)
    made = Rig(context)
    yield made
    made.close()
    context.close()


def weld(seed: int) -> np.ndarray:
    return np.ascontiguousarray(np.pad(render_weld(seed, size=180).pixels, ((0, 0), (70, 70), (0, 0)), mode="edge"))


def until(condition: object, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_a_trigger_writes_one_record_of_a_picture_that_was_taken_after_it(rig: Rig) -> None:
    rig.station.weld.set({"weld_id": "W-009", "welder": "K-207"})
    rig.bench.picture = weld(5)
    asked = time.monotonic()
    recorded = rig.station.trigger(Asked.HTTP, {"joint": "fillet"})
    assert recorded.judged.frame.captured >= asked
    (row,) = rig.rows()
    assert (row.id, row.trigger, row.source, row.origin) == (recorded.number, "http", RecordSource.LIVE.value, "Bench")
    assert {"weld_id": "W-009", "welder": "K-207", "joint": "fillet"}.items() <= row.weld.items()
    assert rig.station.weld.values() == {"weld_id": "W-010", "welder": "K-207"}
    # The record is that picture's own verdict, which anybody can find again from the kept bytes.
    with rig.context.database.read() as session:
        path = rig.context.picture_files.path(session, row.sha256 or "")
    assert path is not None
    kept = pictures.decode(path.read_bytes()).pixels
    assert np.array_equal(kept, recorded.judged.frame.pixels)
    again = rig.context.inspector().content(path.read_bytes(), origin="again")
    assert again.judgement is not None
    assert again.judgement.verdict.value == row.verdict
    assert row.scores == pytest.approx(recorded.judged.prediction.scores.tolist(), abs=1e-6)
    assert rig.answered == [recorded]


def test_many_triggers_at_once_make_as_many_records_with_ids_in_a_row(rig: Rig) -> None:
    rig.station.weld.set({"weld_id": "W-01"})
    threads = [threading.Thread(target=rig.station.trigger, args=(Asked.HTTP,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Which of them is written first is left open.
    assert sorted(row.weld["weld_id"] for row in rig.rows()) == [f"W-{n:02d}" for n in range(1, 7)]
    with rig.context.database.read() as session:
        assert trail.first_fault(session) is None


def test_a_part_that_comes_to_rest_is_recorded_once_and_an_empty_bench_is_not(rig: Rig) -> None:
    rig.station.set_mode(Mode.REST)
    time.sleep(0.3)
    rig.bench.picture = weld(5)
    until(lambda: rig.answered)
    time.sleep(0.6)
    (row,) = rig.rows()
    assert row.trigger == "rest"
    rig.bench.picture = np.full((180, 320, 3), 118, np.uint8)
    time.sleep(0.8)
    empty = rig.station.fresh(5)
    expected = 1 if empty.judgement.verdict.value == "NO WELD" else 2
    assert len(rig.rows()) == expected
    rig.station.set_mode(Mode.CONTINUOUS)
    rig.bench.picture = weld(6)
    time.sleep(0.6)
    assert len(rig.rows()) == expected


def test_what_cannot_be_written_is_not_called_saved_and_its_weld_id_stays(rig: Rig) -> None:
    rig.station.weld.set({"weld_id": "W-1"})
    assert rig.rows() == []
    folder = rig.context.workspace.pictures
    folder.rmdir()
    folder.write_text("a file stands where the pictures belong")
    with pytest.raises(ExpectedError, match="could not be kept"):
        rig.station.trigger(Asked.HTTP)
    until(lambda: rig.failures)
    assert rig.rows() == []
    assert rig.answered == []
    assert rig.failures[0][0] is Asked.HTTP
    assert rig.station.weld.values() == {"weld_id": "W-1"}


def test_without_a_picture_the_trigger_says_why(rig: Rig) -> None:
    rig.bench.silent.set()
    time.sleep(0.2)
    with pytest.raises(NoFrameError, match="Bench gave no new picture"):
        rig.station.trigger(Asked.HTTP, seconds=0.2)
    rig.live.pause()
    with pytest.raises(NotLiveError, match="Paused"):
        rig.station.trigger(Asked.HTTP, seconds=5)
    rig.station.detach()
    with pytest.raises(NotLiveError, match="No live source"):
        rig.station.trigger(Asked.HTTP)
    assert rig.rows() == []
