"""Overrides: with a reason, in the trail, undone by going back and never by removing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop.store import Database, overrides, people, trail
from weldspot_desktop.store.overrides import OverrideError
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import FolderItem, FolderRun, Inspection, Person, TrailEntry
from weldspot_desktop.verdict import Verdict


@pytest.fixture
def session(store_place: Path | str) -> Iterator[Session]:
    database = Database(store_place)
    with database.write() as session:
        yield session
        assert trail.first_fault(session) is None
    database.close()


@pytest.fixture
def anna(session: Session) -> Person:
    return people.add(session, name="Anna", role=Role.INSPECTOR, by="system")


@pytest.fixture
def judged(session: Session) -> int:
    row = Inspection(
        created=datetime.now(UTC), source="folder", origin="/a.jpg", verdict="DEFECT", reason="", classes=[2], weld={}
    )
    session.add(row)
    session.flush()
    return row.id


def entries(session: Session) -> list[tuple[str, str, dict[str, object]]]:
    rows = session.scalars(select(TrailEntry).where(TrailEntry.subject.like("inspection%")).order_by(TrailEntry.number))
    return [(row.person, row.action, json.loads(row.details)) for row in rows]


def test_the_latest_holds_and_the_trail_says_who_from_what_to_what_and_why(session, anna, judged):
    overrides.add(session, judged, verdict=Verdict.CLEAR, classes=(), reason=" a scratch ", person=anna)
    overrides.add(session, judged, verdict=Verdict.DEFECT, classes=(5, 5, 6), reason="pores", person=anna)
    held = overrides.latest(session, judged)
    assert (held.verdict, held.classes, held.reason, held.person.name) == ("DEFECT", [5, 6], "pores", "Anna")
    first, second = entries(session)
    assert first[:2] == ("Anna", "verdict overridden")
    assert first[2]["from"] == "DEFECT"
    assert first[2]["from_classes"] == [2]
    assert (first[2]["to"], first[2]["reason"]) == ("CLEAR", "a scratch")
    assert (second[2]["from"], second[2]["to_classes"]) == ("CLEAR", [5, 6])


def test_undo_goes_back_one_at_a_time_and_keeps_everything(session, anna, judged):
    overrides.add(session, judged, verdict=Verdict.CLEAR, classes=(), reason="a", person=anna)
    overrides.add(session, judged, verdict=Verdict.RETAKE, classes=(), reason="b", person=anna)
    overrides.undo(session, judged, person=anna)
    assert overrides.latest(session, judged).verdict == "CLEAR"
    overrides.add(session, judged, verdict=Verdict.UNSURE, classes=(1,), reason="c", person=anna)
    overrides.undo(session, judged, person=anna)
    assert overrides.latest(session, judged).verdict == "CLEAR"
    overrides.undo(session, judged, person=anna)
    assert overrides.latest(session, judged) is None
    with pytest.raises(OverrideError, match="no override"):
        overrides.undo(session, judged, person=anna)
    assert len(overrides.history(session, judged)) == 6
    _, action, details = entries(session)[-1]
    # The trail vouches for the row itself.
    assert [(record["table"], record["id"]) for record in details.pop("records")] == [("override", 6)]
    assert (action, details) == (
        "override undone",
        {"from": "CLEAR", "from_classes": [], "to": "DEFECT", "to_classes": [2], "reason": overrides.TAKEN_BACK,
         "override": 6, "undoes": 1},
    )  # fmt: skip


def test_rows_of_folder_runs_follow(session, anna, judged):
    run = FolderRun(
        folder="/", recursive=True, chosen=False, started=datetime.now(UTC), model_sha256="", thresholds_digest="",
        manner="",
    )  # fmt: skip
    session.add(run)
    session.flush()
    session.add(FolderItem(run_id=run.id, position=0, path="/a.jpg", lookup="", inspection_id=judged))
    session.flush()

    def item() -> tuple[str | None, int, bool]:
        row = session.scalars(select(FolderItem).execution_options(populate_existing=True)).one()
        return row.verdict, row.classes, row.overridden

    overrides.add(session, judged, verdict=Verdict.UNSURE, classes=(0, 6), reason="a", person=anna)
    assert item() == ("UNSURE", 0b1000001, True)
    overrides.undo(session, judged, person=anna)
    assert item() == ("DEFECT", 0b100, False)


def test_many_are_asked_at_once(session, anna):
    rows = [
        Inspection(created=datetime.now(UTC), source="folder", origin=str(i), reason="", classes=[], weld={})
        for i in range(1200)
    ]
    session.add_all(rows)
    session.flush()
    for row in rows[::400]:
        overrides.add(session, row.id, verdict=Verdict.RETAKE, classes=(), reason="dark", person=anna)
    overrides.undo(session, rows[400].id, person=anna)
    assert sorted(overrides.latest_of(session, [row.id for row in rows])) == [rows[0].id, rows[800].id]


@pytest.mark.parametrize(
    ("verdict", "classes", "reason", "words"),
    [
        (Verdict.CLEAR, (), "  ", "needs a reason"),
        (Verdict.CLEAR, (), "x" * 2001, "needs a reason"),
        (Verdict.DEFECT, (), "a", "needs its class"),
        (Verdict.DEFECT, (0, 4), "a", "needs its class"),
    ],
)
def test_what_is_incomplete_is_refused(session, anna, judged, verdict, classes, reason, words):
    with pytest.raises(OverrideError, match=words):
        overrides.add(session, judged, verdict=verdict, classes=classes, reason=reason, person=anna)
    assert overrides.history(session, judged) == []
    with pytest.raises(OverrideError, match="no inspection 999"):
        overrides.add(session, 999, verdict=Verdict.CLEAR, classes=(), reason="a", person=anna)
