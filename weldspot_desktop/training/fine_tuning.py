"""Fine-tuning the network on pictures and marked places, averaging its weights along the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from weldspot_desktop import labels
from weldspot_desktop.jobs import TrainingJob
from weldspot_desktop.metrics.auc import macro_auc
from weldspot_desktop.registry.evaluation import pointing_share
from weldspot_desktop.training import backbone, losses, network, scoring
from weldspot_desktop.training.batches import Batch, Example, TrainingBatches
from weldspot_desktop.training.progress import Progress, StopRequestedError

_WARM_UP = 0.1
_CLIP = 1.0


@dataclass
class Course:
    """How fine-tuning went.

    Attributes
    ----------
    passes
        Complete passes over the training pictures.
    stopped
        Whether somebody asked it to stop.
    """

    passes: int = 0
    stopped: bool = False


def fine_tune(
    model: keras.Model,
    train: Sequence[Example],
    job: TrainingJob,
    progress: Progress,
    *,
    seed: int,
    validation: Sequence[Example] = (),
    checkpoints: Path | None = None,
    on_epoch: Callable[[int, float, float], None] = lambda epoch, loss, value: None,
) -> Course:
    """Train in place; the model ends with the running average of its weights.

    The average forgets by `job.average` a step (Polyak and Juditsky 1992; in this form Tarvainen and Valpola,
    NeurIPS 2017). There is no choice of the best pass: with few validation pictures that would choose noise.

    Parameters
    ----------
    model
        From `network.build`, with a fitted head.
    train, validation
        Validation is only watched.
    job
        The recipe.
    progress
        Counts pictures; a requested stop ends training and keeps the average so far.
    seed
        Of order and variants.
    checkpoints
        Folder for `last.weights.h5` and TensorBoard's logs; None writes none.
    on_epoch
        Called with the pass (from 1), its loss and validation macro AUC.

    Raises
    ------
    StopRequestedError
        If a stop was asked for and no validation was given: a part of a fold is of no use.
    """
    backbone.freeze(model, blocks=job.frozen_blocks)
    batches = TrainingBatches(train, size=job.size, stride=network.STRIDE, batch=job.batch, seed=seed, vary=job.augment)
    trainer = Trainer(model, job, steps=job.epochs * len(batches), train=train)
    course = Course()
    log = tf.summary.create_file_writer(str(checkpoints / "tensorboard")) if checkpoints else None
    try:
        for epoch in range(1, job.epochs + 1):
            loss = trainer.one_pass(batches, epoch, progress)
            value = pointing = float("nan")
            if validation:
                with trainer.averaged():
                    found = scoring.with_keras(
                        model, validation, size=job.size, batch=job.batch, statistics=None, advance=progress.advance
                    )
                value, pointing = macro_auc(found.truth, found.scores).value, pointing_share(found)
            course.passes = epoch
            on_epoch(epoch, loss, value)
            if log is not None:
                with log.as_default(step=epoch):
                    tf.summary.scalar("loss", loss)
                    tf.summary.scalar("validation macro AUC", value)
                    tf.summary.scalar("validation pointing game", pointing)
            if checkpoints is not None:
                with trainer.averaged():
                    model.save_weights(checkpoints / "last.weights.h5")
    except StopRequestedError:
        if not validation:
            raise
        course.stopped = True
    finally:
        if log is not None:
            log.close()
    trainer.keep_average()
    return course


class _Averaged:
    """Lends the model its averaged weights for the length of a `with`."""

    def __init__(self, variables: list[Any], averages: list[tf.Variable]) -> None:
        self._variables = variables
        self._averages = averages
        self._own: list[Any] = []

    def __enter__(self) -> None:
        self._own = [variable.numpy() for variable in self._variables]
        for variable, average in zip(self._variables, self._averages, strict=True):
            variable.assign(average)

    def __exit__(self, *_: object) -> None:
        for variable, own in zip(self._variables, self._own, strict=True):
            variable.assign(own)


class Trainer:
    """One step after the other, with two learning rates: new layers learn faster than those ImageNet taught."""

    def __init__(self, model: keras.Model, job: TrainingJob, *, steps: int, train: Sequence[Example]) -> None:
        self._trainee = network.trainee(model)
        self._variables = list(self._trainee.trainable_variables)
        self._new = [network.is_new(variable.path) for variable in self._variables]
        self._optimizers = [
            _optimizer(rate, steps, job.weight_decay) for rate in (job.learning_rate, job.head_learning_rate)
        ]
        for optimizer, new in zip(self._optimizers, (False, True), strict=True):
            optimizer.build([v for v, is_new in zip(self._variables, self._new, strict=True) if is_new is new])
        self._averages = [tf.Variable(variable.numpy(), trainable=False) for variable in self._variables]
        self._keep = job.average
        self._steps = tf.Variable(0.0, trainable=False)
        self._weights = tf.constant(losses.class_weights(np.array([example.truth for example in train])))
        self._map_weight, self._pointing_weight = job.map_weight, job.pointing_weight
        cells, classes = job.size // network.STRIDE, labels.COUNT
        # One graph for full batches and for the shorter last one: tracing takes ten seconds.
        self._step = tf.function(
            self._train_on,
            input_signature=[
                tf.TensorSpec((None, job.size, job.size, 3), tf.uint8),
                tf.TensorSpec((None, classes)),
                tf.TensorSpec((None, classes)),
                tf.TensorSpec((None, cells, cells, classes)),
                tf.TensorSpec((None, classes)),
            ],
        )

    def one_pass(self, batches: TrainingBatches, number: int, progress: Progress) -> float:
        """One pass over the training pictures; mean loss."""
        found, counts = [], []
        for batch in batches.one_pass(number):
            found.append(self.step(batch))
            counts.append(len(batch.images))
            progress.advance(len(batch.images))
        return float(np.average(found, weights=counts))

    def step(self, batch: Batch) -> float:
        """One step; its loss."""
        return float(self._step(*_tensors(batch)))

    def averaged(self) -> _Averaged:
        """The model with its averaged weights, for a `with`."""
        return _Averaged(self._variables, self._averages)

    def keep_average(self) -> None:
        """Give the model its averaged weights for good."""
        for variable, average in zip(self._variables, self._averages, strict=True):
            variable.assign(average)

    def _train_on(
        self, images: tf.Tensor, truth: tf.Tensor, known: tf.Tensor, evidence: tf.Tensor, placed: tf.Tensor
    ) -> tf.Tensor:
        with tf.GradientTape() as tape:
            outputs = self._trainee(tf.cast(images, tf.float32), training=True)
            loss = losses.total(
                outputs,
                truth,
                known,
                evidence,
                placed,
                weights=self._weights,
                map_weight=self._map_weight,
                pointing_weight=self._pointing_weight,
            )
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self._variables), _CLIP)
        for optimizer, new in zip(self._optimizers, (False, True), strict=True):
            chosen = [
                (g, v) for g, v, is_new in zip(gradients, self._variables, self._new, strict=True) if is_new is new
            ]
            optimizer.apply_gradients(chosen)
        # The average of the first steps is short, so that it does not remember the start for long.
        self._steps.assign_add(1.0)
        keep = tf.minimum(self._keep, self._steps / (self._steps + 10.0))
        for variable, average in zip(self._variables, self._averages, strict=True):
            average.assign_sub((average - variable) * (1 - keep))
        return loss


def _tensors(batch: Batch) -> tuple[tf.Tensor, ...]:
    return tuple(tf.constant(a) for a in (batch.images, batch.truth, batch.known, batch.evidence, batch.placed))


def _optimizer(highest: float, steps: int, weight_decay: float) -> keras.optimizers.Optimizer:
    warm = max(1, int(steps * _WARM_UP))
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=highest / 20,
        decay_steps=max(1, steps - warm),
        warmup_target=highest,
        warmup_steps=warm,
        alpha=0.02,
    )
    return keras.optimizers.AdamW(schedule, weight_decay=weight_decay)
