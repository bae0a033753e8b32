"""Rows that come while the order, the run or its database changes: nothing stays blank, and the panel follows."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from weldspot_desktop.store import Database, folder_runs
from weldspot_desktop.store.folder_runs import Found, Manner
from weldspot_desktop.store.folder_table import Key, Question
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.ui.folder_results import FolderResults
from weldspot_desktop.verdict import Verdict


def filled(database: Database, count: int = 5) -> int:
    with database.write() as session:
        run = folder_runs.begin(
            session, "/welds", recursive=True, chosen=False, manner=Manner("a" * 64, "b", "c"), person=None
        )
        folder_runs.add_files(session, run.id, 0, [f"/welds/{number}.jpg" for number in range(count)], "/welds")
        folder_runs.all_listed(session, run.id, count)
        return run.id


def settle(database: Database, run_id: int, positions: range) -> None:
    with database.write() as session:
        found = {}
        for position in positions:
            scores = [position / 10] * 7
            row = Inspection(
                created=datetime(2026, 1, 1, tzinfo=UTC), source="folder", origin=f"/welds/{position}.jpg",
                verdict="CLEAR", reason="", classes=[], scores=scores, weld={}, uncertainty=position / 10,
            )  # fmt: skip
            session.add(row)
            session.flush()
            found[position] = Found(row.id, Verdict.CLEAR, (), False, position / 10, tuple(scores))
        folder_runs.settle(session, run_id, found)


@pytest.fixture
def store(tmp_path: Path):
    database = Database(tmp_path / "w.sqlite3")
    yield database
    database.close()


@pytest.fixture
def questions(frame, monkeypatch) -> list[tuple[Callable, Callable]]:
    """What is asked of the store, answered by hand, one after the other, as its lane does it."""
    held: list[tuple[Callable, Callable]] = []
    monkeypatch.setattr(frame, "run", lambda work, done, *_, **__: held.append((work, done)))
    return held


@pytest.fixture
def results(frame, shown, store, questions) -> FolderResults:
    made = shown(FolderResults(frame), 900, 500)
    made.show_run(store, filled(store))
    return made


def answer(held: list[tuple[Callable, Callable]]) -> None:
    work, done = held.pop(0)
    done(work())


def answer_all(held: list[tuple[Callable, Callable]], results: FolderResults) -> None:
    results.table.grab()
    while held:
        answer(held)
        results.table.grab()


def told(results: FolderResults) -> list[object]:
    """What a panel that follows the selection was told."""
    seen: list[object] = []
    results.chosen.connect(lambda: seen.append(results.current()))
    return seen


def test_rows_of_an_older_order_are_told_as_soon_as_they_are_known(results, questions, store):
    answer_all(questions, results)
    results.table.selectRow(0)
    seen = told(results)
    assert results.current().inspection is None
    settle(store, results.model.source[1], range(5))
    results.model.refresh()
    answer(questions)
    results.table.grab()
    read_in_old_order = questions.pop(0)
    results.model.set_question(Question(key=Key.UNCERTAINTY))
    answer(questions)
    work, done = read_in_old_order
    done(work())
    assert results.current().inspection is not None
    assert seen[-1] is results.current()


def test_a_page_that_is_read_for_the_order_before_is_read_again(results, questions):
    answer(questions)
    results.table.grab()
    read_in_old_order = questions.pop(0)
    results.model.set_question(Question(key=Key.NAME, descending=True))
    answer(questions)
    # The view asks for the same page while its older reading is under way.
    results.table.grab()
    work, done = read_in_old_order
    done(work())
    answer_all(questions, results)
    shown = [results.model.row(place) for place in range(5)]
    assert [row.path for row in shown] == [f"/welds/{number}.jpg" for number in (4, 3, 2, 1, 0)]


def test_the_same_page_of_another_database_is_read_although_the_old_one_comes_late(results, questions, store):
    answer(questions)
    results.table.grab()
    late = questions.pop(0)
    memory = Database.in_memory()
    run_id = results.model.source[1]
    folder_runs.copy(store, run_id, memory)
    settle(memory, run_id, range(5))
    results.model.set_run(memory, run_id)
    answer(questions)
    results.table.grab()
    work, done = late
    done(work())
    # No call of row() here but those of the view: what it was refused must come by itself.
    while questions:
        answer(questions)
    assert results.model.held() == 5
    assert all(row.inspection is not None for row in map(results.model.row, range(5)))
    assert not questions
    memory.close()
