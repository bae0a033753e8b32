"""How far scores can be read as probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from weldspot_desktop.metrics.proportion import Share, share

_EPSILON = 1e-6


def calibration_error(truth: ArrayLike, scores: ArrayLike, *, bins: int = 10) -> float:
    """Expected calibration error: mean distance of score and frequency over bins of equal count.

    Parameters
    ----------
    truth
        (n,) of 0 and 1.
    scores
        (n,), 0 to 1.
    bins
        Number of bins; fewer are used when there are fewer pictures.

    Notes
    -----
    Equal-count bins, because scores crowd at the ends (Nguyen and O'Connor, EMNLP 2015).
    """
    parts = bins_of(truth, scores, bins=bins)
    total = sum(part.pictures for part in parts)
    return float(sum(part.pictures * abs(part.frequency.value - part.score) for part in parts) / total)


@dataclass(frozen=True)
class Bin:
    """Pictures with scores next to each other.

    Attributes
    ----------
    low, high
        Smallest and largest score, 0 to 1.
    score
        Mean score.
    frequency
        Share of them that show the class, with its interval.
    """

    low: float
    high: float
    score: float
    frequency: Share

    @property
    def pictures(self) -> int:
        return self.frequency.count


def bins_of(truth: ArrayLike, scores: ArrayLike, *, bins: int = 10) -> list[Bin]:
    """Bins of equal count, ascending; see `calibration_error`."""
    y = np.asarray(truth, dtype=np.float64)
    x = np.asarray(scores, dtype=np.float64)
    if y.shape != x.shape or y.ndim != 1 or len(y) == 0:
        raise ValueError(f"truth has shape {y.shape}, scores {x.shape}; expected two equal, non-empty arrays")
    order = np.argsort(x, kind="stable")
    return [
        Bin(
            float(x[part].min()),
            float(x[part].max()),
            float(x[part].mean()),
            share(round(float(y[part].sum())), len(part)),
        )
        for part in np.array_split(order, min(bins, len(y)))
    ]


@dataclass(frozen=True)
class Scaling:
    """What turns raw scores into probabilities: a slope and an offset of each class on the logit scale.

    Attributes
    ----------
    slope, offset : (c,)
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]

    def apply(self, scores: ArrayLike) -> NDArray[np.float32]:
        """(n, c) scores, 0 to 1, to calibrated ones; their order within a class stays."""
        return np.asarray(expit(self.slope * _logits(scores) + self.offset), dtype=np.float32)


def fit_scaling(truth: ArrayLike, scores: ArrayLike) -> Scaling:
    """Slope and offset of each class (Platt scaling) from scores of pictures that the model was not trained on.

    A mild penalty on the slope keeps classes that are told apart without fault from becoming steps. A class that
    is always or never present, or whose scores say the opposite, keeps its scores.

    Parameters
    ----------
    truth
        (n, c) of 0 and 1.
    scores
        (n, c), 0 to 1.

    Notes
    -----
    Platt, Advances in Large Margin Classifiers, 1999; Niculescu-Mizil and Caruana, ICML 2005.
    """
    y = np.asarray(truth).astype(bool)
    x = _logits(scores)
    slope, offset = np.ones(y.shape[1]), np.zeros(y.shape[1])
    for index in range(y.shape[1]):
        if 0 < y[:, index].sum() < len(y):
            regression = LogisticRegression(C=1.0).fit(x[:, index : index + 1], y[:, index])
            if regression.coef_[0, 0] > 0:
                slope[index], offset[index] = regression.coef_[0, 0], regression.intercept_[0]
    return Scaling(slope, offset)


def _logits(scores: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(logit(np.clip(np.asarray(scores, dtype=np.float64), _EPSILON, 1 - _EPSILON)))
