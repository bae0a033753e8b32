"""The verdict rule against the vectors that the phone reads too."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from weldspot_desktop import labels
from weldspot_desktop.verdict import ThresholdSet, Verdict, judge

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "verdicts.json").read_text(encoding="utf-8"))
SETS = {name: ThresholdSet(name=name, **values) for name, values in VECTORS["thresholds"].items()}
SCORE = st.floats(0, 1)


def test_the_vectors_speak_of_our_classes_and_probe_every_step() -> None:
    assert VECTORS["schema"] == 1
    assert tuple(VECTORS["classes"]) == labels.CLASSES
    assert {case["step"] for case in VECTORS["cases"]} == set(range(1, 8))
    assert {case["verdict"] for case in VECTORS["cases"]} == {verdict.value for verdict in Verdict}
    names = [case["name"] for case in VECTORS["cases"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_a_vector(case: dict) -> None:
    found = judge(
        case["scores"],
        SETS[case["thresholds"]],
        distance=case["distance"],
        quality_failure=case["quality_failure"],
    )
    assert (found.verdict.value, list(found.classes)) == (case["verdict"], case["classes"])
    assert found.reason
    for index in found.classes:
        assert found.verdict in {Verdict.CLEAR, Verdict.NO_WELD} or labels.CLASSES[index] in found.reason


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_what_is_no_score_is_refused(case: dict) -> None:
    with pytest.raises(ValueError, match="score"):
        judge([float(score) for score in case["scores"]], SETS["plain"], quality_failure=case["quality_failure"])


def test_the_reason_for_a_retake_names_the_failure() -> None:
    assert judge([0.1] * 7, SETS["plain"], quality_failure="too dark: 12 of 255").reason == "Too dark: 12 of 255"


@given(st.lists(SCORE, min_size=7, max_size=7), st.none() | st.floats(0, 10))
def test_no_defect_over_its_threshold_is_ever_called_clear(scores: list[float], distance: float | None) -> None:
    thresholds = SETS["plain"]
    verdict = judge(scores, thresholds, distance=distance).verdict
    if any(scores[i] >= thresholds.lower[i] for i in labels.DEFECTS):
        assert verdict in {Verdict.DEFECT, Verdict.UNSURE}
    if verdict is Verdict.CLEAR:
        assert scores[labels.GOOD_WELDING] >= thresholds.upper[labels.GOOD_WELDING]
    if verdict is Verdict.NO_WELD:
        assert scores[labels.BACKGROUND] == max(scores)


@given(st.lists(SCORE, min_size=7, max_size=7), st.sampled_from(labels.DEFECTS), SCORE)
def test_a_higher_defect_score_never_makes_a_defect_vanish(scores: list[float], index: int, higher: float) -> None:
    if judge(scores, SETS["plain"]).verdict is Verdict.DEFECT:
        raised = [max(score, higher) if i == index else score for i, score in enumerate(scores)]
        assert judge(raised, SETS["plain"]).verdict is Verdict.DEFECT


def test_a_threshold_set_is_checked() -> None:
    seven = (0.5,) * 7
    for lower, upper, limit in (
        (seven, (0.4,) * 7, None),
        ((0.5,) * 6, seven, None),
        (seven, (1.1,) * 7, None),
        ((-0.1,) * 7, seven, None),
        ((math.nan,) * 7, seven, None),
        (seven, seven, 0.0),
    ):
        with pytest.raises(ValidationError):
            ThresholdSet(name="x", lower=lower, upper=upper, distance_limit=limit)
    with pytest.raises(ValidationError):
        ThresholdSet(name="", lower=seven, upper=seven)


def test_a_threshold_set_is_named_by_what_it_holds() -> None:
    one = ThresholdSet(name="one", lower=(0.4,) * 7, upper=(0.6,) * 7)
    same = ThresholdSet(name="two", lower=(0.4,) * 7, upper=(0.6,) * 7)
    limited = ThresholdSet(name="one", lower=(0.4,) * 7, upper=(0.6,) * 7, distance_limit=3)
    assert one.digest == same.digest
    assert one.digest != limited.digest
    assert len(one.digest) == 12
    assert ThresholdSet.model_validate_json(limited.model_dump_json()) == limited
