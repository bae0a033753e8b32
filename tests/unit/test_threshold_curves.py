"""Threshold curves against a plain count, and the rule for many pictures against the rule for one."""

import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from weldspot_desktop import labels
from weldspot_desktop.metrics.proportion import share
from weldspot_desktop.metrics.threshold_curves import Measure, curve, effective_size
from weldspot_desktop.verdict import ThresholdSet, judge
from weldspot_desktop.verdict.many import WORDS, judge_many

# Few different scores, so that ties are common.
SCORE = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1.0]) | st.floats(0, 1)
PICTURES = st.lists(st.tuples(st.booleans(), SCORE, st.integers(0, 4)), max_size=30)


def plain_effective(groups: list[int]) -> float:
    sizes = Counter(groups).values()
    return sum(sizes) ** 2 / sum(size**2 for size in sizes) if sizes else 0.0


@given(PICTURES, SCORE)
def test_equals_a_plain_count_at_any_threshold(pictures: list[tuple[bool, float, int]], threshold: float) -> None:
    truth, scores, groups = ([p[i] for p in pictures] for i in range(3))
    found = curve(np.array(truth, bool), np.array(scores, float), np.array(groups, int))
    for at in (threshold, *scores):
        counted = found.at(at)
        flagged = [p for p in pictures if p[1] >= at]
        for kind, chosen, of in (
            (counted.recall, [p for p in flagged if p[0]], [p for p in pictures if p[0]]),
            (counted.precision, [p for p in flagged if p[0]], flagged),
            (counted.false_alarms, [p for p in flagged if not p[0]], [p for p in pictures if not p[0]]),
        ):
            expected = share(len(chosen), len(of), effective=plain_effective([p[2] for p in of]))
            assert (kind.hits, kind.count) == (len(chosen), len(of))
            assert (kind.low, kind.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
        assert counted.missed == sum(p[0] and p[1] < at for p in pictures)


@given(PICTURES)
def test_the_bands_hold_what_is_counted_at_each_threshold(pictures: list[tuple[bool, float, int]]) -> None:
    truth, scores, groups = ([p[i] for p in pictures] for i in range(3))
    found = curve(np.array(truth, bool), np.array(scores, float), np.array(groups, int))
    recall, precision, alarms = (found.band(measure) for measure in Measure)
    for place, at in enumerate([*found.thresholds, 2.0]):
        counted = found.at(at)
        for band, kind in ((recall, counted.recall), (precision, counted.precision), (alarms, counted.false_alarms)):
            if kind.count == 0:
                assert np.isnan(band.value[place])
            else:
                assert band.value[place] == pytest.approx(kind.value)
            assert (band.low[place], band.high[place]) == pytest.approx((kind.low, kind.high))
    assert (np.diff(recall.low) <= 1e-12).all()


def test_photographs_of_one_weld_count_as_one() -> None:
    assert effective_size([1, 1, 1, 1]) == 1
    assert effective_size([1, 2, 3, 4]) == 4
    assert effective_size([]) == 0
    apart = curve([1] * 20, np.full(20, 0.9)).at(0.5).recall
    in_pairs = curve([1] * 20, np.full(20, 0.9), np.arange(20) // 2).at(0.5).recall
    assert (in_pairs.low, in_pairs.high) == pytest.approx((share(10, 10).low, 1.0))
    assert apart.low > in_pairs.low


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        curve([1, 0], [0.5])
    with pytest.raises(ValueError, match="finite"):
        curve([1, 0], [0.5, np.nan])
    with pytest.raises(ValueError, match="groups"):
        curve([1, 0], [0.5, 0.6], [1])


def test_ten_thousand_pictures_are_quick() -> None:
    generator = np.random.default_rng(1)
    truth, scores, groups = (
        generator.random(10_000) < 0.2,
        generator.random(10_000),
        generator.integers(0, 4000, 10_000),
    )
    begun = time.perf_counter()
    made = curve(truth, scores, groups)
    assert time.perf_counter() - begun < 1
    begun = time.perf_counter()
    for threshold in np.linspace(0, 1, 200):
        made.at(float(threshold))
    assert (time.perf_counter() - begun) / 200 < 0.005


@settings(max_examples=200)
@given(
    arrays.arrays(np.float64, st.tuples(st.integers(0, 12), st.just(labels.COUNT)), elements=SCORE),
    st.lists(SCORE, min_size=7, max_size=7),
    st.lists(SCORE, min_size=7, max_size=7),
    st.none() | st.floats(0.1, 2),
    st.data(),
)
def test_many_are_judged_as_one_by_one(
    scores: np.ndarray, some: list[float], other: list[float], limit: float | None, data: st.DataObject
) -> None:
    thresholds = ThresholdSet(
        name="any",
        lower=tuple(min(pair) for pair in zip(some, other, strict=True)),
        upper=tuple(max(pair) for pair in zip(some, other, strict=True)),
        distance_limit=limit,
    )
    element = st.floats(0, 3) | st.just(float("nan"))
    distances = data.draw(arrays.arrays(np.float64, len(scores), elements=element))
    found = [WORDS[number] for number in judge_many(scores, thresholds, distances)]
    expected = [
        judge(row.tolist(), thresholds, distance=None if np.isnan(distance) else float(distance)).verdict
        for row, distance in zip(scores, distances, strict=True)
    ]
    assert found == expected
