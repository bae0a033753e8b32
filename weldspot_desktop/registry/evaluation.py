"""What a model does on pictures whose truth is known: figures with intervals, counts and a table of verdicts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.metrics import auc, calibration, pointing, proportion
from weldspot_desktop.registry import localisation
from weldspot_desktop.registry.localisation import Regions
from weldspot_desktop.verdict import ThresholdSet, Verdict, judge


@dataclass(frozen=True)
class Scored:
    """Scores of n pictures beside their truth.

    Attributes
    ----------
    sha256 : n hashes of the picture files
    truth : (n, 7) bool
    scores : (n, 7) float32, 0 to 1
    points : (n, 7, 2) float32, x and y (0 to 1) of each heat map's maximum; NaN without heat maps
    distances : (n,) float32, distance to the training data; NaN where unknown
    heatmaps : (n, h, w, 7) float16, class evidence (logits); (n, 0, 0, 7) where they are not known
    groups : (n,) group numbers; pictures of one group are not independent
    regions : n dictionaries of labelled regions
    """

    sha256: tuple[str, ...]
    truth: NDArray[np.bool_]
    scores: NDArray[np.float32]
    points: NDArray[np.float32]
    distances: NDArray[np.float32]
    heatmaps: NDArray[np.float16]
    groups: NDArray[np.intp]
    regions: tuple[Regions, ...]

    @property
    def has_heatmaps(self) -> bool:
        """Whether boxes can be derived."""
        return self.heatmaps.size > 0

    @property
    def has_points(self) -> bool:
        """Whether it is known where the model looks; models of the first generation do not tell."""
        return not bool(np.isnan(self.points).all())


def chosen(scored: Scored, places: Sequence[int] | NDArray[np.intp]) -> Scored:
    """Some of the pictures, in this order."""
    rows = np.asarray(places, dtype=np.intp)
    return Scored(
        sha256=tuple(scored.sha256[row] for row in rows),
        truth=scored.truth[rows],
        scores=scored.scores[rows],
        points=scored.points[rows],
        distances=scored.distances[rows],
        heatmaps=scored.heatmaps[rows],
        groups=scored.groups[rows],
        regions=tuple(scored.regions[row] for row in rows),
    )


def heat_points(heatmap: NDArray[np.float32]) -> NDArray[np.float32]:
    """(7, 2) maxima of a (h, w, 7) heat map, x and y of 0 to 1."""
    return np.array([pointing.maximum(heatmap[..., i]) for i in range(heatmap.shape[-1])], dtype=np.float32)


def report(scored: Scored, thresholds: ThresholdSet, levels: dict[str, float]) -> dict[str, Any]:
    """All figures of DATA.md as plain JSON values; NaN becomes None, and so does what needs heat maps without them.

    Parameters
    ----------
    scored
        Pictures that the model was not trained on.
    thresholds
        The set that verdicts, recall and false alarms are counted with.
    levels
        Evidence from which a box is drawn, by class name.
    """
    truth, scores = scored.truth, scored.scores
    macro = auc.macro_auc(truth, scores, clusters=scored.groups)
    classes: dict[str, Any] = {}
    for index, name in enumerate(labels.CLASSES):
        y, x = truth[:, index], scores[:, index]
        classes[name] = {
            "auc": estimate(auc.auc(y, x, clusters=scored.groups)),
            "upper": _at(y, x, thresholds.upper[index]),
            "lower": _at(y, x, thresholds.lower[index]),
            "calibration_error": round(calibration.calibration_error(y, x), 4),
        }
    return {
        "pictures": len(truth),
        "groups": int(np.unique(scored.groups).size),
        "macro_auc": estimate(macro),
        "classes": classes,
        "pointing": _pointing(scored) if scored.has_points else None,
        "boxes": None
        if not scored.has_heatmaps
        else localisation.report(scored.heatmaps, scored.regions, _shown(scored, thresholds), levels),
        "verdicts": verdict_table(scored, thresholds),
    }


def verdicts(scored: Scored, thresholds: ThresholdSet) -> list[Verdict]:
    """The rule's verdict on every picture."""
    return [
        judge(row.tolist(), thresholds, distance=None if np.isnan(distance) else float(distance)).verdict
        for row, distance in zip(scored.scores, scored.distances, strict=True)
    ]


