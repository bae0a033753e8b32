"""The verdict rule for many pictures at once, for counting what a threshold set does while somebody moves it.

`verdict.rule` is the rule; a property test holds that this one gives the same words.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.verdict.rule import Verdict
from weldspot_desktop.verdict.thresholds import ThresholdSet

WORDS: Final = tuple(Verdict)
"""The verdicts, in the order of the numbers that `judge_many` gives."""

_NUMBER: Final = {verdict: number for number, verdict in enumerate(WORDS)}


def judge_many(
    scores: NDArray[np.float32] | NDArray[np.float64],
    thresholds: ThresholdSet,
    distances: NDArray[np.float32] | NDArray[np.float64] | None = None,
) -> NDArray[np.intp]:
    """Verdicts on n pictures of sufficient quality, as places in `WORDS`.

    Parameters
    ----------
    scores
        (n, 7), 0 to 1.
    thresholds
        The set to judge by.
    distances
        (n,) distances to the training data; NaN where unknown, None for all.
    """
    x = np.asarray(scores, dtype=np.float64)
    upper, lower = np.array(thresholds.upper), np.array(thresholds.lower)
    defects = list(labels.DEFECTS)
    far = np.zeros(len(x), dtype=bool)
    if distances is not None and thresholds.distance_limit is not None:
        # NaN is never over a limit.
        far = np.asarray(distances, dtype=np.float64) > thresholds.distance_limit
    present = (x[:, defects] >= upper[defects]).any(axis=1)
    doubtful = (x[:, defects] >= lower[defects]).any(axis=1)
    background = x[:, labels.BACKGROUND]
    others = x[:, list(labels.WELD_CLASSES)].max(axis=1, initial=-1.0)
    empty = (background >= upper[labels.BACKGROUND]) & (background > others)
    clear = x[:, labels.GOOD_WELDING] >= upper[labels.GOOD_WELDING]
    steps = (
        (far, Verdict.UNSURE),
        (present, Verdict.DEFECT),
        (doubtful, Verdict.UNSURE),
        (empty, Verdict.NO_WELD),
        (clear, Verdict.CLEAR),
    )
    return np.select(
        [holds for holds, _ in steps], [_NUMBER[word] for _, word in steps], default=_NUMBER[Verdict.UNSURE]
    ).astype(np.intp)
