"""The rule: scores in, one of five words out. The phone implements the same; the vectors bind both."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from weldspot_desktop import labels
from weldspot_desktop.verdict.thresholds import ThresholdSet


class Verdict(StrEnum):
    """What the program says of a picture. None of them is an acceptance."""

    NO_WELD = "NO WELD"
    CLEAR = "CLEAR"
    DEFECT = "DEFECT"
    UNSURE = "UNSURE"
    RETAKE = "RETAKE"


@dataclass(frozen=True)
class Judgement:
    """A verdict with its grounds.

    Attributes
    ----------
    verdict
        The word.
    classes
        Indices of the classes that decided it: present ones for DEFECT, doubtful ones for UNSURE.
    reason
        One short sentence for the person who looks at it.
    """

    verdict: Verdict
    classes: tuple[int, ...]
    reason: str


def judge(
    scores: Sequence[float],
    thresholds: ThresholdSet,
    *,
    distance: float | None = None,
    quality_failure: str | None = None,
) -> Judgement:
    """Apply the rule of the house, first match wins.

    Parameters
    ----------
    scores
        Seven independent scores, 0 to 1, in class order.
    thresholds
        The set to judge by.
    distance
        Distance to the training data, in the unit of `thresholds.distance_limit`; None if unknown.
    quality_failure
        Why the picture is not fit to judge ("too dark: ..."), or None.

    Raises
    ------
    ValueError
        If there are not seven scores, or one is not within 0 to 1 (NaN included).
    """
    if len(scores) != labels.COUNT:
        raise ValueError(f"expected {labels.COUNT} scores, got {len(scores)}")
    for name, score in zip(labels.CLASSES, scores, strict=True):
        if not 0 <= score <= 1:
            raise ValueError(f"score of {name} is {score}, not within 0 to 1")

    if quality_failure is not None:
        return Judgement(Verdict.RETAKE, (), quality_failure[:1].upper() + quality_failure[1:])
    if distance is not None and thresholds.distance_limit is not None and distance > thresholds.distance_limit:
        return Judgement(Verdict.UNSURE, (), "Unlike the pictures the model was trained on")

    present = tuple(i for i in labels.DEFECTS if scores[i] >= thresholds.upper[i])
    if present:
        return Judgement(Verdict.DEFECT, present, f"Suspect: {', '.join(labels.names(present))}")
    doubtful = tuple(i for i in labels.DEFECTS if scores[i] >= thresholds.lower[i])
    if doubtful:
        return Judgement(Verdict.UNSURE, doubtful, f"Near the threshold: {', '.join(labels.names(doubtful))}")

    background = scores[labels.BACKGROUND]
    others = max(score for i, score in enumerate(scores) if i != labels.BACKGROUND)
    if background >= thresholds.upper[labels.BACKGROUND] and background > others:
        return Judgement(Verdict.NO_WELD, (labels.BACKGROUND,), "No weld in the picture")
    if scores[labels.GOOD_WELDING] >= thresholds.upper[labels.GOOD_WELDING]:
        return Judgement(Verdict.CLEAR, (labels.GOOD_WELDING,), "No visible imperfection found; not an acceptance")
    return Judgement(Verdict.UNSURE, (), "No class is over its threshold")
