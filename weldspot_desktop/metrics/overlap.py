"""How well boxes agree: intersection over union, and how many boxes find a partner."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ENOUGH = 0.3
"""Intersection over union from which a box counts as found: people draw boxes loosely."""

Rectangle = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True)
class Agreement:
    """Counts of boxes; they add up over pictures.

    Attributes
    ----------
    matched
        Pairs of a derived and a labelled box that overlap enough; a box is in one pair at most.
    derived, labelled
        Boxes of either kind.
    """

    matched: int = 0
    derived: int = 0
    labelled: int = 0

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(self.matched + other.matched, self.derived + other.derived, self.labelled + other.labelled)

    @property
    def f1(self) -> float:
        """Harmonic mean of the shares of derived and of labelled boxes in pairs; 0 without any box."""
        boxes = self.derived + self.labelled
        return 2 * self.matched / boxes if boxes else 0.0


def overlaps(ours: Sequence[Rectangle], theirs: Sequence[Rectangle]) -> NDArray[np.float64]:
    """(n, m) intersection over union of n and m rectangles."""
    a = np.array(ours, dtype=np.float64).reshape(-1, 1, 4)
    b = np.array(theirs, dtype=np.float64).reshape(1, -1, 4)
    sides = np.maximum(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0)
    both = sides.prod(axis=-1)
    area_a, area_b = (np.maximum(x[..., 2:] - x[..., :2], 0).prod(axis=-1) for x in (a, b))
    return np.asarray(both / np.maximum(area_a + area_b - both, 1e-12))


def agreement(derived: Sequence[Rectangle], labelled: Sequence[Rectangle], *, enough: float = ENOUGH) -> Agreement:
    """Pair boxes of one picture and class, the best overlap first, as detection benchmarks do.

    Source: Everingham et al., The Pascal Visual Object Classes Challenge, IJCV 88 (2010) 303, section 4.2.
    """
    table = overlaps(derived, labelled)
    matched = 0
    while table.size and table.max() >= enough:
        row, column = np.unravel_index(int(table.argmax()), table.shape)
        table[row, :] = -1
        table[:, column] = -1
        matched += 1
    return Agreement(matched, len(derived), len(labelled))
