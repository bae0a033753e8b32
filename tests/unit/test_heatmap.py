import numpy as np
import pytest

from weldspot_desktop.pictures import heatmap


def logits_with_peak(row: int, column: int, class_index: int, *, peak: float = 6.0) -> np.ndarray:
    logits = np.full((10, 10, 7), -8.0, dtype=np.float32)
    logits[row, column, class_index] = peak
    return logits


def test_evidence_is_the_sigmoid_of_one_class_and_survives_extreme_logits():
    logits = np.zeros((2, 2, 7), dtype=np.float32)
    logits[..., 3] = [[-1e9, 0.0], [np.log(3), 1e9]]
    with np.errstate(all="raise"):
        found = heatmap.evidence(logits, 3)
    np.testing.assert_allclose(found, [[0.0, 0.5], [0.75, 1.0]], atol=1e-6)
    assert found.dtype == np.float32


def test_upsampling_is_smooth_stays_within_0_and_1_and_keeps_the_place():
    values = heatmap.evidence(logits_with_peak(2, 7, 1), 1)
    large = heatmap.upsample(values, 200, 100)
    assert large.shape == (100, 200)
    assert large.min() >= 0.0
    assert large.max() <= 1.0
    row, column = np.unravel_index(large.argmax(), large.shape)
    assert abs(row / 100 - 0.25) < 0.03
    assert abs(column / 200 - 0.75) < 0.03
    assert np.abs(np.diff(large, axis=1)).max() < 0.2


def test_colours_are_clear_without_evidence_and_bounded_in_size():
    colours = heatmap.rgba(logits_with_peak(5, 5, 2), 2, 4000, 2000)
    assert colours.shape == (160, 320, 4)
    assert colours.dtype == np.uint8
    assert colours[0, 0, 3] == 0
    assert colours[..., 3].max() > 200
    assert heatmap.rgba(logits_with_peak(5, 5, 2), 6, 50, 50)[..., 3].max() == 0


def test_blending_changes_only_the_place_in_the_region_and_leaves_the_picture_alone():
    pixels = np.full((100, 200, 3), 90, dtype=np.uint8)
    before = pixels.copy()
    blended = heatmap.blend(pixels, logits_with_peak(5, 5, 5), 5, opacity=0.8, region=(0.5, 0.0, 1.0, 1.0))
    np.testing.assert_array_equal(pixels, before)
    changed = np.abs(blended.astype(int) - 90).sum(axis=2) > 0
    assert changed[55, 155]
    assert not changed[:, :100].any()


def test_no_opacity_changes_nothing():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    np.testing.assert_array_equal(heatmap.blend(pixels, logits_with_peak(5, 5, 0), 0, opacity=0.0), pixels)


@pytest.mark.parametrize("region", [(0.0, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0), (0.999, 0.2, 1.0, 0.2)])
def test_corners_hold_at_least_one_pixel(region: tuple[float, float, float, float]):
    left, top, right, bottom = heatmap.corners(region, 30, 20)
    assert 0 <= left < right <= 30
    assert 0 <= top < bottom <= 20
