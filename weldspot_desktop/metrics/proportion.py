"""Shares of pictures, with intervals that hold for small counts."""

from dataclasses import dataclass

from scipy.stats import norm


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


def share(hits: int, count: int, *, level: float = 0.95) -> Share:
    """Share of `hits` in `count` with Wilson's interval.

    Raises
    ------
    ValueError
        If not 0 <= hits <= count.
    """
    if not 0 <= hits <= count:
        raise ValueError(f"{hits} of {count} is no share")
    if count == 0:
        return Share(0, 0, 0.0, 0.0, 1.0)
    z = float(norm.ppf(0.5 + level / 2))
    p = hits / count
    centre = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * (p * (1 - p) / count + z * z / (4 * count * count)) ** 0.5
    # The ends are exact where all or none were counted; rounding would put them beside the share.
    return Share(hits, count, p, 0.0 if hits == 0 else centre - half, 1.0 if hits == count else centre + half)
