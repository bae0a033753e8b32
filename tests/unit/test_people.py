"""People: names, roles and PINs, each change in the trail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop.store import Database, people, trail
from weldspot_desktop.store.people import PersonError, Role
from weldspot_desktop.store.schema import Person, TrailEntry


@pytest.fixture
def session(store_place: Path | str) -> Iterator[Session]:
    database = Database(store_place)
    with database.write() as session:
        yield session
        assert trail.first_fault(session) is None
    database.close()


def add(session: Session, name: str, role: Role = Role.INSPECTOR, pin: str | None = None) -> Person:
    return people.add(session, name=name, role=role, pin=pin, by="system")


def actions(session: Session) -> list[tuple[str, str]]:
    return [(row.action, row.subject) for row in session.scalars(select(TrailEntry).order_by(TrailEntry.number))]


def test_people_come_by_name_and_those_who_left_only_when_asked(session: Session) -> None:
    add(session, "Bo")
    anna = add(session, "  Anna   Berg ")
    assert [person.name for person in people.everyone(session)] == ["Anna Berg", "Bo"]
    people.set_active(session, anna, False, by="Bo")
    assert [person.name for person in people.everyone(session)] == ["Bo"]
    assert [person.name for person in people.everyone(session, former=True)] == ["Anna Berg", "Bo"]
    people.set_active(session, anna, True, by="Bo")
    assert [action for action, subject in actions(session) if subject == "Anna Berg"] == [
        "person added",
        "person left",
        "person came back",
    ]


@pytest.mark.parametrize("name", ["", "   ", "a" * 121])
def test_an_impossible_name_is_refused(session: Session, name: str) -> None:
    with pytest.raises(PersonError, match="1 to 120"):
        add(session, name)


def test_a_name_is_given_once(session: Session) -> None:
    add(session, "Bo")
    with pytest.raises(PersonError, match="already"):
        add(session, " Bo ")


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "１２３４", "-123"])
def test_an_impossible_pin_is_refused_and_nobody_added(session: Session, pin: str) -> None:
    with pytest.raises(PersonError, match="four to twelve"):
        add(session, "Bo", pin=pin)
    assert people.everyone(session) == []
    assert actions(session) == []


def test_a_pin_is_checked_and_never_stored(session: Session) -> None:
    bo, anna, free = add(session, "Bo", pin="2468"), add(session, "Anna", pin="2468"), add(session, "Free")
    assert people.pin_matches(bo, "2468")
    assert not people.pin_matches(bo, "2469")
    assert not people.pin_matches(bo, "")
    assert people.pin_matches(free, "anything")
    assert bo.pin_hash is not None
    assert "2468" not in bo.pin_hash
    assert bo.pin_hash != anna.pin_hash
    assert not any("2468" in row.details for row in session.scalars(select(TrailEntry)))


def test_changing_role_keeps_or_replaces_the_pin(session: Session) -> None:
    bo = add(session, "Bo", pin="2468")
    people.change(session, bo, role=Role.REVIEWER, pin=None, keep_pin=True, by="Bo")
    assert bo.role == "reviewer"
    assert people.pin_matches(bo, "2468")
    people.change(session, bo, role=Role.REVIEWER, pin="13579", keep_pin=False, by="Bo")
    assert not people.pin_matches(bo, "2468")
    assert people.pin_matches(bo, "13579")
    people.change(session, bo, role=Role.MANAGER, pin=None, keep_pin=False, by="Bo")
    assert bo.pin_hash is None
    assert [action for action, _ in actions(session)] == ["person added"] + ["person changed"] * 3


def test_who_may_change_whom(session: Session) -> None:
    free, bo = add(session, "Free"), add(session, "Bo", pin="2468")
    boss = add(session, "Boss", Role.MANAGER, "9999")
    assert people.may_change(None, free)
    assert people.may_change(bo, bo)
    assert people.may_change(boss, bo)
    assert not people.may_change(None, bo)
    assert not people.may_change(free, bo)
    assert not people.may_change(bo, boss)
