"""Boxes from heat maps whose evidence is known."""

import numpy as np
import pytest

from weldspot_desktop import labels
from weldspot_desktop.metrics.overlap import overlaps
from weldspot_desktop.pictures.boxes import MOST, derive, within
from weldspot_desktop.pictures.overlay import Box, draw_boxes

CRACK, POROSITY = labels.class_index("Crack"), labels.class_index("Porosity")


def _map(*places: tuple[int, int, int, int], strength: float = 3.0, side: int = 40) -> np.ndarray:
    logits = np.full((side, side, labels.COUNT), -4.0, dtype=np.float32)
    for number, (left, top, right, bottom) in enumerate(places):
        logits[top:bottom, left:right, POROSITY] = strength + number
    return logits


def test_a_box_surrounds_each_place_and_the_strongest_is_first() -> None:
    boxes = derive(_map((4, 6, 12, 9), (20, 20, 30, 32)), POROSITY, 0.0)
    assert [box.class_index for box in boxes] == [POROSITY] * 2
    wanted = [(20 / 40, 20 / 40, 30 / 40, 32 / 40), (4 / 40, 6 / 40, 12 / 40, 9 / 40)]
    assert overlaps([box.region for box in boxes], wanted).diagonal() == pytest.approx([1, 1], abs=0.25)
    assert boxes[0].score == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-3)


def test_other_classes_and_an_empty_map_give_none() -> None:
    assert derive(_map((4, 6, 12, 9)), CRACK, 0.0) == []
    assert derive(_map(), POROSITY, 0.0) == []


def test_a_single_cell_is_a_box_and_a_whole_map_too() -> None:
    (one,) = derive(_map((7, 7, 8, 8)), POROSITY, 0.0)
    assert one.region[2] - one.region[0] <= 2 / 40
    (whole,) = derive(_map((0, 0, 40, 40)), POROSITY, 0.0)
    assert whole.region == (0.0, 0.0, 1.0, 1.0)


def test_the_number_of_boxes_is_bounded() -> None:
    places = [(x, y, x + 1, y + 1) for x in range(0, 40, 3) for y in range(0, 40, 3)]
    assert len(derive(_map(*places), POROSITY, 0.0)) == MOST


def test_boxes_of_a_region_become_boxes_of_the_picture() -> None:
    boxes = derive(_map((20, 10, 40, 40)), POROSITY, 0.0)
    (moved,) = within(boxes, (0.5, 0.0, 1.0, 0.5))
    assert moved.region == pytest.approx((0.75, 0.125, 1.0, 0.5), abs=0.02)
    assert within(boxes, None) == boxes


def test_only_the_strongest_box_is_named() -> None:
    boxes = derive(_map((4, 6, 12, 9), (20, 20, 30, 32), (2, 20, 9, 30)), POROSITY, 0.0)
    assert [box.named for box in boxes] == [True, False, False]


def test_no_line_crosses_the_name_of_a_box() -> None:
    pixels = np.zeros((200, 200, 3), dtype=np.uint8)
    named, other = Box(CRACK, (0.2, 0.5, 0.6, 0.9), 0.9), Box(POROSITY, (0.25, 0.3, 0.5, 0.8), 0.5, named=False)
    label = np.s_[86:98, 42:60]
    assert np.array_equal(draw_boxes(pixels, [named, other])[label], draw_boxes(pixels, [named])[label])
