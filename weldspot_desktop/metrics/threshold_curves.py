"""Recall, precision and false alarms of one class over every threshold, with intervals that know of groups.

A score at or over a threshold is flagged. Several photographs of one weld are not independent: the intervals count
a set of pictures as n² / Σ n_g² independent ones, where n_g are the pictures of each group. That is Kish's effective
size for photographs of one weld that all turn out alike; where they do not, the intervals are wider than they need be.

Source: Kish, Survey Sampling (1965), section 8.2; Wilson's interval as in `metrics.proportion`.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weldspot_desktop.metrics.proportion import Share, share, wilson

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


class Measure(StrEnum):
    """What a curve shows over the threshold."""

    RECALL = "recall"
    PRECISION = "precision"
    FALSE_ALARMS = "false alarms"


@dataclass(frozen=True)
class Counted:
    """What is counted at one threshold.

    Attributes
    ----------
    recall
        Flagged ones among the pictures that show the class.
    precision
        Those that show the class among the flagged.
    false_alarms
        Flagged ones among the pictures that do not show the class.
    """

    threshold: float
    recall: Share
    precision: Share
    false_alarms: Share

    @property
    def missed(self) -> int:
        """Pictures that show the class and are not flagged."""
        return self.recall.count - self.recall.hits


@dataclass(frozen=True, eq=False)
class Band:
    """A curve with its interval: (m + 1,) each, for the m thresholds of the curve and for one over all of them."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """All that can be counted of one class; made by `curve`.

    Attributes
    ----------
    thresholds : (m,) the distinct scores, ascending; between two of them nothing changes
    hits, flagged : (m + 1,) pictures with the class, and pictures, at or over each threshold; the last is over all
    effective_flagged : (m + 1,) as how many independent ones the flagged count; 0 where there are none
    positives, negatives : pictures with and without the class
    positive_groups : groups behind the positives
    effective_positives, effective_negatives : as how many independent ones they count
    level : confidence of the intervals, 0 to 1
    """

    thresholds: FloatArray
    hits: IntArray
    flagged: IntArray
    effective_flagged: FloatArray
    positives: int
    negatives: int
    positive_groups: int
    effective_positives: float
    effective_negatives: float
    level: float

    def at(self, threshold: float) -> Counted:
        """Counts with intervals at any threshold, exactly; takes microseconds."""
        place = int(np.searchsorted(self.thresholds, threshold, side="left"))
        hits, flagged = int(self.hits[place]), int(self.flagged[place])
        false = flagged - hits
        return Counted(
            threshold,
            share(hits, self.positives, effective=self.effective_positives, level=self.level),
            share(hits, flagged, effective=float(self.effective_flagged[place]), level=self.level),
            share(false, self.negatives, effective=self.effective_negatives, level=self.level),
        )

    def band(self, measure: Measure) -> Band:
        """A whole curve. Precision is NaN over all scores, where nothing is flagged."""
        hits = self.hits.astype(np.float64)
        if measure is Measure.PRECISION:
            value = np.divide(hits, self.flagged, out=np.full(len(hits), np.nan), where=self.flagged > 0)
            low, high = wilson(np.nan_to_num(value), self.effective_flagged, level=self.level)
            return Band(value, low, high)
        recall = measure is Measure.RECALL
        count = self.positives if recall else self.negatives
        effective = self.effective_positives if recall else self.effective_negatives
        value = (hits if recall else self.flagged - hits) / max(count, 1)
        low, high = wilson(value, effective, level=self.level)
        return Band(value if count else np.full(len(hits), np.nan), low, high)


def curve(
    truth: ArrayLike, scores: ArrayLike, groups: ArrayLike | None = None, *, level: float = 0.95
) -> ThresholdCurve:
    """Count one class at every threshold.

    Parameters
    ----------
    truth
        (n,) of 0 and 1.
    scores
        (n,) of finite numbers.
    groups
        (n,) of any values; pictures with equal values are not independent. None: all are.
    level
        Confidence of the intervals, 0 to 1.

    Raises
    ------
    ValueError
        If the three do not fit together.
    """
    y, x = np.asarray(truth), np.asarray(scores, dtype=np.float64)
    if y.ndim != 1 or y.shape != x.shape:
        raise ValueError(f"truth has shape {y.shape}, scores {x.shape}; expected two equal one-dimensional arrays")
    if not np.isfinite(x).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("scores must be finite and truth 0 or 1")
    names = np.arange(len(y)) if groups is None else np.asarray(groups)
    if names.shape != y.shape:
        raise ValueError(f"groups has shape {names.shape}, truth {y.shape}")
    positive = y.astype(bool)
    group = np.unique(names, return_inverse=True)[1]
    order = np.argsort(-x, kind="stable")
    thresholds, ascending = np.unique(x), np.sort(x)
    # So many are at or over each threshold: those that do not lie under it.
    flagged = np.append(len(x) - np.searchsorted(ascending, thresholds, side="left"), 0).astype(np.intp)
    hits = np.concatenate(([0], np.cumsum(positive[order])))[flagged].astype(np.intp)
    squares = np.concatenate(([0.0], np.cumsum(2.0 * _earlier(group[order]) + 1)))[flagged]
    effective = np.divide(flagged.astype(np.float64) ** 2, squares, out=np.zeros(len(flagged)), where=flagged > 0)
    return ThresholdCurve(
        thresholds,
        hits,
        flagged,
        effective,
        int(positive.sum()),
        int((~positive).sum()),
        int(np.unique(group[positive]).size),
        effective_size(group[positive]),
        effective_size(group[~positive]),
        level,
    )


def effective_size(groups: ArrayLike) -> float:
    """As how many independent pictures those with these group names count; 0 without any."""
    counts = np.unique(np.asarray(groups), return_counts=True)[1].astype(np.float64)
    return float(counts.sum() ** 2 / (counts**2).sum()) if len(counts) else 0.0


def _earlier(groups: IntArray) -> IntArray:
    """How many pictures of the same group come before each."""
    order = np.argsort(groups, kind="stable")
    ranked = groups[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1]))) if len(ranked) else ranked
    sizes = np.diff(np.append(starts, len(ranked)))
    earlier = np.empty(len(groups), dtype=np.intp)
    earlier[order] = np.arange(len(groups)) - np.repeat(starts, sizes)
    return earlier
