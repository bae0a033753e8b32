"""Synthetic welds: known from their seed, and consistent with what they say they show."""

import hashlib

import cv2
import numpy as np
import pytest

from weldspot_desktop import labels
from weldspot_desktop.pictures import synthetic_defect as defect
from weldspot_desktop.pictures.synthetic_weld import SyntheticWeld, render_weld

SIZE = 96

KNOWN = [
    [105, 71, 88, 96, 88, 102, 101, 89],
    [163, 127, 76, 82, 75, 92, 97, 99],
    [97, 122, 134, 105, 64, 85, 91, 84],
    [94, 92, 120, 110, 104, 89, 90, 75],
    [94, 98, 97, 89, 187, 145, 110, 91],
    [99, 99, 110, 117, 106, 168, 162, 157],
    [94, 108, 118, 114, 112, 86, 160, 148],
    [89, 111, 123, 120, 89, 95, 98, 102],
]
"""Grey values of seed 17 with Bad Welding and Splatters, rounded."""


def small(weld: SyntheticWeld) -> np.ndarray:
    """8 x 8 grey values: what is left when the last bits of a machine's arithmetic do not matter."""
    return cv2.resize(weld.pixels, (8, 8), interpolation=cv2.INTER_AREA).mean(axis=2)


def test_one_seed_gives_one_picture() -> None:
    first, second = render_weld(17, size=SIZE), render_weld(17, size=SIZE)
    assert hashlib.sha256(first.pixels.tobytes()).digest() == hashlib.sha256(second.pixels.tobytes()).digest()
    assert first.classes == second.classes
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first.regions, second.regions, strict=True))


def test_a_known_seed_gives_the_known_picture_on_every_machine() -> None:
    expected = np.array(KNOWN, dtype=float)
    assert np.abs(small(render_weld(17, size=SIZE, classes={6, 1})) - expected).max() < 3


def test_different_seeds_give_different_pictures() -> None:
    renders = [small(render_weld(seed, size=SIZE)) for seed in range(12)]
    for place, one in enumerate(renders):
        for other in renders[place + 1 :]:
            assert np.abs(one - other).max() > 4


@pytest.mark.parametrize("index", range(labels.COUNT))
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_every_class_can_be_shown(index: int, seed: int) -> None:
    weld = render_weld(seed, size=SIZE, classes={index})
    assert weld.classes == (index,)
    assert weld.pixels.shape == (SIZE, SIZE, 3)
    assert weld.pixels.dtype == np.uint8
    assert weld.pixels.std() > 2
    assert {region[0] for region in weld.regions} == ({index} - {labels.BACKGROUND})


@pytest.mark.parametrize("seed", range(60))
def test_regions_lie_in_the_picture_and_name_exactly_the_classes(seed: int) -> None:
    weld = render_weld(seed, size=32)
    assert weld.classes == tuple(sorted(set(weld.classes)))
    assert {region[0] for region in weld.regions} == set(weld.classes) - {labels.BACKGROUND}
    for _, corners in weld.regions:
        assert corners.ndim == 2
        assert len(corners) >= 3
        assert corners.shape[1] == 2
        assert corners.min() >= 0
        assert corners.max() <= 1
        assert cv2.contourArea(corners) > 1e-5


def test_a_mix_shows_every_class_and_several_at_once() -> None:
    drawn = [render_weld(seed, size=32).classes for seed in range(150)]
    assert {index for classes in drawn for index in classes} == set(range(labels.COUNT))
    assert any(len(classes) > 1 for classes in drawn)


def test_classes_and_regions_do_not_depend_on_the_size() -> None:
    large, tiny = render_weld(4, size=200), render_weld(4, size=40)
    assert large.classes == tiny.classes
    assert [index for index, _ in large.regions] == [index for index, _ in tiny.regions]
    for (_, a), (_, b) in zip(large.regions, tiny.regions, strict=True):
        np.testing.assert_array_equal(a, b)


def test_pores_are_darker_than_the_bead_around_them() -> None:
    weld = render_weld(21, size=640, classes={labels.class_index("Porosity")})
    grey = weld.pixels.mean(axis=2)
    for _, corners in weld.regions:
        (left, top), (right, bottom) = (corners.min(axis=0) * 640).astype(int), (corners.max(axis=0) * 640).astype(int)
        inside = grey[top:bottom, left:right]
        assert np.percentile(inside, 1) < 0.35 * np.median(inside)


@pytest.mark.parametrize("classes", [set(), {7}, {-1}, {labels.BACKGROUND, labels.GOOD_WELDING}])
def test_impossible_classes_are_refused(classes: set[int]) -> None:
    with pytest.raises(ValueError, match=r"class|Background"):
        render_weld(0, size=SIZE, classes=classes)


def test_a_tiny_size_and_a_negative_seed_are_refused() -> None:
    with pytest.raises(ValueError, match="32 pixels"):
        render_weld(0, size=31)
    with pytest.raises(ValueError, match="non-negative"):
        render_weld(-1, size=SIZE)


@pytest.mark.parametrize(
    ("corners", "area"),
    [
        ([(-1.0, -1.0), (2.0, -1.0), (2.0, 2.0), (-1.0, 2.0)], 1.0),
        ([(0.5, 0.5), (1.5, 0.5), (1.5, 0.75), (0.5, 0.75)], 0.125),
        ([(-0.5, 0.0), (0.5, 0.0), (0.0, 0.5), (-0.5, 0.5)], 0.125),
    ],
)
def test_polygons_are_cut_at_the_border(corners: list[tuple[float, float]], area: float) -> None:
    inside = defect.clipped(corners)
    assert cv2.contourArea(np.array(inside, np.float32)) == pytest.approx(area, abs=0.01)


def test_a_polygon_outside_vanishes() -> None:
    assert defect.clipped([(1.1, 0.0), (1.5, 0.0), (1.5, 0.5)]) == []
