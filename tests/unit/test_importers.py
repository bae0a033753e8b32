"""Every format in the layout that its tools write, from folders and zips, and what strangers get wrong."""

import contextlib
import json
import shutil
import tempfile
from pathlib import Path

import dataset_files
import numpy as np
import pytest
from dataset_files import TRUTH, Truth
from hypothesis import given, settings
from hypothesis import strategies as st

from weldspot_desktop import labels
from weldspot_desktop.dataset import archive
from weldspot_desktop.dataset.importers import FORMATS, UnknownFormatError, class_table, coco, recognise, voc, yolo
from weldspot_desktop.dataset.importers.tree import AnnotationError
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem, RegionLabel

BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<annotation><filename>&b;</filename></annotation>"""
FILE_ENTITY = (
    b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>"""
)


def read(name: str, source: Path) -> tuple[dict[str, LabelledPicture], list[Problem]]:
    found = list(FORMATS[name].read(source))
    pictures = {item.path.stem: item for item in found if isinstance(item, LabelledPicture)}
    return pictures, [item for item in found if isinstance(item, Problem)]


def regions(truth: Truth) -> list[tuple[int, str, list[tuple[float, float]]]]:
    width, height = dataset_files.SIZE
    found = []
    for name, (left, top, right, bottom) in truth.boxes:
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        found.append((labels.class_index(name), "box", [(x / width, y / height) for x, y in corners]))
    for name, corners in truth.polygons:
        found.append((labels.class_index(name), "polygon", [(x / width, y / height) for x, y in corners]))
    return found


def assert_is_truth(name: str, source: Path) -> None:
    pictures, problems = read(name, source)
    assert problems == []
    assert set(pictures) == {truth.name for truth in TRUTH}
    for truth in TRUTH:
        found = pictures[truth.name]
        assert found.classes == truth.classes
        if name in ("csv", "folders"):
            assert found.regions == ()
            continue
        assert [(r.class_index, r.kind) for r in found.regions] == [(i, kind) for i, kind, _ in regions(truth)]
        for region, (_, _, corners) in zip(found.regions, regions(truth), strict=True):
            np.testing.assert_allclose(region.corners, corners, atol=1e-9)


@pytest.mark.parametrize("name", dataset_files.WRITERS)
def test_each_format_is_recognised_and_read_from_a_folder_and_from_a_zip(tmp_path: Path, name: str) -> None:
    source = dataset_files.WRITERS[name](tmp_path / "source" / "Weld Quality.v9")
    assert recognise(source) == name
    assert_is_truth(name, source)
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", source.parent))
    with archive.unpacked(packed, tmp_path / "unpacked") as folder:
        assert recognise(folder) == name
        assert_is_truth(name, folder)
    assert list((tmp_path / "unpacked").iterdir()) == []


def test_all_formats_are_tested_here_or_beside() -> None:
    assert set(FORMATS) == {*dataset_files.WRITERS, "backgrounds"}
    assert all(reader.title for reader in FORMATS.values())


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_falls_over_anything(tmp_path: Path, name: str) -> None:
    """Files of every kind that hold nonsense: named, never raised."""
    for path in ("data.yaml", "a.json", "_classes.csv", "train/images/a.xml", "train/labels/b.txt", "a.coco.json"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"\xff\xfe\x00nonsense\x00" * 9)
    dataset_files.picture(tmp_path / "train" / "images" / "a.jpg", 1)
    (tmp_path / "b.jpg").symlink_to("/etc/hostname")
    (tmp_path / "loop").symlink_to(tmp_path)
    for item in FORMATS[name].read(tmp_path):
        assert isinstance(item, Problem) or item.path == tmp_path / "train/images/a.jpg"
    FORMATS[name].recognises(tmp_path / "missing")
    assert any(
        isinstance(item, Problem) and "out of the source" in item.reason for item in FORMATS[name].read(tmp_path)
    )


