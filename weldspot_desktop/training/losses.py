"""What training minimises: wrong picture scores, wrong maps, and maxima that lie beside what people marked."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from weldspot_desktop.training import network

SMOOTHING = 0.05
"""Label smoothing: about one photograph in six has a doubtful label."""

_LARGEST_WEIGHT = 3.0
_FOCUS = 2.0
_EXPECTED_SHARE = 0.05
"""Share of a map that is typically marked; weighs the many empty cells against the few marked ones."""


def class_weights(truth: NDArray[np.float32]) -> NDArray[np.float32]:
    """(7,) weights of positives: the root of negatives per positive, 1 to 3, so that rare classes weigh more."""
    positives = truth.sum(axis=0)
    weights = np.sqrt((len(truth) - positives) / np.maximum(positives, 1))
    return np.asarray(np.clip(weights, 1.0, _LARGEST_WEIGHT), dtype=np.float32)


def picture_loss(logits: tf.Tensor, truth: tf.Tensor, known: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Cross-entropy of picture scores, (n, 7) each, with rare classes weighted and unknown labels left out."""
    smooth = truth * (1 - SMOOTHING) + SMOOTHING / 2
    each = weights * smooth * tf.nn.softplus(-logits) + (1 - smooth) * tf.nn.softplus(logits)
    return tf.reduce_sum(each * known) / tf.maximum(tf.reduce_sum(known), 1.0)


def map_loss(heatmap: tf.Tensor, evidence: tf.Tensor, placed: tf.Tensor) -> tf.Tensor:
    """Focal cross-entropy of the map (Lin et al., ICCV 2017), marked and empty cells each by their number.

    Parameters
    ----------
    heatmap : (n, h, w, 7) logits
    evidence : (n, h, w, 7), share of each cell that is marked
    placed : (n, 7), 0 where places are not known
    """
    probability = tf.sigmoid(heatmap)
    marked = evidence * (1 - probability) ** _FOCUS * tf.nn.softplus(-heatmap)
    empty = (1 - evidence) * probability**_FOCUS * tf.nn.softplus(heatmap)
    area = tf.reduce_sum(evidence, axis=(1, 2))
    cells = float(heatmap.shape[1] * heatmap.shape[2])
    each = tf.reduce_sum(marked, axis=(1, 2)) / tf.maximum(area, 1.0) + tf.reduce_sum(empty, axis=(1, 2)) / (
        cells * _EXPECTED_SHARE
    )
    return tf.reduce_sum(each * placed) / tf.maximum(tf.reduce_sum(placed), 1.0)


def pointing_loss(heatmap: tf.Tensor, evidence: tf.Tensor, placed: tf.Tensor) -> tf.Tensor:
    """How little of the map's softmax lies on what was marked: -log of that share, over marked classes."""
    cells = int(heatmap.shape[1] * heatmap.shape[2])
    classes = int(heatmap.shape[3])
    logits = tf.reshape(heatmap, (-1, cells, classes))
    marks = tf.reshape(evidence, (-1, cells, classes))
    on_marks = tf.reduce_logsumexp(logits + tf.math.log(marks + 1e-7), axis=1)
    each = tf.reduce_logsumexp(logits, axis=1) - on_marks
    counts = placed * tf.cast(tf.reduce_max(marks, axis=1) > 0.25, tf.float32)
    return tf.reduce_sum(each * counts) / tf.maximum(tf.reduce_sum(counts), 1.0)


def total(
    outputs: Mapping[str, tf.Tensor],
    truth: tf.Tensor,
    known: tf.Tensor,
    evidence: tf.Tensor,
    placed: tf.Tensor,
    *,
    weights: tf.Tensor,
    map_weight: float,
    pointing_weight: float,
) -> tf.Tensor:
    """The sum that is minimised; the whole-picture branch also answers alone, so that it stays an answer."""
    heatmap = outputs[network.HEATMAP]
    loss = picture_loss(outputs[network.PROBABILITIES], truth, known, weights)
    loss += 0.5 * picture_loss(outputs[network.WHOLE], truth, known, weights)
    if map_weight:
        loss += map_weight * map_loss(heatmap, evidence, placed)
    if pointing_weight:
        loss += pointing_weight * pointing_loss(heatmap, evidence, placed)
    return loss
