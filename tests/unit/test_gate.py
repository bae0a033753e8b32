"""The gate: what it lets through, what it stops, and the sentence it gives."""

from collections.abc import Callable

import numpy as np
import pytest
from model_surgery import STARTER
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit

from weldspot_desktop import labels
from weldspot_desktop.registry import gate, parity
from weldspot_desktop.registry.comparison import DifferentPicturesError, OnSamePictures
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.registry.gate import Found, Limits, Outcome
from weldspot_desktop.registry.parity import ParityLimits

LIMITS = Limits(0.02, 0.75, ParityLimits(0.02, 0.2, 0.01, 0.05))
GOOD_PARITY = {
    "mean_difference": 0.003,
    "largest_difference": 0.08,
    "macro_auc_change": {"value": -0.0005},
    "verdicts_flipped": 3,
    "pictures": 238,
}


def scored(truth: NDArray[np.bool_], scores: NDArray[np.float64], groups: NDArray[np.intp] | None = None) -> Scored:
    count = len(truth)
    return Scored(
        sha256=tuple(f"{n:064x}" for n in range(count)),
        truth=truth,
        scores=scores.astype(np.float32),
        points=np.full((count, 7, 2), np.nan, dtype=np.float32),
        distances=np.full(count, np.nan, dtype=np.float32),
        heatmaps=np.zeros((count, 0, 0, 7), dtype=np.float16),
        groups=np.arange(count) if groups is None else groups,
        regions=({},) * count,
    )


@pytest.fixture(scope="module")
def data() -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp]]:
    """Features, truth and groups of 690 real welds, as they travel with the shipped model."""
    with np.load(STARTER.with_name("weld-3-features.npz")) as file:
        return file["features"].astype(np.float64), file["truth"] > 0, file["groups"]


@pytest.fixture(scope="module")
def trained(data: tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp]]) -> Callable[[str], Scored]:
    """Trains a head on real features, with some fault in its labels, and judges groups that it did not see."""
    features, truth, groups = data
    # Forty main directions of every eighth feature say enough, and are fitted in no time.
    left, lengths, _ = np.linalg.svd((features - features.mean(axis=0))[:, ::8], full_matrices=False)
    features = left[:, :40] * lengths[:40] / lengths[0] * np.sqrt(len(left))
    inside, outside = next(GroupShuffleSplit(1, test_size=0.3, random_state=3).split(features, groups=groups))
    known: dict[str, Scored] = {}

    def judged(fault: str) -> Scored:
        if fault not in known:
            learned = truth[inside].copy()
            if fault == "shuffled":
                learned = np.random.default_rng(1).permutation(learned)
            if fault == "cracks shuffled":
                learned[:, 2] = np.random.default_rng(1).permutation(learned[:, 2])
            used = features[:, :37] if fault == "a little weaker" else features
            heads = [LogisticRegression().fit(used[inside], learned[:, index]) for index in range(labels.COUNT)]
            scores = np.column_stack([head.predict_proba(used[outside])[:, 1] for head in heads])
            known[fault] = scored(truth[outside], scores, groups[outside])
        return known[fault]

    return judged


def ask(
    candidate: Scored | None,
    active: Scored | None,
    *,
    confirmed: Scored | None = None,
    figures: dict[str, object] | None = GOOD_PARITY,
    left_out: int = 0,
    unknown: tuple[str, ...] = (),
) -> Outcome:
    return gate.judge(
        model="a" * 64,
        against="b" * 64,
        test=OnSamePictures.of(candidate, active) if candidate is not None and active is not None else None,
        left_out=left_out,
        confirmed=confirmed,
        parity=figures,
        limits=LIMITS,
        unknown=unknown,
    )


def test_a_model_as_good_as_the_active_one_passes(trained: Callable[[str], Scored]) -> None:
    outcome = ask(trained("a little weaker"), trained("right"))
    assert outcome.passed, outcome.reasons
    assert outcome.reasons == ()
    assert f"on {len(trained('right').truth)} pictures of the frozen test split" in outcome.checks[0].sentence
    assert outcome.as_json()["passed"] is True


def test_a_model_with_shuffled_labels_is_stopped(trained: Callable[[str], Scored]) -> None:
    outcome = ask(trained("shuffled"), trained("right"))
    assert not outcome.passed
    assert "The lower end is not above −0.02." in outcome.reasons[0]
    assert "It is worse than the active model at" in outcome.reasons[1]
    figures = outcome.checks[0].figures
    assert figures["high"] < 0


