"""One small labelled truth, written by hand in every format that is imported, as the tools write them."""

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

from weldspot_desktop import labels

SIZE = (64, 48)
NAMES = ["Bad Welding", "Crack", "Excess Reinforcement", "Good Welding", "Porosity", "Spatters"]
"""As the known weld dataset spells them."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Truth:
    """A picture's marks: boxes and polygons in pixels, by the names of `NAMES`."""

    split: str
    name: str
    boxes: tuple[tuple[str, Box], ...] = ()
    polygons: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = ()

    @property
    def classes(self) -> set[int]:
        named = {labels.class_index(name) for name, _ in (*self.boxes, *self.polygons)}
        return named or {labels.BACKGROUND}


TRUTH = (
    Truth("train", "a_jpg.rf.0a", boxes=(("Crack", (8, 12, 40, 24)),)),
    Truth("train", "b_jpg.rf.1b", boxes=(("Bad Welding", (0, 0, 32, 48)), ("Spatters", (16, 4, 24, 12)))),
    Truth("train", "nothing_jpg.rf.2c"),
    Truth("valid", "c_jpg.rf.3d", polygons=(("Porosity", ((4, 4), (20, 4), (12, 24))),)),
    Truth(
        "test",
        "d_jpg.rf.4e",
        boxes=(("Good Welding", (8, 8, 56, 40)),),
        polygons=(("Crack", ((32, 24), (48, 24), (48, 36))),),
    ),
)


def picture(path: Path, seed: int, size: tuple[int, int] = SIZE) -> Path:
    """A JPEG of blocks of colour that looks like no other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST).save(path, quality=95)
    return path


def pictures(folder: Path, place: Callable[[Truth], str] = lambda truth: truth.split) -> None:
    for number, truth in enumerate(TRUTH):
        picture(folder / place(truth) / f"{truth.name}.jpg", number)


def yolo(folder: Path) -> Path:
    """As Roboflow's format yolov8: rows of boxes and polygons mixed."""
    pictures(folder, lambda truth: f"{truth.split}/images")
    width, height = SIZE
    for truth in TRUTH:
        rows = [
            f"{NAMES.index(n)} {(a + b) / 2 / width} {(c + d) / 2 / height} {(b - a) / width} {(d - c) / height}"
            for n, (a, c, b, d) in truth.boxes
        ]
        rows += [
            f"{NAMES.index(n)} " + " ".join(f"{x / width} {y / height}" for x, y in corners)
            for n, corners in truth.polygons
        ]
        path = folder / truth.split / "labels" / f"{truth.name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(rows), encoding="utf-8")
    names = ", ".join(f"'{name}'" for name in NAMES)
    lines = ["train: ../train/images", "val: ../valid/images", "test: ../test/images", "", "nc: 6", f"names: [{names}]"]
    (folder / "data.yaml").write_text("\n".join(lines), encoding="utf-8")
    (folder / "README.roboflow.txt").write_text("Weld quality - v9", encoding="utf-8")
    return folder


def voc(folder: Path) -> Path:
    """As Roboflow's format voc: an XML file beside each picture, polygons with their box."""
    pictures(folder)
    for truth in TRUTH:
        (folder / truth.split / f"{truth.name}.xml").write_text(voc_xml(truth), encoding="utf-8")
    return folder


def voc_xml(truth: Truth) -> str:
    objects = [_object(name, box, "") for name, box in truth.boxes]
    for name, corners in truth.polygons:
        drawn = "".join(f"<x{i}>{x}</x{i}><y{i}>{y}</y{i}>" for i, (x, y) in enumerate(corners, start=1))
        objects.append(_object(name, _around(corners), f"<polygon>{drawn}</polygon>"))
    return (
        f"<annotation>\n\t<folder></folder>\n\t<filename>{truth.name}.jpg</filename>\n\t<path>{truth.name}.jpg</path>\n"
        f"\t<source><database>roboflow.com</database></source>\n\t<size><width>{SIZE[0]}</width>"
        f"<height>{SIZE[1]}</height><depth>3</depth></size>\n\t<segmented>0</segmented>{''.join(objects)}\n</annotation>\n"
    )


def _object(name: str, box: Box, polygon: str) -> str:
    edges = "".join(f"<{key}>{value}</{key}>" for key, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True))
    said = f"<name>{escape(name)}</name><pose>Unspecified</pose><difficult>0</difficult>"
    return f"<object>{said}<bndbox>{edges}</bndbox>{polygon}</object>"


def _around(corners: Iterable[tuple[int, int]]) -> Box:
    across, down = zip(*corners, strict=True)
    return min(across), min(down), max(across), max(down)


def coco(folder: Path) -> Path:
    """As Roboflow's format coco: a file in each split, category 0 being the project itself."""
    pictures(folder)
    for split in {truth.split for truth in TRUTH}:
        (folder / split / "_annotations.coco.json").write_text(json.dumps(coco_content(split)), encoding="utf-8")
    return folder


def coco_content(split: str) -> dict[str, object]:
    images: list[object] = []
    annotations: list[object] = []
    for truth in (t for t in TRUTH if t.split == split):
        image = {"id": len(images), "license": 1, "file_name": f"{truth.name}.jpg", "width": SIZE[0], "height": SIZE[1]}
        marks = [(name, box, []) for name, box in truth.boxes]
        marks += [(name, _around(c), [[v for corner in c for v in corner]]) for name, c in truth.polygons]
        for name, (left, top, right, bottom), drawn in marks:
            box = [left, top, right - left, bottom - top]
            annotations.append(
                {"id": len(annotations), "image_id": len(images), "category_id": 1 + NAMES.index(name), "bbox": box}
                | {"area": box[2] * box[3], "segmentation": drawn, "iscrowd": 0}
            )
        images.append(image)
    categories = [{"id": 0, "name": "weld-quality", "supercategory": "none"}]
    categories += [{"id": i, "name": n, "supercategory": "weld-quality"} for i, n in enumerate(NAMES, start=1)]
    return {"info": {}, "licenses": [], "categories": categories, "images": images, "annotations": annotations}


def class_table(folder: Path) -> Path:
    """As Roboflow's format multiclass: `_classes.csv` in each split, a space after every comma."""
    pictures(folder)
    for split in {truth.split for truth in TRUTH}:
        lines = [", ".join(["filename", *NAMES])]
        for truth in (t for t in TRUTH if t.split == split):
            marks = [str(int(labels.class_index(name) in truth.classes)) for name in NAMES]
            lines.append(", ".join([f"{truth.name}.jpg", *marks]))
        (folder / split / "_classes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def class_folders(folder: Path) -> Path:
    """A picture lies in the folder of each of its classes."""
    for number, truth in enumerate(TRUTH):
        for index in truth.classes:
            name = labels.CLASSES[index].replace("Splatters", "Spatters")
            picture(folder / truth.split / name / f"{truth.name}.jpg", number)
    return folder


WRITERS: dict[str, Callable[[Path], Path]] = {
    "yolo": yolo,
    "coco": coco,
    "voc": voc,
    "csv": class_table,
    "folders": class_folders,
}


def write_csv(path: Path, rows: list[list[str]], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path
