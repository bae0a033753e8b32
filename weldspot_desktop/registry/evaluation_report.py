"""Everything that is shown of an evaluated model, as plain JSON values: for window, PDF and `weldspot evaluate --json`.

Pictures behind a figure are numbers into `pictures`, so that a click on a cell finds them.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.metrics import auc, calibration, threshold_curves
from weldspot_desktop.metrics.threshold_curves import Measure, ThresholdCurve
from weldspot_desktop.registry import evaluation
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.registry.scoring import Evaluated
from weldspot_desktop.verdict import ThresholdSet, Verdict

MOST_POINTS: Final = 200
"""Points of a curve; more cannot be told apart on a screen."""

LARGE_GROUP: Final = 5
"""Pictures from which on a group is a slice of its own."""

_MOST_GROUPS: Final = 20
_PARTS: Final = 4
"""Slices by brightness and blur: quarters."""


def full_report(found: Evaluated, thresholds: ThresholdSet, levels: dict[str, float]) -> dict[str, Any]:
    """All figures; see `evaluation.report` for the first of them.

    Returns
    -------
    dict
        Of `evaluation.report`, and: `shown` (hash and name of each picture), `curves` (ROC and precision-recall of each
        class with intervals), `confusion` (pictures in each cell), `reliability` (bins of scores), `slices`.
    """
    scored = found.scored
    return evaluation.report(scored, thresholds, levels) | {
        "thresholds": thresholds.model_dump(mode="json") | {"digest": thresholds.digest},
        "shown": [{"sha256": sha256, "name": name} for sha256, name in zip(scored.sha256, found.names, strict=True)],
        "curves": {name: _curves(scored, index) for index, name in enumerate(labels.CLASSES)},
        "confusion": confusion(scored, thresholds),
        "reliability": {name: _reliability(scored, index) for index, name in enumerate(labels.CLASSES)},
        "slices": slices(found),
    }


def confusion(scored: Scored, thresholds: ThresholdSet) -> dict[str, Any]:
    """Pictures in each cell, as numbers.

    Returns
    -------
    dict
        `classes`: for each class and bound its four cells; `together`: for each true class the classes whose scores
        reach their upper thresholds (a picture of two classes stands in two rows); `verdicts`: for each true class the
        verdicts.
    """
    truth = scored.truth
    flagged = {
        "upper": scored.scores >= np.array(thresholds.upper),
        "lower": scored.scores >= np.array(thresholds.lower),
    }
    given = np.array([verdict.value for verdict in evaluation.verdicts(scored, thresholds)], dtype=object)
    named = flagged["upper"]
    return {
        "classes": {
            name: {bound: _cells(truth[:, index], said[:, index]) for bound, said in flagged.items()}
            for index, name in enumerate(labels.CLASSES)
        },
        "together": {
            name: {other: _numbers(truth[:, row] & named[:, column]) for column, other in enumerate(labels.CLASSES)}
            | {"none": _numbers(truth[:, row] & ~named.any(axis=1))}
            for row, name in enumerate(labels.CLASSES)
        },
        "verdicts": {
            name: {verdict.value: _numbers(truth[:, row] & (given == verdict.value)) for verdict in Verdict}
            for row, name in enumerate(labels.CLASSES)
        },
    }


def slices(found: Evaluated) -> dict[str, list[dict[str, Any]]]:
    """Macro AUC and AUC of each class on parts of the pictures: by source, large group, brightness and blur."""
    sources = Counter(found.sources)
    groups = Counter(found.scored.groups.tolist())
    large = [group for group, count in groups.most_common(_MOST_GROUPS) if count >= LARGE_GROUP]
    return {
        "source": [
            _slice(found.scored, source, np.array([s == source for s in found.sources]))
            for source, _ in sources.most_common()
        ],
        "group": [
            _slice(
                found.scored,
                f"{group}: {_common(found.names, found.scored.groups == group)}",
                found.scored.groups == group,
            )
            for group in large
        ],
        "brightness": _quarters(found.scored, found.brightness),
        "blur": _quarters(found.scored, found.blur),
    }


def _curves(scored: Scored, index: int) -> dict[str, Any]:
    counted = threshold_curves.curve(scored.truth[:, index], scored.scores[:, index], scored.groups)
    kept = _thinned(counted)
    thresholds = [*counted.thresholds.tolist(), None]
    recall, precision, alarms = (counted.band(measure) for measure in Measure)
    return {
        "positives": counted.positives,
        "negatives": counted.negatives,
        "threshold": [_rounded(thresholds[place]) for place in kept],
        "recall": _band(recall, kept),
        "precision": _band(precision, kept),
        "false_alarms": _band(alarms, kept),
    }


def _thinned(counted: ThresholdCurve) -> list[int]:
    """Places of a curve, at most `MOST_POINTS`, even in what is flagged: where scores crowd nothing is lost."""
    count = len(counted.flagged)
    if count <= MOST_POINTS:
        return list(range(count))
    return sorted({round(place) for place in np.linspace(0, count - 1, MOST_POINTS)})


def _band(band: threshold_curves.Band, kept: Sequence[int]) -> dict[str, list[float | None]]:
    return {
        name: [_rounded(value) for value in np.asarray(getattr(band, name))[list(kept)].tolist()]
        for name in ("value", "low", "high")
    }


def _reliability(scored: Scored, index: int) -> list[dict[str, Any]]:
    return [
        {"low": round(part.low, 4), "high": round(part.high, 4), "score": round(part.score, 4)}
        | {"frequency": part.frequency.rounded()}
        for part in calibration.bins_of(scored.truth[:, index], scored.scores[:, index])
    ]


def _cells(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> dict[str, list[int]]:
    return {
        "hits": _numbers(truth & said),
        "missed": _numbers(truth & ~said),
        "false_alarms": _numbers(~truth & said),
        "rightly_passed": _numbers(~truth & ~said),
    }


def _numbers(chosen: NDArray[np.bool_]) -> list[int]:
    return np.flatnonzero(chosen).tolist()


def _slice(scored: Scored, value: str, inside: NDArray[np.bool_]) -> dict[str, Any]:
    part = evaluation.chosen(scored, np.flatnonzero(inside))
    macro = auc.macro_auc(part.truth, part.scores, clusters=part.groups)
    return {
        "value": value,
        "pictures": _numbers(inside),
        "macro_auc": evaluation.estimate(macro),
        "classes": {
            name: evaluation.estimate(auc.auc(part.truth[:, i], part.scores[:, i], clusters=part.groups))
            for i, name in enumerate(labels.CLASSES)
        },
    }


def _quarters(scored: Scored, values: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Quarters of equal count; what has no value is a slice of its own."""
    found = []
    known = np.flatnonzero(~np.isnan(values))
    for part in np.array_split(known[np.argsort(values[known], kind="stable")], min(_PARTS, max(len(known), 1))):
        if len(part):
            inside = np.zeros(len(values), dtype=np.bool_)
            inside[part] = True
            found.append(_slice(scored, f"{values[part].min():.1f} to {values[part].max():.1f}", inside))
    if np.isnan(values).any():
        found.append(_slice(scored, "not measured", np.isnan(values)))
    return found


def _common(names: Sequence[str], inside: NDArray[np.bool_]) -> str:
    """What the names of a group begin with, or the first of them."""
    chosen = [name for name, is_inside in zip(names, inside, strict=True) if is_inside]
    first, last = min(chosen), max(chosen)
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return f"{first[:length]}…" if length >= 3 else first


def _rounded(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), 5)
