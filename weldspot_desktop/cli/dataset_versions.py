"""`weldspot dataset versions`, `diff`, `export` and `findings`: what looks at versions and changes none."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weldspot_desktop.cli.counting import Counting
from weldspot_desktop.cli.state import State

if TYPE_CHECKING:
    from weldspot_desktop.context import Context
    from weldspot_desktop.dataset.audit import Scores, Seen
    from weldspot_desktop.dataset.manifest import Manifest

_SHOWN = 10
_NEWEST = "The newest version if none is named."


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (versions, diff, export, findings):
        app.command()(command)


def versions(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List dataset versions, the newest first."""
    from weldspot_desktop.dataset import versions as dataset_versions
    from weldspot_desktop.dataset.split import Split

    opened = _open(context)
    try:
        found = dataset_versions.listed(opened.database)
    finally:
        opened.close()
    if json_output:
        rows = [
            {
                "name": row.name,
                "created": row.created.isoformat(timespec="seconds"),
                "parent": row.parent,
                "reference": row.reference,
                "seed": row.seed,
                "hash": row.hash,
                "pictures": row.pictures,
                "splits": {split.value: count for split, count in row.splits.items()},
            }
            for row in found
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    if not found:
        typer.echo("There is no dataset yet. Import one: weldspot dataset import PATH.")
        return
    typer.echo(
        f"{'version':14}{'made':18}{'pictures':>9}"
        + "".join(f"{split.value:>12}" for split in Split)
        + "  test split of"
    )
    for row in found:
        splits = "".join(f"{row.splits.get(split, '–'):>12}" for split in Split)
        made = f"{row.created.astimezone():%Y-%m-%d %H:%M}"
        typer.echo(f"{row.name:14}{made:18}{row.pictures:9}{splits}  {row.reference or '–'}")


def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(help="The earlier version.")],
    after: Annotated[str, typer.Argument(help="The later version.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print it as JSON, with every picture.")] = False,
) -> None:
    """Compare two versions: pictures added, removed, relabelled, and moved between splits."""
    from weldspot_desktop import labels
    from weldspot_desktop.dataset import versions as dataset_versions
    from weldspot_desktop.dataset.diff import difference, side

    opened = _open(context)
    try:
        old = dataset_versions.open_version(opened.workspace, opened.database, before)
        new = dataset_versions.open_version(opened.workspace, opened.database, after)
    finally:
        opened.close()
    found = difference(old, new)
    kinds = {
        "added": [(entry.sha256, entry.name, " + ".join(labels.names(entry.classes))) for entry in found.added],
        "removed": [(entry.sha256, entry.name, " + ".join(labels.names(entry.classes))) for entry in found.removed],
        "relabelled": [
            (
                change.after.sha256,
                change.after.name,
                f"{' + '.join(labels.names(change.before.classes))} → {' + '.join(labels.names(change.after.classes))}",
            )
            for change in found.relabelled
        ],
        "redrawn": [(change.after.sha256, change.after.name, "") for change in found.redrawn],
        "moved": [
            (change.after.sha256, change.after.name, f"{side(change.before)} → {side(change.after)}")
            for change in found.moved
        ],
    }
    per_class = dict(zip(labels.CLASSES, found.class_counts(), strict=True))
    if json_output:
        content = {
            "before": found.before,
            "after": found.after,
            "classes": per_class,
            "moves": [{"from": a, "to": b, "pictures": count} for (a, b), count in found.moves().items()],
            **{
                kind: [{"sha256": sha256, "name": name, "what": what} for sha256, name, what in rows]
                for kind, rows in kinds.items()
            },
        }
        typer.echo(json.dumps(content, indent=1, ensure_ascii=False))
        return
    if found.empty:
        typer.echo(f"{found.before} and {found.after} hold the same pictures, labels and splits.")
        return
    typer.echo(f"From {found.before} to {found.after}: " + ", ".join(f"{len(rows)} {k}" for k, rows in kinds.items()))
    typer.echo(f"{'':22}" + "".join(f"{name:>9}" for name in next(iter(per_class.values()))))
    for name, counts in per_class.items():
        typer.echo(f"{name:22}" + "".join(f"{count:9}" for count in counts.values()))
    for kind, rows in kinds.items():
        for _, name, what in rows[:_SHOWN]:
            typer.echo(f"  {kind}: {name}{f' ({what})' if what else ''}")
        if len(rows) > _SHOWN:
            typer.echo(f"  {kind}: … and {len(rows) - _SHOWN} more (--json lists them all)")


