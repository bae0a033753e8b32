"""`weldspot sync`: pictures that phones sent into the review queue."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from weldspot_desktop.cli.state import State
from weldspot_desktop.errors import ExpectedError

if TYPE_CHECKING:
    from weldspot_desktop.context import Context

OFFLINE: Final = 3
"""Exit code where the inbox could not be reached: nothing is wrong, and the next time may be better."""

_EVERY_SECONDS: Final = 0.5


def sync(
    context: typer.Context,
    full: Annotated[
        bool, typer.Option("--full", help="Compare everything with the queue, not only what should be new.")
    ] = False,
    rescore: Annotated[
        bool, typer.Option("--rescore", help="Only judge the waiting uploads that the active model has not judged.")
    ] = False,
    score_later: Annotated[
        bool, typer.Option("--score-later", help="Take in without judging; --rescore does that later.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only test the connection, step by step; nothing is fetched.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a sentence.")] = False,
) -> None:
    """Fetch what phones sent into the review queue, as the settings of “Uploads from phones” say.

    Exit codes: 0 all is fetched, 1 a fault (see the sentence), 3 offline: try again later.
    """
    state: State = context.obj
    opened = state.open()
    try:
        if check:
            _check(opened, json_output)
            return
        if rescore:
            _rescore(opened, json_output)
            return
        _sync(opened, full=full, score=not score_later, json_output=json_output)
    finally:
        opened.close()


def _sync(opened: "Context", *, full: bool, score: bool, json_output: bool) -> None:
    from weldspot_desktop.review.sync_result import Outcome

    shown = _Shown("Fetching")
    try:
        result = opened.sync(shown.report, full=full, score=score)
    except KeyboardInterrupt:
        raise ExpectedError("Stopped.", "What was fetched before is in the queue; the next sync goes on.") from None
    finally:
        shown.end()
    if json_output:
        print(json.dumps(asdict(result) | {"sentence": result.sentence}))
    elif result.outcome is not Outcome.OFFLINE:
        print(result.sentence)
    if result.outcome is Outcome.OFFLINE:
        print(f"weldspot: Offline. {result.sentence}", file=sys.stderr)
        raise typer.Exit(OFFLINE)
    if result.outcome is Outcome.INCOMPLETE:
        raise ExpectedError(f"{result.left} uploads could not be fetched.", result.trouble)


def _rescore(opened: "Context", json_output: bool) -> None:
    shown = _Shown("Judging")
    try:
        done = opened.rescore_uploads(shown.report)
    except KeyboardInterrupt:
        raise ExpectedError("Stopped.", "What was judged before stays; --rescore goes on from there.") from None
    finally:
        shown.end()
    found: dict[str, Any] = asdict(done)
    left = f", {done.unreadable} could not be judged" if done.unreadable else ""
    print(json.dumps(found) if json_output else f"{done.scored} uploads were judged by the active model{left}.")


def _check(opened: "Context", json_output: bool) -> None:
    from weldspot_desktop.cloud import check

    signs = {True: "ok", False: "FAULT", None: "-"}

    def show(step: check.Step) -> None:
        if not json_output:
            print(f"{signs[step.ok]:<6} {step.title}: {f'{step.sentence} {step.advice}'.strip()}")

    steps = check.check(opened.settings.cloud, show)
    if json_output:
        print(json.dumps([asdict(step) | {"title": step.title} for step in steps]))
    if any(step.ok is False for step in steps):
        raise typer.Exit(1)


class _Shown:
    """Progress on one line of the terminal; nothing where standard error is a file."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._next = time.monotonic() + _EVERY_SECONDS
        self._width = 0
        self.report: Callable[[int, int | None], None] = (
            self._report if sys.stderr.isatty() else lambda done, total: None
        )

    def _report(self, done: int, total: int | None) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_SECONDS
        text = f"{self._verb}: {done} of {total}" if total is not None else f"Looking: {done} uploads"
        print(f"\r{text:<{self._width}}", end="", file=sys.stderr, flush=True)
        self._width = len(text)

    def end(self) -> None:
        if self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)
            self._width = 0
