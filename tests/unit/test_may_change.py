"""Who may change whom."""

import pytest

from weldspot_desktop.store.people import Role, may_change
from weldspot_desktop.store.schema import Person


def person(number: int, role: Role = Role.INSPECTOR, *, pin: bool = False) -> Person:
    return Person(id=number, name=f"P{number}", role=role.value, pin_hash="x$y" if pin else None, active=True)


@pytest.mark.parametrize(
    ("actor", "allowed"),
    [
        (None, False),
        (person(2), False),
        (person(2, Role.REVIEWER, pin=True), False),
        (person(2, Role.MANAGER), True),
        (person(1, pin=True), True),
    ],
)
def test_a_person_with_a_pin(actor: Person | None, allowed: bool) -> None:
    assert may_change(actor, person(1, pin=True)) is allowed


def test_a_person_without_a_pin_is_changed_by_anyone() -> None:
    assert may_change(None, person(1))
