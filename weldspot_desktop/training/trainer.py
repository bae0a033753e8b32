"""A training job from beginning to end, in the child process."""

import dataclasses
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.dataset import manifest
from weldspot_desktop.dataset.manifest import Manifest
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.jobs import JobError, JobFolder, TrainingJob
from weldspot_desktop.metrics import calibration
from weldspot_desktop.model.distance import EmbeddingStatistics
from weldspot_desktop.registry import localisation
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.training import folds, head, network, release, scoring
from weldspot_desktop.training.batches import Example
from weldspot_desktop.training.fine_tuning import Course, fine_tune
from weldspot_desktop.training.folds import Part
from weldspot_desktop.training.progress import Progress, StopRequestedError


@dataclass(frozen=True)
class _Data:
    train: list[Example]
    validation: list[Example]
    test: list[Example]

    @property
    def learned(self) -> list[Example]:
        """What a released model may learn from."""
        return [*self.train, *self.validation]

    @property
    def all(self) -> list[Example]:
        return [*self.train, *self.validation, *self.test]


def train(folder: JobFolder) -> bool:
    """Work on a job; every outcome is written as its last event.

    Returns
    -------
    bool
        Whether a model came out.

    Raises
    ------
    JobError
        If another process works on the job or it cannot be read.
    """
    job = folder.job()
    progress = Progress(folder)
    try:
        _train(folder, job, progress)
    except StopRequestedError:
        folder.append("stopped", "Stopped before there was a model.")
        return False
    except ExpectedError as error:
        folder.append("failed", str(error))
        return False
    except MemoryError:
        folder.append("failed", "There was not enough memory. Close other programs or choose a smaller batch.")
        return False
    except Exception as error:
        # The last stand of a child process: the window learns what happened, and the trace is not lost.
        (folder.path / "crash.log").write_text(traceback.format_exc(), encoding="utf-8")
        folder.append("failed", f"Training ended by a fault of the program: {error!r}. See crash.log in the job.")
        raise
    return True


def _train(folder: JobFolder, job: TrainingJob, progress: Progress) -> None:
    keras.utils.set_random_seed(job.seed)
    dataset = manifest.load(job.dataset)
    data = _data(dataset, job)
    parts = folds.parts(data.learned, job)
    progress.total = _plan(job, data, parts)
    progress.stage(
        f"Reading {len(data.all)} pictures",
        train=len(data.train),
        validation=len(data.validation),
        test=len(data.test),
    )
    baseline, features = _fit_head(data, job, progress)
    made = _Making(folder, job, data.learned, features[: len(data.learned)], baseline.strength, progress)
    made.all_parts(parts)
    # The work is done; a stop now would only throw it away.
    progress.stoppable = False
    out_of_fold = scoring.merged(made.found)

    progress.stage("Calibrating")
    scaling = calibration.fit_scaling(out_of_fold.truth, out_of_fold.scores)
    out_of_fold = dataclasses.replace(out_of_fold, scores=scaling.apply(out_of_fold.scores))
    made.model.get_layer(network.MIXTURE).rescale(scaling)
    inside = [data.learned[index] for index in made.inside]
    described = scoring.describe(made.model, data.learned, size=job.size, batch=job.batch, advance=progress.advance)
    content = release.Content(
        job=job,
        dataset=dataset,
        model=made.model,
        examples=data.learned,
        features=described.features,
        statistics=EmbeddingStatistics.fit(described.embeddings[made.inside]),
        out_of_fold=out_of_fold,
        thresholds=release.choose_thresholds(out_of_fold),
        levels=localisation.choose_levels(out_of_fold.heatmaps, out_of_fold.regions),
        course=made.course,
        command=f"weldspot train {folder.path.name}",
    )
    progress.stage("Converting")
    files = release.write(content, folder.path / "model", calibration=folds.calibration_pictures(inside, job.size))
    progress.stage("Measuring on the test split")
    test_scores = baseline.scores(features[len(data.learned) :])
    release.measure(content, files, data.test, baseline_scores=test_scores, advance=progress.advance)
    kind, text = ("stopped", "Stopped; the best so far was kept.") if made.stopped else ("done", "The model is ready.")
    folder.append(kind, text, done=progress.total, total=progress.total, values={"model": str(files.folder)})


