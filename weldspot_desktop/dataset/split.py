"""Splitting by group into train, validation and test, every class in proportion.

Iterative stratification (Sechidis, Tsoumakas and Vlahavas, ECML PKDD 2011) with whole groups in place of
single pictures.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray


class Split(StrEnum):
    """What a picture may be used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


SHARES: Final[Mapping[Split, float]] = {Split.TRAIN: 0.60, Split.VALIDATION: 0.15, Split.TEST: 0.25}

SEED: Final = 2026
"""Fixed before the first training and never chosen by its results."""


def split(
    truth: NDArray[np.bool_],
    groups: Sequence[int] | NDArray[np.intp],
    *,
    seed: int = SEED,
    settled: Sequence[Split | None] | None = None,
) -> list[Split]:
    """Assign every group to one split.

    Parameters
    ----------
    truth
        (n, classes): what each picture shows.
    groups
        (n,): pictures of one group stay together.
    seed
        Decides the order of groups that are otherwise equal.
    settled
        (n,): splits that were assigned before, the same for all of a group; None where it is open. They stay, and
        count towards the proportions.

    Returns
    -------
    list of Split
        One for each picture.
    """
    group_of = np.unique(np.asarray(groups), return_inverse=True)[1]
    count = int(group_of.max()) + 1 if len(group_of) else 0
    # Columns: the classes, and the number of pictures itself.
    content = np.zeros((count, truth.shape[1] + 1))
    np.add.at(content, group_of, np.column_stack([truth, np.ones(len(truth))]))
    kinds = list(SHARES)
    shares = np.array([SHARES[kind] for kind in kinds])
    wanted = shares[:, None] * content.sum(axis=0)
    order = np.random.default_rng(seed).permutation(count)
    assigned = np.full(count, -1)
    for number, kind in zip(group_of, settled if settled is not None else [], strict=settled is not None):
        if kind is not None:
            assigned[number] = kinds.index(kind)
    for number in np.flatnonzero(assigned >= 0):
        wanted[assigned[number]] -= content[number]
    for column in [*np.argsort(content[:, :-1].sum(axis=0), kind="stable"), content.shape[1] - 1]:
        # The rarest class first; in it the largest groups first, because late ones can only fill small gaps.
        candidates = order[(assigned[order] < 0) & (content[order, column] > 0)]
        for index in candidates[np.argsort(-content[candidates, column], kind="stable")]:
            need = wanted[:, column] / np.maximum(shares * content[:, column].sum(), 1e-9)
            best = int(np.lexsort((-wanted[:, -1], -need))[0])
            assigned[index] = best
            wanted[best] -= content[index]
    return [kinds[number] for number in assigned[group_of]]
