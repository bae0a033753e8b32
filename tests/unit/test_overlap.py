"""Intersection over union against a count of pixels, and pairs of boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weldspot_desktop.metrics.overlap import Agreement, Rectangle, agreement, overlaps

_SIDE = 24


def _boxes() -> st.SearchStrategy[list[Rectangle]]:
    corner = st.integers(0, _SIDE - 1)
    length = st.integers(1, 12)
    box = st.tuples(corner, corner, length, length).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))
    return st.lists(box, max_size=6)


def _mask(box: Rectangle) -> np.ndarray:
    mask = np.zeros((2 * _SIDE, 2 * _SIDE), dtype=bool)
    left, top, right, bottom = (int(value) for value in box)
    mask[top:bottom, left:right] = True
    return mask


@given(_boxes(), _boxes())
def test_overlap_is_the_share_of_common_pixels(ours: list[Rectangle], theirs: list[Rectangle]) -> None:
    table = overlaps(ours, theirs)
    assert table.shape == (len(ours), len(theirs))
    for i, a in enumerate(ours):
        for j, b in enumerate(theirs):
            expected = (_mask(a) & _mask(b)).sum() / (_mask(a) | _mask(b)).sum()
            assert table[i, j] == pytest.approx(expected)


@given(_boxes(), _boxes())
def test_every_box_is_in_one_pair_at_most(ours: list[Rectangle], theirs: list[Rectangle]) -> None:
    found = agreement(ours, theirs)
    assert 0 <= found.matched <= min(found.derived, found.labelled)
    assert agreement(theirs, ours).matched == found.matched
    assert agreement(ours, ours).matched == len(ours)


def test_two_boxes_on_one_label_are_one_pair() -> None:
    label = (0.0, 0.0, 1.0, 1.0)
    found = agreement([label, (0.0, 0.0, 1.0, 0.9)], [label])
    assert found == Agreement(matched=1, derived=2, labelled=1)
    assert found.f1 == pytest.approx(2 / 3)
    assert Agreement().f1 == 0.0


def test_counts_add_up() -> None:
    assert sum([Agreement(1, 2, 3), Agreement(0, 1, 0)], Agreement()) == Agreement(1, 3, 3)
