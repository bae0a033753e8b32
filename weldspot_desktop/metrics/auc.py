"""Area under the ROC curve with DeLong intervals, for single classes, the macro mean and paired differences.

All variances come from the same influence values: one number for each picture that says how much it moves
the estimate. Summing them within a cluster (pictures of one weld) before squaring gives the clustered
variance; with every picture its own cluster it is DeLong's.

Sources: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837; Obuchowski, Biometrics 53 (1997) 567
for clusters; Sun and Xu, IEEE Signal Processing Letters 21 (2014) 1389 for the computation by mid-ranks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from scipy.stats import norm, rankdata

FloatArray = NDArray[np.float64]

ENOUGH = 10
"""Fewer positives or negatives than this are "not enough data" for an interval that holds what it promises."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval and what it rests on.

    Attributes
    ----------
    value, low, high
        The estimate and its interval; NaN where it is not defined.
    positives, negatives
        Pictures of either kind behind it (for a macro mean: the smallest class).
    clusters
        Independent groups behind it.
    """

    value: float
    low: float
    high: float
    positives: int
    negatives: int
    clusters: int

    @property
    def enough(self) -> bool:
        """Whether there are at least `ENOUGH` of either kind."""
        return min(self.positives, self.negatives) >= ENOUGH


@dataclass(frozen=True)
class _Influence:
    value: float
    of_picture: FloatArray
    positives: int
    negatives: int


def auc(truth: ArrayLike, scores: ArrayLike, *, clusters: ArrayLike | None = None, level: float = 0.95) -> Estimate:
    """AUC of one class with a logit-DeLong interval.

    Parameters
    ----------
    truth
        (n,) of 0 and 1.
    scores
        (n,) of finite numbers; ties count one half.
    clusters
        (n,) of any values; pictures with equal values are not independent. None: all are.
    level
        Confidence, 0 to 1.

    Returns
    -------
    Estimate
        NaN throughout if one of the two kinds is missing. At AUC 1 (or 0) half a discordant pair is
        added, because the variance is zero there; the bound on that side is then exactly 1 (or 0).
        0 to 1 if either kind comes from a single cluster: one cluster says nothing of how clusters differ.
    """
    y, x, groups = _checked(truth, scores, clusters)
    influence = _influence(y, x, groups)
    count = int(np.unique(groups).size)
    value = influence.value
    if np.isnan(value):
        return Estimate(value, value, value, influence.positives, influence.negatives, count)
    if min(np.unique(groups[y]).size, np.unique(groups[~y]).size) < 2:
        low, high = 0.0, 1.0
    else:
        error = _standard_error(influence.of_picture, groups)
        low, high = _interval(value, error, influence.positives * influence.negatives, level)
    return Estimate(value, low, high, influence.positives, influence.negatives, count)


def macro_auc(
    truth: ArrayLike, scores: ArrayLike, *, clusters: ArrayLike | None = None, level: float = 0.95
) -> Estimate:
    """Mean AUC over the columns that have both kinds, with an interval that knows they share pictures.

    Parameters
    ----------
    truth, scores
        (n, c).
    clusters, level
        As in `auc`; the interval is 0 to 1 if every class has a kind that comes from a single cluster.
    """
    values, influence, groups, positives, negatives = _columns(truth, scores, clusters)
    count = int(np.unique(groups).size)
    value = float(np.mean(values)) if len(values) else float("nan")
    if not values:
        return Estimate(value, value, value, positives, negatives, count)
    if _says_nothing_of_clusters(truth, groups):
        return Estimate(value, 0.0, 1.0, positives, negatives, count)
    low, high = _interval(value, _standard_error(np.mean(influence, axis=0), groups), positives * negatives, level)
    return Estimate(value, low, high, positives, negatives, count)


def paired_difference(
    truth: ArrayLike,
    scores: ArrayLike,
    other: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Macro AUC of `scores` minus that of `other` on the same pictures, with a normal interval.

    Parameters
    ----------
    truth, scores, other
        (n,) for one class or (n, c) for the macro mean.
    clusters, level
        As in `auc`; the interval is -1 to 1 if every class has a kind that comes from a single cluster.
    """
    mine, influence, groups, positives, negatives = _columns(truth, scores, clusters)
    theirs, other_influence, *_ = _columns(truth, other, clusters)
    count = int(np.unique(groups).size)
    if not mine:
        nan = float("nan")
        return Estimate(nan, nan, nan, positives, negatives, count)
    value = float(np.mean(mine) - np.mean(theirs))
    if _says_nothing_of_clusters(truth, groups):
        return Estimate(value, -1.0, 1.0, positives, negatives, count)
    error = _standard_error(np.mean(influence, axis=0) - np.mean(other_influence, axis=0), groups)
    half = float(norm.ppf(0.5 + level / 2)) * error
    return Estimate(value, value - half, value + half, positives, negatives, count)


