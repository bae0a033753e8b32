"""`weldspot report`: kept inspections as PDF, XLSX or CSV."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from weldspot_desktop.cli.state import State
from weldspot_desktop.errors import ExpectedError

_KINDS = ("pdf", "xlsx", "csv")
_NOT_JUDGED = "NOT JUDGED"


class OptionError(ExpectedError):
    """An option that says nothing the command knows."""


def report(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write; an older one is replaced.")],
    kind: Annotated[str, typer.Option(help="pdf, xlsx or csv; without it the file's ending decides.")] = "",
    ids: Annotated[
        str, typer.Option(help="Numbers of inspections, as 3,7,20-25; other filters are then not used.")
    ] = "",
    verdict: Annotated[
        list[str] | None, typer.Option(help="Only these verdicts of the program, as DEFECT or not-judged; repeatable.")
    ] = None,
    since: Annotated[str, typer.Option(help="First day or moment, as 2026-05-04 or 2026-05-04T06:00.")] = "",
    until: Annotated[str, typer.Option(help="Last day, or the moment before which.")] = "",
    text: Annotated[str, typer.Option(help="Words that all must occur in picture, reason or weld.")] = "",
    newest_first: Annotated[bool, typer.Option("--newest-first", help="Begin with the newest.")] = False,
    title: Annotated[str, typer.Option(help="Title on the cover.")] = "",
    number: Annotated[str, typer.Option(help="Report number.")] = "",
    project: Annotated[str, typer.Option(help="Project, if the welds do not name it.")] = "",
    person: Annotated[str, typer.Option(help="Who writes the report.")] = "",
) -> None:
    """Write a report of kept inspections."""
    from weldspot_desktop.reports import report as reports
    from weldspot_desktop.reports.records import SelectionError
    from weldspot_desktop.reports.sources import DEFAULT_TITLE, Details, suggested_number
    from weldspot_desktop.store import inspections
    from weldspot_desktop.store.inspections import Query

    chosen_kind = _kind(kind, output)
    query = Query(
        text=text,
        verdicts=tuple(_verdict(word) for word in verdict or ()),
        newest_first=newest_first,
        since=_moment(since, "--since"),
        until=_moment(until, "--until", end=True),
    )
    selection = numbers(ids) if ids else query
    state: State = context.obj
    opened = state.open()
    try:
        if person and opened.person(person) is None:
            raise OptionError(f"{person} is not on the list of people.", "Add the name on the Settings page.")
        if isinstance(selection, Query):
            with opened.database.read() as session:
                if not inspections.count(session, selection):
                    raise SelectionError("No inspection matches.", "Nothing was written. Use other filters.")
        now = datetime.now(UTC)
        details = Details(
            title or DEFAULT_TITLE, number or suggested_number(now), now, project=project, person=person or "system"
        )
        written = reports.write(
            reports.Kind(chosen_kind),
            selection,
            output.absolute(),
            _progress,
            sources=opened.report_sources(),
            details=details,
        )
    finally:
        opened.close()
    for note in written.notes:
        print(note, file=sys.stderr)
    print(f"{written.welds} inspections written to {output}")


def numbers(text: str) -> list[int]:
    """Numbers from a list such as 3,7,20-25.

    Raises
    ------
    OptionError
        If it is none.
    """
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if not (first.isascii() and first.isdigit() and len(first) < 16):
            raise OptionError(f"--ids: “{part}” is no number.", "Write --ids 3,7,20-25.")
        if dash and not (last.isascii() and last.isdigit() and int(first) <= int(last) < int(first) + 1_000_000):
            raise OptionError(f"--ids: “{part}” is no range.", "Write --ids 3,7,20-25.")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def _kind(kind: str, output: Path) -> str:
    chosen = kind.casefold() or output.suffix.casefold().removeprefix(".")
    if chosen not in _KINDS:
        what = f"--kind {kind}" if kind else f"The ending of {output.name}"
        raise OptionError(f"{what} is no kind of report.", "Choose --kind pdf, --kind xlsx or --kind csv.")
    return chosen


def _verdict(word: str) -> str:
    from weldspot_desktop.store.inspections import UNJUDGED
    from weldspot_desktop.verdict import Verdict

    wanted = word.replace("-", " ").replace("_", " ").upper()
    if wanted == _NOT_JUDGED:
        return UNJUDGED
    known = [verdict.value for verdict in Verdict]
    if wanted not in known:
        raise OptionError(f"--verdict {word} is no verdict.", f"Known are {', '.join([*known, _NOT_JUDGED])}.")
    return wanted


def _moment(text: str, option: str, *, end: bool = False) -> datetime | None:
    """A moment in the time of this place; a day alone begins at midnight, or with `end` reaches to the next."""
    if not text:
        return None
    try:
        if len(text) == len("2026-05-04"):
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            return datetime.combine(day, time()).astimezone()
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise OptionError(
            f"{option}: “{text}” is no day and no moment.", "Write 2026-05-04 or 2026-05-04T06:00."
        ) from error
    return moment if moment.tzinfo is not None else moment.astimezone()


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
