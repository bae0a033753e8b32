"""The bundled samples: each class once, small, and what their list says."""

import json

import numpy as np
import pytest

from weldspot_desktop import labels, paths, pictures
from weldspot_desktop.pictures.synthetic_weld import render_weld

FOLDER = paths.resource("samples")
LISTING = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))


def test_every_class_is_there_and_together_they_are_small() -> None:
    files = {path.name for path in FOLDER.glob("*.jpg")}
    assert files == {entry["file"] for entry in LISTING}
    assert {name for entry in LISTING for name in entry["classes"]} == set(labels.CLASSES)
    assert sum((FOLDER / name).stat().st_size for name in files) < 1_000_000


@pytest.mark.parametrize("entry", LISTING, ids=lambda entry: entry["file"])
def test_a_sample_is_the_render_of_its_seed(entry: dict) -> None:
    picture = pictures.decode(pictures.read_file(FOLDER / entry["file"]))
    classes = {labels.class_index(name) for name in entry["classes"]}
    render = render_weld(entry["seed"], classes=classes)
    assert picture.pixels.shape == (640, 640, 3)
    assert np.abs(picture.pixels.astype(float) - render.pixels).mean() < 8
