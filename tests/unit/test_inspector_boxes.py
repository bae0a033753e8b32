"""When an inspector draws boxes: where the score is at least doubtful and the model's card says from what evidence."""

import dataclasses

import numpy as np
import pytest

from weldspot_desktop import labels
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.model import Prediction
from weldspot_desktop.registry.active import open_model
from weldspot_desktop.verdict import ThresholdSet

CRACK = labels.class_index("Crack")
SET = ThresholdSet(name="test", lower=(0.4,) * 7, upper=(0.6,) * 7)


def _prediction(score: float) -> Prediction:
    heatmap = np.full((40, 40, labels.COUNT), -6.0, dtype=np.float32)
    heatmap[10:20, 10:20, CRACK] = 6.0
    scores = np.full(labels.COUNT, score, dtype=np.float32)
    return Prediction(scores, np.zeros(4, dtype=np.float32), heatmap, None, 1.0)


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    return Inspector(open_model(), thresholds=SET)


def test_a_doubtful_class_gets_its_boxes(inspector: Inspector) -> None:
    (box,) = inspector.boxes(_prediction(0.45), CRACK)
    assert box.class_index == CRACK
    assert box.region == pytest.approx((0.25, 0.25, 0.5, 0.5), abs=0.03)
    (moved,) = inspector.boxes(_prediction(0.45), CRACK, region=(0.5, 0.5, 1.0, 1.0))
    assert moved.region == pytest.approx((0.625, 0.625, 0.75, 0.75), abs=0.02)


def test_an_absent_class_gets_none_even_where_the_map_is_strong(inspector: Inspector) -> None:
    assert inspector.boxes(_prediction(0.39), CRACK) == []


def test_background_and_cards_without_levels_get_none(inspector: Inspector) -> None:
    assert inspector.boxes(_prediction(0.9), labels.BACKGROUND) == []
    model = inspector.model
    older = dataclasses.replace(model, card=model.card.model_copy(update={"box_levels": {}}))
    assert Inspector(older, thresholds=SET).boxes(_prediction(0.9), CRACK) == []
