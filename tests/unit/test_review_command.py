"""`weldspot review`: the queue on the command line, with the sentences of the window."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from arrivals import arrival, fill, reviewer
from typer.testing import CliRunner

from weldspot_desktop.cli.app import app
from weldspot_desktop.context import Context
from weldspot_desktop.store import people, review_queue, uploads
from weldspot_desktop.store.people import Role

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def filled(workspace: Path) -> None:
    context = Context(workspace)
    with context.database.write() as session:
        anna = reviewer(session, "Anna")
        people.add(session, name="Max", role=Role.MANAGER, pin="2468", by="system")
        fill(session, 3, group="Werft")
        uploads.add(session, arrival(7, name="bad\x1b[2J.jpg", ticks=None, reason="It has no pairs."))
        review_queue.lease(session, 3, anna, token="window")
    context.close()


@pytest.fixture
def review(filled: None) -> Callable[..., str]:
    def run(*arguments: str, code: int = 0, answer: str | None = None) -> str:
        found = CliRunner().invoke(app, ["review", *arguments], input=answer)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code == code, found.output
        return found.output

    return run


def test_listing_and_counting(review: Callable[..., str]) -> None:
    listed = review("list")
    assert [line.split()[0] for line in listed.splitlines()] == ["3", "2", "1"]
    assert "Crack" in listed
    assert "2 more" in review("list", "--limit", "1")
    assert review("list", "--group", "nobody") == "No upload matches.\n"
    rows = json.loads(review("list", "--json", "--order", "audit", "--audit-share", "1"))
    assert {row["id"] for row in rows} == {1, 2, 3}
    assert {row["id"]: row["in_review_by"] for row in rows} == {1: None, 2: None, 3: "Anna"}
    (bad,) = json.loads(review("list", "--json", "--state", "quarantined"))
    assert (bad["name"], bad["ticks"], bad["quarantine_reason"]) == ("bad?[2J.jpg", None, "It has no pairs.")
    assert "\x1b" not in review("list", "--state", "quarantined")
    assert review("counts") == "3 new, 1 quarantined\n"
    assert json.loads(review("counts", "--json", "--group", "Werft"))["new"] == 3


def test_deciding_undoing_and_reopening(review: Callable[..., str]) -> None:
    assert "Confirmed: Crack by Anna" in review("confirm", "1", "--person", "Anna")
    corrected = review("correct", "2", "--person", "Anna", "--class", "porosity", "--class", "Crack", "--note", "two")
    assert "Corrected: Crack, Porosity by Anna" in corrected
    assert "(two)" in corrected
    assert "Rejected by Anna" in review("reject", "4", "--person", "Anna", "--reason", "no weld")
    assert "was confirmed by Anna already" in review("confirm", "1", "--person", "Anna", code=1)
    assert "Anna is looking at upload 3" in review("flag", "3", "--person", "Anna", code=1)
    both = review("undo", "1", "99", "2", "--person", "Anna", code=1)
    assert "Decision 1 taken back by Anna" in both
    assert "Decision 2 taken back by Anna" in both, "one that is refused does not stop the others"
    assert "no decision about upload 1" in review("undo", "1", "--person", "Anna", code=1)
    assert "Reopened by Anna" in review("reopen", "4", "--person", "Anna")
    assert review("counts") == "3 new, 1 quarantined\n"
    shown = review("show", "2")
    assert "Ticked:         Crack" in shown
    assert "taken back" in shown
    told = json.loads(review("show", "2", "--json"))
    assert [decision["action"] for decision in told["decisions"]] == ["corrected", "undone"]
    assert told["decisions"][0]["labels"] == ["Crack", "Porosity"]


def test_what_is_wrong_is_said(review: Callable[..., str]) -> None:
    with pytest.raises(Exception, match="not on the list of people"):
        review("confirm", "1", "--person", "Nobody")
    with pytest.raises(Exception, match="none of the seven"):
        review("correct", "1", "--person", "Anna", "--class", "Rust")
    with pytest.raises(Exception, match="Choose one of newest, uncertain"):
        review("list", "--order", "oldest")
    with pytest.raises(Exception, match="There is no upload 99"):
        review("show", "99")
    with pytest.raises(Exception, match="not the PIN"):
        review("confirm", "1", "--person", "Max", answer="1111\n")
    assert "Missing option" in review("reject", "1", "--person", "Anna", code=2)
    assert "needs a reason" in review("reject", "1", "--person", "Anna", "--reason", " ", code=1)
    assert "by Max" in review("confirm", "1", "--person", "Max", answer="2468\n")
