"""Multi-class CSV: a picture's file name and a 0 or 1 for each class, as Roboflow's `_classes.csv`.

Roboflow writes a space after every comma, and a column Unlabeled where some pictures were not labelled.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.dataset.importers import tree
from weldspot_desktop.dataset.importers.tree import AnnotationError
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem, some

FILE_NAME: Final = "_classes.csv"
UNLABELLED: Final = frozenset({"unlabeled", "unlabelled"})
_FILE_COLUMNS: Final = frozenset({"filename", "file", "file_name", "image", "name"})
_LARGEST_FILE: Final = 100_000_000
_PART_OF_FILE: Final = 4096
_YES, _NO = frozenset({"1", "1.0", "true", "yes"}), frozenset({"0", "0.0", "false", "no", ""})


class ClassTable:
    """CSV files with the pictures beside them.

    A row without any 1 is Background, unless the table has a column for that class.
    """

    title = f"a table of classes ({FILE_NAME})"

    def recognises(self, source: Path) -> bool:
        return source.is_dir() and any(_looks_like(path) for path in _tables(source))

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        rest: set[Path] = set()
        for found in tree.pictures(source):
            if isinstance(found, Problem):
                yield found
            else:
                rest.add(found)
        for path in _tables(source):
            if _looks_like(path):
                yield from self._table(path, source, rest)
        reason = "no table lists it; left out, because what it shows is not known"
        yield from some((Problem(tree.place(found, source), reason) for found in sorted(rest)), "pictures")

    @staticmethod
    def _table(path: Path, source: Path, rest: set[Path]) -> Iterator[LabelledPicture | Problem]:
        try:
            rows = parse(tree.read_text(path, _LARGEST_FILE))
        except (FileNotFoundError, AnnotationError) as error:
            yield Problem(tree.place(path, source), f"{error}; nothing of it was taken")
            return
        problems: list[Problem] = []
        for place, row in rows:
            if isinstance(row, str):
                problems.append(Problem(f"{path.name} {place}", row))
                continue
            name, classes = row
            parts = PurePosixPath(name.replace("\\", "/")).parts
            # Only what was found in the source can be meant: a name never leads out of it.
            picture = path.parent.joinpath(*parts)
            if picture in rest:
                rest.discard(picture)
                yield LabelledPicture(picture, classes)
            else:
                problems.append(Problem(f"{path.name} {place}", f"lists {name[:200]}, which is not there or twice"))
        yield from some(problems, path.name)


Row = tuple[str, frozenset[int]]


def parse(text: str) -> list[tuple[str, Row | str]]:
    """Rows of a table: "line 3", and the file name with its classes, or a sentence that says what is wrong.

    Raises
    ------
    AnnotationError
        If it has no usable head.
    """
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), skipinitialspace=True)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise AnnotationError(f"is no table ({error})") from error
    filled = [(number, row) for number, row in lines if any(row)]
    if not filled or filled[0][1][0].casefold() not in _FILE_COLUMNS:
        raise AnnotationError(f"has no head that begins with one of {', '.join(sorted(_FILE_COLUMNS))}")
    head = filled[0][1]
    found: list[tuple[str, Row | str]] = []
    columns: dict[int, int] = {}
    unlabelled = None
    for position, name in enumerate(head[1:], start=1):
        if name.casefold() in UNLABELLED:
            unlabelled = position
            continue
        try:
            columns[position] = labels.class_index(name)
        except labels.UnknownClassError as error:
            found.append(("head", f"{error}; the column was left out"))
    if not columns:
        raise AnnotationError(f"names none of the classes {', '.join(labels.CLASSES)}")
    for number, row in filled[1:]:
        try:
            found.append((f"line {number}", (row[0], _classes(row, len(head), columns, unlabelled))))
        except ValueError as error:
            found.append((f"line {number}", str(error)))
    return found


def _classes(row: list[str], width: int, columns: dict[int, int], unlabelled: int | None) -> frozenset[int]:
    if len(row) != width:
        raise ValueError(f"has {len(row)} cells, the head {width}")
    if not row[0]:
        raise ValueError("names no picture")
    if unlabelled is not None and _marked(row[unlabelled]):
        raise ValueError("was not labelled; left out, because what it shows is not known")
    present = frozenset(index for position, index in columns.items() if _marked(row[position]))
    if labels.BACKGROUND in present and len(present) > 1:
        raise ValueError("says Background and a weld class at once")
    if not present:
        if labels.BACKGROUND in columns.values():
            raise ValueError("marks no class; left out, because what it shows is not known")
        return frozenset({labels.BACKGROUND})
    return present


def _marked(cell: str) -> bool:
    folded = cell.casefold()
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise ValueError(f"“{cell[:40]}” is neither 0 nor 1")


def _delimiter(text: str) -> str:
    head = text.lstrip("\ufeff").partition("\n")[0]
    return max(",;\t", key=head.count)


def _tables(source: Path) -> list[Path]:
    return [found for found in tree.files(source, {".csv"}) if isinstance(found, Path)]


def _looks_like(path: Path) -> bool:
    if path.name.casefold() == FILE_NAME:
        return True
    try:
        with path.open("rb") as file:
            start = file.read(_PART_OF_FILE)
        parse(tree.decoded(start).partition("\n")[0])
    except (OSError, AnnotationError):
        return False
    return True
