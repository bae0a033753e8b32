"""COCO: JSON files with images, annotations and categories; boxes and polygons in pixels.

Format: https://cocodataset.org/#format-data. Roboflow writes one `_annotations.coco.json` into each folder of pictures.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from weldspot_desktop import labels
from weldspot_desktop.dataset.importers import tree
from weldspot_desktop.dataset.importers.tree import AnnotationError
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem, RegionLabel, box, polygon, some

_LARGEST_FILE: Final = 500_000_000
_PART_OF_FILE: Final = 200_000
_KEYS: Final = ("images", "annotations", "categories")


class CocoExport:
    """Pictures that a COCO file lists; one without annotations is Background.

    Masks in run lengths are not read: their boxes are taken, and that is said.
    """

    title = "COCO (a JSON file with images, annotations and categories)"

    def recognises(self, source: Path) -> bool:
        return source.is_dir() and any(_looks_like(path) for path in _json_files(source))

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        by_name: dict[str, list[Path]] = defaultdict(list)
        for found in tree.pictures(source):
            if isinstance(found, Problem):
                yield found
            else:
                by_name[found.name].append(found)
        listed: set[Path] = set()
        for path in _json_files(source):
            if not _looks_like(path):
                continue
            try:
                content = load(tree.read_text(path, _LARGEST_FILE))
            except (FileNotFoundError, AnnotationError) as error:
                yield Problem(tree.place(path, source), f"{error}; nothing of it was taken")
                continue
            yield from _Reader(path, source, by_name, listed).pictures(content)
        unlisted = [found for paths in by_name.values() for found in paths if found not in listed]
        reason = "no COCO file lists it; left out, because what it shows is not known"
        yield from some((Problem(tree.place(found, source), reason) for found in unlisted), "pictures")


def load(text: str) -> dict[str, list[Any]]:
    """The three lists of a COCO file.

    Raises
    ------
    AnnotationError
        If it is no JSON of that kind.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnnotationError(f"is not valid JSON ({error})") from error
    if not isinstance(content, dict) or not all(isinstance(content.get(key), list) for key in _KEYS):
        raise AnnotationError(f"is not of COCO: it needs the lists {', '.join(_KEYS)}")
    return {key: content[key] for key in _KEYS}


