"""How far scores can be read as probabilities."""

import numpy as np
from numpy.typing import ArrayLike


def calibration_error(truth: ArrayLike, scores: ArrayLike, *, bins: int = 10) -> float:
    """Expected calibration error: mean distance of score and frequency over bins of equal count.

    Parameters
    ----------
    truth
        (n,) of 0 and 1.
    scores
        (n,), 0 to 1.
    bins
        Number of bins; fewer are used when there are fewer pictures.

    Notes
    -----
    Equal-count bins, because scores crowd at the ends (Nguyen and O'Connor, EMNLP 2015).
    """
    y = np.asarray(truth, dtype=np.float64)
    x = np.asarray(scores, dtype=np.float64)
    if y.shape != x.shape or y.ndim != 1 or len(y) == 0:
        raise ValueError(f"truth has shape {y.shape}, scores {x.shape}; expected two equal, non-empty arrays")
    order = np.argsort(x, kind="stable")
    parts = np.array_split(order, min(bins, len(y)))
    return float(sum(len(part) * abs(y[part].mean() - x[part].mean()) for part in parts) / len(y))
