import math
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from weldspot_desktop import labels
from weldspot_desktop.inspection.smoothing import HOLD_SECONDS, Steadier, Steady, longest_delay
from weldspot_desktop.verdict import ThresholdSet, Verdict, judge

THRESHOLDS = ThresholdSet(name="test", lower=(0.4,) * 7, upper=(0.6,) * 7, distance_limit=10.0)
CRACK = labels.CLASSES.index("Crack")

rates = st.floats(4, 120)
times = st.floats(0.05, 1.0)
levels = st.floats(0, 1, width=32)


def with_crack(score: float) -> list[float]:
    scores = [0.1] * 7
    scores[labels.GOOD_WELDING], scores[CRACK] = 0.8, min(max(score, 0.0), 1.0)
    return scores


def follow(steadier: Steadier, rows: list[list[float]], rate: float, *, start: float = 0.0) -> list[Steady]:
    return [
        steadier.update(scores, judge(scores, THRESHOLDS, distance=1.0), THRESHOLDS, distance=1.0, at=start + n / rate)
        for n, scores in enumerate(rows)
    ]


def changes(shown: list[Steady]) -> int:
    return sum(a.judgement != b.judgement for a, b in pairwise(shown))


@settings(max_examples=60, deadline=None)
@given(st.lists(levels, min_size=7, max_size=7), rates, times)
def test_what_does_not_change_does_not_flicker(scores: list[float], rate: float, seconds: float) -> None:
    shown = follow(Steadier(seconds), [scores] * 60, rate)
    assert {steady.judgement for steady in shown} == {judge(scores, THRESHOLDS, distance=1.0)}
    assert all(math.isclose(a, b, abs_tol=1e-9) for a, b in zip(shown[-1].scores, scores, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([0.4, 0.5, 0.6]), st.floats(0.001, 0.4), st.booleans(), rates, times)
def test_noise_that_alternates_about_a_threshold_gives_one_change_at_most(
    middle: float, swing: float, up: bool, rate: float, seconds: float
) -> None:
    rows = [with_crack(middle + (swing if (n % 2 == 0) is up else -swing)) for n in range(200)]
    assert changes(follow(Steadier(seconds), rows, rate)) <= 1


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), rates, times)
def test_a_step_is_shown_within_the_longest_delay(before: float, after: float, rate: float, seconds: float) -> None:
    steadier = Steadier(seconds)
    lead = 40
    follow(steadier, [with_crack(before)] * lead, rate)
    count = math.ceil(longest_delay(seconds) * rate) + 2
    shown = follow(steadier, [with_crack(after)] * count, rate, start=lead / rate)
    assert shown[-1].judgement == judge(with_crack(after), THRESHOLDS, distance=1.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(levels, min_size=30, max_size=120), rates, times)
def test_a_defect_in_every_picture_is_never_hidden_for_longer(noise: list[float], rate: float, seconds: float) -> None:
    """Which other class joins the crack changes from picture to picture; that it is a defect does not."""
    steadier = Steadier(seconds)
    follow(steadier, [with_crack(0.0)] * 40, rate)
    rows = []
    for level in noise:
        scores = with_crack(0.61)
        scores[labels.CLASSES.index("Porosity")] = float(level)
        rows.append(scores)
    shown = follow(steadier, rows, rate, start=40 / rate)
    late = [n for n, steady in enumerate(shown) if n / rate >= longest_delay(seconds) + 1 / rate and n >= 2]
    assert all(shown[n].judgement.verdict is Verdict.DEFECT for n in late)


def test_what_the_average_makes_of_a_second_class_does_not_interrupt_a_defect() -> None:
    """The crack lies within the margin of its threshold; porosity that comes and goes must not take the word away."""
    steadier = Steadier(0.05)
    rows = [with_crack(0.0)] * 20 + [with_crack(0.61) for _ in range(60)]
    for number, scores in enumerate(rows[20:]):
        scores[labels.CLASSES.index("Porosity")] = (0.9, 0.55)[number % 2] if number < 12 else 0.0
    shown = follow(steadier, rows, 30)
    words = [steady.judgement.verdict for steady in shown]
    assert words[words.index(Verdict.DEFECT) :] == [Verdict.DEFECT] * (80 - words.index(Verdict.DEFECT))


def test_one_odd_frame_is_not_shown_and_its_scores_hardly_count() -> None:
    shown = follow(Steadier(0.3), [with_crack(0.1)] * 30 + [with_crack(0.99)] + [with_crack(0.1)] * 30, 30)
    assert {steady.judgement.verdict for steady in shown} == {Verdict.CLEAR}
    assert max(steady.scores[CRACK] for steady in shown) < 0.25


def test_a_strong_defect_is_shown_sooner_than_at_the_latest() -> None:
    shown = follow(Steadier(0.3), [with_crack(0.0)] * 30 + [with_crack(1.0)] * 60, 30)
    first = next(n for n, steady in enumerate(shown) if steady.judgement.verdict is Verdict.DEFECT)
    assert HOLD_SECONDS <= (first - 30) / 30 < 0.6


def test_the_average_follows_time_and_not_frames() -> None:
    slow = follow(Steadier(0.3), [with_crack(0.0)] * 2 + [with_crack(1.0)] * 3, 10)
    fast = follow(Steadier(0.3), [with_crack(0.0)] * 11 + [with_crack(1.0)] * 30, 100)
    assert math.isclose(slow[-1].scores[CRACK], fast[-1].scores[CRACK], abs_tol=1e-6)


def test_it_begins_anew_after_a_break_after_a_reset_and_with_other_thresholds() -> None:
    steadier = Steadier(0.3)
    follow(steadier, [with_crack(0.0)] * 30, 30)
    assert follow(steadier, [with_crack(0.9)], 30, start=10.0)[0].judgement.verdict is Verdict.DEFECT
    steadier.reset()
    assert follow(steadier, [with_crack(0.0)], 30, start=10.1)[0].judgement.verdict is Verdict.CLEAR
    other = THRESHOLDS.model_copy(update={"upper": (0.7,) * 7})
    scores = with_crack(0.75)
    steady = steadier.update(scores, judge(scores, other), other, distance=None, at=10.2)
    assert steady.judgement.verdict is Verdict.DEFECT


def test_spoiled_pictures_are_told_but_do_not_count_as_evidence() -> None:
    steadier = Steadier(0.3)
    follow(steadier, [with_crack(0.1)] * 30, 30)
    retake = judge(with_crack(0.99), THRESHOLDS, quality_failure="too dark")
    shown = [
        steadier.update(with_crack(0.99), retake, THRESHOLDS, distance=1.0, at=1.0 + n / 30).judgement.verdict
        for n in range(30)
    ]
    assert shown[0] is Verdict.CLEAR
    assert shown[-1] is Verdict.RETAKE
    back = follow(steadier, [with_crack(0.1)] * 30, 30, start=2.0)
    assert back[-1].judgement.verdict is Verdict.CLEAR
    assert max(steady.scores[CRACK] for steady in back) < 0.2


def test_switched_off_it_shows_each_frame() -> None:
    rows = [with_crack(0.1 + 0.8 * (n % 2)) for n in range(10)]
    shown = follow(Steadier(0.0), rows, 30)
    assert [steady.judgement.verdict for steady in shown] == [Verdict.CLEAR, Verdict.DEFECT] * 5
    assert [list(steady.scores) for steady in shown] == rows