def verdict_table(scored: Scored, thresholds: ThresholdSet) -> dict[str, dict[str, int]]:
    """How often each verdict is given to the pictures of each true class, and to all welds."""
    given = np.array([verdict.value for verdict in verdicts(scored, thresholds)], dtype=object)
    rows: dict[str, NDArray[np.bool_]] = {name: scored.truth[:, i] for i, name in enumerate(labels.CLASSES)}
    rows["all welds"] = np.asarray(scored.truth[:, labels.WELD_CLASSES].any(axis=1))
    table = {}
    for name, chosen in rows.items():
        counted = Counter(given[chosen].tolist())
        table[name] = {verdict.value: counted[verdict.value] for verdict in Verdict}
    return table


def pointing_share(scored: Scored) -> float:
    """Mean over the classes with marked regions of the share of pictures whose map points right; NaN without any."""
    value = _pointing(scored)["mean"]["hit"]
    return float("nan") if value is None else float(value)


def _pointing(scored: Scored) -> dict[str, Any]:
    """Pointing game for each class with labelled regions, beside always pointing at the centre."""
    result: dict[str, Any] = {}
    ours, centre = [], []
    for index in labels.WELD_CLASSES:
        marked = [(number, r[index]) for number, r in enumerate(scored.regions) if index in r]
        hits = _hits(marked, scored.points[:, index])
        centre_hits = _hits(marked, np.full((len(scored.points), 2), 0.5, dtype=np.float32))
        result[labels.CLASSES[index]] = {
            "hit": proportion.share(hits, len(marked)).rounded(),
            "centre": proportion.share(centre_hits, len(marked)).rounded(),
        }
        if marked:
            ours.append(hits / len(marked))
            centre.append(centre_hits / len(marked))
    result["mean"] = {
        "hit": round(float(np.mean(ours)), 4) if ours else None,
        "centre": round(float(np.mean(centre)), 4) if centre else None,
    }
    return result


def _hits(marked: Sequence[tuple[int, list[pointing.Region]]], points: NDArray[np.float32]) -> int:
    """How many pictures' points fall on one of their regions."""
    return sum(pointing.hit((points[number, 0], points[number, 1]), regions) for number, regions in marked)


def _at(truth: NDArray[np.bool_], scores: NDArray[np.float32], threshold: float) -> dict[str, Any]:
    """Recall, precision and false alarms of scores at or over a threshold, with intervals."""
    flagged = scores >= threshold
    hits = int((truth & flagged).sum())
    return {
        "threshold": threshold,
        "recall": proportion.share(hits, int(truth.sum())).rounded(),
        "precision": proportion.share(hits, int(flagged.sum())).rounded(),
        "false_alarms": proportion.share(int((~truth & flagged).sum()), int((~truth).sum())).rounded(),
    }


def _shown(scored: Scored, thresholds: ThresholdSet) -> NDArray[np.bool_]:
    """(n, 7): classes that a person is shown boxes of, because they are at least doubtful."""
    return np.asarray(scored.scores >= np.array(thresholds.lower))


def estimate(found: auc.Estimate) -> dict[str, Any]:
    """As plain JSON values; NaN becomes None."""
    values = {"value": found.value, "low": found.low, "high": found.high}
    rounded = {name: None if np.isnan(value) else round(value, 4) for name, value in values.items()}
    return rounded | {
        "positives": found.positives,
        "negatives": found.negatives,
        "groups": found.clusters,
        "enough": found.enough,
    }
