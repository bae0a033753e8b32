"""Judged pictures as a CSV file: for the folder page and for `weldspot inspect --csv`."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from weldspot_desktop import labels, paths
from weldspot_desktop.model import Prediction
from weldspot_desktop.pictures import quality
from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.reports.inspection_table import defused
from weldspot_desktop.reports.whole_file import whole_file
from weldspot_desktop.verdict import Judgement

COLUMNS: Final[tuple[str, ...]] = (
    "path", "sha256", "width", "height", "verdict", "reason", "classes", *labels.CLASSES, "distance",
    *quality.NAMES, "tile", "model", "error",
    "override", "override_classes", "override_reason", "override_by",
)  # fmt: skip
"""Head of the table."""


class JudgedPicture(Protocol):
    """What a row is made of; `inspection.inspector.Inspected` has it, but is a neighbour of reports."""

    @property
    def origin(self) -> str: ...
    @property
    def sha256(self) -> str | None: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...
    @property
    def prediction(self) -> Prediction | None: ...
    @property
    def judgement(self) -> Judgement | None: ...
    @property
    def quality(self) -> Mapping[str, float] | None: ...
    @property
    def tile(self) -> Region | None: ...
    @property
    def error(self) -> str | None: ...


@dataclass(frozen=True)
class Overridden:
    """What a person said in place of the program."""

    verdict: str
    classes: tuple[int, ...]
    reason: str
    person: str


@dataclass(frozen=True)
class Entry:
    """A picture with the model that judged it and the person's verdict, if there is one."""

    picture: JudgedPicture
    model: str
    overridden: Overridden | None


def cells(row: JudgedPicture, *, model: str = "", overridden: Overridden | None = None) -> list[str]:
    """One picture as cells in the order of `COLUMNS`; numbers with a point, what strangers wrote defused."""
    judgement, prediction, measures = row.judgement, row.prediction, row.quality or {}
    scores = [f"{score:.6f}" for score in prediction.scores] if prediction is not None else [""] * labels.COUNT
    distance = prediction.distance if prediction is not None else None
    return [
        defused(paths.printable(row.origin)),
        row.sha256 or "",
        str(row.width) if row.width is not None else "",
        str(row.height) if row.height is not None else "",
        judgement.verdict.value if judgement is not None else "",
        defused(judgement.reason) if judgement is not None else "",
        "; ".join(labels.names(judgement.classes)) if judgement is not None else "",
        *scores,
        f"{distance:.4f}" if distance is not None else "",
        *(f"{measures[name]:g}" if name in measures else "" for name in quality.NAMES),
        " ".join(f"{edge:.4f}" for edge in row.tile) if row.tile is not None else "",
        defused(model) if judgement is not None else "",
        defused(paths.printable(row.error or "")),
        overridden.verdict if overridden is not None else "",
        "; ".join(labels.names(overridden.classes)) if overridden is not None else "",
        defused(overridden.reason) if overridden is not None else "",
        defused(overridden.person) if overridden is not None else "",
    ]


def write(rows: Iterable[JudgedPicture | Entry], path: Path, *, model: str = "") -> int:
    """Write a table, complete or not at all.

    Parameters
    ----------
    rows
        Taken one by one while writing; what they raise leaves no file behind.
    path
        Overwritten if it exists.
    model
        Title of the model that judged, where a row does not name its own.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    ReportFileError
        If the file cannot be written; an older one of that name is then untouched.
    """
    count = 0
    with whole_file(path) as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            entry = row if isinstance(row, Entry) else Entry(row, model, None)
            writer.writerow(cells(entry.picture, model=entry.model, overridden=entry.overridden))
            count += 1
    return count
