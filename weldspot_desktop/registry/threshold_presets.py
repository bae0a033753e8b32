"""Ways to choose a threshold set, each with what it rests on.

**balanced** is what the model's card ships (`verdict.fitting` says how that was chosen).

**miss no crack** lowers the lower threshold of Crack until at most the allowed number of the cracks lies under it; a
crack is then at least UNSURE, and somebody looks at it. Everything else stays as shipped, so that DEFECT keeps its
meaning: the price is paid in UNSURE. The threshold is never put higher than it ships.

**cost-based** takes, for each defect, the pair of thresholds with the lowest mean cost of a picture: a picture of the
class under the lower threshold costs a miss, one without the class at or over the upper threshold costs a false alarm,
any picture between them costs a look. Each class is taken by itself, at the share of pictures that is named for it
(by default that of the data). Background, Good Welding and the distance limit stay as shipped. This is Chow's rule
(IEEE Transactions on Information Theory 16 (1970) 41) on counts instead of densities.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.metrics.threshold_curves import ThresholdCurve
from weldspot_desktop.registry.out_of_fold import OutOfFold
from weldspot_desktop.registry.threshold_basis import NOUNS, Basis, basis, consequence, interval
from weldspot_desktop.verdict import ThresholdSet, Verdict

CRACK: Final = labels.CLASSES.index("Crack")

PROMISE: Final = 0.95
"""A share of cracks whose interval reaches below this is no promise, and the preset says so."""

MANY_ALARMS: Final = 0.5
"""Above this share of false alarms a warning says that inspection becomes looking at everything."""

_NEVER: Final = 1.0
_SAME_DATA: Final = "New pictures will do somewhat worse: the thresholds were chosen on those that are counted here."


class Preset(StrEnum):
    """How a set was chosen."""

    BALANCED = "balanced"
    MISS_NO_CRACK = "miss no crack"
    COST = "cost-based"


class PresetError(ExpectedError):
    """A preset that the data or the given costs do not allow."""


@dataclass(frozen=True)
class ClassCost:
    """What errors of one class cost, in any unit that is the same for all.

    Attributes
    ----------
    miss, false_alarm
        Cost of one, 0 or more.
    share
        Share of pictures that show the class where it is used, 0 to 1; None takes that of the data.
    """

    miss: float
    false_alarm: float
    share: float | None = None


@dataclass(frozen=True)
class Costs:
    """Costs of all defects.

    Attributes
    ----------
    classes
        By class index.
    look
        What it costs that somebody looks at an UNSURE picture.
    """

    classes: Mapping[int, ClassCost] = field(
        default_factory=lambda: {index: ClassCost(20.0 if index == CRACK else 5.0, 1.0) for index in labels.DEFECTS}
    )
    look: float = 0.5

    def __post_init__(self) -> None:
        for index, cost in self.classes.items():
            if not (0 <= cost.miss < np.inf and 0 <= cost.false_alarm < np.inf):
                raise PresetError(f"{labels.CLASSES[index]}: a cost is a number of 0 or more.")
            if cost.share is not None and not 0 <= cost.share <= 1:
                raise PresetError(f"{labels.CLASSES[index]}: a share lies between 0 and 1.")
        if not 0 <= self.look < np.inf:
            raise PresetError("The cost of a look is a number of 0 or more.")


@dataclass(frozen=True)
class Proposal:
    """A set that a preset chose, and what it rests on."""

    thresholds: ThresholdSet
    preset: Preset
    basis: Basis


def balanced(data: OutOfFold | None, shipped: ThresholdSet) -> Proposal:
    """The set of the card, with its counts."""
    said: tuple[str, ...] = ()
    if data is not None:
        upper, lower = (data.curves[CRACK].at(values[CRACK]).recall for values in (shipped.upper, shipped.lower))
        said = (
            f"As the model ships: {upper.hits} of {upper.count} cracks, {interval(upper)}, are DEFECT; "
            f"{lower.hits}, {interval(lower)}, are at least UNSURE.",
            _false_alarms(data, shipped),
        )
    return Proposal(shipped, Preset.BALANCED, basis(data, shipped, rests_on=said))


def miss_no_crack(data: OutOfFold, shipped: ThresholdSet, *, allowed: int = 0) -> Proposal:
    """A set under which at most `allowed` cracks of the data are not even UNSURE.

    Raises
    ------
    PresetError
        If there is no crack in the data, or not more than may be missed.
    """
    if allowed < 0:
        raise PresetError("The number of cracks that may be missed is 0 or more.")
    curve = data.curves[CRACK]
    if curve.positives <= allowed:
        raise PresetError(
            f"There are {curve.positives} cracks in the data: nothing can be promised if {allowed} may be missed."
            if curve.positives
            else "There is no crack in the data: nothing can be promised.",
            "Retrain on pictures with cracks, or set the threshold by hand.",
        )
    scores = np.sort(data.scores[data.truth[:, CRACK], CRACK])
    threshold = min(_under(curve, float(scores[allowed])), shipped.lower[CRACK])
    chosen = _replaced(shipped, Preset.MISS_NO_CRACK, {CRACK: (threshold, shipped.upper[CRACK])})
    counted = curve.at(threshold)
    caught, alarms = counted.recall, counted.false_alarms
    said = [
        f"{caught.hits} of {caught.count} cracks, {interval(caught)}, are at least UNSURE, so that somebody looks.",
        f"That holds up {alarms.hits} of {alarms.count} pictures without a crack, {interval(alarms)}.",
        _false_alarms(data, chosen),
        _SAME_DATA,
    ]
    warnings = []
    if caught.low < PROMISE:
        # 0.947 must not read as the 0.95 that it falls short of.
        low = f"{caught.low:.2f}" if round(caught.low, 2) < PROMISE else f"{caught.low:.3f}"
        reason = (
            f"{caught.count} cracks of {curve.positive_groups} welds cannot promise more than {low}"
            if counted.missed == 0
            else f"With {counted.missed} of {caught.count} cracks missed, no more than {low} can be promised"
        )
        warnings.append(f"{reason}: of 100 new cracks, {math.ceil(100 * (1 - caught.low))} may be missed.")
    if alarms.value > MANY_ALARMS:
        warnings.append(
            f"{alarms.value:.0%} of the pictures without a crack need a look: the model cannot tell its faintest "
            "cracks from other welds."
        )
    found = basis(data, chosen, rests_on=tuple(said), warnings=tuple(warnings), allowed=allowed)
    return Proposal(chosen, Preset.MISS_NO_CRACK, found)


def by_cost(data: OutOfFold, shipped: ThresholdSet, costs: Costs) -> Proposal:
    """The set with the lowest mean cost of a picture, class by class.

    Raises
    ------
    PresetError
        If a class has no picture with it, or none without it: its cost cannot be counted.
    """
    pairs: dict[int, tuple[float, float]] = {}
    total, before = 0.0, 0.0
    used: dict[str, dict[str, float]] = {}
    for index, cost in costs.classes.items():
        curve = data.curves[index]
        if not (curve.positives and curve.negatives):
            raise PresetError(
                f"The data hold {curve.positives} {NOUNS[index]} and {curve.negatives} others: no cost can be counted.",
                "Set the thresholds of this class by hand.",
            )
        share = curve.positives / (curve.positives + curve.negatives) if cost.share is None else cost.share
        pairs[index], mean = _cheapest(curve, cost, share, costs.look)
        total += mean
        before += _mean_cost(curve, (shipped.lower[index], shipped.upper[index]), cost, share, costs.look)
        used[labels.CLASSES[index]] = {"miss": cost.miss, "false_alarm": cost.false_alarm, "share": round(share, 6)}
    chosen = _replaced(shipped, Preset.COST, pairs)
    cracks = data.curves[CRACK].at(chosen.lower[CRACK])
    said = [
        f"100 pictures cost {100 * total:.1f}, against {100 * before:.1f} with the thresholds as shipped.",
        f"{cracks.recall.hits} of {cracks.recall.count} cracks, {interval(cracks.recall)}, are at least UNSURE.",
        _false_alarms(data, chosen),
        "Each class is taken by itself, at the share of pictures that the table names.",
        _SAME_DATA,
    ]
    warnings = [
        f"{labels.CLASSES[index]} is never DEFECT at these costs."
        for index in pairs
        if data.curves[index].at(chosen.upper[index]).precision.count == 0
    ] + [
        f"Every picture is at least UNSURE for {labels.CLASSES[index]} at these costs."
        for index in pairs
        if data.curves[index].flagged[0] == data.curves[index].at(chosen.lower[index]).precision.count
    ]
    found = basis(
        data, chosen, rests_on=tuple(said), warnings=tuple(warnings), costs={"classes": used, "look": costs.look}
    )
    return Proposal(chosen, Preset.COST, found)


def _cheapest(curve: ThresholdCurve, cost: ClassCost, share: float, look: float) -> tuple[tuple[float, float], float]:
    """The pair of thresholds (lower, upper) with the lowest mean cost, and that cost.

    The cost is a sum of one part that depends on the lower threshold and one that depends on the upper: the best
    lower threshold under each upper one is a running minimum.
    """
    under_lower, over_upper = _parts(curve, cost, share, look)
    best_lower = np.minimum.accumulate(under_lower)
    upper = int(np.argmin(best_lower + over_upper))
    lower = int(np.argmin(under_lower[: upper + 1]))
    mean = float(under_lower[lower] + over_upper[upper])
    if lower == upper:
        between = _between(curve, lower)
        return (between, between), mean
    return (_between(curve, lower), _between(curve, upper)), mean


def _mean_cost(curve: ThresholdCurve, pair: tuple[float, float], cost: ClassCost, share: float, look: float) -> float:
    under_lower, over_upper = _parts(curve, cost, share, look)
    lower, upper = (int(np.searchsorted(curve.thresholds, value, side="left")) for value in pair)
    return float(under_lower[lower] + over_upper[upper])


def _parts(
    curve: ThresholdCurve, cost: ClassCost, share: float, look: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cost of a lower and of an upper threshold at each place of the curve, (m + 1,) each."""
    found = curve.hits / curve.positives
    alarms = (curve.flagged - curve.hits) / curve.negatives
    flagged = share * found + (1 - share) * alarms
    return share * cost.miss * (1 - found) + look * flagged, (1 - share) * cost.false_alarm * alarms - look * flagged


