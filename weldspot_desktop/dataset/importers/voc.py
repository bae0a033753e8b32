"""Pascal VOC: one XML file a picture, beside it or in a folder `Annotations`; boxes in pixels, polygons if there.

Format: Everingham et al., "The PASCAL Visual Object Classes Challenge" development kit. Polygons are what Roboflow
adds: `<polygon><x1>…</x1><y1>…</y1>…`.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from weldspot_desktop import labels
from weldspot_desktop.dataset.importers import tree
from weldspot_desktop.dataset.importers.tree import AnnotationError
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem, RegionLabel, box, polygon, some

_LARGEST_FILE: Final = 4_000_000
_DEEPEST: Final = 20
_PART_OF_FILE: Final = 4096
"""Bytes in which a VOC file names its root."""


class VocExport:
    """Pictures with an XML file each; one without objects is Background."""

    title = "Pascal VOC (an XML file for every picture)"

    def recognises(self, source: Path) -> bool:
        if not source.is_dir():
            return False
        first = next((found for found in tree.files(source, {".xml"}) if isinstance(found, Path)), None)
        if first is None or not tree.holds_picture(source):
            return False
        try:
            with first.open("rb") as file:
                # Without zeros UTF-16 looks like the rest.
                return b"<annotation" in file.read(_PART_OF_FILE).replace(b"\0", b"")
        except OSError:
            return False

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        beside: dict[Path, Path] = {}
        for found in tree.files(source, {".xml"}):
            if isinstance(found, Problem):
                yield found
            else:
                beside[found.with_suffix("")] = found
        used = set()
        for found in tree.pictures(source):
            if isinstance(found, Problem):
                yield found
                continue
            stem = found.with_suffix("")
            annotation = beside.get(stem) or beside.get(stem.parent.with_name("Annotations") / stem.name)
            if annotation is None:
                yield Problem(
                    tree.place(found, source), "has no XML file; left out, because what it shows is not known"
                )
                continue
            used.add(annotation)
            yield from self._picture(found, annotation)
        for annotation in beside.values():
            if annotation not in used:
                yield Problem(tree.place(annotation, source), "has no picture")

    @staticmethod
    def _picture(picture: Path, annotation: Path) -> Iterator[LabelledPicture | Problem]:
        try:
            root = parse(tree.read_bytes(annotation, _LARGEST_FILE))
            width, height = _number(root.find("size/width"), "width"), _number(root.find("size/height"), "height")
            if not (width >= 1 and height >= 1):
                raise AnnotationError("gives no size of the picture")
        except (FileNotFoundError, AnnotationError) as error:
            yield Problem(annotation.name, f"{error}; the picture was left out")
            return
        regions: list[RegionLabel] = []
        problems: list[Problem] = []
        objects = root.findall("object")
        for number, item in enumerate(objects, start=1):
            try:
                regions.append(_region(item, width, height))
            except ValueError as error:
                problems.append(Problem(f"{annotation.name} object {number}", str(error)))
        yield from some(problems, annotation.name)
        if objects and not regions:
            yield Problem(picture.name, "none of its objects could be read; left out")
            return
        present = frozenset(region.class_index for region in regions) or frozenset({labels.BACKGROUND})
        yield LabelledPicture(picture, present, tuple(region for region in regions if not region.whole))


def parse(content: bytes) -> Element:
    """The `annotation` element of a file from a stranger: no document type, no entities, no deep nesting.

    Raises
    ------
    AnnotationError
        If it is not well-formed XML of that kind.
    """
    builder = TreeBuilder()
    depth = 0

    def refuse(*_: object) -> int:
        raise AnnotationError("defines its own document type or entities, which is not allowed")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise AnnotationError("is nested too deeply")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except AnnotationError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise AnnotationError(f"is not valid XML ({error})") from error
    root: Element = builder.close()
    if root.tag != "annotation":
        raise AnnotationError("is not of Pascal VOC: it has no element annotation")
    return root


def _region(item: Element, width: float, height: float) -> RegionLabel:
    index = labels.class_index((item.findtext("name") or "").strip())
    drawn = item.find("polygon")
    if drawn is not None:
        values = {part.tag: part for part in drawn}
        numbers = range(1, 1 + sum(tag.startswith("x") for tag in values))
        corners = [
            (_number(values.get(f"x{i}"), f"x{i}") / width, _number(values.get(f"y{i}"), f"y{i}") / height)
            for i in numbers
        ]
        if len(corners) >= 3:
            return polygon(index, corners)
    edges = [_number(item.find(f"bndbox/{name}"), name) for name in ("xmin", "ymin", "xmax", "ymax")]
    return box(index, edges[0] / width, edges[1] / height, edges[2] / width, edges[3] / height)


def _number(element: Element | None, name: str) -> float:
    try:
        value = float((element.text or "") if element is not None else "")
    except ValueError:
        raise AnnotationError(f"has no number {name}") from None
    if not math.isfinite(value):
        raise AnnotationError(f"{name} is not finite")
    return value
