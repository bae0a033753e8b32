"""`weldspot models thresholds`, from the same process."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from typer.testing import CliRunner

from weldspot_desktop.cli.app import app
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import people
from weldspot_desktop.store.people import Role


@pytest.fixture(autouse=True)
def settled(workspace: Path) -> Path:
    return workspace


def run(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, ["models", "thresholds", *words], input=answer)


def good(*words: str, answer: str = "") -> str:
    done = run(*words, answer=answer)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def refused(*words: str, answer: str = "") -> str:
    done = run(*words, answer=answer)
    assert isinstance(done.exception, ExpectedError), (done.output, done.exception)
    return str(done.exception)


def test_looking_needs_no_workspace(workspace: Path, crack_counts: SimpleNamespace) -> None:
    assert good("list").startswith("* as shipped")
    shown = json.loads(good("show", "--json"))
    assert shown["name"] == "balanced"
    assert shown["basis"]["classes"]["Crack"]["upper"]["recall"]["hits"] == crack_counts.found
    assert f"{crack_counts.found} of 139 cracks found (0." in good("show")
    assert not workspace.exists()


def test_a_preset_is_saved_used_and_left(workspace: Path) -> None:
    found = json.loads(good("preset", "miss-no-crack", "--allow", "10", "--save", "careful", "--use", "--json"))
    assert found["basis"]["allowed"] == 10
    assert "no more than 0.84" in found["basis"]["warnings"][0]
    listed = {row["name"]: row for row in json.loads(good("list", "--json"))}
    assert listed["careful"]["in_force"]
    assert listed["careful"]["digest"] == found["digest"]
    assert json.loads(good("show", "--json"))["basis"]["allowed"] == 10
    opened = Context(workspace)
    assert opened.inspector().thresholds.digest == found["digest"]
    opened.close()
    assert "balanced" in good("choose", "as shipped")
    assert [row["in_force"] for row in json.loads(good("list", "--json"))] == [True, False]


def test_costs_are_given_by_class() -> None:
    plain = json.loads(good("preset", "cost-based", "--json"))
    found = json.loads(
        good("preset", "cost-based", "--json", "--miss", "crack=2", "--share", "Crack=0.01", "--look", "0.4")
    )
    assert found["basis"]["costs"]["look"] == 0.4
    assert found["basis"]["costs"]["classes"]["Crack"] == {"miss": 2.0, "false_alarm": 1.0, "share": 0.01}
    assert found["lower"][2] > plain["lower"][2]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("preset", "brave"), "no preset"),
        (("preset", "cost-based", "--miss", "Crack"), "not CLASS=NUMBER"),
        (("preset", "cost-based", "--miss", "Background=3"), "no defect"),
        (("preset", "cost-based", "--miss", "Crack=-3"), "0 or more"),
        (("preset", "balanced", "--use"), "--save"),
        (("preset", "balanced", "--save", "balanced"), "ships"),
        (("show", "nothing"), "no threshold set"),
        (("choose", "nothing"), "no threshold set"),
        (("choose", "as shipped", "--person", "Nobody"), "not on the list"),
    ],
)
def test_what_cannot_be_done_is_said(words: tuple[str, ...], why: str) -> None:
    assert why in refused(*words)


def test_a_person_is_asked_for_and_gives_the_pin(workspace: Path) -> None:
    opened = Context(workspace)
    with opened.database.write() as session:
        people.add(session, name="Max", role=Role.MANAGER, pin="2468", by="system")
    opened.close()
    assert "Sign in first" in refused("preset", "balanced", "--save", "copy")
    assert "not the PIN" in refused("preset", "balanced", "--save", "copy", "--person", "Max", answer="1111\n")
    good("preset", "balanced", "--save", "copy", "--person", "Max", answer="2468\n")
    assert {row["name"]: row["person"] for row in json.loads(good("list", "--json"))} == {
        "as shipped": None,
        "copy": "Max",
    }