def _says_nothing_of_clusters(truth: ArrayLike, groups: NDArray[np.intp]) -> bool:
    """Whether no column shows how clusters differ: in each one kind, positives or negatives, is of one cluster."""
    y = np.asarray(truth).astype(bool)
    return all(
        min(np.unique(groups[column]).size, np.unique(groups[~column]).size) < 2
        for column in (y[:, None] if y.ndim == 1 else y).T
    )


def _columns(
    truth: ArrayLike, scores: ArrayLike, clusters: ArrayLike | None
) -> tuple[list[float], FloatArray, NDArray[np.intp], int, int]:
    """AUC and influence values of every column with both kinds, and the smallest counts of either kind."""
    y2 = np.asarray(truth)
    x2 = np.asarray(scores, dtype=np.float64)
    if y2.shape != x2.shape:
        raise ValueError(f"truth has shape {y2.shape}, scores {x2.shape}")
    y2, x2 = (y2[:, None], x2[:, None]) if y2.ndim == 1 else (y2, x2)
    values, rows, counts = [], [], []
    groups = np.zeros(0, dtype=np.intp)
    for column in range(y2.shape[1]):
        y, x, groups = _checked(y2[:, column], x2[:, column], clusters)
        influence = _influence(y, x, groups)
        if not np.isnan(influence.value):
            values.append(influence.value)
            rows.append(influence.of_picture)
            counts.append((influence.positives, influence.negatives))
    positives = min((p for p, _ in counts), default=0)
    negatives = min((n for _, n in counts), default=0)
    return values, np.array(rows), groups, positives, negatives


def _checked(
    truth: ArrayLike, scores: ArrayLike, clusters: ArrayLike | None
) -> tuple[NDArray[np.bool_], FloatArray, NDArray[np.intp]]:
    y = np.asarray(truth)
    x = np.asarray(scores, dtype=np.float64)
    if y.ndim != 1 or y.shape != x.shape:
        raise ValueError(f"truth has shape {y.shape}, scores {x.shape}; expected two equal one-dimensional arrays")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("truth holds something other than 0 and 1")
    if not np.isfinite(x).all():
        raise ValueError("scores hold a value that is not finite")
    if clusters is None:
        return y.astype(bool), x, np.arange(len(y))
    names = np.asarray(clusters)
    if names.shape != y.shape:
        raise ValueError(f"clusters has shape {names.shape}, truth {y.shape}")
    return y.astype(bool), x, np.unique(names, return_inverse=True)[1]


def _influence(y: NDArray[np.bool_], x: FloatArray, groups: NDArray[np.intp]) -> _Influence:
    """AUC by mid-ranks, and how much each picture moves it, corrected for the number of clusters."""
    m, n = int(y.sum()), int((~y).sum())
    if m == 0 or n == 0:
        return _Influence(float("nan"), np.zeros(len(y)), m, n)
    ranks = rankdata(x)
    own = np.empty(len(y))
    own[y] = rankdata(x[y])
    own[~y] = rankdata(x[~y])
    placements = np.where(y, (ranks - own) / n, 1 - (ranks - own) / m)
    value = float(placements[y].mean())
    influence = placements - value
    for kind, size in ((y, m), (~y, n)):
        clusters = np.unique(groups[kind]).size
        influence[kind] *= np.sqrt(clusters / max(clusters - 1, 1)) / size
    return _Influence(value, influence, m, n)


def _standard_error(influence: FloatArray, groups: NDArray[np.intp]) -> float:
    return float(np.sqrt(np.sum(np.bincount(groups, weights=influence) ** 2)))


def _interval(value: float, error: float, pairs: int, level: float) -> tuple[float, float]:
    """Interval on the logit scale; at 0 and 1 as if half of one of `pairs` were discordant."""
    if value in (0.0, 1.0):
        low, high = _logit_interval(abs(value - 0.5 / pairs), np.sqrt(0.5) / pairs, level)
        return (low, 1.0) if value == 1.0 else (0.0, high)
    return _logit_interval(value, error, level)


def _logit_interval(value: float, error: float, level: float) -> tuple[float, float]:
    half = float(norm.ppf(0.5 + level / 2)) * error / (value * (1 - value))
    return float(expit(logit(value) - half)), float(expit(logit(value) + half))
