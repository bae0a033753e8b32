"""`weldspot train`: the command that people type and that the window starts."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from weldspot_desktop.cli.state import State
from weldspot_desktop.cli.tensorflow import needed, noise_to, prepare
from weldspot_desktop.jobs import Event, JobFolder, TrainingJob

_DEFAULT = TrainingJob.model_fields


def train(
    context: typer.Context,
    job: Annotated[Path | None, typer.Argument(help="Folder of a job; without it a new job is made.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Dataset version of a new job; the newest by default.")] = None,
    name: Annotated[str, typer.Option(help="Name of the model.")] = _DEFAULT["name"].default,
    version: Annotated[int | None, typer.Option(help="Version of the model; the next free one by default.")] = None,
    size: Annotated[int, typer.Option(help="Side of the input in pixels.")] = _DEFAULT["size"].default,
    epochs: Annotated[int, typer.Option(help="Most passes of fine-tuning; 0 fits the head alone.")] = _DEFAULT[
        "epochs"
    ].default,
    folds: Annotated[int, typer.Option(help="Parts for out-of-fold scores.")] = _DEFAULT["folds"].default,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = _DEFAULT["seed"].default,
) -> None:
    """Train a model, and print what happens; Ctrl+C stops and keeps the best so far."""
    path = job if job is not None else _new_job(context.obj, dataset, name, version, size, epochs, folds, seed)
    folder = JobFolder(path, on_event=_print)
    folder.job()
    folder.lock()
    folder.append("started", f"Job {folder.path.name}: starting TensorFlow.")
    needed()
    _prepare(folder)
    with noise_to(folder.path / "tensorflow.log"):
        from weldspot_desktop.training import trainer

    raise typer.Exit(0 if trainer.train(folder) else 1)


def _new_job(
    state: State, dataset: str | None, name: str, version: int | None, size: int, epochs: int, folds: int, seed: int
) -> Path:
    from weldspot_desktop.dataset import versions
    from weldspot_desktop.registry import models

    context = state.open()
    try:
        manifest = versions.open_version(context.workspace, context.database, dataset)
        if version is None:
            with context.database.read() as session:
                version = models.next_version(session, name)
        job = TrainingJob(
            dataset=versions.manifest_path(context.workspace, manifest.name),
            pictures=context.workspace.pictures,
            name=name,
            version=version,
            size=size,
            epochs=epochs,
            folds=folds,
            seed=seed,
        )
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        return JobFolder.create(context.workspace.jobs / f"{stamp}-{name}-{version}", job).path
    finally:
        context.close()


def _prepare(folder: JobFolder) -> None:
    """Keep TensorFlow quiet, its files in the job, and turn Ctrl+C into a request to stop."""
    import signal

    prepare(folder.path)
    signal.signal(signal.SIGINT, lambda *_: folder.request_stop())


def _print(event: Event) -> None:
    share = f"{event.done / event.total:5.0%} " if event.total else "      "
    print(f"{event.at[11:19]} {share} {event.text}", file=sys.stdout, flush=True)