def test_pictures_beside_unknown_annotations_are_not_taken_for_backgrounds(tmp_path: Path) -> None:
    dataset_files.picture(tmp_path / "a.jpg", 1)
    (tmp_path / "README.txt").write_text("all mine")
    assert recognise(tmp_path) == "backgrounds"
    (tmp_path / "a.txt").write_text("0 0.5 0.5 0.1 0.1")
    with pytest.raises(UnknownFormatError, match="no dataset of a known format"):
        recognise(tmp_path)


# -- YOLO --------------------------------------------------------------------------------------------------------


def test_a_box_around_everything_says_what_but_not_where(tmp_path: Path) -> None:
    source = dataset_files.yolo(tmp_path)
    (source / "train/labels/a_jpg.rf.0a.txt").write_text("1 0.5 0.5 1 1\n4 0.5 0.5 0.1 0.1")
    pictures, _ = read("yolo", source)
    assert pictures["a_jpg.rf.0a"].classes == {labels.class_index("Crack"), labels.class_index("Porosity")}
    assert [r.class_index for r in pictures["a_jpg.rf.0a"].regions] == [labels.class_index("Porosity")]


def test_a_file_of_damaged_rows_is_named_and_counted(tmp_path: Path) -> None:
    source = dataset_files.yolo(tmp_path)
    rows = ["1 0.5 0.5 0.1 0.1"] + ["1 0.5"] * 1000
    (source / "train/labels/a_jpg.rf.0a.txt").write_text("\n".join(rows))
    pictures, problems = read("yolo", source)
    assert len(pictures["a_jpg.rf.0a"].regions) == 1
    assert len(problems) == 21
    assert problems[-1] == Problem("a_jpg.rf.0a.txt", "980 more of this kind")


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nnames: [*b, *b]",
        "names: [[Crack]]",
        "names: {.inf: Crack}",
        "names: {true: Crack}",
        "names: " + "[" * 5000,
        "names: !!python/object/apply:os.system [ls]",
        "names: Crack",
    ],
)
def test_a_hostile_data_yaml_gives_no_classes(text: str) -> None:
    with pytest.raises(AnnotationError):
        yolo.class_names(text)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet="names:[]{}&*!<>-\n 'ab0.,", max_size=60)))
def test_any_text_is_a_list_of_classes_or_refused(text: str) -> None:
    with contextlib.suppress(AnnotationError):
        assert all(isinstance(number, int) and isinstance(name, str) for number, name in yolo.class_names(text))


# -- Pascal VOC --------------------------------------------------------------------------------------------------


def test_voc_annotations_in_a_folder_of_their_own(tmp_path: Path) -> None:
    for number, truth in enumerate(TRUTH):
        dataset_files.picture(tmp_path / "JPEGImages" / f"{truth.name}.jpg", number)
        path = tmp_path / "Annotations" / f"{truth.name}.xml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dataset_files.voc_xml(truth), encoding="utf-16")
    assert recognise(tmp_path) == "voc"
    assert_is_truth("voc", tmp_path)


def test_voc_objects_that_are_wrong_are_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    source = dataset_files.voc(tmp_path)
    path = source / "train" / "b_jpg.rf.1b.xml"
    text = path.read_text()
    path.write_text(text.replace("Spatters", "Zebra"))
    (source / "train" / "a_jpg.rf.0a.xml").write_bytes(BOMB)
    (source / "train" / "nothing_jpg.rf.2c.xml").unlink()
    (source / "train" / "alone.xml").write_text(text)
    d = source / "test" / "d_jpg.rf.4e.xml"
    d.write_text(d.read_text().replace("<width>64</width>", "<width>0</width>"))
    pictures, problems = read("voc", source)
    assert set(pictures) == {"b_jpg.rf.1b", "c_jpg.rf.3d"}
    assert pictures["b_jpg.rf.1b"].classes == {labels.class_index("Bad Welding")}
    said = {problem.place: problem.reason for problem in problems}
    assert "Zebra" in said["b_jpg.rf.1b.xml object 2"]
    assert "Porosity" in said["b_jpg.rf.1b.xml object 2"], "the known classes are listed"
    assert "document type" in said["a_jpg.rf.0a.xml"]
    assert "no XML file" in said["train/nothing_jpg.rf.2c.jpg"]
    assert said["train/alone.xml"] == "has no picture"
    assert "size" in said["d_jpg.rf.4e.xml"]


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        FILE_ENTITY,
        b"",
        b"<annotation>",
        b"<a/>",
        b"<annotation>" * 300,
        b'<?xml version="1.0" encoding="nope"?><a/>',
    ],
)
def test_hostile_xml_is_refused(content: bytes) -> None:
    with pytest.raises(AnnotationError):
        voc.parse(content)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=80), st.text(alphabet='<>/annotation!DOCTYPE[]&;"= ', max_size=80).map(str.encode)))
