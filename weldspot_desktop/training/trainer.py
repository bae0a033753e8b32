"""A training job from beginning to end, in the child process."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from weldspot_desktop import labels
from weldspot_desktop.dataset import manifest
from weldspot_desktop.dataset.manifest import Manifest
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.jobs import JobError, JobFolder, TrainingJob
from weldspot_desktop.model.distance import EmbeddingStatistics
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.training import head, network, release, scoring
from weldspot_desktop.training.batches import Example
from weldspot_desktop.training.fine_tuning import Course, fine_tune
from weldspot_desktop.training.progress import Progress, StopRequestedError


@dataclass(frozen=True)
class _Data:
    train: list[Example]
    validation: list[Example]
    test: list[Example]

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
    progress.total = _plan(job, data)
    progress.stage(
        f"Reading {len(data.all)} pictures",
        train=len(data.train),
        validation=len(data.validation),
        test=len(data.test),
    )
    model = network.build(job.size)
    baseline, features = _fit_head(model, data, job, progress)
    if job.epochs:
        progress.stage("Fine-tuning")
    course = _fine_tune(folder, model, data, job, progress)
    if job.epochs:
        progress.reach(_plan_until_folds(job, data))

    progress.stage("Judging the pictures kept apart")
    progress.stoppable = False
    learned = [*data.train, *data.validation]
    embeddings = scoring.features(model, learned, size=job.size, batch=job.batch, advance=progress.advance)
    statistics = EmbeddingStatistics.fit(embeddings)
    try:
        out_of_fold = _out_of_fold(learned, features, baseline.strength, course, job, progress)
    except StopRequestedError:
        course.stopped = True
        out_of_fold = _out_of_fold(learned, features, baseline.strength, course, job, progress)
    progress.stoppable = False
    validation = scoring.with_keras(
        model, data.validation, size=job.size, batch=job.batch, statistics=statistics, advance=progress.advance
    )
    thresholds = release.choose_thresholds(out_of_fold, validation)

    progress.stage("Converting")
    content = release.Content(
        job=job,
        dataset=dataset,
        model=model,
        examples=learned,
        embeddings=embeddings,
        statistics=statistics,
        out_of_fold=out_of_fold,
        thresholds=thresholds,
        course=course,
        command=f"weldspot train {folder.path.name}",
    )
    made = release.write(content, folder.path / "model", calibration=data.train)
    progress.stage("Measuring on the test split")
    test_features = features[len(learned) :]
    release.measure(content, made, data.test, baseline_scores=baseline.scores(test_features), advance=progress.advance)
    kind, text = (
        ("stopped", "Stopped; the best so far was kept.") if course.stopped else ("done", "The model is ready.")
    )
    folder.append(kind, text, done=progress.total, total=progress.total, values={"model": str(made.folder)})


def _data(dataset: Manifest, job: TrainingJob) -> _Data:
    parts = {}
    for split in Split:
        parts[split] = [Example(job.pictures / entry.file, entry) for entry in dataset.of(split)]
        if not parts[split]:
            raise JobError(
                f"The dataset {dataset.name} has no {split.value} pictures.", "Split it: weldspot dataset split."
            )
    return _Data(parts[Split.TRAIN], parts[Split.VALIDATION], parts[Split.TEST])


def _fit_head(
    model: keras.Model, data: _Data, job: TrainingJob, progress: Progress
) -> tuple[head.Head, NDArray[np.float32]]:
    """Fit the head on features of the untouched backbone; also gives the features of train, validation and test."""
    progress.stage("Features of the pre-trained network")
    features = scoring.features(model, data.all, size=job.size, batch=job.batch, advance=progress.advance)
    truth = np.array([example.truth > 0 for example in data.all])
    first, second = len(data.train), len(data.train) + len(data.validation)
    progress.stage("Head")
    fitted = head.fit(features[:first], truth[:first], features[first:second], truth[first:second])
    fitted.set_into(model)
    return fitted, features


def _fine_tune(folder: JobFolder, model: keras.Model, data: _Data, job: TrainingJob, progress: Progress) -> Course:
    def report(epoch: int, loss: float, value: float) -> None:
        folder.append(
            "epoch",
            f"Pass {epoch}: validation macro AUC {value:.3f}",
            done=progress.done,
            total=progress.total,
            values={"epoch": epoch, "loss": loss, "macro_auc": value},
        )

    checkpoints = folder.path / "checkpoints"
    checkpoints.mkdir(exist_ok=True)
    return fine_tune(
        model,
        data.train,
        job,
        progress,
        validation=data.validation,
        epochs=job.epochs,
        checkpoints=checkpoints,
        on_epoch=report,
    )


def _out_of_fold(
    examples: Sequence[Example],
    features: NDArray[np.float32],
    strength: float,
    course: Course,
    job: TrainingJob,
    progress: Progress,
) -> Scored:
    """Scores of every train and validation picture by a model that saw no picture of its group.

    Each fold's model is made as the released one was: head, then as many passes as were best there. After a
    stop, or with `folds` 0, the head alone is fitted in five folds: cheap, and still honest.
    """
    groups = np.array([example.entry.group for example in examples])
    truth = np.array([example.truth > 0 for example in examples])
    tuned = job.folds >= 2 and not course.stopped and course.best_epoch > 0
    progress.stoppable = tuned
    folds = min(job.folds if tuned else 5, len(np.unique(groups)))
    scores = np.zeros((len(examples), labels.COUNT), dtype=np.float32)
    points = np.full((len(examples), labels.COUNT, 2), 0.5, dtype=np.float32)
    distances = np.full(len(examples), np.nan, dtype=np.float32)
    splitter = GroupKFold(folds, shuffle=True, random_state=job.seed)
    for number, (inside, outside) in enumerate(splitter.split(features[: len(examples)], groups=groups), start=1):
        progress.stage(f"Out-of-fold scores, part {number} of {folds}")
        fitted = head.fit_with(features[inside], truth[inside], strength)
        if not tuned:
            scores[outside] = fitted.scores(features[outside])
            statistics = EmbeddingStatistics.fit(features[inside])
            distances[outside] = [statistics.distance(features[index]) for index in outside]
            continue
        model = network.build(job.size)
        fitted.set_into(model)
        chosen = [examples[index] for index in inside]
        fine_tune(model, chosen, job, progress, epochs=course.best_epoch)
        own = scoring.features(model, chosen, size=job.size, batch=job.batch, advance=progress.advance)
        found = scoring.with_keras(
            model,
            [examples[index] for index in outside],
            size=job.size,
            batch=job.batch,
            statistics=EmbeddingStatistics.fit(own),
            advance=progress.advance,
        )
        scores[outside], points[outside], distances[outside] = found.scores, found.points, found.distances
        keras.backend.clear_session()
    return scoring.scored(examples, scores, points, distances)


def _plan_until_folds(job: TrainingJob, data: _Data) -> float:
    return len(data.all) + len(data.validation) + job.epochs * (len(data.train) + len(data.validation))


def _plan(job: TrainingJob, data: _Data) -> float:
    """Pictures that will pass through the network at most."""
    learned = len(data.train) + len(data.validation)
    folds = job.folds * job.epochs * learned * (1 - 1 / job.folds) + 2 * learned if job.folds and job.epochs else 0
    return _plan_until_folds(job, data) + learned + folds + 3 * len(data.test)
