"""`weldspot review`: the queue of uploads, and decisions about them."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from weldspot_desktop import labels
from weldspot_desktop.cli.state import State
from weldspot_desktop.errors import ExpectedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from weldspot_desktop.context import Context
    from weldspot_desktop.store.schema import Person, Upload, UploadDecision

Chosen = TypeVar("Chosen", bound=StrEnum)

app = typer.Typer(help="The queue of uploads, and decisions about them.", no_args_is_help=True)

Ids = Annotated[list[int], typer.Argument(help="Numbers of uploads.", show_default=False)]
By = Annotated[str, typer.Option("--person", help="Who decides; a PIN is asked for if there is one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
InGroup = Annotated[str | None, typer.Option(help="Only uploads of this group.")]


@app.command("list")
def list_uploads(
    context: typer.Context,
    state: Annotated[
        list[str] | None,
        typer.Option(help="Only new, confirmed, corrected, rejected, quarantined or flagged; repeat for others."),
    ] = None,
    group: InGroup = None,
    text: Annotated[str, typer.Option(help="Words that must all occur in name, sender, weld, group or reason.")] = "",
    order: Annotated[str, typer.Option(help="What comes first: newest, uncertain, disagreement, audit.")] = "newest",
    audit_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of uploads in the audit sample, for the order audit.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Uploads to print.")] = 50,
    json_output: AsJson = False,
) -> None:
    """List uploads of the queue in order, new and flagged ones unless others are asked for."""
    from weldspot_desktop.store import review_queue, upload_words, uploads
    from weldspot_desktop.store.review_queue import Order, Scope

    states = tuple(_choice(uploads.State, name, "state") for name in state or uploads.WAITING)
    share = Scope.audit_share if audit_share is None else audit_share
    scope, sorting = Scope(states, group, text, share), _choice(Order, order, "order")
    with _opened(context) as opened, opened.database.read() as session:
        found = review_queue.ids(session, scope, sorting)
        rows = review_queue.rows(session, found[:limit])
        if json_output:
            typer.echo(json.dumps([_as_json(session, row) for row in rows], indent=1, ensure_ascii=False))
            return
        for row in rows:
            gap = f"{row.disagreement:.2f}" if row.disagreement is not None else "–"
            typer.echo(f"{row.id:7} {row.state:11} {gap:>4}  {upload_words.classes(row.ticks):32} {_name(row.name)}")
    if len(found) > len(rows):
        typer.echo(f"{len(found) - len(rows)} more; see --limit.", err=True)
    elif not found:
        typer.echo("No upload matches.", err=True)


@app.command()
def show(context: typer.Context, upload: int, json_output: AsJson = False) -> None:
    """Show an upload, and everything that was decided about it."""
    from weldspot_desktop.store import decisions, upload_words, uploads

    with _opened(context) as opened, opened.database.read() as session:
        row = _existing(session, upload)
        rows = decisions.history(session, upload)
        if json_output:
            values = _as_json(session, row) | {"decisions": [_decision_as_json(decision) for decision in rows]}
            typer.echo(json.dumps(values, indent=1, ensure_ascii=False))
            return
        facts = {
            "State": f"{row.state}{f': {row.reason}' if row.state == uploads.State.QUARANTINED else ''}",
            "Name": _name(row.name),
            "Sent": f"{row.sent.astimezone():%Y-%m-%d %H:%M}{f' by {row.uid}' if row.uid else ''}",
            "Group": row.group or "–",
            "Weld": row.weld_id or "–",
            "Ticked": upload_words.classes(row.ticks),
            "Phone's scores": upload_words.scores(row.phone_scores),
            "Own scores": upload_words.scores(row.own_scores),
            "Disagreement": f"{row.disagreement:.2f}" if row.disagreement is not None else "–",
            "Labels": upload_words.classes(row.labels) if row.labels is not None else "–",
            "Audit sample": "yes" if row.audit else "no",
        }
        for title, value in facts.items():
            typer.echo(f"{title + ':':16}{value}")
        for decision in rows:
            typer.echo(f"{decision.id:6}  {upload_words.decision(decision)}")


@app.command()
def counts(context: typer.Context, group: InGroup = None, json_output: AsJson = False) -> None:
    """Count the uploads in each state."""
    from weldspot_desktop.store import upload_words, uploads

    with _opened(context) as opened, opened.database.read() as session:
        found = uploads.counts(session, group)
    typer.echo(json.dumps(found, indent=1) if json_output else upload_words.counts(found))


@app.command()
def confirm(context: typer.Context, uploads: Ids, person: By) -> None:
    """Confirm uploads: the phone's ticks are right."""
    _decide(context, uploads, person, "confirmed")


@app.command()
def correct(
    context: typer.Context,
    uploads: Ids,
    person: By,
    classes: Annotated[list[str], typer.Option("--class", help="A class that is seen; repeat for others.")],
    note: Annotated[str, typer.Option(help="A note.")] = "",
) -> None:
    """Say which classes are seen, in place of the phone's ticks."""
    try:
        bits = sum(1 << index for index in {labels.class_index(name) for name in classes})
    except labels.UnknownClassError as error:
        raise ExpectedError(f"{error}.") from error
    _decide(context, uploads, person, "corrected", labels=bits, reason=note)


