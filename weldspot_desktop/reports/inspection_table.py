"""Inspections as rows of a table: for CSV files, and for what is copied into a spreadsheet."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from weldspot_desktop import labels, paths
from weldspot_desktop.pictures import quality
from weldspot_desktop.reports import records
from weldspot_desktop.reports.records import Record, Selection
from weldspot_desktop.reports.whole_file import whole_file
from weldspot_desktop.store import Database, weld_identity
from weldspot_desktop.store.schema import Inspection, Override

_REPORT_EVERY: Final = 200
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: Final[tuple[str, ...]] = (
    "id", "time", "verdict", "reason", "classes", "origin", "source", "trigger", "inspector",
    *weld_identity.KEYS, "more_of_the_weld",
    *labels.CLASSES,
    "distance", *quality.NAMES, "region", "tile", "width", "height", "sha256", "model", "model_version", "model_sha256",
    "thresholds", "thresholds_digest", "manner", "milliseconds",
    "override_verdict", "override_classes", "override_by", "override_time", "override_reason",
    "findings", "error",
)  # fmt: skip
"""Head of the table. `verdict` and `classes` are the program's; a person's stand under `override`."""


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it.

    Source: OWASP, CSV injection.
    """
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def cells(record: Record) -> list[str]:
    """One inspection as cells in the order of `COLUMNS`; the time in UTC by ISO 8601, numbers with a point.

    Numbers are written as they are; everything that people or file names bring in is defused.
    """
    row = record.inspection
    return [
        str(row.id),
        row.created.isoformat(timespec="seconds"),
        row.verdict or "",
        defused(row.reason),
        defused(", ".join(labels.names(row.classes))),
        defused(paths.printable(row.origin)),
        defused(row.source),
        defused(row.trigger or ""),
        defused(row.person.name if row.person is not None else ""),
        *identity_cells(row.weld or {}),
        *_score_cells(row),
        _number(row.distance),
        *(_number((row.quality or {}).get(name)) for name in quality.NAMES),
        _place(row.region),
        _place(row.tile),
        _number(row.width),
        _number(row.height),
        row.sha256 or "",
        defused(row.model_name or ""),
        _number(row.model_version),
        row.model_sha256 or "",
        defused(row.thresholds_name or ""),
        row.thresholds_digest or "",
        row.manner or "",
        _number(row.milliseconds),
        *_override_cells(record.override),
        str(len(record.findings)),
        defused(paths.printable(row.error or "")),
    ]


def identity_cells(weld: Mapping[str, str]) -> list[str]:
    """Each key of the weld's identity, and what other programs added, as JSON in one cell."""
    more = {key: value for key, value in weld.items() if key not in weld_identity.LABELS}
    known = [defused(paths.printable(weld.get(key, ""))) for key in weld_identity.KEYS]
    return [*known, json.dumps(more, ensure_ascii=False) if more else ""]


def tsv(rows: Iterable[Sequence[str]]) -> str:
    """Rows for the clipboard: tabs between cells; tabs and line breaks within them become spaces."""
    return "\n".join("\t".join(" ".join(defused(cell).split()) for cell in row) for row in rows)


def write_csv(database: Database, selection: Selection, path: Path, report: Callable[[int, int], object]) -> int:
    """Write inspections as one file, complete or not at all.

    Parameters
    ----------
    database
        Read in one transaction: the file shows one state.
    selection
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
    ReportFileError
        If the file cannot be written; an older one of that name is then untouched.
    SelectionError
        If a number is not in the log.
    StoreError
        If the database cannot be read.
    """
    with database.read() as session, whole_file(path) as file:
        numbers = records.chosen(session, selection)
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for done, record in enumerate(records.read(session, numbers)):
            if done % _REPORT_EVERY == 0:
                report(done, len(numbers))
            writer.writerow(cells(record))
        report(len(numbers), len(numbers))
        return len(numbers)


def _score_cells(row: Inspection) -> list[str]:
    return [f"{score:.4f}" for score in row.scores] if row.scores is not None else [""] * labels.COUNT


def _override_cells(override: Override | None) -> list[str]:
    if override is None:
        return [""] * 5
    return [
        override.verdict,
        defused(", ".join(labels.names(override.classes))),
        defused(override.person.name),
        override.at.isoformat(timespec="seconds"),
        defused(paths.printable(override.reason)),
    ]


def _place(region: Sequence[float] | None) -> str:
    """Left, top, right, bottom."""
    return " ".join(f"{value:.4f}" for value in region) if region else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
