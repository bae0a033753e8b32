"""`weldspot convert`: make the files of a model again from its Keras weights."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from weldspot_desktop.cli.state import State
from weldspot_desktop.errors import ExpectedError

if TYPE_CHECKING:
    from weldspot_desktop.context import Context


def convert(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="A job, a number in the list, “active”, “starter”, or a model file.")],
    to: Annotated[
        Path | None, typer.Option(help="Folder for the files; one beside the job's model by default.")
    ] = None,
    precision: Annotated[
        list[str] | None, typer.Option(help="int8, float16 or float32; repeatable, all three by default.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Dataset version for calibration and comparison; the model's own by default.")
    ] = None,
) -> None:
    """Convert again, measure the files against their network, and say whether they agree."""
    from weldspot_desktop.lifecycle import deciding
    from weldspot_desktop.model.card import Precision
    from weldspot_desktop.model.file import read_card
    from weldspot_desktop.registry import parity

    wanted = precision or list(get_args(Precision))
    if unknown := set(wanted) - set(get_args(Precision)):
        raise typer.BadParameter(f"{', '.join(unknown)}: known are int8, float16 and float32", param_hint="--precision")
    state: State = context.obj
    opened = state.open()
    try:
        file, target = _source(opened, source)
        limits = deciding.parity_limits(opened)
        manifest, learned = _dataset(opened, file, dataset)
        pictures = opened.workspace.pictures
        log = opened.workspace.logs
    finally:
        opened.close()
    made = _converted(file, to or target, wanted, manifest, learned, pictures, log)
    for path in made:
        card = read_card(path)
        figures = parity.of_card(card.metrics)
        typer.echo(f"{path} · {card.bytes / 1e6:.1f} MB · sha256 {card.sha256[:12]}")
        if figures is None:
            typer.echo("  not compared with the network: no test pictures; it cannot be published")
            continue
        faults = parity.faults(figures, limits)
        typer.echo(
            f"  scores differ by {figures['mean_difference']:.5f} in the mean, {figures['largest_difference']:.4f} at "
            f"most; {figures['verdicts_flipped']} of {figures['pictures']} verdicts flip"
        )
        for fault in faults:
            typer.echo(f"  ! {fault}: it cannot be published")


def _source(opened: "Context", text: str) -> tuple[Path, Path]:
    """The model file that a text names, and the folder that its files go to if none is named."""
    from weldspot_desktop.lifecycle import deciding
    from weldspot_desktop.registry import taking_in

    path = Path(text)
    if path.suffix == ".tflite":
        return path, path.parent / "converted"
    for folder in (path, opened.workspace.jobs / text):
        if (folder / "model").is_dir():
            return taking_in.preferred(folder / "model"), folder / "converted"
    listed = deciding.find(opened, text)
    return listed.path, opened.workspace.root / "converted" / f"{listed.name}-{listed.version}-{listed.sha256[:12]}"


def _dataset(opened: "Context", file: Path, name: str | None) -> tuple[Any, frozenset[str]]:
    """The manifest to convert with, None if there is none; and pictures that the model learned from."""
    from weldspot_desktop.dataset import versions
    from weldspot_desktop.lifecycle import judged_pictures
    from weldspot_desktop.model import ModelFile

    model = ModelFile.open(file)
    known = name or judged_pictures.version_of(opened, model.card)
    learned = judged_pictures.learned(model)
    if known is None:
        return None, frozenset()
    if name is not None and learned is None:
        raise ExpectedError(
            "It is not known what this model learned from, so other data cannot be used to measure it.",
            "Leave --dataset out.",
        )
    return versions.open_version(opened.workspace, opened.database, known), learned or frozenset()


def _converted(
    file: Path,
    target: Path,
    wanted: list[str],
    manifest: Any,
    learned: frozenset[str],
    pictures: Path,
    log: Path,
) -> list[Path]:
    from weldspot_desktop.cli.tensorflow import needed, noise_to, prepare

    needed()
    log.mkdir(parents=True, exist_ok=True)
    prepare(log)
    with noise_to(log / "conversion.log"):
        from weldspot_desktop.dataset.split import Split
        from weldspot_desktop.training import reconversion
        from weldspot_desktop.training.batches import Example

    def examples(*splits: Split) -> list[Example]:
        entries = [entry for split in splits for entry in (manifest.of(split) if manifest is not None else [])]
        return [Example(pictures / entry.file, entry) for entry in entries]

    test = [example for example in examples(Split.TEST) if example.entry.sha256 not in learned]
    try:
        return reconversion.convert_again(
            file,
            target,
            wanted,  # type: ignore[arg-type]
            reconversion.Pictures(examples(Split.TRAIN, Split.VALIDATION), test),
            command=f"weldspot convert {file.name}",
            report=lambda text: typer.echo(f"… {text}", err=True),
        )
    except OSError as error:
        raise ExpectedError(f"The files could not be written: {error.strerror or error}.") from error
