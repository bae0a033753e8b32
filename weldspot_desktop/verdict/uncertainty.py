"""How near a verdict is to another one, so that a person can look at the doubtful pictures first."""

from collections.abc import Sequence

from weldspot_desktop import labels
from weldspot_desktop.verdict.rule import Judgement, Verdict
from weldspot_desktop.verdict.thresholds import ThresholdSet


def uncertainty(judgement: Judgement, scores: Sequence[float], thresholds: ThresholdSet) -> float | None:
    """Distance of the deciding score to its nearest threshold, as a number that grows with the doubt.

    A certain verdict (DEFECT, CLEAR, NO WELD) lies between 0 and 0.5: 0 where the deciding score is at the end of
    the scale, 0.5 where it is at the threshold. UNSURE lies between 0.5 and 1: 0.5 where the deciding score is at a
    threshold, 1 in the middle between the lower and the upper one. Both parts are straight lines, so that classes
    with wide and with narrow bands compare.

    The deciding score is, for DEFECT, the present class that is farthest over its threshold: the verdict holds while
    one class holds; for CLEAR and NO WELD the score that is nearest to changing it: a defect class on its way up, or
    Good Welding or Background on its way down; for UNSURE the most doubtful class. A picture unlike the training
    data is 1.

    Parameters
    ----------
    judgement
        What the rule made of the scores.
    scores
        Seven, 0 to 1, in class order.
    thresholds
        The set that judged.

    Returns
    -------
    float or None
        0 to 1; None for RETAKE, where the scores decided nothing.
    """
    if judgement.verdict is Verdict.RETAKE:
        return None
    rises = {index: _tent(scores[index], thresholds.lower[index], thresholds.upper[index]) for index in labels.DEFECTS}
    if judgement.verdict is Verdict.DEFECT:
        return min(rises[index] for index in judgement.classes)
    if judgement.verdict is Verdict.UNSURE:
        if judgement.classes:
            return max(rises[index] for index in judgement.classes)
        if all(scores[index] < thresholds.lower[index] for index in labels.DEFECTS):
            background, good = (_short_of(scores[i], thresholds.upper[i]) for i in _ALONE)
            if background is not None or good is not None:
                return min(short for short in (background, good) if short is not None)
        return 1.0
    alone = labels.GOOD_WELDING if judgement.verdict is Verdict.CLEAR else labels.BACKGROUND
    return max(*rises.values(), _tent(scores[alone], thresholds.upper[alone], thresholds.upper[alone]))


_ALONE = (labels.BACKGROUND, labels.GOOD_WELDING)


def _tent(score: float, lower: float, upper: float) -> float:
    """0 at both ends of the scale, 0.5 at the thresholds, 1 in the middle between them."""
    if score < lower:
        return 0.5 * score / lower
    if score >= upper:
        return 0.5 * (1 - score) / (1 - upper) if upper < 1 else 0.5
    half = (upper - lower) / 2
    return 0.5 + 0.5 * min(score - lower, upper - score) / half


def _short_of(score: float, threshold: float) -> float | None:
    """From 0.5 at the threshold to 1 at a score of 0; None where the threshold is reached."""
    return 0.5 + 0.5 * (threshold - score) / threshold if score < threshold else None
