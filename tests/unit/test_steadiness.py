"""A verdict that could turn within a margin is found, and no other is called so without need."""

import random

from hypothesis import given
from hypothesis import strategies as st

from weldspot_desktop import labels
from weldspot_desktop.verdict import ThresholdSet, judge
from weldspot_desktop.verdict.steadiness import could_turn

SET = ThresholdSet(
    name="t", lower=(0.6, 0.2, 0.2, 0.2, 0.3, 0.2, 0.2), upper=(0.6, 0.4, 0.3, 0.4, 0.3, 0.5, 0.4), distance_limit=2.0
)
SCORES = st.lists(st.floats(0, 1), min_size=labels.COUNT, max_size=labels.COUNT)


@given(SCORES, st.floats(0.1, 4), st.integers(0, 10_000))
def test_no_scores_within_the_margin_turn_what_is_called_steady(scores, distance, seed):
    if could_turn(scores, SET, margin=0.02, distance=distance):
        return
    held = judge(scores, SET, distance=distance).verdict
    chance = random.Random(seed)
    for _ in range(20):
        moved = [min(max(score + chance.uniform(-0.02, 0.02), 0), 1) for score in scores]
        assert judge(moved, SET, distance=distance * chance.uniform(0.98, 1.02)).verdict is held


@given(SCORES)
def test_scores_far_from_every_threshold_are_steady(scores):
    far = all(
        abs(score - limit) > 0.021 for ends in (SET.lower, SET.upper) for score, limit in zip(scores, ends, strict=True)
    )
    others = max(scores[1:])
    if far and abs(scores[0] - others) > 0.05:
        assert not could_turn(scores, SET, margin=0.02, distance=1.0)


def test_each_edge_of_the_rule_is_found():
    clear = [0.1, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1]
    assert not could_turn(clear, SET, margin=0.02, distance=1.0)
    for index, score in ((1, 0.19), (2, 0.31), (5, 0.49), (4, 0.31), (0, 0.89)):
        assert could_turn([*clear[:index], score, *clear[index + 1 :]], SET, margin=0.02, distance=1.0), index
    assert could_turn(clear, SET, margin=0.02, distance=1.98)
    assert not could_turn(clear, SET, margin=0.02, distance=None)