def test_any_bytes_are_an_annotation_or_refused(content: bytes) -> None:
    with contextlib.suppress(AnnotationError):
        assert voc.parse(content).tag == "annotation"


# -- COCO --------------------------------------------------------------------------------------------------------


def test_coco_in_one_file_with_pictures_elsewhere(tmp_path: Path) -> None:
    content = dataset_files.coco_content("train")
    for number, truth in enumerate(TRUTH[:3]):
        dataset_files.picture(tmp_path / "val2017" / f"{truth.name}.jpg", number)
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "instances_val2017.json").write_text(json.dumps(content))
    assert recognise(tmp_path) == "coco"
    pictures, problems = read("coco", tmp_path)
    assert problems == []
    assert {name: found.classes for name, found in pictures.items()} == {t.name: t.classes for t in TRUTH[:3]}


def test_coco_masks_unknown_classes_and_faults_are_said(tmp_path: Path) -> None:
    source = dataset_files.coco(tmp_path)
    path = source / "train" / "_annotations.coco.json"
    content = json.loads(path.read_text())
    content["annotations"][0]["segmentation"] = {"counts": [0, 9], "size": [48, 64]}
    content["categories"].append({"id": 99, "name": "Zebra"})
    box = content["annotations"][1]
    content["annotations"] += [box | {"category_id": 99}, box | {"category_id": 7777}, box | {"image_id": "x"}]
    content["annotations"] += [
        box | {"bbox": [0, 0, 10**400, 1]},
        box | {"bbox": [0, 0, True, 1]},
        box | {"image_id": 77},
        5,
    ]
    content["images"] += [{"id": 50, "file_name": "../../../../etc/passwd"}, {"id": 0, "file_name": "twice.jpg"}, None]
    path.write_text(json.dumps(content))
    dataset_files.picture(source / "train" / "unlisted.jpg", 99)
    pictures, problems = read("coco", source)
    assert {name: found.classes for name, found in pictures.items()} == {truth.name: truth.classes for truth in TRUTH}
    assert pictures["a_jpg.rf.0a"].regions[0].kind == "box"
    said = " | ".join(str(problem) for problem in problems)
    for words in (
        "1 masks are in run lengths",
        "Zebra",
        "7777",
        "not finite",
        "not a number",
        "1 annotations belong to no image",
    ):
        assert words in said
    assert "passwd, which is not there" in said
    assert "unlisted.jpg: no COCO file lists it" in said


numbers = st.one_of(st.integers(), st.floats(), st.none(), st.booleans(), st.text(max_size=3))
marks = st.fixed_dictionaries(
    {},
    optional={
        "image_id": st.one_of(st.integers(0, 2), numbers),
        "category_id": st.one_of(st.integers(0, 2), numbers),
        "bbox": st.one_of(st.lists(numbers, max_size=5), numbers),
        "segmentation": st.one_of(st.lists(st.one_of(st.lists(numbers, max_size=7), numbers), max_size=2), numbers),
    },
)
images = st.fixed_dictionaries(
    {"id": st.one_of(st.integers(0, 2), numbers)},
    optional={
        "file_name": st.one_of(st.just("a.jpg"), st.text(max_size=8), numbers),
        "width": numbers,
        "height": numbers,
    },
)
categories = st.fixed_dictionaries({"id": st.integers(0, 2), "name": st.one_of(st.just("Crack"), numbers)})


