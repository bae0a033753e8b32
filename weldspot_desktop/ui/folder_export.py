"""Exporting a folder's results as a CSV file, beside the window."""

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
from weldspot_desktop.ui.workers import Progress

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

    @property
    def running(self) -> bool:
        return self._running is not None

    def menu(self, name: str) -> QMenu:
        """What can be exported: all rows, or those that the filters leave. `name` is proposed for the file."""
        menu = QMenu(self._over)
        total, shown = self._model.total(), self._model.rowCount()
        menu.addAction(f"All rows ({total:,})").triggered.connect(partial(self._chosen, name, True))
        some = menu.addAction(f"Filtered rows ({shown:,})")
        some.setEnabled(0 < shown < total)
        some.triggered.connect(partial(self._chosen, name, False))
        return menu

    def open_menu(self, name: str, at: QPoint) -> None:
        """Show the menu at a place of the screen."""
        if self._model.total() == 0:
            self._frame.notify("There is nothing to export yet.")
            return
        menu = self.menu(name)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

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
