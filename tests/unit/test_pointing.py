"""The pointing game: where the maximum lies, and what counts as a hit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weldspot_desktop.metrics.pointing import TOLERANCE, hit, maximum

BOX = np.array([(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)])
NOTCHED = np.array([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.3), (0.1, 0.9)])


def test_the_maximum_is_the_centre_of_its_cell() -> None:
    heat = np.zeros((4, 8))
    heat[3, 1] = 2
    assert maximum(heat) == pytest.approx((1.5 / 8, 3.5 / 4))
    assert maximum(np.full((1, 1), -5.0)) == (0.5, 0.5)
    assert maximum(-np.arange(6.0).reshape(2, 3)) == pytest.approx((0.5 / 3, 0.25))


def test_inside_on_the_edge_and_within_the_tolerance_hit() -> None:
    assert TOLERANCE == 15 / 640
    for point in ((0.5, 0.5), (0.4, 0.5), (0.6, 0.6), (0.6 + 0.99 * TOLERANCE, 0.5)):
        assert hit(point, [BOX]), point
    assert not hit((0.6 + 1.01 * TOLERANCE, 0.5), [BOX])
    # Beside a corner the tolerance is round.
    assert not hit((0.6 + 0.8 * TOLERANCE, 0.6 + 0.8 * TOLERANCE), [BOX])
    assert hit((0.6 + 0.7 * TOLERANCE, 0.6 + 0.7 * TOLERANCE), [BOX])


def test_a_notch_of_a_polygon_is_outside() -> None:
    assert hit((0.5, 0.2), [NOTCHED])
    assert not hit((0.5, 0.7), [NOTCHED])
    assert hit((0.15, 0.7), [NOTCHED])


def test_any_of_several_regions_counts_and_none_does_not() -> None:
    far = BOX - 0.35
    assert hit((0.1, 0.1), [BOX, far])
    assert not hit((0.9, 0.9), [BOX, far])
    assert not hit((0.5, 0.5), [])


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_box_agrees_with_comparing_coordinates(x: float, y: float) -> None:
    outside = np.hypot(max(0.4 - x, 0, x - 0.6), max(0.4 - y, 0, y - 0.6))
    if abs(outside - TOLERANCE) > 1e-9:
        assert hit((x, y), [BOX]) == (outside <= TOLERANCE)
        assert hit((x, y), [BOX[::-1]]) == (outside <= TOLERANCE)
