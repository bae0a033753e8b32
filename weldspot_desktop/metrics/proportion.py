"""Shares of pictures, with intervals that hold for small counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """`hits` of `count`, with Wilson's interval (Wilson, JASA 22 (1927) 209); NaN-free: an empty share is 0 to 1.

    Attributes
    ----------
    hits, count
        What was counted.
    value, low, high
        Share and interval, 0 to 1.
    """

    hits: int
    count: int
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.hits} of {self.count}, {self.low:.2f} to {self.high:.2f}"

    def rounded(self) -> dict[str, float | int | None]:
        """As plain JSON values for a card; the value of an empty share is None."""
        return {
            "hits": self.hits,
            "of": self.count,
            "value": round(self.value, 4) if self.count else None,
            "low": round(self.low, 4),
            "high": round(self.high, 4),
        }


def share(hits: int, count: int, *, effective: float | None = None, level: float = 0.95) -> Share:
    """Share of `hits` in `count` with Wilson's interval.

    Parameters
    ----------
    hits, count
        What was counted.
    effective
        As how many independent ones the `count` are worth; None takes all of them as independent.
    level
        Confidence, 0 to 1.

    Raises
    ------
    ValueError
        If not 0 <= hits <= count.
    """
    if not 0 <= hits <= count:
        raise ValueError(f"{hits} of {count} is no share")
    if count == 0:
        return Share(0, 0, 0.0, 0.0, 1.0)
    low, high = wilson(np.float64(hits / count), np.float64(count if effective is None else effective), level=level)
    return Share(hits, count, hits / count, float(low), float(high))


def wilson(value: ArrayLike, count: ArrayLike, *, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Ends of Wilson's interval for shares `value` of `count` independent trials, element by element.

    Parameters
    ----------
    value
        Shares, 0 to 1.
    count
        Over 0; need not be whole, so that an effective size may stand here. Where it is 0, the interval is 0 to 1.
    level
        Confidence, 0 to 1.
    """
    p, n = np.broadcast_arrays(np.asarray(value, dtype=np.float64), np.asarray(count, dtype=np.float64))
    z = float(ndtri(0.5 + level / 2))
    known = n > 0
    m = np.where(known, n, 1.0)
    centre = (p + z * z / (2 * m)) / (1 + z * z / m)
    half = z / (1 + z * z / m) * np.sqrt(p * (1 - p) / m + z * z / (4 * m * m))
    # The ends are exact where all or none were counted; rounding would put them beside the share.
    low = np.where(known & (p > 0), centre - half, 0.0)
    high = np.where(known & (p < 1), centre + half, 1.0)
    return low, high
