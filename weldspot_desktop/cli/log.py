"""`weldspot log`: what is kept, and whether it is whole."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weldspot_desktop.cli.state import State

if TYPE_CHECKING:
    from weldspot_desktop.store.trail_check import Verification

app = typer.Typer(help="The log of inspections and its trail.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `log` a group, although it has one command."""


@app.command()
def verify(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
    trust: Annotated[
        list[str] | None, typer.Option(help="Number of another station's key whose signatures count too.")
    ] = None,
) -> None:
    """Compare the trail with its signed heads and with the records; the exit code is 1 if anything is wrong."""
    state: State = context.obj
    opened = state.open()
    try:
        found = opened.verify_trail(_Bar().report, trusted=frozenset(trust or ()))
    finally:
        opened.close()
    if json_output:
        print(json.dumps(as_json(found), indent=1))
    else:
        print("\n".join(found.lines()))
    if not found.sound:
        raise typer.Exit(1)


def as_json(found: "Verification") -> dict[str, Any]:
    """The result as plain JSON values."""
    head = found.signed
    return {
        "sound": found.sound,
        "summary": found.summary(),
        "entries": found.entries,
        "records": found.records,
        "faults": [{"first": fault.first, "last": fault.last, "sentence": fault.sentence} for fault in found.faults],
        "more_faults": found.more_faults,
        "signed": None
        if head is None
        else {
            "count": head.count,
            "hash": head.hash,
            "at": head.at,
            "occasion": head.occasion,
            "station": head.station,
        },
        "notes": list(found.notes),
        "verified": found.at.isoformat(timespec="seconds"),
    }


class _Bar:
    """Progress on the error stream, where somebody watches it."""

    def __init__(self) -> None:
        self._shown = -1

    def report(self, done: int, total: int) -> None:
        percent = 100 * done // total if total else 100
        if sys.stderr.isatty() and percent != self._shown:
            self._shown = percent
            sys.stderr.write(f"\r{percent:3d} % of {total} entries" + ("\n" if percent == 100 else ""))
            sys.stderr.flush()
