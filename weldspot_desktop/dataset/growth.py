"""Splits of a dataset that grows: what was drawn stays, so that models stay comparable.

The test split of the first version with a split is frozen: its pictures are test in every later version, and no later
picture of their scenes is ever learned from. What comes later is split among itself, in the same proportions, so that a
newer test split grows beside the frozen one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.dataset.split import Split, split


@dataclass(frozen=True)
class Earlier:
    """Where a picture was before; `frozen` if in the frozen test split, `first` if it was there when that was drawn."""

    split: Split | None
    frozen: bool
    first: bool


@dataclass(frozen=True)
class Place:
    """Where a picture is now: `split` is None if it may be in none, `newer` marks test pictures that are not frozen."""

    split: Split | None
    newer: bool


_STRENGTH: Mapping[Split, int] = {Split.TEST: 2, Split.TRAIN: 1, Split.VALIDATION: 0}
"""Which side a scene takes that was on several: never away from test, and what was learned from does not validate."""


def grow(
    truth: NDArray[np.bool_],
    groups: Sequence[int] | NDArray[np.intp],
    earlier: Sequence[Earlier | None],
    *,
    seed: int,
) -> list[Place]:
    """Places of all pictures, given where some of them were.

    Parameters
    ----------
    truth
        (n, classes): what each picture shows.
    groups
        (n,): scenes, as they are seen now. A new picture can join scenes that were apart.
    earlier
        (n,): None for a picture that is new.
    seed
        Decides the order of groups that are otherwise equal.

    Returns
    -------
    list of Place
        One for each picture; test pictures that are not frozen are newer. All of a group that are in a split are in
        the same one. Pictures of a test scene that were in train or validation before are in none: models have
        learned from them.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for index, number in enumerate(np.asarray(groups).tolist()):
        members[number].append(index)
    sides: dict[int, Split | None] = {}
    for number, indices in members.items():
        before = [found.split for index in indices if (found := earlier[index]) is not None and found.split is not None]
        sides[number] = max(before, key=_STRENGTH.__getitem__, default=None)
    numbers = np.asarray(groups).tolist()
    # Proportions are those of what came after the frozen split was drawn; what was there then does not count.
    later = [index for index, found in enumerate(earlier) if found is None or not found.first]
    later_groups = {numbers[index] for index in later}
    drawn = dict(sides)
    if any(sides[number] is None for number in later_groups):
        assigned = split(
            truth[later], [numbers[i] for i in later], seed=seed, settled=[sides[numbers[i]] for i in later]
        )
        drawn.update((numbers[index], kind) for index, kind in zip(later, assigned, strict=True))
    return [_place(drawn[number], found) for number, found in zip(numbers, earlier, strict=True)]


def _place(side: Split | None, before: Earlier | None) -> Place:
    if before is not None and before.frozen:
        return Place(Split.TEST, newer=False)
    if side is not Split.TEST:
        return Place(side, newer=False)
    if before is not None and before.split is not Split.TEST:
        # Was learned from, or was in no split for the same reason before.
        return Place(None, newer=False)
    return Place(Split.TEST, newer=True)
