"""The head on cached features: logistic regression, which is also the baseline a fine-tuned network must meet."""

from dataclasses import dataclass
from typing import Final

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from weldspot_desktop import labels
from weldspot_desktop.metrics.auc import macro_auc
from weldspot_desktop.training import network

STRENGTHS: Final = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
"""Inverse strengths of the L2 penalty that are tried on the validation split."""


@dataclass(frozen=True)
class Head:
    """Weights of seven logistic regressions on features as they come from the backbone.

    Attributes
    ----------
    weights : (d, 7)
    bias : (7,)
    strength : inverse strength of the L2 penalty it was fitted with
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    strength: float

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, 7) scores of (n, d) features."""
        return np.asarray(expit(features @ self.weights + self.bias))

    def set_into(self, model: keras.Model) -> None:
        """Make this the network's whole-picture branch."""
        model.get_layer(network.WHOLE).set_weights([self.weights.astype(np.float32), self.bias.astype(np.float32)])


def fit(
    train: NDArray[np.float32],
    train_truth: NDArray[np.bool_],
    validation: NDArray[np.float32],
    validation_truth: NDArray[np.bool_],
) -> Head:
    """Fit on train, choosing the penalty by macro AUC on validation (its first value where that is undefined)."""
    heads = [fit_with(train, train_truth, strength) for strength in STRENGTHS]
    values = [macro_auc(validation_truth, head.scores(validation)).value for head in heads]
    return heads[int(np.nanargmax(values)) if not np.isnan(values).all() else 0]


def fit_with(features: NDArray[np.float32], truth: NDArray[np.bool_], strength: float) -> Head:
    """Fit on (n, d) features with a given inverse strength of the penalty; a class without examples scores near 0."""
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    scaled = (features - mean) / deviation
    weights = np.zeros((features.shape[1], labels.COUNT))
    bias = np.full(labels.COUNT, -6.0)
    for index in range(labels.COUNT):
        if 0 < truth[:, index].sum() < len(truth):
            regression = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)
            regression.fit(scaled, truth[:, index])
            weights[:, index] = regression.coef_[0] / deviation
            bias[index] = regression.intercept_[0] - mean @ weights[:, index]
    return Head(weights, bias, strength)
