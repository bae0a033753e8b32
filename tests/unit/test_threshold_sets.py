"""Threshold sets of a workspace: named once, never changed, chosen by a person, logged, and used by every inspector."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.store import people, threshold_sets, trail
from weldspot_desktop.store.inspections import get
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Person, StoredThresholds, TrailEntry
from weldspot_desktop.store.threshold_sets import AS_SHIPPED, ThresholdSetError
from weldspot_desktop.verdict import ThresholdSet

SAMPLES = Path(__file__).parent.parent.parent / "resources" / "samples"


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    opened = Context(workspace)
    yield opened
    opened.close()


def careful(name: str = "careful") -> ThresholdSet:
    return ThresholdSet(name=name, lower=(0.01,) * 7, upper=(0.02,) * 7)


def make(context: Context, thresholds: ThresholdSet, person: Person | None = None) -> StoredThresholds:
    return context.make_thresholds(thresholds, preset=None, basis={"rests_on": ["by hand"]}, person=person)


def entries(context: Context) -> list[tuple[str, str, str, dict[str, object]]]:
    with context.database.read() as session:
        assert trail.first_fault(session) is None
        rows = session.scalars(select(TrailEntry).order_by(TrailEntry.number))
        return [(row.person, row.action, row.subject, json.loads(row.details)) for row in rows]


def test_the_chosen_set_is_what_inspectors_use_and_records_name(context: Context) -> None:
    shipped = context.model.card.thresholds
    assert context.inspector().thresholds == shipped
    made = make(context, careful())
    assert context.thresholds() == shipped
    assert context.choose_thresholds("Careful", person=None) == careful()
    inspector = context.inspector()
    assert inspector.thresholds == careful()
    judged = inspector.file(next(SAMPLES.glob("*.jpg")))
    number = context.recorder(inspector).record([ToRecord(judged)], source=Source.IMPORT, person=None)[0]
    with context.database.read() as session:
        row = get(session, number)
        assert row is not None
        assert (row.thresholds_name, row.thresholds_digest) == ("careful", made.digest)
        assert ThresholdSet.model_validate(row.thresholds) == careful()
    assert context.choose_thresholds(AS_SHIPPED, person=None) == shipped
    assert context.thresholds() == shipped


def test_looking_without_a_workspace_makes_none(context: Context, workspace: Path) -> None:
    assert context.inspector().thresholds == context.model.card.thresholds
    assert not workspace.exists()


@pytest.mark.usefixtures("each_database")
def test_the_trail_tells_old_and_new(context: Context) -> None:
    shipped = context.model.card.thresholds
    first, second = make(context, careful("one")), make(context, careful("two"))
    for name in ("one", "two", "two", AS_SHIPPED):
        context.choose_thresholds(name, person=None)
    logged = entries(context)
    assert [(person, action, subject) for person, action, subject, _ in logged] == [
        ("system", "threshold set made", "threshold set one"),
        ("system", "threshold set made", "threshold set two"),
        ("system", "threshold set chosen", "threshold set one"),
        ("system", "threshold set chosen", "threshold set two"),
        ("system", "threshold set chosen", f"threshold set {AS_SHIPPED}"),
    ]
    assert logged[0][3]["lower"] == [0.01] * 7
    changes = [(details["before"], details["after"]) for *_, details in logged[2:]]
    assert [(before["digest"], after["digest"]) for before, after in changes] == [  # type: ignore[index]
        (shipped.digest, first.digest),
        (first.digest, second.digest),
        (second.digest, shipped.digest),
    ]


@pytest.mark.parametrize("name", ["taken", "  TAKEN ", "as shipped", "Balanced", "", " ", "x" * 81, "a\x07b"])
def test_a_name_is_used_once_and_can_be_read(context: Context, name: str) -> None:
    make(context, careful("taken"))
    with pytest.raises(ThresholdSetError):
        make(context, careful().model_copy(update={"name": name}))
    assert len(entries(context)) == 1


def test_sets_belong_to_one_model_file(context: Context) -> None:
    make(context, careful())
    context.choose_thresholds("careful", person=None)
    shipped = context.model.card.thresholds
    with context.database.write() as session:
        assert threshold_sets.chosen(session, "0" * 64) is None
        assert threshold_sets.every(session, "0" * 64) == []
        with pytest.raises(ThresholdSetError, match="no threshold set"):
            threshold_sets.choose(session, model_sha256="0" * 64, shipped=shipped, name="careful", person=None)
    other = Context(
        context.workspace.root, model=context.model.path.with_name(context.model.path.name.replace("int8", "float16"))
    )
    assert other.thresholds() == other.model.card.thresholds
    other.close()


@pytest.mark.usefixtures("each_database")
def test_where_people_are_known_one_of_them_has_to_be_signed_in(context: Context) -> None:
    with context.database.write() as session:
        ada = people.add(session, name="Ada", role=Role.INSPECTOR, by="system")
    with pytest.raises(ThresholdSetError, match="Sign in first"):
        make(context, careful())
    stranger = Person(id=99, name="Nobody", role=Role.MANAGER.value, active=True)
    with pytest.raises(ThresholdSetError, match="Sign in first"):
        make(context, careful(), stranger)
    assert make(context, careful(), ada).person_id == ada.id
    with pytest.raises(ThresholdSetError, match="Sign in first"):
        context.choose_thresholds("careful", person=None)
    assert context.thresholds() == context.model.card.thresholds
    context.choose_thresholds("careful", person=ada)
    assert [(person, action) for person, action, *_ in entries(context)][1:] == [
        ("Ada", "threshold set made"),
        ("Ada", "threshold set chosen"),
    ]


def test_a_set_that_was_altered_is_not_judged_with(context: Context) -> None:
    make(context, careful())
    context.choose_thresholds("careful", person=None)
    with context.database.write() as session:
        values = careful().model_dump(mode="json") | {"lower": [0.0] * 7}
        session.execute(update(StoredThresholds).values(thresholds=values))
    with pytest.raises(ThresholdSetError, match="was altered"):
        context.inspector()
    context.choose_thresholds(AS_SHIPPED, person=None)
    assert context.inspector().thresholds == context.model.card.thresholds
    with pytest.raises(ThresholdSetError, match="was altered"):
        context.choose_thresholds("careful", person=None)
