"""Presets: what they choose, what they say it rests on, and what they refuse to promise."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weldspot_desktop import labels
from weldspot_desktop.metrics.threshold_curves import curve
from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry import active, evaluation, out_of_fold, threshold_basis
from weldspot_desktop.registry.out_of_fold import OutOfFold, OutOfFoldError
from weldspot_desktop.registry.threshold_presets import (
    CRACK,
    ClassCost,
    Costs,
    Preset,
    PresetError,
    _cheapest,
    balanced,
    by_cost,
    miss_no_crack,
)
from weldspot_desktop.verdict import ThresholdSet, Verdict

SHIPPED = ThresholdSet(name="balanced", lower=(0.3,) * 7, upper=(0.6,) * 7)


def made(cracks: list[float], others: list[float]) -> OutOfFold:
    """Pictures with and without a crack, each of a weld of its own; no other class is ever likely."""
    count = len(cracks) + len(others)
    truth, scores = np.zeros((count, 7), bool), np.full((count, 7), 0.01)
    truth[: len(cracks), CRACK] = True
    truth[len(cracks) :, labels.GOOD_WELDING] = True
    scores[:, CRACK] = [*cracks, *others]
    scores[len(cracks) :, labels.GOOD_WELDING] = 0.9
    return OutOfFold(truth, scores, np.arange(count), np.full(count, np.nan), "ab" * 32)


@pytest.fixture(scope="module")
def shipped_model() -> ModelFile:
    return active.open_model()


@pytest.fixture(scope="module")
def real(shipped_model: ModelFile) -> OutOfFold:
    found = out_of_fold.read(shipped_model)
    assert found is not None
    return found


def test_all_of_28_cracks_promise_no_more_than_0_88() -> None:
    data = made([0.05, *np.linspace(0.2, 0.99, 27)], [0.01] * 180 + [0.08] * 20)
    found = miss_no_crack(data, SHIPPED)
    assert found.thresholds.lower[CRACK] == pytest.approx(0.03)
    assert found.thresholds.upper == SHIPPED.upper
    assert found.basis.rests_on[0] == "28 of 28 cracks, 0.88 to 1.00, are at least UNSURE, so that somebody looks."
    assert "20 of 200 pictures without a crack" in found.basis.rests_on[1]
    assert found.basis.warnings[0].startswith(
        "28 cracks of 28 welds cannot promise more than 0.88: of 100 new cracks, 13"
    )
    assert found.basis.figures["verdicts"]["without defects"]["UNSURE"] == 20
    recall = found.basis.figures["classes"]["Crack"]["lower"]["recall"]
    assert (recall["hits"], recall["of"], recall["low"]) == (28, 28, pytest.approx(0.8794, abs=1e-3))


def test_a_crack_may_be_given_up() -> None:
    data = made([0.05, *np.linspace(0.25, 0.99, 27)], [0.01] * 180 + [0.08] * 20)
    found = miss_no_crack(data, SHIPPED, allowed=1)
    assert "27 of 28 cracks, 0.82 to 0.99" in found.basis.rests_on[0]
    assert "0 of 200 pictures without a crack" in found.basis.rests_on[1]
    assert found.basis.warnings[0].startswith("With 1 of 28 cracks missed, no more than 0.82 can be promised")
    assert found.basis.figures["allowed"] == 1


def test_many_cracks_of_many_welds_are_a_promise_and_the_shipped_threshold_is_never_raised() -> None:
    found = miss_no_crack(made([0.7] * 200, [0.1] * 200), SHIPPED)
    assert not any("promise" in warning for warning in found.basis.warnings)
    assert "Only 0 porous welds are in the data: their thresholds are a guess." in found.basis.warnings
    assert found.thresholds.lower[CRACK] == SHIPPED.lower[CRACK]


def test_no_crack_no_promise() -> None:
    with pytest.raises(PresetError, match="no crack in the data"):
        miss_no_crack(made([], [0.1] * 20), SHIPPED)
    with pytest.raises(PresetError, match="nothing can be promised"):
        miss_no_crack(made([0.5], [0.1] * 20), SHIPPED, allowed=1)


SCORES = st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.4, 0.7, 1.0]) | st.floats(0, 1)), min_size=2)
PRICE = st.floats(0, 30)


@settings(max_examples=150, deadline=None)
@given(SCORES.filter(lambda rows: 0 < sum(r[0] for r in rows) < len(rows)), PRICE, PRICE, PRICE, st.floats(0, 1))
def test_the_cheapest_pair_is_the_cheapest_of_all(
    rows: list[tuple[bool, float]], miss: float, alarm: float, look: float, share: float
) -> None:
    truth, scores = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    weight = np.where(truth, share / truth.sum(), (1 - share) / (~truth).sum())

    def cost(lower: float, upper: float) -> float:
        each = np.where(truth & (scores < lower), miss, 0) + np.where(~truth & (scores >= upper), alarm, 0)
        return float((weight * (each + np.where((scores >= lower) & (scores < upper), look, 0))).sum())

    places = [*np.unique(scores), 2.0]
    best = min(cost(low, high) for low in places for high in places if low <= high)
    pair, mean = _cheapest(curve(truth, scores), ClassCost(miss, alarm), share, look)
    assert mean == pytest.approx(best, abs=1e-9)
    assert 0 <= pair[0] <= pair[1] <= 1
    # A score of exactly 1 is flagged by every threshold: there alone "never" cannot be had.
    if scores.max() < 1:
        assert cost(*pair) == pytest.approx(best, abs=1e-9)


def test_costs_move_the_thresholds_the_right_way(real: OutOfFold, shipped_model: ModelFile) -> None:
    shipped = shipped_model.card.thresholds

    def chosen(miss: float, alarm: float) -> ThresholdSet:
        return by_cost(real, shipped, Costs({CRACK: ClassCost(miss, alarm)}, look=0.5)).thresholds

    assert chosen(40, 1).lower[CRACK] <= chosen(10, 1).lower[CRACK] <= chosen(2, 1).lower[CRACK]
    assert chosen(10, 1).upper[CRACK] <= chosen(10, 5).upper[CRACK]
    found = by_cost(real, shipped, Costs())
    assert found.preset is Preset.COST
    assert found.basis.figures["costs"]["classes"]["Crack"]["miss"] == 20
    for index in (labels.BACKGROUND, labels.GOOD_WELDING):
        assert found.thresholds.upper[index] == shipped.upper[index]
    costs = re.fullmatch(r"100 pictures cost (.+), against (.+) with .*", found.basis.rests_on[0])
    assert costs is not None
    assert float(costs[1]) < float(costs[2])


def test_a_class_that_is_rare_in_use_is_flagged_less(real: OutOfFold, shipped_model: ModelFile) -> None:
    shipped = shipped_model.card.thresholds
    often, rare = (
        by_cost(real, shipped, Costs({CRACK: ClassCost(20, 1, share)}, look=0.5)).thresholds for share in (0.3, 0.01)
    )
    assert rare.lower[CRACK] > often.lower[CRACK]


@pytest.mark.parametrize("wrong", [ClassCost(-1, 1), ClassCost(1, float("nan")), ClassCost(1, 1, 1.5)])
def test_costs_that_are_none_are_refused(wrong: ClassCost) -> None:
    with pytest.raises(PresetError):
        Costs({CRACK: wrong})


def test_the_shipped_set_is_counted_as_its_card_counts_it(real: OutOfFold, shipped_model: ModelFile) -> None:
    card = shipped_model.card
    found = balanced(real, card.thresholds)
    assert found.thresholds == card.thresholds
    for name, measured in card.metrics["out_of_fold"]["classes"].items():
        ours = found.basis.figures["classes"][name]
        for bound in ("upper", "lower"):
            for kind in ("recall", "precision", "false_alarms"):
                assert ours[bound][kind]["hits"] == measured[bound][kind]["hits"]
                assert ours[bound][kind]["of"] == measured[bound][kind]["of"]
    whole = threshold_basis.consequence(real, card.thresholds)
    table = evaluation_table(real, card.thresholds)
    assert {w: whole.with_defects[w] + whole.without_defects[w] for w in Verdict} == table


def evaluation_table(data: OutOfFold, thresholds: ThresholdSet) -> dict[Verdict, int]:
    empty = np.zeros(0)
    scored = evaluation.Scored((), data.truth, data.scores, empty, data.distances, empty, data.groups, ())  # type: ignore[arg-type]
    given_words = evaluation.verdicts(scored, thresholds)
    return {word: given_words.count(word) for word in Verdict}


def test_without_data_it_is_said() -> None:
    found = balanced(None, SHIPPED).basis
    assert "Nothing is known" in found.warnings[0]
    assert found.as_json()["data"] is None


def test_words_of_a_class(real: OutOfFold, shipped_model: ModelFile, crack_counts: SimpleNamespace) -> None:
    told = threshold_basis.class_counts(real, shipped_model.card.thresholds, CRACK)
    first, second, third = told.sentences()
    n = crack_counts
    assert first.startswith(f"{n.found} of 139 cracks found (0.")
    assert f"; {n.false_alarms} of 551 others are false alarms (0." in first
    missed = 139 - n.found - n.cracks_between
    assert second == (
        f"{n.between} pictures fall between, UNSURE: {n.cracks_between} cracks, {n.between - n.cracks_between} others. "
        f"{missed} cracks lie under both."
    )
    assert third.startswith(f"Of {n.found + n.false_alarms} that are flagged, {n.found} are cracks (0.")


def test_scores_that_were_altered_or_are_gone_are_refused(shipped_model: ModelFile, tmp_path: Path) -> None:
    moved = ModelFile(tmp_path / shipped_model.path.name, shipped_model.card, b"", None)
    with pytest.raises(OutOfFoldError, match="could not be read"):
        out_of_fold.read(moved)
    name = shipped_model.card.companions["out_of_fold"].file
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(OutOfFoldError, match="is not the file"):
        out_of_fold.read(moved)
    foreign = shipped_model.card.model_copy(update={"companions": {}})
    assert out_of_fold.read(ModelFile(shipped_model.path, foreign, b"", None)) is None
    outside = shipped_model.card.companions["out_of_fold"].model_copy(update={"file": "../secret.npz"})
    escaping = shipped_model.card.model_copy(update={"companions": {"out_of_fold": outside}})
    with pytest.raises(OutOfFoldError):
        out_of_fold.read(ModelFile(shipped_model.path, escaping, b"", None))
