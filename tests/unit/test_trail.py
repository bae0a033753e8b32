"""The trail: what was altered, removed or moved is named."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, update
from sqlalchemy.orm import Session

from weldspot_desktop.store import Database, trail
from weldspot_desktop.store.schema import Base, TrailEntry

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ENTRIES = st.lists(
    st.tuples(TEXT, TEXT, TEXT, st.dictionaries(TEXT, st.none() | st.integers() | TEXT)), min_size=3, max_size=9
)


@contextmanager
def memory() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def written(session: Session, entries: list) -> list[TrailEntry]:
    rows = [
        trail.append(session, person=person, action=action, subject=subject, details=details)
        for person, action, subject, details in entries
    ]
    session.commit()
    return rows


def faults(session: Session) -> str | None:
    session.expire_all()
    return trail.first_fault(session)


@settings(max_examples=30, deadline=None)
@given(ENTRIES)
def test_an_untouched_chain_holds(entries: list) -> None:
    with memory() as session:
        rows = written(session, entries)
        assert faults(session) is None
        assert [row.number for row in rows] == list(range(1, len(entries) + 1))
        assert rows[0].previous == trail.START
        assert all(row.previous == before.hash for before, row in pairwise(rows))


@settings(max_examples=40, deadline=None)
@given(ENTRIES, st.data())
def test_any_altered_field_is_named(entries: list, data: st.DataObject) -> None:
    with memory() as session:
        rows = written(session, entries)
        row = data.draw(st.sampled_from(rows))
        column, value = data.draw(
            st.sampled_from(
                [
                    ("person", row.person + "x"),
                    ("action", row.action + " "),
                    ("subject", "another " + row.subject),
                    ("details", '{"forged": 1}'),
                    ("at", datetime(2001, 1, 1, tzinfo=UTC)),
                ]
            )
        )
        session.execute(update(TrailEntry).where(TrailEntry.number == row.number).values({column: value}))
        assert faults(session) == f"entry {row.number} was altered"


@settings(max_examples=30, deadline=None)
@given(ENTRIES, st.data())
def test_an_altered_entry_with_its_hash_made_new_is_named(entries: list, data: st.DataObject) -> None:
    with memory() as session:
        rows = written(session, entries)
        row = data.draw(st.sampled_from(rows[:-1]))
        row.person += "x"
        row.hash = trail.entry_hash(row)
        session.flush()
        rewritten = f"entry {row.number} was rewritten: entry {row.number + 1} continues another one in its place"
        assert faults(session) == rewritten


@settings(max_examples=30, deadline=None)
@given(ENTRIES, st.data())
def test_a_removed_entry_is_named(entries: list, data: st.DataObject) -> None:
    with memory() as session:
        number = data.draw(st.integers(1, len(entries) - 1))
        written(session, entries)
        session.execute(delete(TrailEntry).where(TrailEntry.number == number))
        assert faults(session) == f"entry {number} is missing"


@settings(max_examples=30, deadline=None)
@given(ENTRIES, st.data())
def test_two_entries_that_changed_places_are_named(entries: list, data: st.DataObject) -> None:
    with memory() as session:
        first = data.draw(st.integers(1, len(entries) - 1))
        written(session, entries)
        for old, new in ((first, -1), (first + 1, first), (-1, first + 1)):
            session.execute(update(TrailEntry).where(TrailEntry.number == old).values(number=new))
        assert faults(session) == f"entry {first} does not follow entry {first - 1}"


def test_a_chain_alone_does_not_see_its_tail_cut() -> None:
    """The stated limit: the signed head is what sees it."""
    with memory() as session:
        written(session, [("a", "b", "c", {})] * 4)
        session.execute(delete(TrailEntry).where(TrailEntry.number == 4))
        assert faults(session) is None


def test_an_empty_trail_holds() -> None:
    with memory() as session:
        assert faults(session) is None


def test_details_are_plain_json_without_nan() -> None:
    with memory() as session:
        first = trail.append(session, person="Åsa", action="a", subject="s", details={})
        assert list(json.loads(first.details)) == [trail.WORKSPACE], "the first entry numbers the workspace"
        row = trail.append(session, person="Åsa", action="a", subject="s", details={"b": "ü", "a": [1, None]})
        assert json.loads(row.details) == {"a": [1, None], "b": "ü"}
        with pytest.raises(ValueError, match="JSON"):
            trail.append(session, person="x", action="a", subject="s", details={"a": math.nan})


def test_the_hash_survives_the_database(store_place: Path | str) -> None:
    database = Database(store_place)
    with database.write() as session:
        trail.append(session, person="Åsa", action="a", subject="s", details={"x": 0.1})
    with database.write() as session:
        trail.append(session, person="Åsa", action="b", subject="s", details={})
    database.close()
    again = Database(store_place)
    with again.read() as session:
        assert trail.first_fault(session) is None
    again.close()


def test_an_entry_vanishes_with_the_transaction_that_it_describes(store_place: Path | str) -> None:
    database = Database(store_place)

    def interrupted() -> None:
        with database.write() as session:
            trail.append(session, person="x", action="a", subject="s", details={})
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        interrupted()
    with database.write() as session:
        assert trail.append(session, person="x", action="a", subject="s", details={}).number == 1
    database.close()