def test_one_spoilt_class_is_stopped_by_name(trained: Callable[[str], Scored]) -> None:
    outcome = ask(trained("cracks shuffled"), trained("right"))
    assert not outcome.passed
    worse = next(check for check in outcome.checks if check.name == "no class is worse")
    assert worse.found is Found.FAILED
    assert "Crack" in worse.sentence
    assert "Porosity" not in worse.sentence


def test_the_margin_is_exact(trained: Callable[[str], Scored]) -> None:
    pair = OnSamePictures.of(trained("a little weaker"), trained("right"))
    low = pair.difference().low
    asked = {"model": "a", "against": "b", "test": pair, "left_out": 0, "confirmed": None, "parity": GOOD_PARITY}
    for margin, found in ((-low + 1e-9, Found.PASSED), (-low - 1e-9, Found.FAILED)):
        assert low < 0
        outcome = gate.judge(**asked, limits=Limits(margin, 0.75, LIMITS.parity))  # type: ignore[arg-type]
        assert outcome.checks[0].found is found


def test_without_a_common_test_split_nothing_passes() -> None:
    assert "there is no frozen test split" in ask(None, None).reasons[0]
    assert "all 12 of its pictures were learned from" in ask(None, None, left_out=12).reasons[0]


def test_only_pictures_that_both_saw_are_compared(trained: Callable[[str], Scored]) -> None:
    right = trained("right")
    other = scored(right.truth[:0], right.scores[:0].astype(np.float64))
    with pytest.raises(DifferentPicturesError, match="no picture"):
        OnSamePictures.of(right, other)
    with pytest.raises(DifferentPicturesError, match="do not agree"):
        OnSamePictures.of(right, scored(~right.truth, right.scores.astype(np.float64)))


def confirmed_pictures(positives: int, negatives: int, good: bool) -> Scored:
    """Confirmed cracks and others, told apart well or not at all."""
    truth = np.zeros((positives + negatives, 7), dtype=bool)
    truth[:positives, 2] = True
    scores = np.full(truth.shape, 0.5)
    scores[:, 2] = truth[:, 2] * 0.8 + 0.1 if good else np.tile([0.2, 0.8], len(truth))[: len(truth)]
    return scored(truth, scores)


def test_confirmed_pictures_count_where_there_are_ten_of_each_kind(trained: Callable[[str], Scored]) -> None:
    pair = trained("a little weaker"), trained("right")
    for positives, negatives, good, found in (
        (10, 10, True, Found.PASSED),
        (10, 10, False, Found.FAILED),
        (9, 40, False, Found.NOT_CHECKED),
        (40, 9, False, Found.NOT_CHECKED),
    ):
        outcome = ask(*pair, confirmed=confirmed_pictures(positives, negatives, good))
        own = [check for check in outcome.checks if check.name == "AUC on confirmed pictures: Crack"]
        assert [check.found for check in own] == ([] if found is Found.NOT_CHECKED else [found])
        rest = next(check for check in outcome.checks if check.name == "AUC on confirmed pictures")
        assert rest.found is Found.NOT_CHECKED
        assert ("Crack" in rest.sentence) == (found is Found.NOT_CHECKED)
        assert outcome.passed == (found is not Found.FAILED)
    assert "there are none" in str(ask(*pair).as_json())


def test_a_broken_conversion_is_stopped_and_an_unknown_network_is_told(trained: Callable[[str], Scored]) -> None:
    pair = trained("a little weaker"), trained("right")
    outcome = ask(*pair, figures=GOOD_PARITY | {"mean_difference": 0.3, "largest_difference": 0.9})
    assert not outcome.passed
    assert outcome.reasons == (
        "The file differs from its Keras network: the mean difference of scores is 0.3000, the limit is 0.02; the "
        "largest difference of scores is 0.9000, the limit is 0.2.",
    )
    outcome = ask(*pair, figures=None, unknown=("weld 1 · float32",))
    assert outcome.passed
    assert {check.name for check in outcome.checks if check.found is Found.NOT_CHECKED} == {
        "agrees with Keras",
        "pictures are new to both",
        "AUC on confirmed pictures",
    }


def test_what_the_shipped_card_says_of_its_conversion_passes() -> None:
    from weldspot_desktop.model.file import read_card

    assert parity.faults(parity.of_card(read_card(STARTER).metrics) or {}, LIMITS.parity) == []
