"""Writing a report: one door for every kind of file."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from sqlalchemy import select

from weldspot_desktop import paths
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.reports.inspection_table import write_csv
from weldspot_desktop.reports.records import Selection
from weldspot_desktop.reports.sources import Details, Sources, TrailHead
from weldspot_desktop.reports.whole_file import ReportFileError
from weldspot_desktop.store import trail
from weldspot_desktop.store.schema import TrailEntry

ProgressReport = Callable[[int, int], object]
"""Called with welds done and welds in all; what it raises stops the writing and leaves nothing behind."""


class Kind(StrEnum):
    """Kinds of files; the value is also their ending."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    path
        The file.
    welds
        How many it tells of.
    notes
        Sentences about what had to be left out.
    """

    path: Path
    welds: int
    notes: tuple[str, ...] = field(default=())


_Made = tuple[int, list[str]]
_Writer = Callable[[Sources, Selection, Details, TrailHead | None, Path, ProgressReport], _Made]


def _pdf(
    sources: Sources,
    selection: Selection,
    details: Details,
    head: TrailHead | None,
    path: Path,
    progress: ProgressReport,
) -> _Made:
    # Here and not above: reportlab takes a third of a second, and the window must not wait for it.
    from weldspot_desktop.reports.pdf import writer

    return writer.write(sources, selection, details, head, path, progress)


def _xlsx(
    sources: Sources,
    selection: Selection,
    details: Details,
    head: TrailHead | None,
    path: Path,
    progress: ProgressReport,
) -> _Made:
    from weldspot_desktop.reports import workbook

    return workbook.write(sources, selection, details, head, path, progress), []


def _csv(
    sources: Sources,
    selection: Selection,
    details: Details,
    head: TrailHead | None,
    path: Path,
    progress: ProgressReport,
) -> _Made:
    return write_csv(sources.database, selection, path, progress), []


WRITERS: Final[dict[Kind, _Writer]] = {Kind.PDF: _pdf, Kind.XLSX: _xlsx, Kind.CSV: _csv}
"""One writer for each kind."""


def write(
    kind: Kind, selection: Selection, path: Path, progress: ProgressReport, *, sources: Sources, details: Details
) -> Written:
    """Write a report, whole or not at all, and note it in the trail with the hash of the file.

    Parameters
    ----------
    kind
        Of the file.
    selection
        Which inspections, and in which order.
    path
        Overwritten if it exists.
    progress
        Called while writing.
    sources, details
        The workspace, and what a person says about the report.

    Raises
    ------
    ReportFileError, TemplateError, LayoutError, SelectionError, StoreError
        If it cannot be written; an older file of that name is then untouched.
    """
    head, unsigned = trail_head(sources)
    welds, notes = WRITERS[kind](sources, selection, details, head, path, progress)
    _note_in_trail(kind, path, welds, sources, details)
    return Written(path, welds, (*unsigned, *notes))


def trail_head(sources: Sources) -> tuple[TrailHead | None, tuple[str, ...]]:
    """The head of the trail, signed where that can be done, and a sentence if it should have been and was not.

    Every report and export comes through here. The head is None while the trail is empty.
    """
    notes: tuple[str, ...] = ()
    if sources.sign_head is not None:
        try:
            return sources.sign_head(), ()
        except ExpectedError as error:
            # A report is wanted even where the key cannot be used; it then says that its head is not signed.
            notes = (f"The head of the trail is not signed. {error.what}",)
    with sources.database.read() as session:
        last = session.scalars(select(TrailEntry).order_by(TrailEntry.number.desc()).limit(1)).first()
        return (TrailHead(last.number, last.hash) if last is not None else None), notes


def _note_in_trail(kind: Kind, path: Path, welds: int, sources: Sources, details: Details) -> None:
    """Who wrote which report: its file can be told from a changed one by its hash."""
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ReportFileError(f"{path} was written, but is gone again: {error.strerror}.") from error
    noted = {
        "kind": kind.value,
        "file": paths.printable(path.name),
        "sha256": sha256,
        "welds": welds,
        "title": details.title,
    }
    with sources.database.write() as session:
        trail.append(
            session, person=details.person, action="report written", subject=f"report {details.number}", details=noted
        )
