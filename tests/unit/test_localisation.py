"""Boxes from heat maps against labelled places, where the right answer is known."""

import numpy as np
import pytest

from weldspot_desktop import labels
from weldspot_desktop.registry import localisation

CRACK, POROSITY = labels.class_index("Crack"), labels.class_index("Porosity")


def _square(left: float, top: float, side: float) -> np.ndarray:
    return np.array([[left, top], [left + side, top], [left + side, top + side], [left, top + side]])


def _heatmaps() -> np.ndarray:
    """Three pictures: a crack where it was marked, a crack beside the mark, nothing where a pore was marked."""
    maps = np.full((3, 40, 40, labels.COUNT), -4.0, dtype=np.float16)
    maps[0, 8:16, 8:16, CRACK] = 1.0
    maps[1, 30:34, 30:34, CRACK] = 1.0
    return maps


REGIONS = [{CRACK: [_square(0.2, 0.2, 0.2)]}, {CRACK: [_square(0.1, 0.1, 0.2)]}, {POROSITY: [_square(0.5, 0.5, 0.1)]}]


def test_levels_are_found_where_boxes_fit() -> None:
    levels = localisation.choose_levels(_heatmaps(), REGIONS)
    assert set(levels) == {"Crack", "Porosity"}
    assert -4 < levels["Crack"] <= 1


def test_the_report_counts_what_meets_a_mark_and_what_does_not() -> None:
    shown = np.zeros((3, labels.COUNT), dtype=bool)
    shown[:, CRACK] = True
    found = localisation.report(_heatmaps(), REGIONS, shown, {"Crack": 0.0, "Porosity": 0.0})
    assert (found["Crack"]["derived"]["hits"], found["Crack"]["derived"]["of"]) == (1, 2)
    assert (found["Crack"]["labelled"]["hits"], found["Crack"]["labelled"]["of"]) == (1, 2)
    assert found["Porosity"]["labelled"]["of"] == 1
    assert found["Porosity"]["derived"]["value"] is None
    assert found["all"]["labelled"]["value"] == pytest.approx(1 / 3, abs=1e-3)


def test_no_box_is_counted_where_none_is_shown() -> None:
    found = localisation.report(_heatmaps(), REGIONS, np.zeros((3, labels.COUNT), dtype=bool), {"Crack": 0.0})
    assert found["Crack"]["derived"]["of"] == 0
    assert found["Crack"]["labelled"]["of"] == 2
