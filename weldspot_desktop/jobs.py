"""Training jobs as folders, shared by the window and the child process that trains.

A job is `job.json` (what to do), `events.jsonl` (what happened, append-only), `lock.json` (which process
works on it) and, once somebody asked for it, `stop`. Everything that a window shows of a job it reads from
there, so that it finds a running job again after it was closed.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

import psutil
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from weldspot_desktop.errors import ExpectedError

TRAINER: Final = "weldspot-trainer"
"""Name of the frozen program with TensorFlow, beside the frozen window."""


class JobError(ExpectedError):
    """A job that cannot be read, or is already being worked on."""


class TrainingJob(BaseModel):
    """What to train.

    Attributes
    ----------
    dataset
        Path of a dataset manifest that was split.
    pictures
        Folder that the manifest's files are relative to.
    name, version
        Of the model that comes out.
    size
        Side of the network's input, in pixels; a multiple of 32.
    epochs
        Passes over the training pictures; 0 fits the head on cached features alone.
    frozen_blocks
        Blocks of the backbone, from the picture on, that keep their ImageNet weights.
    batch
        Pictures in one step.
    learning_rate, head_learning_rate
        Highest learning rates of the backbone and of the new layers (AdamW, cosine decay).
    weight_decay
        Of AdamW.
    average
        Share of the running average of the weights that a step keeps.
    map_weight, pointing_weight
        Weights of the map's losses beside that of the picture scores.
    augment
        Whether training pictures are varied.
    folds
        Models trained on parts of train and validation for out-of-fold scores; 0 leaves them out.
    seed
        Of everything random.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: Path
    pictures: Path
    name: str = Field(default="weld", pattern=r"^[A-Za-z0-9_-]{1,32}$")
    version: int = Field(default=1, ge=1)
    size: int = Field(default=320, ge=64, le=640, multiple_of=32)
    epochs: int = Field(default=10, ge=0)
    frozen_blocks: int = Field(default=3, ge=0, le=16)
    batch: int = Field(default=16, ge=1)
    learning_rate: float = Field(default=3e-4, gt=0)
    head_learning_rate: float = Field(default=2e-3, gt=0)
    weight_decay: float = Field(default=1e-4, ge=0)
    average: float = Field(default=0.99, ge=0, lt=1)
    map_weight: float = Field(default=1.0, ge=0)
    pointing_weight: float = Field(default=3.0, ge=0)
    augment: bool = True
    folds: int = Field(default=4, ge=0)
    seed: int = 1


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


class Event(BaseModel):
    """One line of `events.jsonl`.

    Attributes
    ----------
    kind
        "started", "stage", "progress", "epoch", "result", "done", "stopped" or "failed".
    at
        UTC, ISO format.
    text
        One sentence for people.
    done, total
        Progress of the job as a whole, in arbitrary units; 0 of 0 if unknown.
    values
        Figures by name.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["started", "stage", "progress", "epoch", "result", "done", "stopped", "failed"]
    at: str
    text: str
    done: float = 0
    total: float = 0
    values: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class JobFolder:
    """A job's folder; any process may read it, one works on it.

    Attributes
    ----------
    path
        The folder.
    on_event
        Called with every event that this process writes.
    """

    path: Path
    on_event: Callable[[Event], None] = lambda event: None

    @classmethod
    def create(cls, path: Path, job: TrainingJob) -> "JobFolder":
        """Make a new job.

        Raises
        ------
        JobError
            If there is one already or the folder cannot be written.
        """
        try:
            path.mkdir(parents=True)
            (path / "job.json").write_text(job.model_dump_json(indent=1), encoding="utf-8")
        except FileExistsError:
            raise JobError(f"There is a job {path.name} already.") from None
        except OSError as error:
            raise JobError(f"The job {path} cannot be written: {error.strerror}.") from error
        return cls(path)

    def job(self) -> TrainingJob:
        """What to do.

        Raises
        ------
        JobError
            If the folder holds no valid job.
        """
        try:
            return TrainingJob.model_validate_json((self.path / "job.json").read_text(encoding="utf-8"))
        except OSError as error:
            raise JobError(f"{self.path} is no job: {error.strerror}.") from error
        except ValidationError as error:
            raise JobError(f"The job {self.path.name} cannot be used: {error}") from error

    def append(
        self, kind: str, text: str, *, done: float = 0, total: float = 0, values: Mapping[str, Any] | None = None
    ) -> Event:
        """Write one event; the line is complete on disk before this returns."""
        event = Event.model_validate(
            {
                "kind": kind,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "text": text,
                "done": done,
                "total": total,
                "values": dict(values or {}),
            }
        )
        with (self.path / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(event.model_dump_json() + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.on_event(event)
        return event

    def events(self, *, skip: int = 0) -> Iterator[Event]:
        """Events from number `skip` on; a last line that is still being written is left out."""
        try:
            lines = (self.path / "events.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return
        for line in lines[skip:]:
            if not line.endswith("\n"):
                return
            yield Event.model_validate_json(line)

    def state(self) -> State:
        """Where the job stands, from its last event and its lock: a killed child is LOST, not running."""
        last = None
        for event in self.events():
            last = event
        if last is not None and last.kind in ("done", "stopped", "failed"):
            return State(last.kind)
        if self._owner_lives():
            return State.RUNNING
        return State.WAITING if last is None else State.LOST

    def lock(self) -> None:
        """Claim the job for this process.

        Raises
        ------
        JobError
            If another living process works on it.
        """
        if self._owner_lives():
            raise JobError(f"The job {self.path.name} is being worked on by another process.")
        me = psutil.Process()
        content = json.dumps({"pid": me.pid, "started": me.create_time()})
        (self.path / "lock.json").write_text(content, encoding="utf-8")

    def request_stop(self) -> None:
        """Ask the child to stop after the current step and keep the best so far."""
        (self.path / "stop").touch()

    @property
    def stop_requested(self) -> bool:
        return (self.path / "stop").exists()

    def _owner_lives(self) -> bool:
        """Whether the process of the lock still runs; its start time tells it from a later one of the same number."""
        try:
            owner = json.loads((self.path / "lock.json").read_text(encoding="utf-8"))
            process = psutil.Process(int(owner["pid"]))
            same = abs(process.create_time() - float(owner["started"])) < 1
            return bool(same and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE)
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            return False


def training_command(job: Path) -> list[str]:
    """The command that trains a job: what a person could type.

    Raises
    ------
    JobError
        If this installation has no trainer.
    """
    if getattr(sys, "frozen", False):
        suffix = ".exe" if os.name == "nt" else ""
        trainer = Path(sys.executable).parent.parent / TRAINER / f"{TRAINER}{suffix}"
        if not trainer.is_file():
            raise JobError(
                "Training is not installed beside this program.",
                "Inspecting works without it. To train, install the package with its training extra.",
            )
        return [str(trainer), "train", str(job)]
    return [sys.executable, "-m", "weldspot_desktop", "train", str(job)]
