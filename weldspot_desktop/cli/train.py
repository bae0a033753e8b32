"""`weldspot train`: the command that people type and that the window starts."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from weldspot_desktop.cli.state import State
from weldspot_desktop.jobs import Event, JobError, JobFolder, TrainingJob

_DEFAULT = TrainingJob.model_fields


def train(
    context: typer.Context,
    job: Annotated[Path | None, typer.Argument(help="Folder of a job; without it a new job is made.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Dataset version of a new job; the newest by default.")] = None,
    name: Annotated[str, typer.Option(help="Name of the model.")] = _DEFAULT["name"].default,
    version: Annotated[int, typer.Option(help="Version of the model.")] = _DEFAULT["version"].default,
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
    if importlib.util.find_spec("tensorflow") is None:
        raise JobError(
            "TensorFlow is not installed, so nothing can be trained.",
            "Inspecting works without it. Install the training extra; in a checkout: make dev.",
        )
    _prepare(folder)
    with _noise_to(folder.path / "tensorflow.log"):
        from weldspot_desktop.training import trainer

    raise typer.Exit(0 if trainer.train(folder) else 1)


def _new_job(
    state: State, dataset: str | None, name: str, version: int, size: int, epochs: int, folds: int, seed: int
) -> Path:
    from weldspot_desktop.dataset import versions

    context = state.open()
    try:
        manifest = versions.open_version(context.workspace, context.database, dataset)
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

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("KERAS_HOME", str(folder.path / "keras"))
    signal.signal(signal.SIGINT, lambda *_: folder.request_stop())


@contextmanager
def _noise_to(path: Path) -> Iterator[None]:
    """Send to a file what TensorFlow's C++ says on standard error while it loads: nobody can act on it."""
    sys.stderr.flush()
    saved = os.dup(2)
    with path.open("ab") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _print(event: Event) -> None:
    share = f"{event.done / event.total:5.0%} " if event.total else "      "
    print(f"{event.at[11:19]} {share} {event.text}", file=sys.stdout, flush=True)
