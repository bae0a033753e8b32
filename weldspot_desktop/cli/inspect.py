"""`weldspot inspect`: pictures, folders, videos and addresses to verdicts."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weldspot_desktop import labels
from weldspot_desktop.cli.state import State
from weldspot_desktop.errors import ExpectedError

if TYPE_CHECKING:
    from weldspot_desktop.context import Context
    from weldspot_desktop.inspection.inspector import Inspected, Inspector


def inspect(
    context: typer.Context,
    targets: Annotated[
        list[str], typer.Argument(help="Pictures, folders, videos, addresses, or camera:0.", show_default=False)
    ],
    json_output: Annotated[bool, typer.Option("--json", help="Print a JSON array instead of a table.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write a CSV table to this file.")] = None,
    annotate: Annotated[
        Path | None, typer.Option(help="Write annotated copies of picture files into this folder.")
    ] = None,
    record: Annotated[
        bool,
        typer.Option("--record", help="Keep the inspections in the workspace's log, with the bytes of picture files."),
    ] = False,
    person: Annotated[str | None, typer.Option(help="Who inspects, for --record.")] = None,
    every: Annotated[float, typer.Option(min=0.0, help="Seconds of a video between two judged frames.")] = 1.0,
    threads: Annotated[int, typer.Option(min=0, help="Pictures judged at once; 0 takes one for each core.")] = 0,
) -> None:
    """Judge pictures of welds. A picture that cannot be read gets a row with the reason, and the rest goes on."""
    state: State = context.obj
    opened = state.open()
    try:
        inspector = opened.inspector()
        judge: _Judge
        if record:
            judge = _recording(opened, inspector, person, threads or opened.settings.inspection.threads)
        else:
            judge = _judging(inspector, threads or opened.settings.inspection.threads)
        rows = _inspect(opened, inspector, targets, every, judge)
        if annotate is not None:
            from weldspot_desktop.cli.annotation import annotated

            rows = annotated(rows, annotate, inspector, opened.settings.inspection.heat_map_opacity / 100)
        rows = _printed_json(rows) if json_output else _printed(rows)
        counted = _Counted(rows)
        if csv is not None:
            from weldspot_desktop.reports import csv_table

            csv_table.write(counted, csv, model=inspector.model.title)
        else:
            for _ in counted:
                pass
    finally:
        opened.close()
    if counted.judged == 0:
        raise ExpectedError("No picture could be judged.", "The reasons are in the list.")


class _Counted:
    """Rows on their way through, counted."""

    def __init__(self, rows: "Iterable[Inspected]") -> None:
        self._rows = rows
        self.judged = 0

    def __iter__(self) -> "Iterator[Inspected]":
        for row in self._rows:
            self.judged += row.judgement is not None
            yield row


@dataclass(frozen=True)
class _Judge:
    """How files, and what is no file, become rows: recorded or not."""

    files: "Callable[[list[Path]], Iterator[Inspected]]"
    others: "Callable[[Iterable[Inspected]], Iterator[Inspected]]"


def _judging(inspector: "Inspector", threads: int) -> _Judge:
    from weldspot_desktop.inspection import batch

    def files(paths: list[Path]) -> "Iterator[Inspected]":
        expanded = (batch.picture_paths(path) if path.is_dir() else [path] for path in paths)
        return batch.inspect_files(inspector, chain.from_iterable(expanded), threads=threads)

    return _Judge(files, iter)


def _recording(context: "Context", inspector: "Inspector", name: str | None, threads: int) -> _Judge:
    from weldspot_desktop.cli import recording
    from weldspot_desktop.inspection.folder import Target

    person = recording.known_person(context, name)

    def files(paths: list[Path]) -> "Iterator[Inspected]":
        for are_folders, group in groupby(paths, Path.is_dir):
            # A folder is a run of its own, which goes on when it is asked for again.
            some = list(group)
            targets = [Target(path) for path in some] if are_folders else [Target(some[0].parent, tuple(some))]
            for target in targets:
                yield from recording.recorded_run(context, inspector, target, person, threads=threads)

    return _Judge(files, partial(recording.recorded, context, inspector, person=person))


def _inspect(
    opened: "Context", inspector: "Inspector", targets: list[str], every: float, judge: _Judge
) -> "Iterator[Inspected]":
    """Rows in the order of the targets; neighbouring files and folders share the threads."""
    from weldspot_desktop.inspection import frames
    from weldspot_desktop.inspection.sources import video_file

    files: list[Path] = []
    for target in targets:
        is_address = target.startswith(frames.ADDRESS_STARTS)
        if not is_address and Path(target).suffix.casefold() not in video_file.SUFFIXES:
            files.append(Path(target))
            continue
        yield from judge.files(files)
        files = []
        if is_address:
            yield from judge.others([frames.inspect_address(inspector, target, source=opened.source)])
        else:
            yield from judge.others(frames.inspect_video(inspector, Path(target), every_seconds=max(every, 1e-3)))
    yield from judge.files(files)


def _printed(rows: "Iterable[Inspected]") -> "Iterator[Inspected]":
    """Print a table as it grows."""
    for number, row in enumerate(rows):
        if number == 0:
            print(f"{'verdict':8}  {'strongest classes':40}  picture")
        print(f"{table_row(row)}")
        yield row


def table_row(row: "Inspected") -> str:
    """One line: verdict, the strongest two classes, the origin; or the reason why not."""
    if row.prediction is None or row.judgement is None:
        return f"{'–':8}  {row.error or '':40}  {_printable(row.origin)}"
    order = row.prediction.scores.argsort()[::-1][:2]
    strongest = ", ".join(f"{labels.CLASSES[i]} {row.prediction.scores[i]:.2f}" for i in order)
    return f"{row.judgement.verdict.value:8}  {strongest:40}  {_printable(row.origin)}"


def _printed_json(rows: "Iterable[Inspected]") -> "Iterator[Inspected]":
    """Print a JSON array, an object a line, as it grows."""
    start = "[\n"
    for row in rows:
        sys.stdout.write(start + json.dumps(as_json(row), ensure_ascii=True))
        start = ",\n"
        yield row
    print("[]" if start == "[\n" else "\n]")


def as_json(row: "Inspected") -> dict[str, Any]:
    """A row as plain JSON values."""
    found: dict[str, Any] = {
        "origin": row.origin,
        "sha256": row.sha256,
        "width": row.width,
        "height": row.height,
        "error": row.error,
    }
    if row.prediction is not None and row.judgement is not None:
        scores = dict(zip(labels.CLASSES, row.prediction.scores.tolist(), strict=True))
        distance = row.prediction.distance
        found |= {
            "verdict": row.judgement.verdict.value,
            "classes": labels.names(row.judgement.classes),
            "reason": row.judgement.reason,
            "scores": {name: round(score, 6) for name, score in scores.items()},
            "distance": round(distance, 4) if distance is not None else None,
            "quality": dict(row.quality) if row.quality is not None else None,
            "tile": [round(edge, 4) for edge in row.tile] if row.tile is not None else None,
        }
    return found


def _printable(text: str) -> str:
    """The text without characters that would steer a terminal or that it cannot encode."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in text)
    encoding = sys.stdout.encoding or "utf-8"
    return shown.encode(encoding, "replace").decode(encoding)
