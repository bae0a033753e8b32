"""Measured findings: entered by a person, never changed, only superseded; each is vouched for by the trail."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.store import findings, inspections, people
from weldspot_desktop.store.findings import Disposition, FindingError, Measured
from weldspot_desktop.store.imperfections import BY_CODE, IMPERFECTIONS
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Inspection, Person

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    opened = Context(workspace)
    with opened.database.write() as session:
        people.add(session, name="Åsa", role=Role.INSPECTOR, by="system")
        row = Inspection(created=datetime.now(UTC), source="import", origin="a.jpg", reason="", classes=[], weld={})
        inspections.add(session, [row], person="system")
    yield opened
    opened.close()


@pytest.fixture
def asa(context: Context) -> Person:
    found = context.person("Åsa")
    assert found is not None
    return found


def test_a_finding_is_superseded_and_stays_readable(context: Context, asa: Person) -> None:
    with context.database.write() as session:
        first = findings.add(session, 1, Measured("2017", 1.2, (0.1, 0.1, 0.2, 0.3)), person=asa)
    with context.database.write() as session:
        again = Measured("2017", 1.6, disposition=Disposition.REPAIR, repair_cycle=1, note=" measured again ")
        findings.add(session, 1, again, person=asa, supersedes=first.id)
        other = findings.add(session, 1, Measured("104"), person=asa)
    with context.database.write() as session:
        findings.add(session, 1, Measured("104", disposition=Disposition.VOID), person=asa, supersedes=other.id)
    with context.database.read() as session:
        assert findings.words(findings.holding_of(session, [1])[1]) == [
            "2017 Surface pore, 1.6 mm, repair, after repair 1"
        ]
        entered = findings.history(session, 1)
        assert [row.id for row in entered] == [1, 2, 3, 4]
        superseded = {row.supersedes for row in entered}
        assert [row.id for row in entered if row.id not in superseded] == [2, 4]
        assert findings.history(session, 1)[1].note == "measured again"
    found = context.verify_trail(lambda done, total: None)
    assert (found.sound, found.records) == (True, 5)
    with context.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE finding SET size_mm = 0.1 WHERE id = 2")
    assert context.verify_trail(lambda done, total: None).summary().startswith("Finding 2 was altered after entry 4")


def test_two_people_cannot_replace_the_same_finding(context: Context, asa: Person) -> None:
    with context.database.write() as session:
        findings.add(session, 1, Measured("2017"), person=asa)
        findings.add(session, 1, Measured("2013"), person=asa, supersedes=1)
    with pytest.raises(FindingError, match="meanwhile"), context.database.write() as session:
        findings.add(session, 1, Measured("2011"), person=asa, supersedes=1)


@pytest.mark.parametrize(
    "measured",
    [
        Measured("9999"),
        Measured("2017", 0.0),
        Measured("2017", math.nan),
        Measured("2017", 1e9),
        Measured("2017", repair_cycle=-1),
        Measured("2017", note="x" * 2001),
    ],
)
def test_what_cannot_be_measured_is_refused(context: Context, asa: Person, measured: Measured) -> None:
    with pytest.raises(FindingError), context.database.write() as session:
        findings.add(session, 1, measured, person=asa)
    with context.database.read() as session:
        assert findings.history(session, 1) == []


def test_nobody_and_nothing_are_refused(context: Context, asa: Person) -> None:
    with pytest.raises(FindingError, match="signed in"), context.database.write() as session:
        findings.add(session, 1, Measured("100"), person=None)
    with pytest.raises(FindingError, match="no inspection 7"), context.database.write() as session:
        findings.add(session, 7, Measured("100"), person=asa)
    with pytest.raises(FindingError, match="no finding 3"), context.database.write() as session:
        findings.add(session, 1, Measured("100"), person=asa, supersedes=3)


def test_every_imperfection_has_its_own_number_and_a_class_of_defects() -> None:
    assert len(BY_CODE) == len(IMPERFECTIONS)
    assert {kind.class_index for kind in IMPERFECTIONS} == set(labels.DEFECTS)
