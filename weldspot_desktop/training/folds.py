"""Parts of the learned pictures, and models that are honest about the part they did not see."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from weldspot_desktop.dataset.split import Split
from weldspot_desktop.jobs import TrainingJob
from weldspot_desktop.model.distance import EmbeddingStatistics
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.training import conversion, head, network, scoring
from weldspot_desktop.training.batches import Example, read
from weldspot_desktop.training.progress import Progress

_CALIBRATION_PICTURES = 200


@dataclass(frozen=True)
class Part:
    """Numbers of the pictures to learn from, and of those that are kept apart meanwhile."""

    inside: NDArray[np.intp]
    outside: NDArray[np.intp]


def parts(learned: Sequence[Example], job: TrainingJob) -> list[Part]:
    """Folds over train and validation that cut no group; with fewer than two, train and validation themselves."""
    if job.folds < 2:
        validation = np.array([example.entry.split == Split.VALIDATION for example in learned])
        return [Part(np.flatnonzero(~validation), np.flatnonzero(validation))]
    groups = np.array([example.entry.group for example in learned])
    count = min(job.folds, len(np.unique(groups)))
    splitter = GroupKFold(count, shuffle=True, random_state=job.seed)
    return [Part(inside, outside) for inside, outside in splitter.split(groups, groups=groups)]


def network_with_head(
    features: NDArray[np.float32], truth: NDArray[np.bool_], strength: float, job: TrainingJob
) -> keras.Model:
    """An ImageNet network whose whole-picture branch is fitted on cached features.

    Where no fine-tuning follows, the map stays empty: untrained evidence would point anywhere.
    """
    model = network.build(job.size)
    if not job.epochs:
        network.empty_map(model)
    head.fit_with(features, truth, strength).set_into(model)
    return model


def calibration_pictures(examples: Sequence[Example], size: int) -> list[NDArray[np.uint8]]:
    """Up to 200 pictures, evenly over the list, for the ranges of int8."""
    step = max(1, len(examples) // _CALIBRATION_PICTURES)
    return [read(example, size) for example in examples[::step]]


def judge_outside(
    model: keras.Model, inside: Sequence[Example], outside: Sequence[Example], job: TrainingJob, progress: Progress
) -> Scored:
    """Scores of pictures that the model did not see, by the int8 file it becomes: thresholds are for that file."""
    described = scoring.describe(model, inside, size=job.size, batch=job.batch, advance=progress.advance)
    content = conversion.convert(model, "int8", calibration=calibration_pictures(inside, job.size))
    found = scoring.with_file(content, outside, EmbeddingStatistics.fit(described.embeddings))
    progress.advance(len(outside))
    return found
