"""YOLO exports: `data.yaml`, folders `images` and `labels`, rows that are boxes or polygons, also mixed.

Format: https://docs.ultralytics.com/datasets/detect/ and /segment/. The paths in `data.yaml` are not
followed, because exports move: every picture below a folder `images` that has a folder `labels` beside it is read.
"""

import math
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from weldspot_desktop import labels
from weldspot_desktop.dataset.importers import tree
from weldspot_desktop.dataset.importers.tree import AnnotationError
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem, RegionLabel, box, polygon, some

NAMES_FILE: Final = "data.yaml"
_LARGEST_NAMES_FILE: Final = 1_000_000
_LARGEST_LABEL_FILE: Final = 4_000_000
_MOST_CLASSES: Final = 10_000


class YoloExport:
    """A folder with `data.yaml`; every picture needs a label file, an empty one means Background.

    A box around the whole picture says that a class is there, not where: it counts as no region.
    """

    title = f"a YOLO export (a folder with {NAMES_FILE})"

    def recognises(self, source: Path) -> bool:
        return (source / NAMES_FILE).is_file()

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        classes = yield from self._classes(source / NAMES_FILE)
        unlabelled: Counter[Path] = Counter()
        labelled = False
        for found in tree.pictures(source):
            if isinstance(found, Problem):
                yield found
                continue
            images = next((folder for folder in found.parents if folder.name.casefold() == "images"), None)
            if images is None or source not in images.parents:
                unlabelled[found.parent] += 1
                continue
            label_folder = images.with_name("labels")
            if not label_folder.is_dir():
                unlabelled[images] += 1
                continue
            labelled = True
            inside = found.relative_to(images).with_suffix(".txt")
            yield from self._picture(found, label_folder / inside, classes)
        for folder, count in unlabelled.items():
            yield Problem(
                tree.place(folder, source),
                f"is no folder images with a folder labels beside it: its {count} pictures were left out",
            )
        if not labelled:
            yield Problem(NAMES_FILE, "there is no folder images with a folder labels beside it")

    @staticmethod
    def _classes(path: Path) -> Generator[Problem, None, dict[int, int]]:
        """Class index of each id; the generator's value (`yield from`) is the dictionary."""
        found: dict[int, int] = {}
        try:
            pairs = class_names(tree.read_text(path, _LARGEST_NAMES_FILE))
        except (FileNotFoundError, AnnotationError) as error:
            yield Problem(path.name, f"gives no class names ({error})")
            return found
        for number, name in pairs:
            try:
                found[number] = labels.class_index(name)
            except labels.UnknownClassError as error:
                yield Problem(path.name, f"class {number}: {error}; its rows are left out")
        return found

    @staticmethod
    def _picture(picture: Path, path: Path, classes: dict[int, int]) -> Iterator[LabelledPicture | Problem]:
        try:
            rows = tree.read_text(path, _LARGEST_LABEL_FILE).splitlines()
        except FileNotFoundError:
            yield Problem(picture.name, "has no label file; left out, because what it shows is not known")
            return
        except AnnotationError as error:
            yield Problem(picture.name, f"its label file {error}; left out")
            return
        regions: list[RegionLabel] = []
        problems: list[Problem] = []
        rows_with_content = [(number, row.split()) for number, row in enumerate(rows, start=1) if row.strip()]
        for number, parts in rows_with_content:
            try:
                regions.append(parse_row(parts, classes))
            except ValueError as error:
                problems.append(Problem(f"{path.name} line {number}", str(error)))
        yield from some(problems, path.name)
        if rows_with_content and not regions:
            yield Problem(picture.name, "none of its label rows could be read; left out")
            return
        present = frozenset(region.class_index for region in regions) or frozenset({labels.BACKGROUND})
        yield LabelledPicture(picture, present, tuple(region for region in regions if not region.whole))


def class_names(text: str) -> list[tuple[int, str]]:
    """Numbers and names of the classes in a `data.yaml`.

    Raises
    ------
    AnnotationError
        If it is no such file.
    """
    try:
        content = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader that takes even less
        names = content["names"]
        numbered = list(names.items() if isinstance(names, dict) else enumerate(names))
        if isinstance(names, str) or len(numbered) > _MOST_CLASSES:
            raise AnnotationError("names is no list of names")
        return [(_number(number), _name(name)) for number, name in numbered]
    except AnnotationError:
        raise
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        # YAML's constructors raise nearly every kind of exception on strangers' text.
        raise AnnotationError(" ".join(str(error).split()) or "it cannot be read") from error


class _PlainLoader(yaml.SafeLoader):
    """Without references: a few lines of them unfold to more than fits into memory."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references are not allowed in it")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise AnnotationError("a class has no number")
    return int(value)


def _name(value: object) -> str:
    if not isinstance(value, str | int | float):
        raise AnnotationError("a class has no name")
    return str(value)


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
        return box(classes[number], cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
    if len(values) >= 6 and len(values) % 2 == 0:
        return polygon(classes[number], list(zip(values[::2], values[1::2], strict=True)))
    raise ValueError(f"has {len(values)} numbers after the class: neither a box (4) nor a polygon (6, 8, …)")