class _Making:
    """Trains a model for each part, keeps what it says of the pictures it did not see, then one on all of them.

    The model of the first part is complete and honestly judged: a stop after it keeps it, a stop during it keeps
    the average of its weights so far.
    """

    def __init__(
        self,
        folder: JobFolder,
        job: TrainingJob,
        learned: Sequence[Example],
        features: NDArray[np.float32],
        strength: float,
        progress: Progress,
    ) -> None:
        self._folder = folder
        self._job = job
        self._learned = list(learned)
        self._features = features
        self._truth = np.array([example.truth > 0 for example in learned])
        self._strength = strength
        self._progress = progress
        self.model: keras.Model = None
        self.inside = np.zeros(0, dtype=np.intp)
        self.found: list[Scored] = []
        self.course = Course()

    @property
    def stopped(self) -> bool:
        return self.course.stopped

    def all_parts(self, parts: Sequence[Part]) -> None:
        """Train all models; `model` is then the one to release, `found` what the parts' models said."""
        first: list[Any] = []
        try:
            for number, part in enumerate(parts, start=1):
                self._train_on(part.inside, f"Part {number} of {len(parts)}", watched=part.outside if not first else ())
                self._judge(part)
                if not first:
                    first, self.inside = self.model.get_weights(), part.inside
                if self.stopped:
                    break
            if len(parts) > 1 and not self.stopped:
                everything = np.arange(len(self._learned))
                self._train_on(everything, "All pictures")
                self.inside = everything
        except StopRequestedError:
            if not first:
                raise
            self.course.stopped = True
            self.model = network.build(self._job.size, imagenet_weights=False)
            self.model.set_weights(first)

    def _train_on(
        self,
        inside: NDArray[np.intp],
        title: str,
        *,
        watched: Sequence[int] | NDArray[np.intp] = (),
    ) -> None:
        job, progress = self._job, self._progress
        keras.backend.clear_session()
        self._progress.stage(f"{title}: fitting the head" if not job.epochs else f"{title}: fine-tuning")
        self.model = folds.network_with_head(self._features[inside], self._truth[inside], self._strength, job)
        if not job.epochs:
            return
        examples = [self._learned[index] for index in inside]
        if len(watched):
            self.course = fine_tune(
                self.model,
                examples,
                job,
                progress,
                seed=job.seed,
                validation=[self._learned[index] for index in watched],
                checkpoints=self._checkpoints(),
                on_epoch=self._report,
            )
        else:
            fine_tune(self.model, examples, job, progress, seed=job.seed)

    def _judge(self, part: Part) -> None:
        inside, outside = ([self._learned[index] for index in chosen] for chosen in (part.inside, part.outside))
        # What was learned is worth keeping: a stop waits until it is judged.
        self._progress.stoppable = False
        self.found.append(folds.judge_outside(self.model, inside, outside, self._job, self._progress))
        self._progress.stoppable = not self.stopped

    def _checkpoints(self) -> Path:
        checkpoints = self._folder.path / "checkpoints"
        checkpoints.mkdir(exist_ok=True)
        return checkpoints

    def _report(self, epoch: int, loss: float, value: float) -> None:
        self._folder.append(
            "epoch",
            f"Pass {epoch}: macro AUC {value:.3f} on pictures kept apart",
            done=self._progress.done,
            total=self._progress.total,
            values={"epoch": epoch, "loss": loss, "macro_auc": value},
        )


def _data(dataset: Manifest, job: TrainingJob) -> _Data:
    parts = {}
    for split in Split:
        parts[split] = [Example(job.pictures / entry.file, entry) for entry in dataset.of(split)]
        if not parts[split]:
            raise JobError(
                f"The dataset {dataset.name} has no {split.value} pictures.", "Split it: weldspot dataset split."
            )
    return _Data(parts[Split.TRAIN], parts[Split.VALIDATION], parts[Split.TEST])


def _fit_head(data: _Data, job: TrainingJob, progress: Progress) -> tuple[head.Head, NDArray[np.float32]]:
    """Logistic regression on features of the untouched backbone; also gives the features of all pictures."""
    progress.stage("Features of the pre-trained network")
    model = network.build(job.size)
    features = scoring.describe(model, data.all, size=job.size, batch=job.batch, advance=progress.advance).features
    truth = np.array([example.truth > 0 for example in data.learned])
    first, second = len(data.train), len(data.learned)
    return head.fit(features[:first], truth[:first], features[first:second], truth[first:]), features


def _plan(job: TrainingJob, data: _Data, parts: Sequence[Part]) -> float:
    """Pictures that will pass through the network."""
    learned = len(data.learned)
    watched = job.epochs * len(parts[0].outside)
    trained = sum((job.epochs + 1) * len(part.inside) + len(part.outside) for part in parts)
    everything = job.epochs * learned if len(parts) > 1 else 0
    return len(data.all) + watched + trained + everything + learned + 4 * len(data.test)
