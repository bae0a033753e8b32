"""Wilson's interval against published values and its definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from weldspot_desktop.metrics.proportion import share


@given(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.8, 0.95, 0.99])
)
def test_equals_scipys_wilson(counts: tuple[int, int], level: float) -> None:
    found = share(*counts, level=level)
    expected = binomtest(*counts).proportion_ci(level, method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_published_values() -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3."""
    for hits, count, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        found = share(hits, count)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert share(1, 29).low == pytest.approx(0.0061, abs=5e-5)


def test_nothing_counted_leaves_everything_open() -> None:
    found = share(0, 0)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 1.0)
    assert str(share(3, 10)) == "3 of 10, 0.11 to 0.60"


@pytest.mark.parametrize(("hits", "count"), [(-1, 5), (6, 5), (1, 0)])
def test_impossible_counts_are_refused(hits: int, count: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        share(hits, count)
