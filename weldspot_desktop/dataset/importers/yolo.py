"""YOLO exports: `data.yaml`, folders `images` and `labels`, rows that are boxes or polygons, also mixed.

Format: https://docs.ultralytics.com/datasets/detect/ and /segment/. The paths in `data.yaml` are not
followed, because exports move: every folder `images` that has a folder `labels` beside it is read.
"""

import math
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

import yaml

from weldspot_desktop import labels
from weldspot_desktop.dataset.labelled import Corners, LabelledPicture, Problem, RegionLabel
from weldspot_desktop.pictures.decode import SUFFIXES

_NAMES_FILE: Final = "data.yaml"
_LARGEST_LABEL_FILE: Final = 4_000_000
_TOLERANCE: Final = 0.005
"""How far a corner may lie outside the picture and still be moved to its edge: exports round."""


class YoloExport:
    """A folder with `data.yaml`; every picture needs a label file, an empty one means Background."""

    title = f"a YOLO export (a folder with {_NAMES_FILE})"

    def recognises(self, source: Path) -> bool:
        return (source / _NAMES_FILE).is_file()

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        classes = yield from self._classes(source / _NAMES_FILE)
        folders = sorted(path for path in source.rglob("images") if path.is_dir() and path.with_name("labels").is_dir())
        if not folders:
            yield Problem(str(source), "holds no folder images with a folder labels beside it")
        for folder in folders:
            for picture in sorted(folder.iterdir()):
                if picture.suffix.casefold() in SUFFIXES and picture.is_file():
                    yield from self._picture(picture, folder.with_name("labels"), classes)

    @staticmethod
    def _classes(path: Path) -> Generator[Problem, None, dict[int, int]]:
        """Class index of each id; the generator's value (`yield from`) is the dictionary."""
        found: dict[int, int] = {}
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            names = content["names"]
            numbered = names.items() if isinstance(names, dict) else enumerate(names)
            pairs = [(int(number), str(name)) for number, name in numbered]
        except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
            yield Problem(path.name, f"gives no class names ({error})")
            return found
        for number, name in pairs:
            try:
                found[number] = labels.class_index(name)
            except labels.UnknownClassError as error:
                yield Problem(path.name, f"class {number}: {error}; its rows are left out")
        return found

    def _picture(
        self, picture: Path, label_folder: Path, classes: dict[int, int]
    ) -> Iterator[LabelledPicture | Problem]:
        path = label_folder / f"{picture.stem}.txt"
        try:
            if path.stat().st_size > _LARGEST_LABEL_FILE:
                yield Problem(picture.name, f"its label file holds more than {_LARGEST_LABEL_FILE} bytes; left out")
                return
            rows = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            yield Problem(picture.name, "has no label file; left out, because what it shows is not known")
            return
        except (OSError, UnicodeDecodeError) as error:
            yield Problem(picture.name, f"its label file cannot be read ({error}); left out")
            return
        regions = []
        rows_with_content = [(number, row.split()) for number, row in enumerate(rows, start=1) if row.strip()]
        for number, parts in rows_with_content:
            try:
                regions.append(parse_row(parts, classes))
            except ValueError as error:
                yield Problem(f"{path.name} line {number}", str(error))
        if rows_with_content and not regions:
            yield Problem(picture.name, "none of its label rows could be read; left out")
            return
        present = frozenset(region.class_index for region in regions) or frozenset({labels.BACKGROUND})
        yield LabelledPicture(picture, present, tuple(regions))


def parse_row(parts: list[str], classes: dict[int, int]) -> RegionLabel:
    """Region of one row: `class cx cy w h` or `class x1 y1 x2 y2 x3 y3 …`, all 0 to 1.

    Parameters
    ----------
    parts
        The row's words.
    classes
        Class index of each id in the file.

    Raises
    ------
    ValueError
        If the row is not of that form or lies outside the picture; the message says what is wrong.
    """
    try:
        number, values = int(parts[0]), [float(part) for part in parts[1:]]
    except ValueError:
        raise ValueError("holds something that is not a number") from None
    if number not in classes:
        raise ValueError(f"class {number} is not one of the file's known classes")
    if not all(math.isfinite(value) for value in values):
        raise ValueError("holds a number that is not finite")
    if len(values) == 4:
        cx, cy, width, height = values
        if width <= 0 or height <= 0:
            raise ValueError("the box has no area")
        left, top, right, bottom = cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        return RegionLabel(classes[number], "box", _within(corners))
    if len(values) >= 6 and len(values) % 2 == 0:
        return RegionLabel(classes[number], "polygon", _within(list(zip(values[::2], values[1::2], strict=True))))
    raise ValueError(f"has {len(values)} numbers after the class: neither a box (4) nor a polygon (6, 8, …)")


def _within(corners: list[tuple[float, float]]) -> Corners:
    for x, y in corners:
        if not (-_TOLERANCE <= x <= 1 + _TOLERANCE and -_TOLERANCE <= y <= 1 + _TOLERANCE):
            raise ValueError("lies outside the picture")
    return tuple((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in corners)