@app.command()
def reject(
    context: typer.Context,
    uploads: Ids,
    person: By,
    reason: Annotated[str, typer.Option(help="Why the picture is of no use.")],
) -> None:
    """Reject uploads, with a reason."""
    _decide(context, uploads, person, "rejected", reason=reason)


@app.command()
def flag(
    context: typer.Context, uploads: Ids, person: By, note: Annotated[str, typer.Option(help="A note.")] = ""
) -> None:
    """Ask for a second opinion."""
    _decide(context, uploads, person, "flagged", reason=note)


@app.command()
def undo(context: typer.Context, uploads: Ids, person: By) -> None:
    """Take back the last decision that stands about each upload; again for the one before."""
    from weldspot_desktop.store import decisions

    def last(session: "Session", number: int, by: "Person") -> "UploadDecision":
        standing = decisions.standing(session, number)
        if not standing:
            raise decisions.DecisionError(f"There is no decision about upload {number} to undo.")
        return decisions.undo(session, standing[-1].id, person=by)

    _each(context, uploads, person, last)


@app.command()
def reopen(
    context: typer.Context, uploads: Ids, person: By, note: Annotated[str, typer.Option(help="Why.")] = ""
) -> None:
    """Put decided uploads back into the queue."""
    from weldspot_desktop.store import decisions

    _each(context, uploads, person, lambda session, n, by: decisions.reopen(session, n, reason=note, person=by))


def _decide(
    context: typer.Context,
    numbers: Sequence[int],
    person: str,
    action: str,
    *,
    labels: int | None = None,
    reason: str = "",
) -> None:
    from weldspot_desktop.store import decisions

    def one(session: "Session", number: int, by: "Person") -> "UploadDecision":
        return decisions.decide(
            session, number, action=decisions.Action(action), labels=labels, reason=reason, person=by
        )

    _each(context, numbers, person, one)


def _each(
    context: typer.Context,
    numbers: Sequence[int],
    person: str,
    work: "Callable[[Session, int, Person], UploadDecision]",
) -> None:
    """Decide one after the other, each in its own transaction; what is refused is told, and the others go on."""
    from weldspot_desktop.cli.signing import signed_in
    from weldspot_desktop.store import upload_words
    from weldspot_desktop.store.decisions import DecisionError

    refused = 0
    with _opened(context) as opened:
        by = signed_in(opened, person)
        assert by is not None
        for number in dict.fromkeys(numbers):
            try:
                with opened.database.write() as session:
                    row = work(session, number, by)
                    sentence = upload_words.decision(row)
            except DecisionError as error:
                typer.echo(f"weldspot: {error}", err=True)
                refused += 1
            else:
                typer.echo(f"{number:7} {sentence}")
    if refused:
        raise typer.Exit(1)


@contextmanager
def _opened(context: typer.Context) -> "Iterator[Context]":
    chosen: State = context.obj
    opened = chosen.open()
    try:
        yield opened
    finally:
        opened.close()


def _choice(kind: type[Chosen], text: str, what: str) -> Chosen:
    """One of a list of words, with all of them told where it is none."""
    try:
        return kind(text.casefold())
    except ValueError as error:
        raise ExpectedError(f"“{text}” is no {what}.", f"Choose one of {', '.join(kind)}.") from error


def _existing(session: "Session", number: int) -> "Upload":
    from weldspot_desktop.store.schema import Upload

    found = session.get(Upload, number)
    if found is None:
        raise ExpectedError(f"There is no upload {number}.", "See weldspot review list.")
    return found


def _name(name: str) -> str:
    """A stranger's name as a terminal may show it."""
    return "".join(character if character.isprintable() else "?" for character in name)


def _as_json(session: "Session", row: "Upload") -> dict[str, Any]:
    from weldspot_desktop.store import review_queue
    from weldspot_desktop.store.schema import Person

    decider = session.get(Person, row.decided_by) if row.decided_by is not None else None
    holder = review_queue.holder(session, row)
    return {
        "id": row.id,
        "state": row.state,
        "inbox": row.inbox,
        "name": _name(row.name),
        "generation": row.generation,
        "sent": row.sent.isoformat(),
        "sender": row.uid,
        "group": row.group,
        "weld_id": row.weld_id,
        "ticks": _names(row.ticks),
        "labels": _names(row.labels),
        "phone_scores": row.phone_scores,
        "own_scores": row.own_scores,
        "uncertainty": row.uncertainty,
        "disagreement": row.disagreement,
        "audit": row.audit,
        "quarantine_reason": row.reason,
        "decided": row.decided.isoformat() if row.decided is not None else None,
        "decided_by": decider.name if decider is not None else None,
        "in_review_by": holder.name if holder is not None else None,
        "picture": row.picture_sha256,
    }


def _decision_as_json(row: "UploadDecision") -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "person": row.person.name,
        "action": row.action,
        "labels": _names(row.labels),
        "boxes": row.boxes,
        "reason": row.reason,
        "undoes": row.undoes,
    }


def _names(bits: int | None) -> list[str] | None:
    return None if bits is None else labels.names(index for index in range(labels.COUNT) if bits >> index & 1)
