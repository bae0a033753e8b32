"""Decisions about uploads: what they settle, what they refuse, and that nothing of them is lost."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from arrivals import arrival, fill, reviewer
from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.store import Database, decisions, review_queue, trail, uploads
from weldspot_desktop.store.decisions import Action, DecisionError
from weldspot_desktop.store.schema import Person, TrailEntry, Upload, UploadDecision
from weldspot_desktop.store.uploads import State

CRACK, PORES = 1 << 2, 1 << 5


@pytest.fixture
def session(store_place: Path | str) -> Iterator[Session]:
    database = Database(store_place)
    with database.write() as session:
        fill(session, 2)
        yield session
        session.flush()
        assert trail.first_fault(session) is None
    database.close()


@pytest.fixture
def bo(session: Session) -> Person:
    return reviewer(session, "Bo")


@pytest.fixture
def anna(session: Session) -> Person:
    return reviewer(session, "Anna")


def standing(session: Session, number: int = 1) -> tuple[str, int | None, int | None]:
    found = session.get_one(Upload, number, populate_existing=True)
    assert (found.decided is None) == (found.decided_by is None)
    return found.state, found.labels, found.decided_by


def entries(session: Session) -> list[tuple[str, str, dict[str, object]]]:
    rows = session.scalars(select(TrailEntry).where(TrailEntry.subject.like("upload%")).order_by(TrailEntry.number))
    return [(row.person, row.action, json.loads(row.details)) for row in rows]


def test_the_phone_was_right_or_was_corrected(session: Session, bo: Person) -> None:
    plain = decisions.decide(session, 1, action=Action.CONFIRMED, person=bo)
    assert (plain.action, plain.labels, plain.boxes, plain.reason) == ("confirmed", CRACK, [], "")
    assert standing(session) == ("confirmed", CRACK, bo.id)
    boxes = [[2, 0, 0, 0.5, 1], [5, 0.25, 0.5, 0.75, 0.875]]
    other = decisions.decide(session, 2, action=Action.CONFIRMED, labels=CRACK | PORES, boxes=boxes, person=bo)
    assert other.action == "corrected", "what differs from the ticks is a correction, however it was called"
    session.flush()
    session.expire_all()
    assert other.boxes == boxes
    assert standing(session, 2) == ("corrected", CRACK | PORES, bo.id)
    who, action, details = entries(session)[1]
    assert (who, action) == ("Bo", "upload corrected")
    assert (details["from"], details["to"], details["ticks"], details["labels"]) == ("new", "corrected", 4, 36)
    assert details["name"] == "uploads/bo/W1.jpg"
    assert details["audit"] is False


def test_rejecting_needs_a_reason_and_a_flag_may_have_a_note(session: Session, bo: Person, anna: Person) -> None:
    with pytest.raises(DecisionError, match="needs a reason"):
        decisions.decide(session, 1, action=Action.REJECTED, reason="  ", person=bo)
    with pytest.raises(DecisionError, match="longer than"):
        decisions.decide(session, 1, action=Action.FLAGGED, reason="x" * 2001, person=bo)
    flagged = decisions.decide(session, 1, action=Action.FLAGGED, labels=PORES, reason=" pore? ", person=bo)
    assert (flagged.labels, flagged.reason) == (PORES, "pore?")
    assert standing(session) == ("flagged", None, bo.id), "a flag settles no labels"
    decisions.decide(session, 1, action=Action.REJECTED, reason="no weld", person=anna)
    assert standing(session) == ("rejected", None, anna.id)
    assert [row.action for row in decisions.history(session, 1)] == ["flagged", "rejected"]


def test_labels_and_boxes_that_make_no_sense_are_refused(session: Session, bo: Person) -> None:
    silent = uploads.add(session, arrival(7, ticks=0)).id
    for labels_given in (None, 0):
        with pytest.raises(DecisionError, match="No class is marked"):
            decisions.decide(session, silent, action=Action.CONFIRMED, labels=labels_given, person=bo)
    with pytest.raises(ValueError, match="bits of 7"):
        decisions.decide(session, 1, action=Action.CORRECTED, labels=128, person=bo)
    with pytest.raises(DecisionError, match="A box shows Porosity, but"):
        decisions.decide(session, 1, action=Action.CONFIRMED, boxes=[[5, 0, 0, 1, 1]], person=bo)
    for box in ([2, 0.5, 0, 0.5, 1], [2, -0.1, 0, 1, 1], [2, 0, 0, 1, 1.01], [2, 0, 0.6, 1, 0.5]):
        with pytest.raises(DecisionError, match="empty or reaches beyond"):
            decisions.decide(session, 1, action=Action.CONFIRMED, boxes=[box], person=bo)
    for box in ([2, 0, 0, 1], [7, 0, 0, 1, 1], [-1, 0, 0, 1, 1], [1.5, 0, 0, 1, 1], [2, 0, 0, 1, float("nan")]):
        with pytest.raises(ValueError, match=r"is no (box|class)"):
            decisions.decide(session, 1, action=Action.CONFIRMED, boxes=[box], person=bo)
    with pytest.raises(DecisionError, match="more than 200"):
        decisions.decide(session, 1, action=Action.CONFIRMED, boxes=[[2, 0, 0, 1, 1]] * 201, person=bo)
    with pytest.raises(DecisionError, match="no upload 99"):
        decisions.decide(session, 99, action=Action.CONFIRMED, person=bo)
    with pytest.raises(ValueError, match="function of its own"):
        decisions.decide(session, 1, action=Action.UNDONE, person=bo)
    assert standing(session) == ("new", None, None)
    assert entries(session) == []


def test_a_lease_of_somebody_else_forbids_and_ones_own_ends(session: Session, bo: Person, anna: Person) -> None:
    assert review_queue.lease(session, 1, anna, token="a")
    for action in (Action.CONFIRMED, Action.FLAGGED):
        with pytest.raises(DecisionError, match="Anna is looking at upload 1"):
            decisions.decide(session, 1, action=action, person=bo, token="b")
    decided = decisions.decide(session, 1, action=Action.CONFIRMED, person=anna, token="a")
    found = session.get_one(Upload, 1)
    assert (found.lease_token, found.lease_person, found.lease_until) == (None, None, None)
    with pytest.raises(DecisionError, match="was confirmed by Anna already") as caught:
        decisions.decide(session, 1, action=Action.CONFIRMED, person=bo, token="b")
    assert "Reopen it" in caught.value.advice
    # Somebody looks at it again: it is not decided over his head.
    assert review_queue.lease(session, 1, bo, token="b")
    with pytest.raises(DecisionError, match="Bo is looking"):
        decisions.undo(session, decided.id, person=anna, token="a")
    with pytest.raises(DecisionError, match="Bo is looking"):
        decisions.reopen(session, 1, person=anna)
    assert standing(session) == ("confirmed", CRACK, anna.id)


def test_a_late_decision_counts_while_nobody_took_over(session: Session, bo: Person, anna: Person) -> None:
    assert review_queue.lease(session, 1, bo, token="b", seconds=0)
    decisions.decide(session, 1, action=Action.CONFIRMED, person=bo, token="b")
    assert review_queue.lease(session, 2, bo, token="b", seconds=0)
    assert review_queue.lease(session, 2, anna, token="a")
    with pytest.raises(DecisionError, match="Anna is looking"):
        decisions.decide(session, 2, action=Action.CONFIRMED, person=bo, token="b")


def test_undoing_goes_all_the_way_back(session: Session, bo: Person, anna: Person) -> None:
    """Any path of decisions, undone step by step, passes through the same states backwards."""
    draw = random.Random(11)
    for path in range(12):
        number = uploads.add(session, arrival(100 + path, reason="odd name" if path % 3 == 0 else "")).id
        if path % 3 == 0:
            session.get_one(Upload, number).ticks = session.get_one(Upload, number).phone_scores = None
        before = []
        rows = []
        for _ in range(7):
            before.append(standing(session, number))
            rows.append(any_decision(session, number, draw.choice([bo, anna]), draw))
        for row, state in zip(reversed(rows), reversed(before), strict=True):
            undone = decisions.undo(session, row.id, person=bo)
            assert (undone.action, undone.undoes, undone.reason) == ("undone", row.id, "Taken back")
            assert standing(session, number) == state
        assert decisions.standing(session, number) == []
        assert len(decisions.history(session, number)) == 14


def any_decision(session: Session, number: int, person: Person, draw: random.Random) -> UploadDecision:
    upload = session.get_one(Upload, number)
    match State(upload.state):
        case State.QUARANTINED if draw.random() < 0.7:
            return decisions.rename(
                session, number, name="a", phone_id="a", ticks=CRACK, scores=[0.5] * 7, person=person
            )
        case State.QUARANTINED:
            return decisions.decide(session, number, action=Action.REJECTED, reason="bad", person=person)
        case State.NEW | State.FLAGGED:
            action = draw.choice([Action.CONFIRMED, Action.CORRECTED, Action.REJECTED, Action.FLAGGED])
            marked = draw.choice([CRACK, PORES])
            return decisions.decide(session, number, action=action, labels=marked, reason="why", person=person)
        case _:
            return decisions.reopen(session, number, reason="second thoughts", person=person)


def test_only_the_last_decision_that_stands_is_undone(session: Session, bo: Person, anna: Person) -> None:
    flag = decisions.decide(session, 1, action=Action.FLAGGED, person=bo)
    settled = decisions.decide(session, 1, action=Action.CONFIRMED, person=anna)
    with pytest.raises(DecisionError, match="decided again since, by Anna"):
        decisions.undo(session, flag.id, person=bo)
    undone = decisions.undo(session, settled.id, person=bo)
    for number in (settled.id, undone.id, 999):
        with pytest.raises(DecisionError, match=r"undone already|no decision"):
            decisions.undo(session, number, person=bo)
    assert standing(session) == ("flagged", None, bo.id)
    decisions.undo(session, flag.id, person=anna)
    assert standing(session) == ("new", None, None)
    last = entries(session)[-1]
    assert last[:2] == ("Anna", "upload decision undone")
    assert (last[2]["from"], last[2]["to"], last[2]["undoes"]) == ("flagged", "new", flag.id)


def test_only_what_is_decided_is_reopened(session: Session, bo: Person) -> None:
    with pytest.raises(DecisionError, match="no decision to reopen"):
        decisions.reopen(session, 1, person=bo)
    decisions.decide(session, 1, action=Action.CORRECTED, labels=PORES, person=bo)
    reopened = decisions.reopen(session, 1, reason="look again", person=bo)
    assert (reopened.action, reopened.reason) == ("reopened", "look again")
    assert standing(session) == ("new", None, None)
    decisions.undo(session, reopened.id, person=bo)
    assert standing(session) == ("corrected", PORES, bo.id)


def test_a_name_is_mended_by_hand(session: Session, bo: Person) -> None:
    lost = uploads.add(session, arrival(7, ticks=None, phone_scores=None, reason="Only six pairs.")).id
    gone = uploads.add(session, arrival(8, ticks=None, picture_sha256=None, reason="The picture is cut off.")).id
    with pytest.raises(DecisionError, match="is in quarantine: Only six pairs"):
        decisions.decide(session, lost, action=Action.CONFIRMED, labels=CRACK, person=bo)
    scores = [0.5] * labels.COUNT
    row = decisions.rename(session, lost, name="W7_0-0.5.jpg", phone_id="W7", ticks=PORES, scores=scores, person=bo)
    mended = session.get_one(Upload, lost)
    assert (mended.state, mended.phone_id, mended.ticks, mended.phone_scores) == ("new", "W7", PORES, scores)
    assert (mended.name, mended.reason) == ("uploads/bo/W7.jpg", "Only six pairs.")
    assert entries(session)[-1][2]["scores"] == scores
    with pytest.raises(DecisionError, match="not in quarantine"):
        decisions.rename(session, lost, name="x", phone_id="x", ticks=1, scores=None, person=bo)
    decisions.undo(session, row.id, person=bo)
    assert standing(session, lost) == ("quarantined", None, None)
    assert (mended.phone_id, mended.ticks, mended.phone_scores) == (None, None, None)
    with pytest.raises(DecisionError, match="not in quarantine for its name: The picture is cut off"):
        decisions.rename(session, gone, name="x", phone_id="x", ticks=1, scores=None, person=bo)
    decisions.decide(session, gone, action=Action.REJECTED, reason="lost", person=bo)
    decisions.reopen(session, gone, person=bo)
    assert standing(session, gone) == ("quarantined", None, None)


@pytest.mark.usefixtures("each_database")
def test_the_trail_holds_decisions_to_their_word(workspace: Path) -> None:
    context = Context(workspace)
    with context.database.write() as session:
        bo = reviewer(session, "Bo")
        fill(session, 1)
        decided = decisions.decide(
            session, 1, action=Action.CORRECTED, labels=CRACK | PORES, boxes=[[2, 0, 0, 1, 1]], person=bo
        )
        decisions.undo(session, decided.id, person=bo)
    found = context.verify_trail(lambda done, total: None)
    assert (found.sound, found.records) == (True, 2)
    with context.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE upload_decision SET labels = 4 WHERE id = 1")
    assert not context.verify_trail(lambda done, total: None).sound
    context.close()
