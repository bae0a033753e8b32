"""Figures of models on labelled pictures, computed from their files in this process."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from weldspot_desktop.context import Context
from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry import scoring, stored_evaluations
from weldspot_desktop.registry.comparison import DifferentPicturesError, OnSamePictures, SideBySide
from weldspot_desktop.registry.evaluation_report import full_report
from weldspot_desktop.registry.listing import Listed
from weldspot_desktop.registry.scoring import Evaluated, LabelledFile, ScoringError

Advance = Callable[[int, int], None]


def nothing(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def evaluations(context: Context) -> Path:
    """Folder of kept evaluations: whatever is in it can be computed again."""
    return context.workspace.caches / "evaluations"


def evaluated(
    context: Context, model: ModelFile, files: Sequence[LabelledFile], *, advance: Advance = nothing
) -> Evaluated:
    """What a file says of pictures, computed once and kept.

    Raises
    ------
    ScoringError
        If there are no pictures or one cannot be read.
    """
    return stored_evaluations.evaluated(model, files, evaluations(context), advance=advance)


def report(
    context: Context, model: ModelFile, files: Sequence[LabelledFile], *, advance: Advance = nothing
) -> dict[str, Any]:
    """Everything that is shown of a model on pictures; see `evaluation_report.full_report`.

    Verdicts are counted with the thresholds in force for the model.

    Raises
    ------
    ScoringError, StoreError, ThresholdSetError
        If there are no pictures, or the thresholds cannot be used.
    """
    found = evaluated(context, model, files, advance=advance)
    figures = full_report(found, context.thresholds_of(model), dict(model.card.box_levels))
    return {"model": {"title": model.title, "file": model.path.name, "sha256": model.card.sha256}} | figures


def files_of(listed: Listed) -> list[dict[str, Any]]:
    """Size and latency, here and now, of every file of a model.

    Raises
    ------
    ModelFileError
        If one of them cannot be used.
    """
    return [figures_of_file(ModelFile.open(listed.path.with_name(str(file["file"])))) for file in listed.files]


def figures_of_file(model: ModelFile) -> dict[str, Any]:
    """Size and latency, here and now, of one file."""
    return {
        "file": model.path.name,
        "precision": model.card.precision,
        "bytes": model.card.bytes,
        "latency_ms": {f"{threads} threads": scoring.latency(model, threads) for threads in (1, 2)},
    }


def side_by_side(
    context: Context,
    first: ModelFile,
    second: ModelFile,
    files: Sequence[LabelledFile],
    *,
    advance: Advance = nothing,
) -> dict[str, Any]:
    """Two models on the same pictures; see `comparison.SideBySide.report`.

    Raises
    ------
    ScoringError, StoreError, ThresholdSetError
        If there are no pictures, or thresholds cannot be used.
    """
    total = 2 * len(files)
    ours = evaluated(context, first, files, advance=lambda done, _: advance(done, total))
    theirs = evaluated(context, second, files, advance=lambda done, _: advance(len(files) + done, total))
    try:
        pair = OnSamePictures.of(ours.scored, theirs.scored)
    except DifferentPicturesError as error:
        raise ScoringError(f"The models cannot be compared: {error}.") from error
    compared = SideBySide(pair, context.thresholds_of(first), context.thresholds_of(second)).report()
    titles = {"first": first.title, "second": second.title}
    sha256 = {"first": first.card.sha256, "second": second.card.sha256}
    return {"titles": titles, "sha256": sha256} | compared