def _between(curve: ThresholdCurve, place: int) -> float:
    """A threshold with the counts of a place of the curve, half way to the next lower score where it can be."""
    return _under(curve, float(curve.thresholds[place])) if place < len(curve.thresholds) else _over_all(curve)


def _over_all(curve: ThresholdCurve) -> float:
    largest = float(curve.thresholds[-1])
    half = round((largest + _NEVER) / 2, 4)
    return half if half > largest else _NEVER


def _under(curve: ThresholdCurve, score: float) -> float:
    """A threshold, of few digits where it can be, that flags this score and none below it."""
    place = int(np.searchsorted(curve.thresholds, score, side="left"))
    below = float(curve.thresholds[place - 1]) if place else 0.0
    for digits in (4, 5, 6):
        half = round((score + below) / 2, digits)
        if below < half <= score:
            return half
    return score


def _replaced(shipped: ThresholdSet, preset: Preset, pairs: Mapping[int, tuple[float, float]]) -> ThresholdSet:
    lower, upper = list(shipped.lower), list(shipped.upper)
    for index, (low, high) in pairs.items():
        lower[index], upper[index] = low, high
    return ThresholdSet(
        name=preset.value, lower=tuple(lower), upper=tuple(upper), distance_limit=shipped.distance_limit
    )


def _false_alarms(data: OutOfFold, thresholds: ThresholdSet) -> str:
    """What the whole rule does to pictures without a defect."""
    given = consequence(data, thresholds).without_defects
    total = sum(given.values())
    return (
        f"Under the whole rule {given[Verdict.DEFECT]} of {total} pictures without a defect are called DEFECT, "
        f"{given[Verdict.UNSURE]} UNSURE."
    )
