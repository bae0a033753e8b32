"""Inspections as rows of a table: for CSV files, and for what is copied into a spreadsheet."""

import csv
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from weldspot_desktop import labels, paths
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import Database, inspections
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection

_BATCH: Final = 2000
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: Final[tuple[str, ...]] = (
    "id", "time", "verdict", "reason", "classes", "origin", "source", "inspector", "weld_id", "part", "wps", "welder",
    *labels.CLASSES,
    "distance", "width", "height", "sha256", "model", "model_version", "model_sha256", "thresholds",
    "thresholds_digest", "milliseconds", "error",
)  # fmt: skip
"""Head of the table."""


class TableError(ExpectedError):
    """The table cannot be written."""


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it.

    Source: OWASP, CSV injection.
    """
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def cells(row: Inspection) -> list[str]:
    """One inspection as cells in the order of `COLUMNS`; the time in UTC by ISO 8601, numbers with a point.

    Numbers are written as they are; everything that people or file names bring in is defused.
    """
    weld = row.weld or {}
    scores = [f"{score:.4f}" for score in row.scores] if row.scores is not None else [""] * labels.COUNT
    return [
        str(row.id),
        row.created.isoformat(timespec="seconds"),
        row.verdict or "",
        defused(row.reason),
        defused(", ".join(labels.names(row.classes))),
        defused(paths.printable(row.origin)),
        defused(row.source),
        defused(row.person.name if row.person is not None else ""),
        *(defused(weld.get(key, "")) for key in ("weld_id", "part", "wps", "welder")),
        *scores,
        _number(row.distance),
        _number(row.width),
        _number(row.height),
        row.sha256 or "",
        defused(row.model_name or ""),
        _number(row.model_version),
        row.model_sha256 or "",
        defused(row.thresholds_name or ""),
        row.thresholds_digest or "",
        _number(row.milliseconds),
        defused(paths.printable(row.error or "")),
    ]


def tsv(rows: Iterable[Sequence[str]]) -> str:
    """Rows for the clipboard: tabs between cells; tabs and line breaks within them become spaces."""
    return "\n".join("\t".join(" ".join(defused(cell).split()) for cell in row) for row in rows)


def write_csv(database: Database, query: Query, path: Path, report: Callable[[int, int], None]) -> int:
    """Write all matching inspections as one file, complete or not at all.

    Parameters
    ----------
    database
        Read in one transaction: the file shows one state.
    query
        What to write, and in which order.
    path
        Overwritten if it exists.
    report
        Called with rows done and rows in all; whatever it raises stops the writing.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    TableError
        If the file cannot be written; an older one of that name is then untouched.
    StoreError
        If the database cannot be read.
    """
    with whole_file(path) as file:
        return _write(database, query, csv.writer(file).writerows, report)


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A table file that gets its name when all of it is written, and leaves nothing behind if that fails.

    Raises
    ------
    TableError
        If the file cannot be written; an older one of that name is then untouched.
    """
    # Not `tempfile`: its files are for their owner alone, and the renamed table would stay so.
    temporary = path.with_name(f".weldspot-{secrets.token_hex(6)}.csv")
    try:
        # The mark at the start tells spreadsheets that the file is UTF-8.
        with temporary.open("x", encoding="utf-8-sig", newline="") as file:
            yield file
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


_WriteRows = Callable[[Iterable[Sequence[str]]], object]


def _write(database: Database, query: Query, write_rows: _WriteRows, report: Callable[[int, int], None]) -> int:
    write_rows([COLUMNS])
    with database.read() as session:
        total = inspections.count(session, query)
        for offset in range(0, total, _BATCH):
            report(offset, total)
            write_rows(cells(row) for row in inspections.page(session, query, offset=offset, limit=_BATCH))
            session.expunge_all()
    report(total, total)
    return total


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