def export(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="The version.")],
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
) -> None:
    """Write a version as a YOLO export: pictures, labels with polygons, data.yaml."""
    from weldspot_desktop.dataset import export as dataset_export
    from weldspot_desktop.dataset import versions as dataset_versions

    opened = _open(context)
    try:
        manifest = dataset_versions.open_version(opened.workspace, opened.database, version)
        with Counting("Nothing was written.") as counting:
            made = dataset_export.export(
                manifest,
                opened.workspace.pictures,
                folder,
                progress=lambda done, total: counting("Writing pictures", done, total),
            )
    finally:
        opened.close()
    typer.echo(f"{manifest.name}: {len(manifest.pictures)} pictures in {made}.")


def findings(
    context: typer.Context,
    version: Annotated[str | None, typer.Argument(help=_NEWEST)] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print them as JSON, with every picture.")] = False,
) -> None:
    """Look through a version for what spoils training: leaks, duplicates, wrong labels, shoots, unfit pictures.

    Labels are compared with scores of models that have not learned from the pictures: the out-of-fold scores of the
    model in use, and its own scores of pictures that are new to it.
    """
    from weldspot_desktop.dataset import versions as dataset_versions
    from weldspot_desktop.dataset.audit import Weight, audit, look
    from weldspot_desktop.pictures.quality import Limits

    opened = _open(context)
    try:
        manifest = dataset_versions.open_version(opened.workspace, opened.database, version)
        with Counting("Nothing was changed.") as counting:
            seen = look(
                manifest,
                opened.workspace.pictures,
                progress=lambda done, total: counting("Looking at pictures", done, total),
            )
            scores = _scores(opened, manifest, seen, counting)
            limits = opened.settings.quality
            remarks = audit(
                manifest,
                seen,
                scores=scores,
                limits=Limits(limits.darkest, limits.brightest, limits.glare_percent / 100, limits.blur),
            )
    finally:
        opened.close()
    if json_output:
        typer.echo(json.dumps([remark.as_json() for remark in remarks], indent=1, ensure_ascii=False))
        return
    names = {entry.sha256: entry.name for entry in manifest.pictures}
    typer.echo(f"{manifest.name}: {len(manifest.pictures)} pictures")
    notes: Counter[str] = Counter()
    for remark in remarks:
        if remark.weight is Weight.NOTE:
            notes[remark.kind] += 1
            if notes[remark.kind] > _SHOWN:
                continue
        typer.echo(f"{remark.kind:11}{remark.weight.value:8} {remark.sentence}")
        if remark.weight is not Weight.NOTE:
            for sha256 in remark.pictures[:_SHOWN]:
                typer.echo(f"{'':20} {names[sha256]}")
            if len(remark.pictures) > _SHOWN:
                typer.echo(f"{'':20} … and {len(remark.pictures) - _SHOWN} more (--json lists them all)")
    for kind, count in notes.items():
        if count > _SHOWN:
            typer.echo(f"{kind:11}{'note':8} … and {count - _SHOWN} more notes (--json lists them all)")


def _scores(opened: "Context", manifest: "Manifest", seen: "dict[str, Seen]", counting: Counting) -> "Scores | None":
    """Scores of models that have not learned from the pictures; None if it is not known what they learned from."""
    from weldspot_desktop import pictures
    from weldspot_desktop.dataset.audit import Scores
    from weldspot_desktop.inspection.inspector import Inspector
    from weldspot_desktop.registry import out_of_fold

    companion = out_of_fold.read(opened.model)
    if companion is None or not companion.hashes:
        return None
    found = dict(zip(companion.hashes, companion.scores, strict=True))
    inspector = Inspector(opened.model, limits=None, tile_megapixels=None)
    new = [entry for entry in manifest.pictures if entry.sha256 in seen and entry.sha256 not in found]
    for done, entry in enumerate(new, start=1):
        content = pictures.read_file(opened.workspace.pictures / entry.file)
        judged = inspector.pixels(pictures.decode(content).pixels).prediction
        found[entry.sha256] = judged.scores
        counting("Judging pictures that are new to the model", done, len(new))
    origin = f"out-of-fold scores of {opened.model.title}"
    if new:
        origin += f" and its scores of {len(new)} pictures that are new to it"
    return Scores(found, origin)


def _open(context: typer.Context) -> "Context":
    state: State = context.obj
    return state.open()
