"""Judged pictures as a CSV file: for the folder page and for `weldspot inspect --csv`."""

import csv
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

from weldspot_desktop import labels, paths
from weldspot_desktop.model import Prediction
from weldspot_desktop.reports.inspection_table import TableError, defused
from weldspot_desktop.verdict import Judgement

COLUMNS: Final[tuple[str, ...]] = (
    "path", "sha256", "width", "height", "verdict", "reason", "classes", *labels.CLASSES, "distance", "model", "error",
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
    def error(self) -> str | None: ...


def cells(row: JudgedPicture, *, model: str = "") -> list[str]:
    """One picture as cells in the order of `COLUMNS`; numbers with a point, what strangers wrote defused."""
    judgement, prediction = row.judgement, row.prediction
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
        defused(model) if judgement is not None else "",
        defused(paths.printable(row.error or "")),
    ]


def write(rows: Iterable[JudgedPicture], path: Path, *, model: str = "") -> int:
    """Write a table, complete or not at all.

    Parameters
    ----------
    rows
        Taken one by one while writing; what they raise leaves no file behind.
    path
        Overwritten if it exists.
    model
        Title of the model that judged.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    TableError
        If the file cannot be written; an older one of that name is then untouched.
    """
    # Not `tempfile`: its files are for their owner alone, and the renamed table would stay so.
    temporary, count = path.with_name(f".weldspot-{secrets.token_hex(6)}.csv"), 0
    try:
        # The mark at the start tells spreadsheets that the file is UTF-8.
        with temporary.open("x", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for row in rows:
                writer.writerow(cells(row, model=model))
                count += 1
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise TableError(
            f"{path} cannot be written: {error.strerror or error}.",
            "Nothing was changed. Close the file if another program has it open, or choose another folder.",
        ) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return count
