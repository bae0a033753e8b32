"""`weldspot models`: what the model in use was measured to do, which models there are, and which one is used."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from weldspot_desktop.cli import figures, thresholds
from weldspot_desktop.cli.counting import Counting
from weldspot_desktop.cli.signing import signed_in
from weldspot_desktop.cli.state import State
from weldspot_desktop.cli.thresholds import PersonOption
from weldspot_desktop.errors import ExpectedError

if TYPE_CHECKING:
    from weldspot_desktop.context import Context
    from weldspot_desktop.model import ModelCard
    from weldspot_desktop.registry.gate import Outcome
    from weldspot_desktop.registry.listing import Listed


app = typer.Typer(invoke_without_command=True)
app.add_typer(thresholds.app, name="thresholds")

_JUDGING: Final = "Judging pictures"

ModelArgument = Annotated[str, typer.Argument(help="Number in the list, start of its hash, “active” or “starter”.")]


@app.callback()
def models(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print the whole card as JSON.")] = False,
) -> None:
    """Show the model in use: where it comes from, its scores with intervals and counts, its verdicts."""
    if context.invoked_subcommand is not None:
        return
    opened = _open(context)
    try:
        model = opened.model
    finally:
        opened.close()
    card = model.card
    if json_output:
        typer.echo(card.model_dump_json(indent=1, by_alias=True))
        return
    typer.echo(f"{model.title} · {card.bytes / 1e6:.1f} MB · sha256 {card.sha256[:12]}")
    typer.echo(f"Trained on {card.dataset.version}: {card.dataset.pictures} pictures, {card.dataset.groups} groups.")
    if latency := card.metrics.get("latency_ms"):
        shown = ", ".join(f"{value} ms on {threads}" for threads, value in latency.items())
        typer.echo(f"Latency where it was trained: {shown}.")
    for title, report in _reports(card):
        typer.echo("")
        figures.show_report(title, report)


@app.command("list")
def list_models(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """List the models of the workspace, the starter model first."""
    from weldspot_desktop.lifecycle import deciding

    opened = _open(context)
    try:
        listed = deciding.listed(opened)
    finally:
        opened.close()
    if json_output:
        typer.echo(json.dumps([_as_json(model) for model in listed], indent=1))
        return
    for model in listed:
        states = ", ".join(sorted(state.value for state in model.states))
        about = ", ".join(part for part in (model.source, model.person or "", _day(model)) if part)
        precisions = "/".join(str(file["precision"]) for file in model.files)
        typer.echo(
            f"{model.number:3} {model.name} {model.version:<4} {states:20} {model.sha256[:12]}  {precisions}  {about}"
        )


@app.command()
def add(
    context: typer.Context,
    job: Annotated[Path, typer.Argument(help="Folder of a finished job, its name, or a folder of “weldspot convert”.")],
    person: PersonOption = None,
) -> None:
    """Put the model of a finished job on the list, as a candidate."""
    from weldspot_desktop.lifecycle import deciding

    opened = _open(context)
    try:
        by = signed_in(opened, person)
        folder = job if job.exists() else opened.workspace.jobs / job
        if (folder / "job.json").is_file():
            model = deciding.register_job(opened, folder, person=by)
        else:
            model = deciding.register_folder(opened, folder, person=by)
    finally:
        opened.close()
    typer.echo(f"{model.title} is on the list: {', '.join(sorted(model.states))}.")


@app.command()
def gate(
    context: typer.Context,
    model: ModelArgument,
    json_output: Annotated[bool, typer.Option("--json", help="Print checks and figures as JSON.")] = False,
) -> None:
    """Ask the gate whether a model may be used, and change nothing; the exit code is 1 if it may not."""
    from weldspot_desktop.lifecycle import deciding

    opened = _open(context)
    try:
        with Counting("Nothing was changed.") as counting:
            outcome = deciding.ask_gate(opened, deciding.find(opened, model), advance=partial(counting, _JUDGING))
    finally:
        opened.close()
    if json_output:
        typer.echo(json.dumps(outcome.as_json(), indent=1))
    else:
        show_outcome(outcome)
    raise typer.Exit(0 if outcome.passed else 1)


@app.command()
def promote(
    context: typer.Context,
    model: ModelArgument,
    override: Annotated[
        str, typer.Option(help="Why to use it although the gate does not pass it; needs --person.")
    ] = "",
    person: PersonOption = None,
) -> None:
    """Put a model in use for window, folders and command line, if the gate passes it."""
    from weldspot_desktop.lifecycle import deciding

    opened = _open(context)
    try:
        by = signed_in(opened, person)
        wanted = deciding.find(opened, model)
        with Counting("Nothing was changed.") as counting:
            outcome = deciding.promote(
                opened, wanted, person=by, override=override, advance=partial(counting, _JUDGING)
            )
    finally:
        opened.close()
    if outcome is not None:
        show_outcome(outcome)
    typer.echo(f"{wanted.title} is in use.")


@app.command()
def rollback(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; enters the trail.")] = "",
    person: PersonOption = None,
) -> None:
    """Put the model in use that was so before the present one."""
    from weldspot_desktop.lifecycle import deciding

    opened = _open(context)
    try:
        model = deciding.roll_back(opened, person=signed_in(opened, person), reason=reason)
    finally:
        opened.close()
    typer.echo(f"{model.title} is in use again.")


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Model file (.tflite), with its card beside or inside it.")],
    scaling: Annotated[
        str | None,
        typer.Option(help="For a file without a card: 0..255, 0..1 or -1..1, as its network was trained."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name for a file without a card.")] = None,
    licence: Annotated[str, typer.Option(help="Licence for a file without a card.")] = "",
    sha256: Annotated[str | None, typer.Option(help="The hash that it must have, as its sender told.")] = None,
    person: PersonOption = None,
) -> None:
    """Take in a model file from outside: its hash is shown, its contract checked in a process of its own."""
    from weldspot_desktop.lifecycle import deciding
    from weldspot_desktop.registry import importing

    opened = _open(context)
    try:
        by = signed_in(opened, person)
        offered = importing.look(file)
        typer.echo(f"{file.name} · {offered.bytes / 1e6:.1f} MB · sha256 {offered.sha256}")
        if sha256 is not None and sha256.strip().casefold() != offered.sha256:
            raise ExpectedError("The file has another hash than the one that was told.", "It was not taken in.")
        model = deciding.import_file(opened, offered, person=by, scaling=_scaling(scaling), name=name, licence=licence)
    finally:
        opened.close()
    typer.echo(f"{model.title} is on the list: {', '.join(sorted(model.states))}.")


@app.command()
def retire(
    context: typer.Context,
    model: ModelArgument,
    back: Annotated[bool, typer.Option("--back", help="Bring a retired model back.")] = False,
    person: PersonOption = None,
) -> None:
    """Take a model off the list of those that can be used; its files stay, because records name it."""
    from weldspot_desktop.lifecycle import deciding

    opened = _open(context)
    try:
        wanted = deciding.find(opened, model)
        deciding.retire(opened, wanted, person=signed_in(opened, person), back=back)
    finally:
        opened.close()
    typer.echo(f"{wanted.title} is {'back' if back else 'retired'}.")


def show_outcome(outcome: "Outcome") -> None:
    """Print what the gate says, one line a check."""
    for check in outcome.checks:
        typer.echo(f"{check.found.value:12} {check.sentence}")
    typer.echo("The gate passes it." if outcome.passed else "The gate does not pass it.")


def _scaling(text: str | None) -> Any:
    from weldspot_desktop.registry.importing import Scaling

    if text is None:
        return None
    try:
        return Scaling(text)
    except ValueError:
        raise typer.BadParameter(f"known are {', '.join(Scaling)}", param_hint="--scaling") from None


def _as_json(model: "Listed") -> dict[str, Any]:
    return {
        "number": model.number,
        "name": model.name,
        "version": model.version,
        "states": sorted(state.value for state in model.states),
        "sha256": model.sha256,
        "path": str(model.path),
        "files": list(model.files),
        "origin": model.origin.value,
        "source": model.source,
        "created": model.created.isoformat(timespec="seconds") if model.created is not None else None,
        "person": model.person,
        "published_at": list(model.published_at),
    }


def _day(model: "Listed") -> str:
    return model.created.astimezone().strftime("%Y-%m-%d") if model.created is not None else ""


def _open(context: typer.Context) -> "Context":
    state: State = context.obj
    return state.open()


def _reports(card: "ModelCard") -> list[tuple[str, dict[str, Any]]]:
    titles = {
        "file": f"{card.precision} file, test split",
        "keras": "Keras, test split",
        "out_of_fold": "int8 files on pictures they did not see (thresholds come from these)",
    }
    return [(title, card.metrics[kind]) for kind, title in titles.items() if kind in card.metrics]
