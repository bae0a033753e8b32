"""Choosing a balanced threshold set from scores of pictures that the model was not trained on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from weldspot_desktop import labels
from weldspot_desktop.verdict.rule import Verdict, judge
from weldspot_desktop.verdict.thresholds import ThresholdSet

MOST_UNSURE = 0.12
"""Share of welds that may be UNSURE where the thresholds are chosen. New pictures give up to twice as many: with
0.15 here, 27 % of the welds of the first test split were UNSURE."""

_BANDS = np.linspace(2.5, 0.0, 26)
_EPSILON = 1e-4


@dataclass(frozen=True)
class Judged:
    """Scores of n pictures that the model was not trained on.

    Attributes
    ----------
    truth : (n, 7) bool
    scores : (n, 7), 0 to 1
    distances : (n,), distance to the training data; NaN where unknown
    """

    truth: NDArray[np.bool_]
    scores: NDArray[np.float32]
    distances: NDArray[np.float32]

    @property
    def welds(self) -> NDArray[np.bool_]:
        """(n,): which pictures show a weld."""
        return np.asarray(self.truth[:, labels.WELD_CLASSES].any(axis=1))


def balanced(judged: Judged, *, most_unsure: float = MOST_UNSURE) -> ThresholdSet:
    """A set that weighs misses and false alarms alike and says UNSURE where they are close.

    The upper threshold of a class is where F1 is largest. All lower thresholds lie the same distance below
    (on the logit scale): the widest band that leaves at most `most_unsure` of the welds UNSURE. The distance
    limit refuses 1 % of the welds.

    Parameters
    ----------
    judged
        Pictures that the model was not trained on; those of one weld count as they come.
    most_unsure
        0 to 1.
    """
    upper = np.array([_best_f1(judged.truth[:, i], judged.scores[:, i]) for i in range(labels.COUNT)])
    # CLEAR asks for no defect near its threshold already: Good Welding only has to be likelier than not seen.
    upper[labels.GOOD_WELDING] = min(upper[labels.GOOD_WELDING], 0.5)
    known = judged.distances[judged.welds & ~np.isnan(judged.distances)]
    limit = float(np.quantile(known, 0.99)) if len(known) else None
    chosen = _with_band(upper, 0.0, limit)
    for band in _BANDS:
        chosen = _with_band(upper, float(band), limit)
        if _unsure_share(judged, chosen) <= most_unsure:
            break
    return chosen


def _with_band(upper: NDArray[np.float64], band: float, limit: float | None) -> ThresholdSet:
    lower = upper.copy()
    for index in labels.DEFECTS:
        lower[index] = expit(logit(np.clip(upper[index], _EPSILON, 1 - _EPSILON)) - band)
    lower = np.minimum(np.floor(lower * 1e4) / 1e4, upper)
    return ThresholdSet(name="balanced", lower=tuple(lower.tolist()), upper=tuple(upper.tolist()), distance_limit=limit)


def _unsure_share(judged: Judged, thresholds: ThresholdSet) -> float:
    """Share of the welds that get UNSURE."""
    found = [
        judge(row.tolist(), thresholds, distance=None if np.isnan(distance) else float(distance)).verdict
        for row, distance in zip(judged.scores[judged.welds], judged.distances[judged.welds], strict=True)
    ]
    return found.count(Verdict.UNSURE) / len(found) if found else 0.0


def _best_f1(truth: NDArray[np.bool_], scores: NDArray[np.float32]) -> float:
    """Score at which F1 is largest, half way to the next score below; 0.5 where a class has no positives."""
    if not truth.any():
        return 0.5
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order].astype(np.float64)
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + truth.sum())
    # A threshold can only lie between different scores.
    f1[:-1][ranked[:-1] == ranked[1:]] = -1
    best = int(np.argmax(f1))
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float(np.clip(round((ranked[best] + below) / 2, 4), _EPSILON, 1 - _EPSILON))
