"""`weldspot dataset import` and `weldspot dataset split`."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weldspot_desktop.cli.state import State

if TYPE_CHECKING:
    from weldspot_desktop.context import Context

app = typer.Typer(help="Labelled pictures: import them, group and split them.", no_args_is_help=True)

_SHOWN_PROBLEMS = 20


@app.command("import")
def import_(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="Folder with a YOLO export (data.yaml), or pictures without welds.")],
    format_name: Annotated[
        str | None, typer.Option("--format", help="Format, if it is not to be recognised: yolo or backgrounds.")
    ] = None,
    problems_file: Annotated[Path | None, typer.Option("--problems", help="Write all problems to this file.")] = None,
) -> None:
    """Take labelled pictures into the workspace; what cannot be read is listed and stops nothing."""
    from weldspot_desktop.dataset import versions
    from weldspot_desktop.dataset.importers import FORMATS
    from weldspot_desktop.dataset.ingest import import_source

    if format_name is not None and format_name not in FORMATS:
        raise typer.BadParameter(f"known formats are {', '.join(FORMATS)}", param_hint="--format")
    opened = _open(context)
    try:
        done = import_source(
            opened.database,
            opened.picture_files,
            source,
            format_name=format_name,
            person=getpass.getuser(),
            progress=lambda seen: _counting(f"{seen} pictures"),
        )
        _counting("")
        manifest = versions.commit(opened.database, opened.picture_files, opened.workspace, person=getpass.getuser())
    finally:
        opened.close()
    typer.echo(f"{done.source} ({done.format_name}): {done.added} pictures added, {done.known} known already.")
    typer.echo(f"Version {manifest.name}: {len(manifest.pictures)} pictures, hash {manifest.hash[:12]}.")
    typer.echo(f"{len(done.problems)} problems.")
    for problem in done.problems[:_SHOWN_PROBLEMS]:
        typer.echo(f"  {problem}")
    if problems_file is not None:
        problems_file.write_text("".join(f"{problem}\n" for problem in done.problems), encoding="utf-8")
    elif len(done.problems) > _SHOWN_PROBLEMS:
        typer.echo(f"  … and {len(done.problems) - _SHOWN_PROBLEMS} more (--problems FILE writes them all)")


@app.command()
def split(
    context: typer.Context,
    report: Annotated[bool, typer.Option("--report", help="Print counts of each split.")] = False,
    groups: Annotated[
        Path | None, typer.Option(help="CSV with the columns image and group to compare the grouping with.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the split; the fixed one by default.")] = None,
) -> None:
    """Group near-duplicates and split by group: 60 % train, 15 % validation, 25 % test."""
    from weldspot_desktop import labels
    from weldspot_desktop.dataset import split_report, versions
    from weldspot_desktop.dataset.split import SEED

    opened = _open(context)
    try:
        manifest = versions.commit_split(
            opened.database,
            opened.picture_files,
            opened.workspace,
            person=getpass.getuser(),
            seed=SEED if seed is None else seed,
            progress=lambda done, total: _counting(f"{done} of {total} pictures"),
        )
        _counting("")
    finally:
        opened.close()
    typer.echo(f"Version {manifest.name}: {len(manifest.pictures)} pictures, seed {manifest.seed}.")
    if report:
        typer.echo(f"{'':22}" + "".join(f"{row.split.value:>12}" for row in split_report.counts(manifest)))
        rows = split_report.counts(manifest)
        lines = [("pictures", [row.pictures for row in rows]), ("groups", [row.groups for row in rows])]
        lines += [(name, [row.per_class[i] for row in rows]) for i, name in enumerate(labels.CLASSES)]
        for name, values in lines:
            typer.echo(f"{name:22}" + "".join(f"{value:12}" for value in values))
    if groups is not None:
        found = split_report.compare(manifest, groups)
        typer.echo(
            f"Against {groups.name}: precision {found.precision:.4f} ({found.both} of {found.ours} pairs), "
            f"recall {found.recall:.4f} ({found.both} of {found.theirs} pairs), {found.pictures} pictures."
        )


def _counting(text: str) -> None:
    """Show where we are on a terminal; in a file it would only be noise."""
    if sys.stderr.isatty():
        print(f"\r{text:30}\r", end="", file=sys.stderr, flush=True)


def _open(context: typer.Context) -> "Context":
    state: State = context.obj
    return state.open()
