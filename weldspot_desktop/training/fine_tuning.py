"""Fine-tuning the whole network, watching macro AUC on validation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from weldspot_desktop.jobs import TrainingJob
from weldspot_desktop.metrics.auc import macro_auc
from weldspot_desktop.training import network
from weldspot_desktop.training.batches import Batches, Example
from weldspot_desktop.training.progress import Progress, StopRequestedError

SMOOTHING = 0.05
"""Label smoothing: about one photograph in six has a doubtful label."""

_WEIGHT_DECAY = 1e-4
_WARM_UP = 0.1
_LARGEST_WEIGHT = 3.0


@dataclass
class Course:
    """How fine-tuning went.

    Attributes
    ----------
    best_epoch
        Pass after which validation macro AUC was highest; 0 is the head alone.
    best
        That macro AUC.
    losses, values
        Training loss and validation macro AUC of each pass.
    stopped
        Whether somebody asked it to stop.
    """

    best_epoch: int
    best: float
    losses: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    stopped: bool = False


def fine_tune(
    model: keras.Model,
    train: Sequence[Example],
    job: TrainingJob,
    progress: Progress,
    *,
    validation: Sequence[Example] = (),
    epochs: int,
    checkpoints: Path | None = None,
    on_epoch: Callable[[int, float, float], None] = lambda epoch, loss, value: None,
) -> Course:
    """Train all layers in place; the model ends with its best weights (its last, without validation).

    Parameters
    ----------
    model
        From `network.build`, with a fitted head.
    train, validation
        Without validation it runs all `epochs`.
    job
        Batch size, learning rate, patience and seed.
    progress
        Counts pictures; a requested stop ends training and keeps the best.
    epochs
        Most passes; the learning rate falls over `job.epochs` all the same.
    checkpoints
        Folder for `best.weights.h5` and `last.weights.h5`, and TensorBoard's logs; None writes none.
    on_epoch
        Called with the pass (from 1), its loss and validation macro AUC.
    """
    scorer = network.scorer(model)
    batches = Batches(train, size=job.size, batch=job.batch, seed=job.seed)
    optimizer = keras.optimizers.AdamW(
        _schedule(job.learning_rate, job.epochs * len(batches)), weight_decay=_WEIGHT_DECAY, clipnorm=1.0
    )
    scorer.compile(optimizer, _loss(np.array([example.truth for example in train])))
    course = Course(0, _validate(scorer, validation, job, progress))
    best = scorer.get_weights()
    log = tf.summary.create_file_writer(str(checkpoints / "tensorboard")) if checkpoints else None
    try:
        for epoch in range(1, epochs + 1):
            loss = _one_pass(scorer, batches, progress)
            value = _validate(scorer, validation, job, progress)
            course.losses.append(loss)
            course.values.append(value)
            on_epoch(epoch, loss, value)
            if log is not None:
                with log.as_default(step=epoch):
                    tf.summary.scalar("loss", loss)
                    tf.summary.scalar("validation macro AUC", value)
            better = value > course.best or not validation
            if better:
                course.best_epoch, course.best, best = epoch, value, scorer.get_weights()
            if checkpoints is not None:
                scorer.save_weights(checkpoints / "last.weights.h5")
                if better:
                    scorer.save_weights(checkpoints / "best.weights.h5")
            if validation and epoch - course.best_epoch >= job.patience:
                break
    except StopRequestedError:
        if not validation:
            # Without validation there is no best so far to keep.
            raise
        course.stopped = True
    finally:
        if log is not None:
            log.close()
    scorer.set_weights(best)
    return course


def _one_pass(scorer: keras.Model, batches: Batches, progress: Progress) -> float:
    """One pass over the training pictures; mean loss."""
    counter = _Counter(progress, batches)
    history = scorer.fit(batches, epochs=1, verbose=0, shuffle=False, callbacks=[counter])
    if counter.stopped:
        raise StopRequestedError
    return float(history.history["loss"][0])


class _Counter(keras.callbacks.Callback):
    """Reports each batch; a stop lets Keras finish its step, so that its reader threads end."""

    def __init__(self, progress: Progress, batches: Batches) -> None:
        super().__init__()
        self.stopped = False
        self._progress = progress
        self._batches = batches

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        try:
            self._progress.advance(self._batches.count(batch))
        except StopRequestedError:
            self.stopped = True
            self.model.stop_training = True


def _validate(scorer: keras.Model, examples: Sequence[Example], job: TrainingJob, progress: Progress) -> float:
    """Macro AUC on examples; NaN without any."""
    if not examples:
        return float("nan")
    batches = Batches(examples, size=job.size, batch=job.batch)
    scores = []
    for number in range(len(batches)):
        images, _ = batches[number]
        scores.append(np.asarray(scorer.predict_on_batch(images)))
        progress.advance(len(images))
    return macro_auc(np.array([e.truth for e in examples]), np.concatenate(scores)).value


def _loss(truth: NDArray[np.float32]) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Binary cross-entropy in which rare classes weigh more: by the root of negatives per positive."""
    positives = truth.sum(axis=0)
    weights = np.sqrt((len(truth) - positives) / np.maximum(positives, 1))
    weights = tf.constant(np.clip(weights, 1.0, _LARGEST_WEIGHT), dtype=tf.float32)

    def loss(y: tf.Tensor, p: tf.Tensor) -> tf.Tensor:
        smooth = y * (1 - SMOOTHING) + SMOOTHING / 2
        p = tf.clip_by_value(p, 1e-6, 1 - 1e-6)
        return -tf.reduce_mean(weights * smooth * tf.math.log(p) + (1 - smooth) * tf.math.log(1 - p), axis=-1)

    return loss


def _schedule(highest: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    warm = max(1, int(steps * _WARM_UP))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=highest / 20,
        decay_steps=max(1, steps - warm),
        warmup_target=highest,
        warmup_steps=warm,
        alpha=0.02,
    )
