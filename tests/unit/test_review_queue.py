"""The review queue: orders, scopes, and leases that keep two reviewers apart."""

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest
from arrivals import BEGIN, arrival, fill, reviewer
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from weldspot_desktop.store import Database, clock, decisions, review_queue, uploads
from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.review_queue import LONGEST_LEASE_SECONDS, Order, Scope
from weldspot_desktop.store.schema import Person, Upload
from weldspot_desktop.store.uploads import State


@pytest.fixture
def database(store_place: Path | str) -> Iterator[Database]:
    database = Database(store_place)
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        yield session


@pytest.fixture
def bo(session: Session) -> Person:
    return reviewer(session, "Bo")


@pytest.fixture
def anna(session: Session) -> Person:
    return reviewer(session, "Anna")


def mixed(session: Session, count: int = 40) -> list[Upload]:
    """Uploads of several states and groups; some were scored, some tie."""
    draw = random.Random(5)
    fill(session, 0)
    rows = []
    for number in range(count):
        sent = BEGIN + timedelta(seconds=draw.randrange(count // 2))
        group = draw.choice([None, "Werft", "Größe 50%"])
        row = uploads.add(session, arrival(number, sent=sent, group=group, audit=draw.random() < 0.1))
        row.state = draw.choice([State.NEW, State.NEW, State.FLAGGED, State.CONFIRMED]).value
        row.lot = draw.random()
        if draw.random() < 0.7:
            row.uncertainty, row.disagreement = round(draw.random(), 1), round(draw.random(), 1)
        rows.append(row)
    session.flush()
    return rows


def plainly(rows: list[Upload], scope: Scope, order: Order) -> list[int]:
    """The same by sorting in Python."""
    found = [row for row in rows if State(row.state) in scope.states]
    if scope.group is not None:
        found = [row for row in found if row.group == scope.group]
    if order is Order.AUDIT:
        found = [row for row in found if row.lot < scope.audit_share or row.audit]
        return [row.id for row in sorted(found, key=lambda row: (row.lot, row.id))]
    key = {Order.NEWEST: "sent", Order.UNCERTAIN: "uncertainty", Order.DISAGREEMENT: "disagreement"}[order]
    scored = [row for row in found if getattr(row, key) is not None]
    others = [row for row in found if getattr(row, key) is None]
    return [
        row.id
        for row in [
            *sorted(scored, key=lambda row: (getattr(row, key), row.id), reverse=True),
            *sorted(others, key=lambda row: row.id, reverse=True),
        ]
    ]


SCOPES = [
    Scope(),
    Scope(states=(State.NEW,), group="Werft"),
    Scope(states=tuple(State), audit_share=0.4),
    Scope(states=(State.REJECTED,)),
    Scope(states=()),
]


@pytest.mark.parametrize("order", Order)
def test_list_and_steps_follow_the_same_order(session: Session, bo: Person, order: Order) -> None:
    rows = mixed(session)
    for scope in SCOPES:
        expected = plainly(rows, scope, order)
        found = review_queue.ids(session, scope, order)
        assert list(found) == expected
        assert [row.id for row in review_queue.rows(session, found)] == expected
        stepped: list[int] = []
        while step := review_queue.take(session, scope, order, bo, token="t", after=stepped[-1] if stepped else None):
            stepped.append(step.id)
        assert stepped == expected
        review_queue.release(session, token="t")


def test_words_and_groups_narrow_the_list(session: Session) -> None:
    fill(session, 2)
    wide = uploads.add(session, arrival(7, uid="Träger", weld_id="W-17", group="Größe 50%"))
    bad = uploads.add(session, arrival(8, reason="The name has no pairs.", group="Werft"))
    session.flush()

    def found(words: str, **more: object) -> list[int]:
        scope = Scope(**({"states": tuple(State), "text": words} | more))
        return sorted(review_queue.ids(session, scope, Order.NEWEST))

    assert found("w-17 träger") == [wide.id]
    assert found("50%") == [wide.id]
    assert found("%") == [wide.id]
    assert found("no PAIRS") == [bad.id]
    assert found("no PAIRS", states=(State.NEW,)) == []
    assert found("W8.jpg uploads") == [bad.id]
    assert found("w", group="Werft") == [bad.id]
    assert review_queue.groups(session) == ["Größe 50%", "Werft"]


def test_rows_that_are_not_there_are_left_out(session: Session) -> None:
    numbers = fill(session, 3)
    asked = [numbers[2], 99999, numbers[0]]
    assert [row.id for row in review_queue.rows(session, asked)] == [numbers[2], numbers[0]]


# -- leases ------------------------------------------------------------------------------------------------------


def test_two_reviewers_never_hold_the_same_upload(session: Session, bo: Person, anna: Person) -> None:
    numbers = fill(session, 3)
    newest = review_queue.take(session, Scope(), Order.NEWEST, bo, token="b")
    other = review_queue.take(session, Scope(), Order.NEWEST, anna, token="a")
    assert newest is not None
    assert other is not None
    assert [newest.id, other.id] == numbers[:0:-1]
    assert not review_queue.lease(session, newest.id, anna, token="a")
    assert review_queue.lease(session, newest.id, bo, token="b"), "one's own is no obstacle"
    assert not review_queue.lease(session, newest.id, bo, token="b2"), "two windows of one person are two reviewers"
    assert review_queue.holder(session, newest, token="a") is bo
    assert review_queue.holder(session, newest, token="b") is None
    again = review_queue.take(session, Scope(), Order.NEWEST, bo, token="b")
    assert again is not None
    assert again.id == newest.id
    review_queue.release(session, token="a", upload_id=newest.id)
    assert not review_queue.lease(session, newest.id, anna, token="a"), "nobody gives back what others hold"
    review_queue.release(session, token="b", upload_id=newest.id)
    assert review_queue.lease(session, newest.id, anna, token="a")
    review_queue.release(session, token="a")
    assert review_queue.take(session, Scope(), Order.NEWEST, bo, token="b", after=numbers[0]) is None


def test_a_lease_ends_by_itself_and_can_be_renewed_while_nobody_took_over(
    session: Session, bo: Person, anna: Person
) -> None:
    (number,) = fill(session, 1)
    assert review_queue.lease(session, number, bo, token="b", seconds=0)
    assert review_queue.renew(session, number, token="b", seconds=60)
    assert not review_queue.lease(session, number, anna, token="a")
    assert review_queue.renew(session, number, token="b", seconds=0)
    assert review_queue.lease(session, number, anna, token="a")
    assert not review_queue.renew(session, number, token="b")
    until = session.get_one(Upload, number, populate_existing=True).lease_until
    assert until is not None
    assert timedelta(seconds=100) < until - clock.now(session) <= timedelta(seconds=120)


def test_a_lease_from_a_clock_that_stood_wrong_does_not_last_for_ever(
    session: Session, bo: Person, anna: Person
) -> None:
    (number,) = fill(session, 1)
    assert review_queue.lease(session, number, bo, token="b", seconds=10**9)
    assert not review_queue.lease(session, number, anna, token="a")
    late = clock.now(session) + timedelta(seconds=LONGEST_LEASE_SECONDS + 60)
    session.execute(update(Upload).values(lease_until=late))
    assert review_queue.holder(session, session.get_one(Upload, number, populate_existing=True)) is None
    assert review_queue.lease(session, number, anna, token="a")


@pytest.mark.postgresql
def test_the_clock_of_the_server_counts(postgresql_server, monkeypatch: pytest.MonkeyPatch) -> None:
    class WrongClock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2001, 1, 1, tzinfo=UTC)

    with postgresql_server.database() as address:
        database = Database(address)
        with database.write() as session:
            bo = reviewer(session, "Bo")
            numbers = fill(session, 1)
            monkeypatch.setattr(clock, "datetime", WrongClock)
            assert review_queue.lease(session, numbers[0], bo, token="b", seconds=60)
            remaining = session.scalar(text("SELECT lease_until - clock_timestamp() FROM upload"))
            assert timedelta(seconds=50) < remaining <= timedelta(seconds=60)
        database.close()


def test_reviewers_at_once_share_the_queue_without_a_meeting(database: Database) -> None:
    with database.write() as session:
        fill(session, 60)
        crew = [reviewer(session, name) for name in ("Anna", "Bo", "Cy")]
    taken: dict[str, list[int]] = {person.name: [] for person in crew}

    def work(person: Person) -> None:
        while True:
            with database.write() as session:
                found = review_queue.take(session, Scope(), Order.NEWEST, person, token=person.name)
                if found is None:
                    return
                taken[person.name].append(found.id)
            with database.write() as session:
                decisions.decide(session, found.id, action=Action.CONFIRMED, person=person, token=person.name)

    threads = [threading.Thread(target=work, args=(person,)) for person in crew]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(chain(*taken.values())) == list(range(1, 61))
    with database.read() as session:
        assert uploads.counts(session)[State.CONFIRMED] == 60


# -- the audit sample --------------------------------------------------------------------------------------------


def test_the_audit_sample_is_kept_by_who_was_drawn_and_tells_how_far_it_is(session: Session, bo: Person) -> None:
    numbers = fill(session, 10)
    for place, number in enumerate(numbers):
        session.get_one(Upload, number).lot = place / 10
    uploads.add(session, arrival(77, audit=True)).lot = 0.99
    session.flush()
    scope = Scope(audit_share=0.3)
    assert list(review_queue.ids(session, scope, Order.AUDIT)) == [*numbers[:3], 11]
    # One of the sample is decided in another order: it counts, but was not drawn.
    decisions.decide(session, numbers[1], action=Action.CONFIRMED, person=bo)
    drawn = review_queue.take(session, scope, Order.AUDIT, bo, token="b")
    assert drawn is not None
    assert drawn.id == numbers[0]
    decided = decisions.decide(session, drawn.id, action=Action.CONFIRMED, person=bo, token="b")
    decisions.decide(session, numbers[2], action=Action.REJECTED, reason="blurred", person=bo)
    assert review_queue.audit_progress(session, scope) == (2, 1, 1)
    assert review_queue.lease(session, numbers[9], bo, token="b", order=Order.AUDIT)
    flags = {row.id: row.audit for row in session.query(Upload)}
    assert sorted(number for number, audit in flags.items() if audit) == [numbers[0], numbers[9], 11]
    # A smaller share later does not forget who was drawn.
    assert review_queue.audit_progress(session, Scope(audit_share=0.0)) == (1, 2, 0)
    decisions.undo(session, decided.id, person=bo)
    assert session.get_one(Upload, drawn.id).audit


def test_what_others_look_at_is_found_whatever_its_state(session, anna, bo):
    rows = mixed(session)
    first, second, third, fourth = (row.id for row in rows[:4])
    rows[1].state, rows[2].group = State.CONFIRMED.value, "Werft"
    session.flush()
    for number, person, token in ((first, anna, "hers"), (second, bo, "his"), (third, bo, "his too")):
        assert review_queue.lease(session, number, person, token=token)
    assert review_queue.lease(session, fourth, bo, token="over", seconds=0.0)
    assert review_queue.in_review(session, Scope()) == [third, second, first]
    assert review_queue.in_review(session, Scope(), token="hers") == [third, second]
    assert third in review_queue.in_review(session, Scope(group="Werft"))
    assert review_queue.in_review(session, Scope(text="nowhere at all")) == []
