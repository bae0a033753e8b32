"""Exporting a folder's results as a CSV file or a report, beside the window."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from weldspot_desktop.inspection import stored
from weldspot_desktop.inspection.inspector import Inspected
from weldspot_desktop.reports import csv_table
from weldspot_desktop.reports.csv_table import Overridden
from weldspot_desktop.store import Database, folder_table
from weldspot_desktop.store.folder_table import Row
from weldspot_desktop.ui.folder_model import FolderModel
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.report_dialog import ReportChoice
from weldspot_desktop.ui.report_job import ReportJob
from weldspot_desktop.ui.workers import Lane, Progress

_FOLDER: Final = "folder/export folder"
_READ_AT_ONCE: Final = 500


class FolderExport(QObject):
    """Asks what to export and where to, and writes it; one export at a time.

    Signals
    -------
    changed
        An export began or ended.
    """

    changed = Signal()

    def __init__(self, frame: Frame, model: FolderModel, over: QWidget) -> None:
        super().__init__(over)
        self._frame = frame
        self._model = model
        self._over = over
        self._running: Progress | None = None
        self.reports = ReportJob(frame, over)

    @property
    def running(self) -> bool:
        return self._running is not None

    def menu(self, name: str) -> QMenu:
        """What can be exported: all rows, or those that the filters leave. `name` is proposed for the file."""
        menu = QMenu(self._over)
        total, shown = self._model.total(), self._model.rowCount()
        menu.addAction(f"CSV of all rows ({total:,})").triggered.connect(partial(self._chosen, name, True))
        some = menu.addAction(f"CSV of filtered rows ({shown:,})")
        some.setEnabled(0 < shown < total)
        some.triggered.connect(partial(self._chosen, name, False))
        report = menu.addAction(f"Report of filtered rows ({shown:,}) …" if shown < total else f"Report ({total:,}) …")
        report.setEnabled(shown > 0)
        report.triggered.connect(self.ask_report)
        return menu

    def open_menu(self, name: str, at: QPoint) -> None:
        """Show the menu at a place of the screen."""
        if self._model.total() == 0:
            self._frame.notify("There is nothing to export yet.")
            return
        menu = self.menu(name)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def ask_report(self) -> None:
        """Ask for a report on the rows that the filters leave."""
        source, question = self._model.source, self._model.question
        if source is None or self._model.rowCount() == 0:
            self._frame.notify("There is nothing to report on yet.")
            return
        database, run_id = source
        if database is not self._frame.context.database:
            self._frame.notify(
                "These results are not in the log, so there is no report on them.",
                Kind.WARNING,
                advice="Judge the folder again when the workspace can be written.",
            )
            return

        def read() -> list[int]:
            with database.read() as session:
                return folder_table.inspections(session, run_id, question)

        self._frame.run(read, self._ask_report, lane=Lane.DATABASE, owner=self)

    def _ask_report(self, numbers: list[int]) -> None:
        if not numbers:
            self._frame.notify("None of these pictures is judged yet.")
            return
        words = "1 picture" if len(numbers) == 1 else f"{len(numbers):,} pictures"
        self.reports.ask([ReportChoice(f"{words} of this folder", numbers)])

    def export(self, path: Path, *, all_rows: bool) -> None:
        """Write all rows, or those that the filters leave in their order, as a CSV file."""
        source = self._model.source
        if self._running is not None:
            self._frame.notify("An export is running already.")
            return
        if source is None:
            return
        count = self._model.total() if all_rows else self._model.rowCount()
        positions = range(count) if all_rows else self._model.positions(range(count))

        def work(progress: Progress) -> int:
            return csv_table.write(_entries(source, positions, progress), path)

        self._running = self._frame.run_job(
            "CSV export", work, partial(self._written, path), owner=self, on_end=self._ended
        )
        self.changed.emit()

    def _chosen(self, name: str, all_rows: bool, _checked: bool = False) -> None:
        folder = str(self._frame.memory.value(_FOLDER, str(Path.home())))
        proposed = str(Path(folder) / f"{name or 'pictures'}.csv")
        chosen, _ = QFileDialog.getSaveFileName(self._over, "Export the results", proposed, "CSV (*.csv)")
        if chosen:
            path = Path(chosen)
            self._frame.memory.setValue(_FOLDER, str(path.parent))
            self.export(path if path.suffix else path.with_suffix(".csv"), all_rows=all_rows)

    def _written(self, path: Path, count: int) -> None:
        words = "One row" if count == 1 else f"{count:,} rows"
        self._frame.notify(f"{words} written to {path.name}.", Kind.GOOD, advice=str(path.parent))

    def _ended(self) -> None:
        self._running = None
        self.changed.emit()


def _entries(source: tuple[Database, int], positions: Sequence[int], progress: Progress) -> Iterator[csv_table.Entry]:
    """Runs beside the window; reads a piece at a time, so that no list grows."""
    database, run_id = source
    for start in range(0, len(positions), _READ_AT_ONCE):
        progress.report(start, len(positions))
        with database.read() as session:
            rows = folder_table.rows(session, run_id, positions[start : start + _READ_AT_ONCE])
        yield from (_entry(row) for row in rows)


def _entry(row: Row) -> csv_table.Entry:
    record, said = row.inspection, row.override
    picture = stored.inspected(record, row.path) if record is not None else Inspected(row.path, error="not judged yet")
    model = f"{record.model_name} {record.model_version}" if record is not None and record.model_name else ""
    overridden = Overridden(said.verdict, tuple(said.classes), said.reason, said.person.name) if said else None
    return csv_table.Entry(picture, model, overridden)
