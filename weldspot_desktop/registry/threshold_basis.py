"""What a threshold set rests on and costs: counts with intervals on out-of-fold scores, in words and as JSON."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from weldspot_desktop import labels
from weldspot_desktop.metrics.proportion import Share
from weldspot_desktop.metrics.threshold_curves import Counted
from weldspot_desktop.registry.out_of_fold import OutOfFold
from weldspot_desktop.verdict import ThresholdSet, Verdict
from weldspot_desktop.verdict.many import WORDS, judge_many

NOUNS: Final = (
    "pictures without a weld",
    "bad welds",
    "cracks",
    "excess reinforcements",
    "good welds",
    "porous welds",
    "spattered welds",
)
"""What the pictures of each class are called when they are counted, in class order."""

assert len(NOUNS) == labels.COUNT

FEW: Final = 20
"""Below so many pictures of a class its thresholds are called a guess: the interval is some 0.3 wide."""


@dataclass(frozen=True)
class ClassCounts:
    """What the two thresholds of one class do, the other classes aside.

    Attributes
    ----------
    class_index
        0 to 6.
    upper, lower
        Counts at either threshold; Background and Good Welding use `upper` alone.
    between, between_others
        Pictures with and without the class between the two: UNSURE.
    """

    class_index: int
    upper: Counted
    lower: Counted

    @property
    def between(self) -> int:
        return self.lower.recall.hits - self.upper.recall.hits

    @property
    def between_others(self) -> int:
        return self.lower.false_alarms.hits - self.upper.false_alarms.hits

    def sentences(self) -> list[str]:
        """The counts in words, most important first."""
        noun = NOUNS[self.class_index]
        found, alarms = self.upper.recall, self.upper.false_alarms
        said = [
            f"{found.hits} of {found.count} {noun} found ({interval(found)}); "
            f"{alarms.hits} of {alarms.count} others are false alarms ({interval(alarms)})."
        ]
        if self.class_index in labels.DEFECTS:
            total = self.between + self.between_others
            missed = self.lower.missed
            said.append(
                f"{pictures(total)} {'falls' if total == 1 else 'fall'} between, UNSURE: {self.between} {noun}, "
                f"{self.between_others} others. {missed} {noun} {'lies' if missed == 1 else 'lie'} under both."
            )
        right = self.upper.precision
        if right.count:
            said.append(f"Of {right.count} that are flagged, {right.hits} are {noun} ({interval(right)}).")
        else:
            said.append("Nothing is flagged.")
        return said

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"upper": _counted(self.upper), "lower": _counted(self.lower)}


@dataclass(frozen=True)
class Consequence:
    """Verdicts of the whole rule on the out-of-fold pictures.

    Attributes
    ----------
    with_defects, without_defects
        Number of pictures by verdict; RETAKE never occurs, because the quality of these pictures is not measured.
    """

    with_defects: dict[Verdict, int]
    without_defects: dict[Verdict, int]

    def as_json(self) -> dict[str, dict[str, int]]:
        """Plain JSON values."""
        return {
            "with defects": {word.value: count for word, count in self.with_defects.items()},
            "without defects": {word.value: count for word, count in self.without_defects.items()},
        }


@dataclass(frozen=True)
class Basis:
    """What a set rests on, as it is shown and saved.

    Attributes
    ----------
    rests_on
        Sentences: what it promises, on what, and what that costs.
    warnings
        Sentences: what the data do not support.
    figures
        Counts, intervals, data and the preset's parameters, as plain JSON values.
    """

    rests_on: tuple[str, ...]
    warnings: tuple[str, ...]
    figures: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As it is saved with a set."""
        return {"rests_on": list(self.rests_on), "warnings": list(self.warnings), **self.figures}


NO_DATA: Final = Basis(
    ("No out-of-fold scores travel with this model, so nothing could be counted.",),
    ("Nothing is known of what these thresholds miss or flag. Try them on pictures whose truth you know.",),
    {"data": None},
)
"""The basis of a set for a model without out-of-fold scores."""


def class_counts(data: OutOfFold, thresholds: ThresholdSet, class_index: int) -> ClassCounts:
    """What the thresholds of one class do; takes microseconds."""
    counted = data.curves[class_index]
    upper = counted.at(thresholds.upper[class_index])
    lower = counted.at(thresholds.lower[class_index]) if class_index in labels.DEFECTS else upper
    return ClassCounts(class_index, upper, lower)


def consequence(data: OutOfFold, thresholds: ThresholdSet) -> Consequence:
    """What the whole rule says of the pictures with and without defects."""
    given = judge_many(data.scores, thresholds, data.distances)
    rows = []
    for chosen in (data.defective, ~data.defective):
        counts = np.bincount(given[chosen], minlength=len(WORDS))
        rows.append({word: int(count) for word, count in zip(WORDS, counts, strict=True)})
    return Consequence(*rows)


def basis(
    data: OutOfFold | None,
    thresholds: ThresholdSet,
    *,
    rests_on: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
    **parameters: Any,
) -> Basis:
    """All that can be said of a set.

    Parameters
    ----------
    data
        What to count on; None if the model brings none.
    thresholds
        The set.
    rests_on, warnings
        What the one who chose it knows beside the counts; they come first.
    **parameters
        How it was chosen, as plain JSON values.
    """
    if data is None:
        return Basis((*rests_on, *NO_DATA.rests_on), (*warnings, *NO_DATA.warnings), {**NO_DATA.figures, **parameters})
    counts = [class_counts(data, thresholds, index) for index in range(labels.COUNT)]
    verdicts = consequence(data, thresholds)
    said = (*rests_on, f"Counted on {data.pictures} pictures in {data.welds} groups, scored by models new to them.")
    few = [
        f"Only {count.upper.recall.count} {NOUNS[index]} are in the data: their thresholds are a guess."
        for index, count in enumerate(counts)
        if count.upper.recall.count < FEW
    ]
    figures = {
        "data": {"sha256": data.sha256, "pictures": data.pictures, "groups": data.welds},
        "classes": {name: count.as_json() for name, count in zip(labels.CLASSES, counts, strict=True)},
        "verdicts": verdicts.as_json(),
        **parameters,
    }
    return Basis(said, (*warnings, *few), figures)


def interval(share: Share) -> str:
    """The ends of its interval: "0.82 to 0.99"."""
    return f"{share.low:.2f} to {share.high:.2f}"


def pictures(count: int) -> str:
    """Such as "1 picture", "5 pictures"."""
    return "1 picture" if count == 1 else f"{count} pictures"


def _counted(counted: Counted) -> dict[str, Any]:
    return {
        "threshold": counted.threshold,
        "recall": counted.recall.rounded(),
        "precision": counted.precision.rounded(),
        "false_alarms": counted.false_alarms.rounded(),
    }
