"""The synthetic dataset reads like a real export."""

from pathlib import Path

import numpy as np
from PIL import Image

from weldspot_desktop import labels
from weldspot_desktop.dataset.groups import same_names
from weldspot_desktop.dataset.importers import FORMATS, recognise
from weldspot_desktop.dataset.labelled import LabelledPicture
from weldspot_desktop.dataset.synthetic import BACKGROUNDS, EXPORT, write_dataset
from weldspot_desktop.pictures.synthetic_weld import render_weld

COUNT = 40


def test_the_importers_read_it_without_a_problem(tmp_path: Path) -> None:
    export = write_dataset(tmp_path, COUNT, 3, size=64)
    assert export == tmp_path / EXPORT
    assert (recognise(export), recognise(tmp_path / BACKGROUNDS)) == ("yolo", "backgrounds")
    welds, bare = list(FORMATS["yolo"].read(export)), list(FORMATS["backgrounds"].read(tmp_path / BACKGROUNDS))
    assert len(welds) + len(bare) == COUNT
    assert len(bare) == COUNT // 5
    found: set[int] = set()
    kinds: set[str] = set()
    for item in [*welds, *bare]:
        assert isinstance(item, LabelledPicture), item
        found |= item.classes
        kinds |= {region.kind for region in item.regions}
    assert found == set(range(labels.COUNT))
    assert kinds == {"box", "polygon"}


def test_labels_are_those_of_the_render(tmp_path: Path) -> None:
    export = write_dataset(tmp_path, 3, 3, size=64)
    read = [item for item in FORMATS["yolo"].read(export) if isinstance(item, LabelledPicture)]
    for number, item in enumerate(read):
        weld = render_weld(300_000 + number, size=64, classes={labels.WELD_CLASSES[number]})
        assert item.classes == set(weld.classes)
        for region, (index, corners) in zip(item.regions, weld.regions, strict=True):
            assert region.class_index == index
            low, high = np.min(region.corners, axis=0), np.max(region.corners, axis=0)
            np.testing.assert_allclose(low, corners.min(axis=0), atol=2e-6)
            np.testing.assert_allclose(high, corners.max(axis=0), atol=2e-6)
        with Image.open(item.path) as picture:
            shown = np.asarray(picture, dtype=float)
        assert np.abs(shown - weld.pixels).mean() < 12


def test_equal_seeds_give_equal_bytes_and_other_seeds_no_picture_twice(tmp_path: Path) -> None:
    def contents(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_dataset(tmp_path / name, 6, seed, size=48)
    first, again, other = (contents(tmp_path / name) for name in "abc")
    assert first == again
    assert set(first) & set(other) == {"data.yaml"}


def test_names_say_nothing_of_one_scene(tmp_path: Path) -> None:
    write_dataset(tmp_path, COUNT, 0, size=32)
    pictures = sorted(tmp_path.rglob("*.jpg"))
    assert same_names([p.name for p in pictures], [BACKGROUNDS in p.parts for p in pictures]) == []
