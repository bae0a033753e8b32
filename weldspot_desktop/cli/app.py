"""The tree of commands: one file a command group."""

from pathlib import Path
from typing import Annotated

import typer

from weldspot_desktop import __version__
from weldspot_desktop.cli import (
    convert,
    dataset,
    evaluate,
    inspect,
    keys,
    log,
    models,
    publish,
    report,
    review,
    serve,
    sync,
    train,
    window,
)
from weldspot_desktop.cli.state import State

app = typer.Typer(
    name="weldspot",
    help="Judges pictures of welds. Without a command it opens the window.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(dataset.app, name="dataset")
app.add_typer(log.app, name="log")
app.add_typer(review.app, name="review")
app.command("inspect")(inspect.inspect)
app.command("report")(report.report)
app.command("train")(train.train)
app.add_typer(models.app, name="models")
app.command("convert")(convert.convert)
app.command("evaluate")(evaluate.evaluate)
app.command("publish")(publish.publish)
app.add_typer(keys.app, name="keys")
app.command("serve")(serve.serve)
app.command("sync")(sync.sync)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    workspace: Annotated[
        Path | None, typer.Option(help="Folder of the workspace.", envvar="WELDSPOT_WORKSPACE", show_envvar=True)
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Model file (.tflite) to use instead of the active one.")] = None,
    page: Annotated[str | None, typer.Option(help="Page that the window opens with.")] = None,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Open every page offscreen, judge a known picture, and leave.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Choose the workspace and the model; open the window if no command is named."""
    if version:
        typer.echo(f"WeldSpot Desktop {__version__}")
        raise typer.Exit
    context.obj = State(workspace, model)
    if self_test:
        raise typer.Exit(window.self_test(context.obj))
    if context.invoked_subcommand is None:
        raise typer.Exit(window.open_window(context.obj, page))
