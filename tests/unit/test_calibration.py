"""Calibration error on scores whose calibration is known."""

import numpy as np
import pytest
from scipy.special import expit

from weldspot_desktop.metrics.calibration import calibration_error, fit_scaling


def test_scores_that_are_frequencies_have_no_error() -> None:
    truth = np.tile([0, 0, 0, 1], 25)
    assert calibration_error(truth, np.full(100, 0.25), bins=1) == pytest.approx(0)


def test_certain_and_right_is_zero_certain_and_wrong_is_one() -> None:
    truth = np.array([0, 1] * 20)
    assert calibration_error(truth, truth.astype(float)) == 0
    assert calibration_error(truth, 1.0 - truth) == 1


def test_bins_hold_equal_counts_of_neighbouring_scores() -> None:
    scores = np.array([0.9, 0.1, 0.8, 0.2])
    truth = np.array([1, 0, 0, 0])
    # Bins (0.1, 0.2) and (0.8, 0.9): |0 - 0.15| and |0.5 - 0.85|, half each.
    assert calibration_error(truth, scores, bins=2) == pytest.approx((0.15 + 0.35) / 2)
    # With a bin for each picture it is the mean distance of score and truth.
    assert calibration_error(truth, scores, bins=10) == pytest.approx(np.abs(truth - scores).mean())


def test_an_overconfident_model_is_found_out() -> None:
    rng = np.random.default_rng(0)
    honest = rng.random(20_000)
    truth = (rng.random(20_000) < honest).astype(int)
    overconfident = np.clip(0.5 + 2 * (honest - 0.5), 0, 1)
    assert calibration_error(truth, honest) < 0.02
    assert calibration_error(truth, overconfident) == pytest.approx(0.125, abs=0.02)


@pytest.mark.parametrize(("truth", "scores"), [([], []), ([0, 1], [0.5]), ([[0]], [[0.5]])])
def test_unequal_or_empty_is_refused(truth: list, scores: list) -> None:
    with pytest.raises(ValueError, match="non-empty"):
        calibration_error(truth, scores)


def test_scaling_finds_the_distortion_of_scores() -> None:
    random = np.random.default_rng(0)
    honest = random.normal(0, 2, size=(4000, 3))
    truth = random.random((4000, 3)) < expit(honest)
    distorted = expit(2.0 * honest + 1.0)
    scaling = fit_scaling(truth, distorted)
    assert scaling.slope == pytest.approx(np.full(3, 0.5), abs=0.05)
    assert scaling.offset == pytest.approx(np.full(3, -0.5), abs=0.1)
    for index in range(3):
        before = calibration_error(truth[:, index], distorted[:, index])
        assert calibration_error(truth[:, index], scaling.apply(distorted)[:, index]) < before / 3


def test_scaling_leaves_alone_what_it_cannot_know() -> None:
    scores = np.array([[0.9, 0.2, 0.0], [0.1, 0.8, 1.0], [0.2, 0.3, 0.5]])
    truth = np.array([[0, 1, 0], [1, 1, 1], [1, 1, 0]], dtype=bool)
    scaling = fit_scaling(truth, scores)
    assert scaling.slope[:2].tolist() == [1.0, 1.0]
    assert scaling.apply(scores)[:, :2] == pytest.approx(scores[:, :2], abs=1e-5)
    assert np.isfinite(scaling.apply(scores)).all()
    assert (np.argsort(scaling.apply(scores)[:, 2]) == np.argsort(scores[:, 2])).all()