@settings(max_examples=80, deadline=None)
@given(st.lists(images, max_size=3), st.lists(marks, max_size=5), st.lists(st.one_of(categories, numbers), max_size=3))
def test_any_coco_file_gives_regions_within_the_picture_or_problems(a: object, b: object, c: object) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.jpg").write_bytes(b"not looked at")
        (folder / "x.coco.json").write_text(json.dumps({"images": a, "annotations": b, "categories": c}))
        for item in FORMATS["coco"].read(folder):
            if isinstance(item, LabelledPicture):
                assert item.path == folder / "a.jpg"
                assert_within(item.regions)


def assert_within(found: tuple[RegionLabel, ...]) -> None:
    assert all(0 <= value <= 1 for region in found for corner in region.corners for value in corner)


# -- tables of classes -------------------------------------------------------------------------------------------


def test_a_table_from_a_spreadsheet(tmp_path: Path) -> None:
    for number, name in enumerate(("ä b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg")):
        dataset_files.picture(tmp_path / name, number)
    rows = [
        ["Image", "Background", "crack", "Zebra", "Unlabeled"],
        ["ä b.jpg", "0", "1", "0", "0"],
        ["c.jpg", "1", "0", "", ""],
    ]
    rows += [["d.jpg", "1", "1", "0", "0"], ["e.jpg", "0", "0", "1", "0"], ["f.jpg", "0", "1", "0", "1"]]
    rows += [
        ["missing.jpg", "0", "1", "0", "0"],
        ["../x.jpg", "0", "1", "0", "0"],
        ["c.jpg", "x", "0", "0", "0"],
        ["c.jpg"],
    ]
    path = dataset_files.write_csv(tmp_path / "labels.csv", rows, ";")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert recognise(tmp_path) == "csv"
    pictures, problems = read("csv", tmp_path)
    assert {name: found.classes for name, found in pictures.items()} == {"ä b": {2}, "c": {0}}
    said = {problem.place: problem.reason for problem in problems}
    assert "Zebra" in said["labels.csv head"]
    assert "at once" in said["labels.csv line 4"]
    assert "marks no class" in said["labels.csv line 5"]
    assert "was not labelled" in said["labels.csv line 6"]
    assert "not there" in said["labels.csv line 7"]
    assert "not there" in said["labels.csv line 8"]
    assert "neither 0 nor 1" in said["labels.csv line 9"]
    assert "1 cells" in said["labels.csv line 10"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.text(alphabet='abc.jpg,01;\t" \r\n\0', max_size=60))
def test_any_table_gives_classes_or_sentences(head: str, body: str) -> None:
    for text in (head, f"filename,Crack,Porosity\n{body}"):
        try:
            rows = class_table.parse(text)
        except AnnotationError:
            continue
        assert all(isinstance(row, str) or row[1] <= set(range(labels.COUNT)) for _, row in rows)


# -- folders by class --------------------------------------------------------------------------------------------


def test_unknown_folders_and_contradictions_are_said(tmp_path: Path) -> None:
    source = dataset_files.class_folders(tmp_path)
    dataset_files.picture(source / "train" / "Zebra" / "z.jpg", 50)
    dataset_files.picture(source / "loose.jpg", 51)
    dataset_files.picture(source / "Crack" / "2024" / "deep.jpg", 52)
    dataset_files.picture(source / "Background" / "both.jpg", 53)
    dataset_files.picture(source / "Porosity" / "other name.jpg", 53)
    pictures, problems = read("folders", source)
    assert set(pictures) == {truth.name for truth in TRUTH} | {"deep"}
    said = " | ".join(str(problem) for problem in problems)
    assert "Zebra: 1 pictures were left out: “Zebra” is none of the seven classes" in said
    assert "in no folder of a class" in said
    assert "Background, Porosity; left out" in said


def test_loading_refuses_what_is_no_coco() -> None:
    for text in ("[" * 100_000, "{}", "[]", "NaN", '{"images": 1}'):
        with pytest.raises(AnnotationError):
            coco.load(text)
