"""YOLO exports: mixed rows, and everything strangers get wrong."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weldspot_desktop.dataset.importers import UnknownFormatError, recognise
from weldspot_desktop.dataset.importers.yolo import YoloExport, parse_row
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem

CLASSES = {0: 1, 1: 2, 5: 6}


def export(folder: Path, rows: dict[str, str | None], names: str = "['Bad Welding', 'Crack', 'Spatters']") -> Path:
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    (folder / "data.yaml").write_text(f"nc: 3\nnames: {names}\n", encoding="utf-8")
    for name, text in rows.items():
        cv2.imwrite(str(folder / "images" / f"{name}.jpg"), np.zeros((8, 8, 3), np.uint8))
        if text is not None:
            (folder / "labels" / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def read(folder: Path) -> tuple[dict[str, LabelledPicture], list[Problem]]:
    found = list(YoloExport().read(folder))
    pictures = {item.path.stem: item for item in found if isinstance(item, LabelledPicture)}
    return pictures, [item for item in found if isinstance(item, Problem)]


def test_boxes_and_polygons_mix_and_spatters_are_splatters(tmp_path: Path) -> None:
    pictures, problems = read(export(tmp_path, {"a": "0 0.5 0.5 0.2 0.4\n2 0.1 0.1 0.3 0.1 0.2 0.4\n"}))
    assert problems == []
    box, polygon = pictures["a"].regions
    assert box.kind == "box"
    assert np.array(box.corners) == pytest.approx(np.array([(0.4, 0.3), (0.6, 0.3), (0.6, 0.7), (0.4, 0.7)]))
    assert (polygon.kind, polygon.class_index) == ("polygon", 6)
    assert pictures["a"].classes == {1, 6}


def test_faults_are_listed_and_the_rest_is_taken(tmp_path: Path) -> None:
    rows = {
        "good": "0 0.5 0.5 0.2 0.2",
        "half": "0 0.5 0.5 0.2 0.2\nnonsense\n0 0.5 0.5 0.2\n9 0.5 0.5 0.1 0.1\n0 nan 0.5 0.1 0.1\n0 3 0.5 0.1 0.1",
        "unreadable": "x y z",
        "unlabelled": None,
        "empty": "",
    }
    pictures, problems = read(export(tmp_path, rows))
    assert set(pictures) == {"good", "half", "empty"}
    assert pictures["empty"].classes == {0}
    assert len(pictures["half"].regions) == 1
    assert [p.place for p in problems if p.place.startswith("half")] == [f"half.txt line {n}" for n in range(2, 7)]
    assert any(p.place == "unlabelled.jpg" for p in problems)
    assert any(p.place == "unreadable.jpg" for p in problems)


def test_unknown_class_names_are_listed(tmp_path: Path) -> None:
    _, problems = read(export(tmp_path, {"a": "1 0.5 0.5 0.1 0.1"}, names="['Crack', 'Zebra']"))
    assert any("Zebra" in problem.reason for problem in problems)
    assert any("class 1 is not one" in problem.reason for problem in problems)


@pytest.mark.parametrize("text", ["", "names: 7", "{", "- a", "names: {x: Crack}"])
def test_a_broken_data_yaml_is_one_problem(tmp_path: Path, text: str) -> None:
    folder = export(tmp_path, {"a": "0 0.5 0.5 0.1 0.1"})
    (folder / "data.yaml").write_text(text, encoding="utf-8")
    pictures, problems = read(folder)
    assert pictures == {}
    assert problems[0].place == "data.yaml"


def test_the_source_is_recognised(tmp_path: Path) -> None:
    assert recognise(export(tmp_path / "export", {"a": ""})) == "yolo"
    assert recognise(tmp_path / "export" / "images") == "backgrounds"
    (tmp_path / "nothing").mkdir()
    with pytest.raises(UnknownFormatError):
        recognise(tmp_path / "nothing")
    with pytest.raises(UnknownFormatError):
        recognise(tmp_path / "missing")


@given(st.lists(st.one_of(st.text(max_size=8), st.floats().map(str), st.integers().map(str)), max_size=12))
def test_a_row_of_anything_is_a_region_within_the_picture_or_a_sentence(parts: list[str]) -> None:
    if not parts:
        return
    try:
        region = parse_row(parts, CLASSES)
    except ValueError:
        return
    assert all(0 <= value <= 1 for corner in region.corners for value in corner)
    assert len(region.corners) >= 3
