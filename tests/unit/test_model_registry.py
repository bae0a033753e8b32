"""The list of models: taking in, using, rolling back, retiring, and what the trail says of it."""

import json
from pathlib import Path

import pytest
from model_surgery import STARTER, with_card
from sqlalchemy import select

from weldspot_desktop.context import Context
from weldspot_desktop.lifecycle import deciding
from weldspot_desktop.model import ModelFileError
from weldspot_desktop.registry import models, taking_in
from weldspot_desktop.registry.gate import Check, Found, Outcome
from weldspot_desktop.registry.listing import Listed, Origin, RegistryError, State
from weldspot_desktop.registry.taking_in import TakingInError
from weldspot_desktop.store import people, trail
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import ModelChoice, Person, TrailEntry

GRAPH = STARTER.read_bytes()


@pytest.fixture
def context(workspace: Path) -> Context:
    opened = Context(workspace)
    yield opened
    opened.close()


def added(context: Context, folder: Path, version: int) -> Listed:
    """Another model: the shipped graph under another card, so another file."""
    with_card(folder / f"from-{version}", GRAPH, version=version)
    return deciding.register_folder(context, folder / f"from-{version}", person=None)


def outcome(model: Listed, passed: bool = True) -> Outcome:
    found = Found.PASSED if passed else Found.FAILED
    return Outcome(model.sha256, "0" * 64, (Check("all", found, "Everything was looked at.", {}),))


def promote(context: Context, model: Listed, **how: object) -> None:
    with context.database.write() as session:
        models.promote(
            session,
            model,
            **({"person": None, "outcome": outcome(model)} | how),  # type: ignore[arg-type]
        )


def states(context: Context) -> dict[int, set[str]]:
    return {model.number: {state.value for state in model.states} for model in deciding.listed(context)}


def entries(context: Context) -> list[TrailEntry]:
    with context.database.read() as session:
        assert trail.first_fault(session) is None
        return [e for e in session.scalars(select(TrailEntry).order_by(TrailEntry.number)) if "model" in e.action]


def add_person(context: Context, name: str) -> Person:
    with context.database.write() as session:
        people.add(session, name=name, role=Role.MANAGER, by="system")
    person = context.person(name)
    assert person is not None
    return person


def test_the_starter_model_is_number_zero_and_in_use(context: Context) -> None:
    (starter,) = deciding.listed(context)
    assert (starter.number, starter.origin, starter.states) == (0, Origin.SHIPPED, {State.ACTIVE})
    assert starter.path == STARTER
    assert [file["precision"] for file in starter.files] == ["float16", "int8"]
    with pytest.raises(RegistryError, match="cannot be retired"):
        deciding.retire(context, starter, person=None)
    with pytest.raises(RegistryError, match="There is no earlier model"):
        deciding.roll_back(context, person=None)


def test_promoting_and_rolling_back_change_what_judges_at_once(context: Context, tmp_path: Path) -> None:
    other = Context(context.workspace.root)
    try:
        first, second = added(context, tmp_path, 4), added(context, tmp_path, 5)
        assert states(context) == {0: {"active"}, 1: {"candidate"}, 2: {"candidate"}}
        before = other.inspector().model
        assert before.card.version == 3
        assert not other.refresh_model()
        promote(context, first)
        promote(context, second)
        # Another program on the same workspace: asked by a timer, or by itself when it judges next.
        assert other.model is before
        assert other.refresh_model()
        assert not other.refresh_model()
        assert other.model.card.version == 5
        assert deciding.roll_back(context, person=None).number == 1
        assert other.inspector().model.card.version == 4
        assert context.inspector().model.card.version == 4
        assert deciding.roll_back(context, person=None).number == 0
        assert other.inspector().model.path == STARTER
        assert states(context) == {0: {"active"}, 1: {"candidate"}, 2: {"candidate"}}
    finally:
        other.close()
    assert [(e.action, e.subject) for e in entries(context)] == [
        ("model added", "model 1"),
        ("model added", "model 2"),
        ("model in use", "model 1"),
        ("model in use", "model 2"),
        ("model rolled back", "model 1"),
        ("model rolled back", "model 0"),
    ]


def test_rolling_back_goes_the_way_that_was_come(context: Context, tmp_path: Path) -> None:
    one, two, three = (added(context, tmp_path, version) for version in (4, 5, 6))
    promote(context, one)
    promote(context, two)
    assert deciding.roll_back(context, person=None).number == one.number
    promote(context, three)
    # Not to the second, which was rolled back from.
    assert deciding.roll_back(context, person=None).number == one.number
    promote(context, two)
    promote(context, three)
    deciding.retire(context, deciding.find(context, "2"), person=None)
    assert deciding.roll_back(context, person=None).number == one.number
    assert deciding.roll_back(context, person=None).number == 0


def test_a_file_chosen_at_the_start_stays(context: Context, tmp_path: Path) -> None:
    fixed = Context(context.workspace.root, model=STARTER)
    promote(context, added(context, tmp_path, 4))
    assert not fixed.refresh_model()
    assert fixed.inspector().model.path == STARTER
    fixed.close()


