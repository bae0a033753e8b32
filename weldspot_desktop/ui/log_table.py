"""The table of the log, as it looks before somebody chooses columns."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.inspection_model import COLUMNS, TIME, VERDICT, InspectionModel, VerdictDelegate


def make_table(model: InspectionModel) -> QTableView:
    """A table that selects rows, moves its columns and orders by time alone."""
    table = QTableView()
    table.setAccessibleName("Inspections")
    table.setModel(model)
    table.setItemDelegateForColumn(VERDICT, VerdictDelegate(table))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setSortingEnabled(False)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setSectionsMovable(True)
    header.setStretchLastSection(True)
    header.setSectionsClickable(True)
    header.setHighlightSections(False)
    header.setSortIndicatorShown(True)
    header.setSortIndicator(TIME, Qt.SortOrder.DescendingOrder)
    header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    for place, column in enumerate(COLUMNS):
        table.setColumnWidth(place, theme.pixels(column.width))
        table.setColumnHidden(place, not column.shown)
    return table


class KeptSelection:
    """Keeps the selected record selected while the log is read again and newer records push it down.

    Parameters
    ----------
    table, model
        The log's.
    """

    def __init__(self, table: QTableView, model: InspectionModel) -> None:
        self._table = table
        self._model = model
        self._number: int | None = None
        self._row = 0
        self._count = 0

    @property
    def waiting(self) -> bool:
        """Whether a record is to be selected again."""
        return self._number is not None

    def remember(self) -> None:
        """Remember the one row that is selected, before the log is read again."""
        rows = self._table.selectionModel().selectedRows()
        record = self._model.inspection(rows[0].row()) if len(rows) == 1 else None
        if record is not None:
            self._number, self._row, self._count = record.id, rows[0].row(), self._model.rowCount()

    def restore(self) -> None:
        """Select it where it must be now; `confirm` looks when the row has been read."""
        if self._number is not None:
            added = self._model.rowCount() - self._count if self._model.query.newest_first else 0
            self._row += added
            self._count += added
            self._table.selectRow(self._row)

    def confirm(self) -> None:
        """Let go of it once its row is read; if another record lies there, nothing is selected."""
        record = self._model.inspection(self._row) if self._number is not None else None
        if record is not None:
            same, self._number = record.id == self._number, None
            if not same:
                self._table.clearSelection()
