"""AUC and its intervals against scikit-learn and against DeLong's formula written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from weldspot_desktop.metrics.auc import auc, macro_auc, paired_difference


def naive_delong(truth: np.ndarray, scores: np.ndarray) -> tuple[float, float, float]:
    """AUC and logit interval by comparing every positive with every negative (DeLong et al., 1988)."""
    positive, negative = scores[truth == 1], scores[truth == 0]
    wins = np.array([[1.0 if p > n else 0.5 if p == n else 0.0 for n in negative] for p in positive])
    value = wins.mean()
    of_positives, of_negatives = wins.mean(axis=1), wins.mean(axis=0)
    variance = of_positives.var(ddof=1) / len(positive) + of_negatives.var(ddof=1) / len(negative)
    half = norm.ppf(0.975) * np.sqrt(variance) / (value * (1 - value))
    return value, expit(logit(value) - half), expit(logit(value) + half)


def drawn(seed: int, count: int = 80, levels: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.zeros(count, dtype=int)
    truth[: count // 3] = 1
    scores = rng.normal(size=count) + 0.8 * truth
    return truth, np.round(scores * levels) / levels if levels else scores


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("levels", [None, 3, 1], ids=["no ties", "ties", "heavy ties"])
def test_equals_scikit_learn_and_delong_written_out(seed: int, levels: int | None) -> None:
    truth, scores = drawn(seed, levels=levels)
    found = auc(truth, scores)
    assert found.value == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
    assert (found.value, found.low, found.high) == pytest.approx(naive_delong(truth, scores), abs=1e-10)
    assert (found.positives, found.negatives, found.clusters) == (26, 54, 80)


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.int64, st.integers(6, 40), elements=st.integers(0, 1)),
    st.integers(0, 2**32 - 1),
    st.sampled_from([2, 5, 1000]),
)
def test_properties_of_any_ranking(truth: np.ndarray, seed: int, levels: int) -> None:
    scores = np.random.default_rng(seed).integers(0, levels, len(truth)) / levels
    found = auc(truth, scores)
    if truth.min() == truth.max():
        assert np.isnan([found.value, found.low, found.high]).all()
        return
    assert found.value == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
    assert 0 <= found.low <= found.value <= found.high <= 1
    mirrored = auc(truth, -scores)
    assert mirrored.value == pytest.approx(1 - found.value, abs=1e-12)
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-9)
    stretched = auc(truth, np.exp(3 * scores))
    assert (stretched.value, stretched.low) == pytest.approx((found.value, found.low), abs=1e-12)
    wider = auc(truth, scores, level=0.99)
    assert wider.low <= found.low
    assert wider.high >= found.high


def test_clusters_of_one_picture_change_nothing() -> None:
    truth, scores = drawn(1, levels=4)
    names = [f"weld {i}" for i in range(len(truth))]
    assert auc(truth, scores, clusters=names) == auc(truth, scores)


def test_pictures_taken_twice_are_no_news() -> None:
    """Each picture doubled within its cluster: the interval stays about as it was; without clusters it shrinks."""
    truth, scores = drawn(2)
    once = auc(truth, scores)
    twice = np.tile(truth, 2), np.tile(scores, 2)
    clustered = auc(*twice, clusters=np.tile(np.arange(len(truth)), 2))
    assert clustered.value == pytest.approx(once.value)
    assert clustered.high - clustered.low == pytest.approx(once.high - once.low, rel=0.02)
    assert clustered.clusters == once.clusters
    careless = auc(*twice)
    assert careless.high - careless.low < 0.75 * (once.high - once.low)


def test_clusters_that_agree_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat(rng.permutation([0, 1] * 20), 5)
    scores = np.repeat(rng.normal(size=40), 5) + truth + 0.1 * rng.normal(size=200)
    clusters = np.repeat(np.arange(40), 5)
    alone, together = auc(truth, scores), auc(truth, scores, clusters=clusters)
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_a_single_cluster_of_a_kind_leaves_everything_open() -> None:
    truth, scores = drawn(3)
    found = auc(truth, scores, clusters=np.where(truth == 1, "one plate", np.arange(len(truth)).astype(str)))
    assert (found.low, found.high) == (0.0, 1.0)
    assert found.value == auc(truth, scores).value


def test_at_one_the_lower_bound_is_not_one() -> None:
    truth = np.array([0] * 40 + [1] * 10)
    found = auc(truth, truth.astype(float))
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.9 < found.low < 0.9999
    near = 1 - 0.5 / 400
    half = norm.ppf(0.975) * np.sqrt(0.5) / 400 / (near * (1 - near))
    assert found.low == pytest.approx(expit(logit(near) - half))
    worst = auc(truth, 1.0 - truth)
    assert (worst.value, worst.low) == (0.0, 0.0)
    assert worst.high == pytest.approx(1 - found.low)


def test_more_pictures_at_one_say_more() -> None:
    few, many = (auc([0] * n + [1] * n, [0] * n + [1] * n) for n in (5, 50))
    assert few.low < many.low < 1


@pytest.mark.parametrize(
    ("truth", "scores", "clusters"),
    [
        ([0, 1, 2], [0.1, 0.2, 0.3], None),
        ([0, 1], [0.1, float("nan")], None),
        ([0, 1], [0.1, float("inf")], None),
        ([0, 1], [0.1, 0.2, 0.3], None),
        ([[0, 1]], [[0.1, 0.2]], None),
        ([0, 1], [0.1, 0.2], [1]),
    ],
)
def test_what_cannot_be_ranked_is_refused(truth: list, scores: list, clusters: list | None) -> None:
    with pytest.raises(ValueError, match=r"truth|scores|clusters"):
        auc(truth, scores, clusters=clusters)


def test_enough_means_ten_of_either_kind() -> None:
    assert auc([1] * 10 + [0] * 10, range(20)).enough
    assert not auc([1] * 9 + [0] * 100, range(109)).enough


def columns(seed: int, count: int = 90) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random((count, 3)) < 0.4).astype(int)
    return truth, rng.normal(size=(count, 3)) + truth * [0.4, 0.9, 1.5]


def test_macro_is_the_mean_and_knows_that_columns_share_pictures() -> None:
    truth, scores = columns(4)
    found = macro_auc(truth, scores)
    singles = [auc(truth[:, c], scores[:, c]) for c in range(3)]
    assert found.value == pytest.approx(np.mean([single.value for single in singles]))
    assert found.value == pytest.approx(roc_auc_score(truth, scores, average="macro"))
    assert found.low < found.value < found.high
    thrice = macro_auc(np.repeat(truth[:, :1], 3, axis=1), np.repeat(scores[:, :1], 3, axis=1))
    assert (thrice.value, thrice.low, thrice.high) == pytest.approx(
        (singles[0].value, singles[0].low, singles[0].high), abs=1e-12
    )


def test_macro_interval_agrees_with_resampling() -> None:
    truth, scores = columns(5, count=300)
    found = macro_auc(truth, scores)
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(400):
        rows = rng.integers(0, len(truth), len(truth))
        draws.append(macro_auc(truth[rows], scores[rows]).value)
    low, high = np.quantile(draws, [0.025, 0.975])
    assert found.high - found.low == pytest.approx(high - low, rel=0.2)


def test_macro_leaves_out_columns_without_both_kinds() -> None:
    truth, scores = columns(6)
    truth[:, 1] = 0
    assert macro_auc(truth, scores).value == pytest.approx(macro_auc(truth[:, [0, 2]], scores[:, [0, 2]]).value)
    truth[:] = 0
    assert np.isnan(macro_auc(truth, scores).value)


def test_macro_at_one_is_not_certain() -> None:
    truth, _ = columns(7)
    found = macro_auc(truth, truth.astype(float))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low < 1


def test_paired_difference_of_equal_scores_is_exactly_nothing() -> None:
    truth, scores = columns(8)
    found = paired_difference(truth, scores, scores)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
    monotone = paired_difference(truth, scores, np.exp(scores))
    assert (monotone.value, monotone.low, monotone.high) == pytest.approx((0, 0, 0), abs=1e-12)


def test_paired_difference_has_the_sign_of_the_better_and_is_narrower_than_unpaired() -> None:
    truth, scores = columns(9, count=200)
    rng = np.random.default_rng(2)
    worse = scores + 2 * rng.normal(size=scores.shape)
    found = paired_difference(truth, scores, worse)
    assert found.value == pytest.approx(macro_auc(truth, scores).value - macro_auc(truth, worse).value)
    assert found.low > 0
    swapped = paired_difference(truth, worse, scores)
    assert (swapped.value, swapped.low, swapped.high) == pytest.approx((-found.value, -found.high, -found.low))
    one, other = macro_auc(truth, scores), macro_auc(truth, worse)
    unpaired = np.hypot(one.high - one.low, other.high - other.low)
    assert found.high - found.low < unpaired


def test_paired_difference_of_one_class_equals_delongs_covariance() -> None:
    truth, scores = drawn(10)
    other = scores + np.random.default_rng(3).normal(size=len(scores))
    found = paired_difference(truth, scores, other)

    def components(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        wins = (x[truth == 1][:, None] > x[truth == 0][None, :]).astype(float)
        return wins.mean(axis=1), wins.mean(axis=0)

    (p1, n1), (p2, n2) = components(scores), components(other)
    error = np.sqrt((p1 - p2).var(ddof=1) / len(p1) + (n1 - n2).var(ddof=1) / len(n1))
    assert (found.high - found.low) / 2 == pytest.approx(norm.ppf(0.975) * error)


def test_one_cluster_says_nothing_of_how_clusters_differ() -> None:
    truth, scores = columns(5, count=60)
    other = np.random.default_rng(4).normal(size=scores.shape)
    one = np.zeros(len(truth))
    assert (macro_auc(truth, scores, clusters=one).low, macro_auc(truth, scores, clusters=one).high) == (0, 1)
    found = paired_difference(truth, scores, other, clusters=one)
    assert (found.low, found.high) == (-1, 1)
    # All positives of one weld: of that class nothing is known, of the others it is.
    clusters = np.arange(len(truth)) + 1
    clusters[truth[:, 0] == 1] = 0
    alone = paired_difference(truth[:, 0], scores[:, 0], other[:, 0], clusters=clusters)
    assert (alone.low, alone.high) == (-1, 1)
    together = paired_difference(truth, scores, other, clusters=clusters)
    assert -1 < together.low < together.high < 1
