"""A report as XLSX: a summary, a row for each weld, and the scores as numbers."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from weldspot_desktop import labels, paths
from weldspot_desktop.reports import records
from weldspot_desktop.reports.inspection_table import defused, identity_cells
from weldspot_desktop.reports.records import Record, Selection, SelectionError
from weldspot_desktop.reports.sources import Details, Sources, TrailHead
from weldspot_desktop.reports.summary import VERDICTS, Summary, model_title, thresholds_title
from weldspot_desktop.reports.whole_file import whole_path
from weldspot_desktop.store import weld_identity
from weldspot_desktop.verdict import ThresholdSet

_MOST_ROWS: Final = 1_048_575
"""Rows that a sheet holds under its head."""

_LONGEST: Final = 32_767
"""Characters that a cell holds."""

_REPORT_EVERY: Final = 100

_OPTIONS: Final = {
    # Rows go to the disk as they come, and words stay words whatever they begin with.
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}

_WELDS: Final[tuple[tuple[str, int], ...]] = (
    ("Number", 9), ("Inspected (UTC)", 19), ("Verdict in force", 16), ("By the program", 16), ("Reason", 40),
    ("Classes", 30), ("Override by", 20), ("Override at (UTC)", 19), ("Override reason", 40), ("Findings", 9),
    ("Picture", 50), ("Source", 10), ("Trigger", 12), ("Inspector", 20),
    *((label, 18) for label in weld_identity.LABELS.values()), ("More of the weld", 20),
    ("Width", 8), ("Height", 8), ("SHA-256", 66), ("Model", 34), ("Thresholds", 28), ("Error", 40),
)  # fmt: skip
_SCORES: Final[tuple[tuple[str, int], ...]] = (
    ("Number", 9), ("Weld ID", 18), ("Verdict by the program", 20),
    *((name, 20) for name in labels.CLASSES),
    ("Distance", 10), ("Distance limit", 14),
    *((f"{name}, lower", 14) for name in labels.CLASSES), *((f"{name}, upper", 14) for name in labels.CLASSES),
)  # fmt: skip


def write(
    sources: Sources,
    selection: Selection,
    details: Details,
    head: TrailHead | None,
    path: Path,
    report: Callable[[int, int], object],
) -> int:
    """Write the workbook, whole or not at all; returns how many welds it holds.

    Parameters
    ----------
    sources, selection, details, head
        What it is made from.
    path
        Overwritten if it exists.
    report
        Called with welds done and welds in all; what it raises stops the writing.

    Raises
    ------
    ReportFileError, SelectionError, StoreError
        If it cannot be written; nothing is left behind then.
    """
    with sources.database.read() as session, whole_path(path) as temporary:
        numbers = records.chosen(session, selection)
        if len(numbers) > _MOST_ROWS:
            raise SelectionError(
                f"{len(numbers)} welds are more than a sheet holds.", "Choose fewer, or write a CSV file."
            )
        book = xlsxwriter.Workbook(str(temporary), _OPTIONS)
        try:
            _fill(book, records.read(session, numbers), len(numbers), sources, details, head, report)
        except BaseException:
            # Not closing would leave its temporary files; closing writes a file that is thrown away.
            book.close()
            raise
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            cause = error.args[0] if error.args else error
            raise cause if isinstance(cause, OSError) else OSError(str(cause)) from error
    return len(numbers)


def _fill(
    book: Any,
    found: Any,
    total: int,
    sources: Sources,
    details: Details,
    head: TrailHead | None,
    report: Callable[[int, int], object],
) -> None:
    summary_sheet = book.add_worksheet("Summary")
    welds = _Sheet(book, "Welds", _WELDS, total)
    scores = _Sheet(book, "Scores", _SCORES, total)
    summary = Summary()
    for done, record in enumerate(found):
        if done % _REPORT_EVERY == 0:
            report(done, total)
        summary.add(record)
        welds.add(_weld_cells(record))
        scores.add(_score_cells(record))
    _summarise(book, summary_sheet, summary, sources, details, head)
    book.set_properties({"title": details.title, "company": sources.company.name, "comments": details.number})
    report(total, total)


class _Sheet:
    """A sheet with a head that stays and a filter, filled row by row."""

    def __init__(self, book: Any, name: str, columns: Sequence[tuple[str, int]], rows: int) -> None:
        self._sheet = book.add_worksheet(name)
        bold = book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._part = book.add_format({"num_format": "0.0000"})
        for place, (title, width) in enumerate(columns):
            self._sheet.set_column(place, place, width)
            self._sheet.write_string(0, place, title, bold)
        self._sheet.freeze_panes(1, 1)
        self._sheet.autofilter(0, 0, max(1, rows), len(columns) - 1)
        self._row = 0

    def add(self, values: Sequence[str | float | datetime | None]) -> None:
        """One more row: numbers and times as such, words as words, None as an empty cell."""
        self._row += 1
        for place, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                self._sheet.write_string(self._row, place, _words(value))
            elif isinstance(value, datetime):
                # Spreadsheets know no zones: UTC, as the head says.
                self._sheet.write_datetime(self._row, place, value.astimezone(UTC).replace(tzinfo=None), self._time)
            else:
                self._sheet.write_number(self._row, place, value, self._part if isinstance(value, float) else None)


def _words(text: str) -> str:
    """Words that are no formula, here or in a CSV file that is saved from here; cut to what a cell holds."""
    return defused(paths.printable(text))[:_LONGEST]


def _weld_cells(record: Record) -> list[str | float | datetime | None]:
    row, override = record.inspection, record.override
    return [
        row.id,
        row.created,
        record.verdict or "NOT JUDGED",
        row.verdict or "NOT JUDGED",
        row.reason,
        ", ".join(labels.names(record.classes)),
        override.person.name if override is not None else None,
        override.at if override is not None else None,
        override.reason if override is not None else None,
        len(record.findings),
        row.origin,
        row.source,
        row.trigger,
        row.person.name if row.person is not None else None,
        *identity_cells(row.weld or {}),
        row.width,
        row.height,
        row.sha256,
        model_title(record),
        thresholds_title(record),
        row.error,
    ]


def _score_cells(record: Record) -> list[str | float | datetime | None]:
    row = record.inspection
    known = ThresholdSet.model_validate(row.thresholds) if row.thresholds is not None else None
    nothing: list[float | None] = [None] * labels.COUNT
    return [
        row.id,
        (row.weld or {}).get("weld_id", ""),
        row.verdict or "NOT JUDGED",
        *(row.scores if row.scores is not None else nothing),
        row.distance,
        known.distance_limit if known is not None else None,
        *(known.lower if known is not None else nothing),
        *(known.upper if known is not None else nothing),
    ]


def _summarise(
    book: Any, sheet: Any, summary: Summary, sources: Sources, details: Details, head: TrailHead | None
) -> None:
    bold = book.add_format({"bold": True})
    large = book.add_format({"bold": True, "font_size": 16})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 3, 26)
    facts: list[list[str | int]] = [
        ["Company", sources.company.name],
        ["Report number", details.number],
        ["Project", details.project or ", ".join(summary.projects)],
        ["Welds", summary.welds],
        ["First inspection (UTC)", _iso(summary.first)],
        ["Last inspection (UTC)", _iso(summary.last)],
        ["Inspectors", ", ".join(summary.inspectors)],
        ["Standards", "; ".join(summary.standards)],
        ["Models", "; ".join(summary.models)],
        ["Thresholds", "; ".join(summary.thresholds)],
        ["Written (UTC)", _iso(details.created), "by", details.person],
    ]
    if head is not None:
        facts.append(["Trail", f"{head.count} entries", head.hash, head.signature])
    verdicts: list[list[str | int]] = [[word, summary.by_program[word], summary.in_force[word]] for word in VERDICTS]
    verdicts += [["Overridden", summary.overridden], ["of these with another verdict", summary.changed]]
    classes: list[list[str | int]] = [
        [labels.CLASSES[index], summary.suspected[index], summary.doubtful[index], summary.found[index]]
        for index in labels.DEFECTS
    ]
    lines: list[tuple[Any, list[str | int]]] = [
        (large, [details.title]),
        (None, ["A score from a photograph is a suspicion, never an acceptance."]),
        (None, []),
        *((None, cells) for cells in facts),
        (None, []),
        (bold, ["Verdict", "By the program", "In force, with overrides"]),
        *((None, cells) for cells in verdicts),
        (None, []),
        (bold, ["Class", "Suspect (DEFECT)", "Doubtful (UNSURE)", "Findings measured"]),
        *((None, cells) for cells in classes),
    ]
    for number, (look, cells) in enumerate(lines):
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(number, place, _words(cell), look)
            else:
                sheet.write_number(number, place, cell, look)


def _iso(when: datetime | None) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds") if when is not None else ""
