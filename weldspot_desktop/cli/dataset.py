"""`weldspot dataset import`, `split` and `key`; what looks at versions is in `dataset_versions`."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weldspot_desktop.cli import dataset_versions
from weldspot_desktop.cli.counting import Counting
from weldspot_desktop.cli.state import State

if TYPE_CHECKING:
    from weldspot_desktop.context import Context

app = typer.Typer(
    help="Labelled pictures: import, group and split them; compare, check and export versions.", no_args_is_help=True
)
dataset_versions.add_to(app)

_SHOWN_PROBLEMS = 20


@app.command("import")
def import_(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            help="A folder or zip (YOLO, COCO, Pascal VOC, table of classes, folders by class, pictures without "
            "welds); or reviews, synthetic:60, roboflow, roboflow:workspace/project/version."
        ),
    ] = "",
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format", help="Format, if it is not to be recognised: yolo, coco, voc, csv, folders or backgrounds."
        ),
    ] = None,
    roboflow: Annotated[
        bool,
        typer.Option(
            "--roboflow", help="SOURCE is workspace/project/version there; without one the known weld dataset."
        ),
    ] = False,
    relabel: Annotated[
        bool, typer.Option("--relabel", help="Replace other labels that the same pictures have; otherwise they stay.")
    ] = False,
    problems_file: Annotated[Path | None, typer.Option("--problems", help="Write all problems to this file.")] = None,
) -> None:
    """Take labelled pictures into the workspace; what cannot be read is listed and stops nothing.

    Ctrl+C leaves the workspace as it was. A download goes on where it stopped when the command is given again.
    """
    from weldspot_desktop.dataset.importers import FORMATS
    from weldspot_desktop.dataset.ingest import import_source

    if format_name is not None and format_name not in FORMATS:
        raise typer.BadParameter(f"known formats are {', '.join(FORMATS)}", param_hint="--format")
    if not source and not roboflow:
        raise typer.BadParameter("name what to import", param_hint="SOURCE")
    asked = f"roboflow:{source.removeprefix('roboflow:')}" if roboflow and source != "roboflow" else source
    opened = _open(context)
    try:
        with Counting("Nothing was imported; the workspace is as it was.") as counting:
            done = import_source(
                opened.dataset_room,
                asked,
                format_name=format_name,
                person=getpass.getuser(),
                relabel=relabel,
                progress=counting,
            )
    finally:
        opened.close()
    counts = [f"{done.added} pictures added", f"{done.known} known already"]
    counts += [f"{done.relabelled} relabelled"] if done.relabelled else []
    counts += [f"{done.withdrawn} withdrawn"] if done.withdrawn else []
    typer.echo(f"{done.source} ({done.format_name}): {', '.join(counts)}.")
    version = done.version
    typer.echo(f"Version {version.name}: {len(version.pictures)} pictures, hash {version.hash[:12]}.")
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
    new_reference: Annotated[
        bool,
        typer.Option(
            "--new-reference",
            help="Draw everything anew and freeze a new test split; older models cannot be compared on it.",
        ),
    ] = False,
) -> None:
    """Group near-duplicates and split by group: 60 % train, 15 % validation, 25 % test.

    Pictures that were split before stay where they are; the first test split is never learned from.
    """
    from weldspot_desktop.dataset import split_report, versions
    from weldspot_desktop.dataset.split import SEED

    opened = _open(context)
    try:
        with Counting("Nothing was split; the workspace is as it was.") as counting:
            manifest = versions.commit_split(
                opened.database,
                opened.picture_files,
                opened.workspace,
                person=getpass.getuser(),
                seed=SEED if seed is None else seed,
                new_reference=new_reference,
                progress=lambda done, total: counting("Comparing pictures", done, total),
            )
    finally:
        opened.close()
    typer.echo(f"Version {manifest.name}: {len(manifest.pictures)} pictures, seed {manifest.seed}.")
    if manifest.reference is not None:
        typer.echo(
            f"Its test split is that of {manifest.reference} ({len(manifest.reference_test())} pictures) "
            f"and {len(manifest.newer_test())} newer ones."
        )
    if manifest.left_out:
        typer.echo(
            f"{len(manifest.left_out)} pictures are in no split: they show scenes of the test split, "
            "and models have learned from them."
        )
    if report:
        rows = split_report.counts(manifest)
        typer.echo(f"{'':22}" + "".join(f"{row.title:>12}" for row in rows))
        for name, values in split_report.lines(rows):
            typer.echo(f"{name:22}" + "".join(f"{value:12}" for value in values))
    if groups is not None:
        found = split_report.compare(manifest, groups)
        typer.echo(
            f"Against {groups.name}: precision {found.precision:.4f} ({found.both} of {found.ours} pairs), "
            f"recall {found.recall:.4f} ({found.both} of {found.theirs} pairs), {found.pictures} pictures."
        )


@app.command()
def key(
    remove: Annotated[bool, typer.Option("--remove", help="Take the key out of the keyring.")] = False,
) -> None:
    """Keep the key of a Roboflow account in this computer's keyring; it is typed hidden, or read from a pipe."""
    from weldspot_desktop.dataset.sources import roboflow_key

    if remove:
        roboflow_key.forget()
        typer.echo("The key was removed.")
        return
    typed = typer.prompt("Key", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not typed.strip():
        raise typer.BadParameter("no key was given", param_hint="KEY")
    roboflow_key.keep(typed.strip())
    typer.echo("The key is kept in this computer's keyring.")


def _open(context: typer.Context) -> "Context":
    state: State = context.obj
    return state.open()
