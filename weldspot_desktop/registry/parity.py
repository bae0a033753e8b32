"""How far a converted file may be from the network it was made from, and whether it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from weldspot_desktop.metrics.parity import parity
from weldspot_desktop.registry import evaluation
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.verdict import ThresholdSet


@dataclass(frozen=True)
class ParityLimits:
    """What is still the same model.

    Attributes
    ----------
    mean, largest
        Differences of a score, 0 to 1.
    auc
        Change of macro AUC, in either direction.
    flips
        Share of verdicts that turn, 0 to 1.
    """

    mean: float
    largest: float
    auc: float
    flips: float


def figures(found: Scored, reference: Scored, thresholds: ThresholdSet) -> dict[str, Any]:
    """Differences of scores, change of AUC and verdicts that flip, as the card holds them.

    Parameters
    ----------
    found, reference
        What file and network say of the same pictures, in the same order.
    thresholds
        That verdicts are given with.
    """
    pairs = zip(evaluation.verdicts(found, thresholds), evaluation.verdicts(reference, thresholds), strict=True)
    return parity(found.truth, found.scores, reference.scores, found.groups) | {
        "verdicts_flipped": sum(ours is not theirs for ours, theirs in pairs),
        "pictures": len(found.truth),
    }


def of_card(metrics: dict[str, Any]) -> dict[str, Any] | None:
    """The figures in a card; None if it has none. In older cards the number of pictures is that of the evaluation."""
    stored = metrics.get("parity")
    if not isinstance(stored, dict):
        return None
    return {"pictures": metrics.get("file", {}).get("pictures", 0)} | stored


def faults(stored: dict[str, Any], limits: ParityLimits) -> Sequence[str]:
    """What is over its limit, in words; empty if nothing is. A figure that is missing or no number is over it."""
    change = stored.get("macro_auc_change")
    pictures = _number(stored.get("pictures"))
    flips = _number(stored.get("verdicts_flipped")) / pictures if pictures > 0 else float("nan")
    checked = (
        ("the mean difference of scores", _number(stored.get("mean_difference")), limits.mean),
        ("the largest difference of scores", _number(stored.get("largest_difference")), limits.largest),
        (
            "the change of macro AUC",
            abs(_number(change.get("value") if isinstance(change, dict) else None)),
            limits.auc,
        ),
        ("the share of verdicts that flip", flips, limits.flips),
    )
    return [
        f"{name} is {'not known' if np.isnan(value) else f'{value:.4f}'}, the limit is {limit:g}"
        for name, value, limit in checked
        if not value <= limit
    ]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
