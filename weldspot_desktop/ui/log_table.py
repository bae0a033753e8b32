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
