"""`weldspot evaluate`: what a model does on labelled pictures, computed from its file here and now."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weldspot_desktop.cli import figures
from weldspot_desktop.cli.counting import Counting
from weldspot_desktop.cli.state import State

if TYPE_CHECKING:
    from weldspot_desktop.context import Context
    from weldspot_desktop.model import ModelFile
    from weldspot_desktop.registry.scoring import LabelledFile

_MOST_SHOWN = 10


def evaluate(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(help="Number in the list, “active”, “starter”, a job, or a model file.")
    ] = "active",
    against: Annotated[str | None, typer.Option(help="Another model, to compare on the same pictures.")] = None,
    on: Annotated[
        str,
        typer.Option(help="Pictures: frozen (test split), newer (test pictures since), confirmed, or a version."),
    ] = "frozen",
    precision: Annotated[str | None, typer.Option(help="Which file of the model: int8, float16 or float32.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print everything, pictures included, as JSON.")] = False,
) -> None:
    """Evaluate a model: curves, confusion, calibration, pointing game, slices, latency; and against another one."""
    from weldspot_desktop.lifecycle import deciding, measuring

    state: State = context.obj
    opened = state.open()
    try:
        first, files_of = _model(opened, model, precision)
        second = _model(opened, against, precision)[0] if against is not None else None
        pictures = _pictures(opened, on)
        with Counting("Nothing was changed.") as counting:
            advance = partial(counting, "Judging pictures")
            found = measuring.report(opened, first, pictures, advance=advance)
            found["on"] = {"pictures": on, "learned_from": deciding.learned_from(pictures, first)}
            found["files"] = files_of()
            if second is not None:
                found["comparison"] = measuring.side_by_side(opened, first, second, pictures, advance=advance)
    finally:
        opened.close()
    if json_output:
        typer.echo(json.dumps(found, indent=1))
    else:
        _show(found)


def _model(opened: "Context", text: str, precision: str | None) -> "tuple[ModelFile, Any]":
    """The file that a text names, and a function that measures all files of its model."""
    from weldspot_desktop.lifecycle import deciding, measuring
    from weldspot_desktop.model import ModelFile
    from weldspot_desktop.registry import taking_in

    path = Path(text)
    if path.suffix != ".tflite":
        for folder in (path / "model", opened.workspace.jobs / text / "model"):
            if folder.is_dir():
                path = taking_in.preferred(folder, precision)
    if path.suffix == ".tflite":
        file = ModelFile.open(path)
        return file, lambda: [measuring.figures_of_file(file)]
    listed = deciding.find(opened, text)
    chosen = listed.path if precision is None else listed.file_of(precision)
    return ModelFile.open(chosen), lambda: measuring.files_of(listed)


def _pictures(opened: "Context", on: str) -> "list[LabelledFile]":
    from weldspot_desktop.lifecycle import judged_pictures

    if on == "confirmed":
        return judged_pictures.confirmed(opened, opened.settings.models.confirmed_pictures)
    if on == "frozen":
        return judged_pictures.frozen(opened)
    if on == "newer":
        return judged_pictures.newer(opened)
    return judged_pictures.of_version(opened, on)


def _show(found: dict[str, Any]) -> None:
    if learned := found["on"]["learned_from"]:
        typer.echo(f"! The model learned from {learned} of these pictures: figures on them say little.")
    figures.show_report(f"{found['model']['title']}, {found['on']['pictures']} pictures", found)
    for kind, parts in found["slices"].items():
        for part in parts[:_MOST_SHOWN]:
            macro = part["macro_auc"]
            typer.echo(
                f"  {kind:10} {part['value'][:40]:40} {len(part['pictures']):5} pictures, macro AUC "
                f"{figures.figure(macro['value'], 5)} ({figures.interval(macro)})"
            )
    for file in found["files"]:
        times = ", ".join(f"{value} ms on {threads}" for threads, value in file["latency_ms"].items())
        typer.echo(f"  {file['file']:40} {file['bytes'] / 1e6:5.1f} MB, {times}")
    if (compared := found.get("comparison")) is not None:
        _show_comparison(compared)


def _show_comparison(compared: dict[str, Any]) -> None:
    titles, difference = compared["titles"], compared["macro_auc"]["difference"]
    typer.echo(f"{titles['first']} against {titles['second']} on {compared['pictures']} pictures")
    for name, row in (*compared["classes"].items(), ("macro", difference)):
        value = "–" if row["value"] is None else f"{row['value']:+.3f}"
        typer.echo(f"  {name:22}{value:>8} ({figures.interval(row)})")
    typer.echo(f"  Verdicts differ on {compared['verdicts_differ']} pictures.")
    for row in compared["disagreements"][:_MOST_SHOWN]:
        shows = ", ".join(row["truth"])
        typer.echo(f"  {row['sha256'][:12]} {shows}: {row['first']['verdict']}, {row['second']['verdict']}")
