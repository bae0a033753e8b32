"""What the folder's table shows of a row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from weldspot_desktop import labels, paths
from weldspot_desktop.store.folder_table import UNJUDGED, Key, Row
from weldspot_desktop.verdict import Judgement, Verdict
from weldspot_desktop.verdict.guidance import reason_line

NOT_JUDGED: Final = "NOT JUDGED"
"""What stands in place of a verdict for a file that could not be judged."""

_WAITS: Final = "waiting"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    key
        Under which its width is remembered.
    title, words
        Its head, and what it shows of a row.
    sort
        What rows are ordered by when its head is clicked; None if they cannot be.
    class_index
        The class of a column of scores.
    number
        Aligned to the right.
    shown
        Whether it is shown before somebody chooses.
    width
        In pixels at 100 % text size.
    """

    key: str
    title: str
    words: Callable[[Row], str]
    sort: Key | None = None
    class_index: int | None = None
    number: bool = False
    shown: bool = True
    width: int = 80


def file_name(row: Row) -> str:
    """Last part of the path."""
    return paths.printable(Path(row.path).name)


def verdict_word(row: Row) -> str:
    """The verdict that holds, or that there is none."""
    word = row.verdict
    if word is None:
        return _WAITS
    return NOT_JUDGED if word == UNJUDGED else word


def judgement(row: Row) -> Judgement | None:
    """What the program said, whatever a person said later."""
    found = row.inspection
    if found is None or found.verdict is None:
        return None
    return Judgement(Verdict(found.verdict), tuple(found.classes), found.reason)


def program_words(row: Row) -> str:
    """The program's own verdict with its reason."""
    said = judgement(row)
    if said is None:
        return NOT_JUDGED
    line = reason_line(said)
    return f"{said.verdict.value}: {line}" if line else said.verdict.value


def reason(row: Row) -> str:
    """Why this verdict, or why none."""
    if row.override is not None:
        return f"{row.override.person.name}: {' '.join(row.override.reason.split())}"
    said = judgement(row)
    if said is not None:
        return reason_line(said)
    return paths.printable(row.inspection.error or "") if row.inspection is not None else ""


def _score(index: int, row: Row) -> str:
    scores = row.inspection.scores if row.inspection is not None else None
    return f"{scores[index]:.2f}" if scores is not None else ""


def _decimal(value: float | None) -> str:
    return f"{value:.2f}" if value is not None else ""


def _size(row: Row) -> str:
    found = row.inspection
    return f"{found.width} × {found.height}" if found is not None and found.width is not None else ""


def _time(row: Row) -> str:
    return row.inspection.created.astimezone().strftime("%Y-%m-%d %H:%M:%S") if row.inspection is not None else ""


PICTURE: Final = 0
VERDICT: Final = 2
REASON: Final = 3

COLUMNS: Final[tuple[Column, ...]] = (
    Column("picture", "Picture", lambda _: "", Key.LISTED, width=76),
    Column("name", "Name", file_name, Key.NAME, width=160),
    Column("verdict", "Verdict", verdict_word, Key.VERDICT, width=136),
    Column("reason", "Reason", reason, width=160),
    Column(
        "uncertainty",
        "Doubt",
        lambda row: _decimal(row.inspection.uncertainty if row.inspection is not None else None),
        Key.UNCERTAINTY,
        number=True,
        width=70,
    ),
    *(
        Column(f"score_{i}", name, partial(_score, i), Key.SCORE, class_index=i, number=True, width=58)
        for i, name in enumerate(labels.CLASSES)
    ),
    Column("program", "Program's verdict", program_words, shown=False, width=200),
    Column(
        "distance",
        "Distance",
        lambda row: _decimal(row.inspection.distance if row.inspection is not None else None),
        number=True,
        shown=False,
        width=90,
    ),
    Column("size", "Size", _size, number=True, shown=False, width=110),
    Column("time", "Judged", _time, Key.TIME, shown=False, width=180),
    Column("folder", "Folder", lambda row: paths.printable(str(Path(row.path).parent)), shown=False, width=240),
)
"""Everything that the table can show."""
