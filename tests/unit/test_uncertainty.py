"""Uncertainty: grows towards the middle of the band, whatever the verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weldspot_desktop import labels
from weldspot_desktop.verdict import ThresholdSet, Verdict, judge
from weldspot_desktop.verdict.uncertainty import uncertainty

BALANCED = ThresholdSet(name="balanced", lower=(0.4,) * 7, upper=(0.6,) * 7, distance_limit=2.0)
CRACK = 2


def of(crack: float, *, good: float = 0.0, background: float = 0.0, other: float = 0.0, distance: float = 1.0):
    scores = [background, other, crack, other, good, other, other]
    judgement = judge(scores, BALANCED, distance=distance)
    return judgement.verdict, uncertainty(judgement, scores, BALANCED)


@pytest.mark.parametrize(
    ("crack", "good", "verdict", "expected"),
    [
        (1.0, 0.0, Verdict.DEFECT, 0.0),
        (0.8, 0.0, Verdict.DEFECT, 0.25),
        (0.6, 0.0, Verdict.DEFECT, 0.5),
        (0.5, 1.0, Verdict.UNSURE, 1.0),
        (0.45, 1.0, Verdict.UNSURE, 0.75),
        (0.4, 1.0, Verdict.UNSURE, 0.5),
        (0.2, 1.0, Verdict.CLEAR, 0.25),
        (0.0, 1.0, Verdict.CLEAR, 0.0),
        (0.0, 0.8, Verdict.CLEAR, 0.25),
        (0.0, 0.3, Verdict.UNSURE, 0.75),
    ],
)
def test_it_rises_to_the_middle_of_the_band_and_falls_again(crack, good, verdict, expected):
    found, value = of(crack, good=good)
    assert found is verdict
    assert value == pytest.approx(expected)


def test_one_certain_class_makes_a_defect_certain_and_unlike_pictures_are_most_doubtful():
    assert of(1.0, other=0.61) == (Verdict.DEFECT, 0.0)
    assert of(0.1, good=0.9, distance=3.0) == (Verdict.UNSURE, 1.0)
    assert of(0.0, background=0.6)[1] == pytest.approx(0.5)
    retake = judge([0.5] * 7, BALANCED, quality_failure="too dark")
    assert uncertainty(retake, [0.5] * 7, BALANCED) is None


score = st.floats(0, 1)


@given(st.lists(score, min_size=7, max_size=7), st.lists(st.tuples(score, score), min_size=7, max_size=7))
def test_every_verdict_keeps_to_its_half(scores, bands):
    thresholds = ThresholdSet(name="x", lower=[min(b) for b in bands], upper=[max(b) for b in bands])
    judgement = judge(scores, thresholds)
    value = uncertainty(judgement, scores, thresholds)
    low, high = (0.5, 1.0) if judgement.verdict is Verdict.UNSURE else (0.0, 0.5)
    assert low <= value <= high
    assert set(judgement.classes) <= set(range(labels.COUNT))
