"""Whether a verdict would hold if its scores were a little different, as they are when a picture is decoded faster."""

from collections.abc import Sequence
from itertools import product
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.verdict.rule import judge
from weldspot_desktop.verdict.thresholds import ThresholdSet

_DISTANCE_MARGIN: Final = 0.02
"""Share of the distance to the training data; decoding at a reduced scale moves it by 0.5 % at the median."""


def could_turn(
    scores: Sequence[float], thresholds: ThresholdSet, *, margin: float, distance: float | None = None
) -> bool:
    """Whether another verdict is possible within a margin.

    Parameters
    ----------
    scores
        Seven, 0 to 1, in class order.
    thresholds
        The set that judges.
    margin
        How much each score may be off, up or down.
    distance
        Distance to the training data, in the unit of `thresholds.distance_limit`; None if unknown.

    Returns
    -------
    bool
        False if every combination of scores within the margin has the same verdict; picture quality aside.

    Notes
    -----
    Defects count in one direction only: more of any of them leads from CLEAR or NO WELD over UNSURE to DEFECT. So the
    two ends, all defects up and all down, bound what lies between.
    """
    verdicts = set()
    for defects, background, good, far in product((-margin, margin), (-margin, margin), (-margin, margin), (-1, 1)):
        moved = [score + defects for score in scores]
        moved[labels.BACKGROUND] = scores[labels.BACKGROUND] + background
        moved[labels.GOOD_WELDING] = scores[labels.GOOD_WELDING] + good
        within = [min(max(score, 0.0), 1.0) for score in moved]
        moved_distance = distance * (1 + far * _DISTANCE_MARGIN) if distance is not None else None
        verdicts.add(judge(within, thresholds, distance=moved_distance).verdict)
    return len(verdicts) > 1
