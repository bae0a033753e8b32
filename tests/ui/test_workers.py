"""Work beside the window: where it runs, where results arrive, how it ends."""

import itertools
import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.ui.workers import Lane, Progress, Workers


@pytest.fixture
def workers(qtbot: QtBot):
    made = Workers()
    yield made
    made.close()


def test_results_arrive_in_the_windows_thread(workers: Workers, qtbot: QtBot) -> None:
    seen: list[tuple[int, int]] = []
    workers.run(threading.get_ident, lambda ran: seen.append((ran, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(seen))
    ran, arrived = seen[0]
    assert arrived == threading.get_ident() != ran


def test_the_database_has_one_thread_and_keeps_the_order(workers: Workers, qtbot: QtBot) -> None:
    seen: list[tuple[int, str]] = []

    def step(number: int) -> tuple[int, str]:
        return number, threading.current_thread().name

    for number in range(20):
        workers.run(lambda number=number: step(number), seen.append, lane=Lane.DATABASE)
    qtbot.waitUntil(lambda: len(seen) == 20)
    assert [number for number, _ in seen] == list(range(20))
    assert len({name for _, name in seen}) == 1


def test_expected_errors_and_bugs_go_different_ways(workers: Workers, qtbot: QtBot) -> None:
    refused, failed, broke = [], [], []
    workers.failed.connect(failed.append)
    workers.broke.connect(broke.append)
    expected, bug = ExpectedError("No camera."), ZeroDivisionError("bug")

    def raising(error: Exception):
        def work() -> None:
            raise error

        return work

    workers.run(raising(expected), on_error=refused.append)
    workers.run(raising(expected))
    workers.run(raising(bug), on_error=refused.append)
    qtbot.waitUntil(lambda: bool(refused and failed and broke))
    assert refused == [expected]
    assert failed == [expected]
    assert broke == [bug]


def test_a_job_reports_and_stops_when_cancelled(workers: Workers, qtbot: QtBot) -> None:
    started, ended, done = threading.Event(), [], []

    def work(progress: Progress) -> None:
        for step in itertools.count():
            progress.report(step)
            started.set()

    job = workers.run_job(work, done.append, on_end=lambda: ended.append(True))
    assert started.wait(5)
    job.cancel()
    qtbot.waitUntil(lambda: bool(ended))
    assert job.cancelled
    assert done == []


def test_progress_knows_rate_and_rest() -> None:
    progress = Progress()
    assert progress.fraction is None
    assert progress.seconds_left is None
    progress.report(25, 100)
    assert progress.fraction == 0.25
    assert progress.rate > 0
    assert progress.seconds_left == pytest.approx(75 / progress.rate, rel=0.5)


def test_nothing_is_delivered_to_an_owner_that_is_gone(workers: Workers, qtbot: QtBot) -> None:
    gate, seen, ended = threading.Event(), [], []
    owner = QObject()
    workers.run(lambda: gate.wait(5), seen.append, owner=owner, on_end=lambda: ended.append(True))
    owner.deleteLater()
    qtbot.wait(20)
    gate.set()
    qtbot.waitUntil(lambda: bool(ended))
    assert seen == []


def test_closing_waits_cancels_and_delivers_nothing(qtbot: QtBot) -> None:
    workers = Workers()
    seen: list[object] = []
    reached = threading.Event()

    def work(progress: Progress) -> None:
        while True:
            progress.report(1)
            reached.set()

    workers.run_job(work, seen.append)
    assert reached.wait(5)
    for _ in range(50):
        workers.run(lambda: 1, seen.append)
    workers.close()
    qtbot.wait(20)
    assert seen == []
    with pytest.raises(RuntimeError, match="closed"):
        workers.run(lambda: 1)
