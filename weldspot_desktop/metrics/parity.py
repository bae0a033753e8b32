"""What conversion changed: the scores of a file beside those of the network it was made from."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.metrics.auc import paired_difference


def parity(
    truth: NDArray[np.bool_], scores: NDArray[np.float32], reference: NDArray[np.float32], groups: NDArray[np.intp]
) -> dict[str, Any]:
    """Largest and mean absolute difference, and the paired change of macro AUC with its interval.

    Parameters
    ----------
    truth : (n, c)
    scores, reference : (n, c), of the file and of the network
    groups : (n,)
    """
    difference = np.abs(scores.astype(np.float64) - reference)
    change = paired_difference(truth, scores, reference, clusters=groups)
    return {
        "largest_difference": round(float(difference.max()), 5),
        "mean_difference": round(float(difference.mean()), 5),
        "macro_auc_change": {name: round(getattr(change, name), 4) for name in ("value", "low", "high")},
    }
