"""Decoding at a reduced scale is fast; where it could have turned the verdict, the picture is judged in full."""

import io

import numpy as np
import pytest
from PIL import Image

from weldspot_desktop import labels, pictures
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.registry.active import open_model
from weldspot_desktop.verdict import ThresholdSet, Verdict


@pytest.fixture(scope="module")
def content() -> bytes:
    """A synthetic weld as a camera with 12 megapixels saves it."""
    file = io.BytesIO()
    weld = Image.fromarray(render_weld(5, classes={2}).pixels)
    weld.resize((4000, 3000), Image.Resampling.LANCZOS).save(file, "JPEG", quality=92)
    return file.getvalue()


def scores(content: bytes, *, full: bool) -> np.ndarray:
    inspector = Inspector(open_model(), tile_megapixels=None)
    picture = pictures.decode(content, at_least=None if full else inspector.enough)
    assert picture.reduced is not full
    return inspector.pixels(picture.pixels).prediction.scores


def splitting(content: bytes) -> ThresholdSet:
    """Thresholds by which the two ways of decoding would differ."""
    reduced, full = scores(content, full=False), scores(content, full=True)
    index = max(labels.DEFECTS, key=lambda one: abs(reduced[one] - full[one]))
    assert 0 < abs(reduced[index] - full[index]) < 0.02
    between = float(reduced[index] + full[index]) / 2
    limits = [1.0] * labels.COUNT
    limits[index] = between
    return ThresholdSet(name="between", lower=tuple(limits), upper=tuple(limits))


def test_a_verdict_that_the_scale_could_turn_is_that_of_the_full_picture(content):
    inspector = Inspector(open_model(), thresholds=splitting(content), limits=None, tile_megapixels=None)
    found = inspector.content(content, origin="w.jpg")
    full = inspector.pixels(pictures.decode(content).pixels)
    assert found.judgement.verdict is full.judgement.verdict
    assert found.prediction.scores.tolist() == full.prediction.scores.tolist()
    assert (found.width, found.height) == (4000, 3000)


def test_a_steady_verdict_is_not_judged_twice(content, monkeypatch):
    never = ThresholdSet(name="never", lower=(1.0,) * labels.COUNT, upper=(1.0,) * labels.COUNT)
    inspector = Inspector(open_model(), thresholds=never, limits=None, tile_megapixels=None)
    judged = []
    once = inspector.pixels
    monkeypatch.setattr(inspector, "pixels", lambda *a, **k: judged.append(1) or once(*a, **k))
    assert inspector.content(content, origin="w.jpg").judgement.verdict is Verdict.UNSURE
    assert len(judged) == 1