@dataclass
class _Reader:
    """Reads one file; `listed` collects the pictures that were named."""

    path: Path
    source: Path
    by_name: Mapping[str, list[Path]]
    listed: set[Path]
    masks: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    def pictures(self, content: Mapping[str, list[Any]]) -> Iterator[LabelledPicture | Problem]:
        classes = self._classes(content["categories"])
        marks: dict[int, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        problems = []
        for number, item in enumerate(content["annotations"], start=1):
            if isinstance(item, dict) and _is_id(item.get("image_id")):
                marks[item["image_id"]].append((number, item))
            else:
                problems.append(Problem(f"{self.path.name} annotation {number}", "names no image"))
        yield from some(problems, self.path.name)
        seen: set[int] = set()
        for number, image in enumerate(content["images"], start=1):
            if not isinstance(image, dict) or not _is_id(image.get("id")) or image["id"] in seen:
                yield Problem(f"{self.path.name} image {number}", "has no id of its own; left out")
                continue
            seen.add(image["id"])
            yield from self._picture(image, marks.pop(image["id"], []), classes)
        if marks:
            count = sum(len(rows) for rows in marks.values())
            yield Problem(self.path.name, f"{count} annotations belong to no image")
        for name, count in self.unknown.items():
            yield Problem(self.path.name, f"{name}; its {count} annotations were left out")
        if self.masks:
            yield Problem(self.path.name, f"{self.masks} masks are in run lengths, which are not read; boxes stand in")

    @staticmethod
    def _classes(categories: list[Any]) -> dict[int, int | str]:
        """Class index of each category, or the sentence that says why it has none; asked only where one is used."""
        found: dict[int, int | str] = {}
        for category in categories:
            if not isinstance(category, dict) or not _is_id(category.get("id")):
                continue
            try:
                found[category["id"]] = labels.class_index(str(category.get("name"))[:200])
            except labels.UnknownClassError as error:
                found[category["id"]] = str(error)
        return found

    def _picture(
        self, image: dict[str, Any], marks: list[tuple[int, dict[str, Any]]], classes: Mapping[int, int | str]
    ) -> Iterator[LabelledPicture | Problem]:
        name = str(image.get("file_name", ""))
        path = self._file(name)
        if path is None:
            yield Problem(self.path.name, f"lists {name[:200] or 'a picture without a name'}, which is not there")
            return
        if path in self.listed:
            yield Problem(self.path.name, f"lists {path.name} twice; the first counts")
            return
        self.listed.add(path)
        regions: list[RegionLabel] = []
        problems: list[Problem] = []
        for number, mark in marks:
            try:
                regions.extend(self._regions(mark, image, classes))
            except ValueError as error:
                problems.append(Problem(f"{self.path.name} annotation {number}", str(error)))
        yield from some(problems, path.name)
        if marks and not regions:
            yield Problem(path.name, "none of its annotations could be read; left out")
            return
        present = frozenset(region.class_index for region in regions) or frozenset({labels.BACKGROUND})
        yield LabelledPicture(path, present, tuple(region for region in regions if not region.whole))

    def _file(self, name: str) -> Path | None:
        """The picture of that name; of several the one nearest to the file. A name never leads out of the source."""
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts:
            return None
        candidates = self.by_name.get(parts[-1], [])

        def fit(path: Path) -> tuple[bool, int, bool]:
            same = 0
            for mine, theirs in zip(reversed(path.parts), reversed(parts), strict=False):
                if mine != theirs:
                    break
                same += 1
            return (path not in self.listed, same, path.parent == self.path.parent)

        return max(candidates, key=fit, default=None)

    def _regions(
        self, mark: dict[str, Any], image: dict[str, Any], classes: Mapping[int, int | str]
    ) -> list[RegionLabel]:
        category = mark.get("category_id")
        index = classes.get(category) if isinstance(category, int) and _is_id(category) else None
        if index is None:
            raise ValueError(f"its category {category!s:.40} is not defined")
        if isinstance(index, str):
            self.unknown[index] += 1
            return []
        width, height = _number(image.get("width")), _number(image.get("height"))
        if not (width >= 1 and height >= 1):
            raise ValueError("the file gives no size of its picture")
        drawn = mark.get("segmentation")
        if isinstance(drawn, dict):
            self.masks += 1
        elif isinstance(drawn, list) and drawn:
            return [_polygon(index, part, width, height) for part in drawn]
        edges = mark.get("bbox")
        if not isinstance(edges, list) or len(edges) != 4:
            raise ValueError("has neither a polygon nor a box")
        left, top, across, down = (_number(value) for value in edges)
        return [box(index, left / width, top / height, (left + across) / width, (top + down) / height)]


def _polygon(index: int, part: object, width: float, height: float) -> RegionLabel:
    if not isinstance(part, list) or len(part) % 2:
        raise ValueError("its polygon is no list of pairs")
    values = [_number(value) for value in part]
    return polygon(index, [(x / width, y / height) for x, y in zip(values[::2], values[1::2], strict=True)])


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("holds something that is not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("holds a number that is not finite")
    return number


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _json_files(source: Path) -> list[Path]:
    return [found for found in tree.files(source, {".json"}) if isinstance(found, Path)]


def _looks_like(path: Path) -> bool:
    """Whether the beginning of a file names a COCO list, or its own name says COCO."""
    if path.name.casefold().endswith(".coco.json"):
        return True
    try:
        with path.open("rb") as file:
            start = file.read(_PART_OF_FILE)
            file.seek(max(0, path.stat().st_size - _PART_OF_FILE))
            text = start + file.read(_PART_OF_FILE)
    except OSError:
        return False
    return sum(f'"{key}"'.encode() in text for key in _KEYS) >= 2