def test_the_gate_holds_a_model_back_unless_a_person_says_why(context: Context, tmp_path: Path) -> None:
    model = added(context, tmp_path, 4)
    with pytest.raises(RegistryError, match=r"The gate does not pass this model\. Everything was looked at\."):
        promote(context, model, outcome=outcome(model, passed=False))
    with pytest.raises(RegistryError, match="The gate was not asked"):
        promote(context, model, outcome=None)
    with pytest.raises(RegistryError, match="Only a person with a name"):
        promote(context, model, outcome=outcome(model, passed=False), reason="urgent")
    person = add_person(context, "Ada")
    with pytest.raises(RegistryError, match="Sign in first"):
        promote(context, model)
    assert states(context)[0] == {"active"}
    promote(context, model, outcome=outcome(model, passed=False), reason="the  camera is new", person=person)
    last = entries(context)[-1]
    details = json.loads(last.details)
    assert (last.person, details["overridden"], details["reason"]) == ("Ada", True, "the camera is new")
    assert details["gate"]["checks"][0]["found"] == "failed"
    with context.database.read() as session:
        (choice,) = session.scalars(select(ModelChoice))
        assert choice.gate is not None
        assert choice.reason == "the camera is new"


def test_using_what_is_used_leaves_no_entry(context: Context, tmp_path: Path) -> None:
    model = added(context, tmp_path, 4)
    promote(context, model)
    count = len(entries(context))
    promote(context, model)
    assert added(context, tmp_path, 4).number == model.number
    assert len(entries(context)) == count


def test_retiring(context: Context, tmp_path: Path) -> None:
    model = added(context, tmp_path, 4)
    promote(context, model)
    with pytest.raises(RegistryError, match="is in use"):
        deciding.retire(context, model, person=None)
    deciding.roll_back(context, person=None)
    deciding.retire(context, model, person=None)
    deciding.retire(context, model, person=None)
    assert states(context)[1] == {"retired"}
    assert model.path.is_file()
    with pytest.raises(RegistryError, match="is retired"):
        promote(context, model)
    deciding.retire(context, model, person=None, back=True)
    assert states(context)[1] == {"candidate"}
    with context.database.write() as session:
        publication = {"destination": "local:/x", "sha256": model.sha256, "version": 1, "path": "p", "key_id": None}
        assert models.note_publication(session, model, **publication, receipt="r", person=None)  # type: ignore[arg-type]
        assert not models.note_publication(session, model, **publication, receipt="r", person=None)  # type: ignore[arg-type]
    assert states(context)[1] == {"published"}
    with pytest.raises(RegistryError, match="is published at local:/x"):
        deciding.retire(context, model, person=None)
    assert [e.action for e in entries(context)][-3:] == ["model retired", "model brought back", "model published"]


def test_a_model_that_is_gone_is_told_and_can_be_rolled_back_from(context: Context, tmp_path: Path) -> None:
    model = added(context, tmp_path, 4)
    promote(context, model)
    model.path.unlink()
    with pytest.raises(ModelFileError, match="weldspot models rollback"):
        context.inspector()
    deciding.roll_back(context, person=None)
    assert context.inspector().model.path == STARTER


def test_models_are_found_by_number_hash_and_name(context: Context, tmp_path: Path) -> None:
    model = added(context, tmp_path, 4)
    for text in ("1", model.sha256, model.sha256[:12]):
        assert deciding.find(context, text) == model
    assert deciding.find(context, "starter").number == 0
    assert deciding.find(context, "active").number == 0
    for text in ("2", "weld", "", model.sha256[:7], "-1"):
        with pytest.raises(RegistryError, match="There is no model"):
            deciding.find(context, text)
    with pytest.raises(RegistryError, match="has no float32 file, only int8"):
        model.file_of("float32")


def test_a_new_training_gets_a_free_version(context: Context, tmp_path: Path) -> None:
    with context.database.read() as session:
        assert (models.next_version(session, "weld"), models.next_version(session, "other")) == (4, 1)
    added(context, tmp_path, 7)
    with context.database.read() as session:
        assert models.next_version(session, "weld") == 8


def test_only_whole_models_are_taken_in(context: Context, tmp_path: Path) -> None:
    with pytest.raises(TakingInError, match="There is no model in"):
        deciding.register_folder(context, tmp_path, person=None)
    path = with_card(tmp_path / "cut", GRAPH, version=4)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError, match="is not the file its card describes"):
        deciding.register_folder(context, path.parent, person=None)
    with_card(tmp_path / "mixed", GRAPH, version=4)
    with_card(tmp_path / "mixed", GRAPH, version=5, precision="int8")
    with pytest.raises(TakingInError, match="are not of one training"):
        deciding.register_folder(context, tmp_path / "mixed", person=None)
    with_card(tmp_path / "good", GRAPH, version=6)
    add_person(context, "Ada")
    with pytest.raises(RegistryError, match="Sign in first"):
        deciding.register_folder(context, tmp_path / "good", person=None)
    assert not list(context.workspace.models.iterdir())


def test_a_full_disk_leaves_no_part_of_a_model(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_card(tmp_path / "new", GRAPH, version=4)
    assert context.database is not None

    def full(path: Path, content: bytes) -> None:
        if path.suffix == ".json":
            raise OSError(28, "No space left on device")
        path.write_bytes(content)

    monkeypatch.setattr(taking_in, "_write", full)
    with pytest.raises(TakingInError, match="No space left on device"):
        deciding.register_folder(context, tmp_path / "new", person=None)
    assert not list(context.workspace.models.iterdir())
    assert states(context) == {0: {"active"}}
