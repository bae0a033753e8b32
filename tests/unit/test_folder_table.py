"""The folder's table: filters, orders and counts agree with a plain reading of the rows."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import postgresql
import pytest

from weldspot_desktop.store import Database, folder_runs, folder_table, overrides, people
from weldspot_desktop.store.folder_runs import Found, Manner
from weldspot_desktop.store.folder_table import UNJUDGED, URGENCY, WAITING, Key, Question, Row
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.verdict import Verdict

MANNER = Manner("a" * 64, "b" * 12, "c" * 12)
COUNT = 120


@pytest.fixture(scope="module", params=postgresql.BOTH_KINDS)
def filled(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[tuple[Database, int]]:
    """A run with all kinds of rows: some wait, some were overridden."""
    with postgresql.place(request, tmp_path_factory.mktemp("store")) as place:
        database = Database(place)
        yield database, fill(database)
        database.close()


def fill(database: Database) -> int:
    random.seed(3)
    names = [f"/welds/{random.choice(['Große Naht', 'sub', 'x'])}/W-{n % 40:02d}-{n}.JPG" for n in range(COUNT)]
    with database.write() as session:
        run = folder_runs.begin(session, "/welds", recursive=True, chosen=False, manner=MANNER, person=None)
        anna = people.add(session, name="Anna", role=Role.INSPECTOR, by="system")
        folder_runs.add_files(session, run.id, 0, names, "/welds")
        folder_runs.all_listed(session, run.id, COUNT)
        found = {}
        for number in random.sample(range(COUNT), 100):
            verdict = random.choice(URGENCY)
            scores = [round(random.random(), 2) for _ in range(7)] if verdict else None
            classes = random.sample(range(7), random.randrange(3)) if verdict else []
            doubt = round(random.random(), 6) if verdict not in (UNJUDGED, "RETAKE") else None
            row = Inspection(
                created=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=random.randrange(50)), source="folder",
                origin=names[number], verdict=verdict or None, reason="", classes=classes, scores=scores, weld={},
                uncertainty=doubt, error=None if verdict else "empty",
            )  # fmt: skip
            session.add(row)
            session.flush()
            found[number] = Found(row.id, verdict, tuple(classes), False, doubt, tuple(scores) if scores else None)
        folder_runs.settle(session, run.id, found)
        for number in list(found)[:9]:
            overrides.add(
                session, found[number].inspection_id, verdict=Verdict.CLEAR, classes=(4,), reason="x", person=anna
            )
    return run.id


def ask(filled: tuple[Database, int], question: Question) -> list[Row]:
    database, run_id = filled
    with database.read() as session:
        places = folder_table.order(session, run_id, question)
        rows = folder_table.rows(session, run_id, places)
    assert [row.position for row in rows] == list(places)
    return rows


def score(row: Row, index: int) -> float | None:
    return row.inspection.scores[index] if row.inspection is not None and row.inspection.scores else None


def value(row: Row, question: Question) -> object:
    match question.key:
        case Key.LISTED:
            return row.position
        case Key.NAME:
            return Path(row.path).name.casefold(), row.path.casefold()
        case Key.VERDICT:
            return URGENCY.index(row.verdict) if row.verdict is not None else None
        case Key.UNCERTAINTY:
            return row.inspection.uncertainty if row.inspection is not None else None
        case Key.SCORE:
            return score(row, question.key_class)
        case Key.TIME:
            return row.inspection.created if row.inspection is not None else None


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("key", list(Key))
def test_every_order_puts_rows_without_a_value_last(filled, key, descending):
    question = Question(key=key, key_class=2, descending=descending)
    values = [value(row, question) for row in ask(filled, question)]
    known = [one for one in values if one is not None]
    assert len(values) == COUNT
    assert values[: len(known)] == sorted(known, reverse=descending)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        (Question(verdicts=("DEFECT", UNJUDGED)), lambda row: row.verdict in ("DEFECT", UNJUDGED)),
        (Question(verdicts=(WAITING, "CLEAR")), lambda row: row.verdict in (None, "CLEAR")),
        (Question(class_index=4), lambda row: 4 in row.classes),
        (Question(text="GROSSE 1"), lambda row: "Große" in row.path and "1" in row.path),
        (Question(text="sub/w-1"), lambda row: "sub/W-1" in row.path),
        (Question(text="100% 'x"), lambda row: False),
        (Question(overridden=True), lambda row: row.override is not None),
        (
            Question(score_class=5, score_from=0.25, score_to=0.5),
            lambda row: score(row, 5) is not None and 0.25 <= score(row, 5) <= 0.5,
        ),
        (
            Question(verdicts=("UNSURE", "DEFECT", "RETAKE"), class_index=1, key=Key.UNCERTAINTY, descending=True),
            lambda row: row.verdict in ("UNSURE", "DEFECT", "RETAKE") and 1 in row.classes,
        ),
    ],
)
def test_filters_let_through_what_they_say(filled, question, wanted):
    expected = {row.position for row in ask(filled, Question()) if wanted(row)}
    assert {row.position for row in ask(filled, question)} == expected
    assert expected or question.text.startswith("100%")


def test_counts_follow_the_word_that_holds(filled):
    database, run_id = filled
    rows = ask(filled, Question())
    with database.read() as session:
        counted = folder_table.counts(session, run_id)
        assert folder_table.overridden_count(session, run_id) == 9
    assert counted == Counter(WAITING if row.verdict is None else row.verdict for row in rows)
    overridden = next(row for row in rows if row.override is not None and row.inspection.verdict == "DEFECT")
    assert (overridden.verdict, overridden.classes, overridden.inspection.verdict) == ("CLEAR", (4,), "DEFECT")
