"""The folder's table with its filters: selection, steps, copying."""

from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QTableView, QVBoxLayout, QWidget

from weldspot_desktop.reports.inspection_table import tsv
from weldspot_desktop.store import Database, folder_table
from weldspot_desktop.store.folder_table import Row
from weldspot_desktop.ui import theme, thumbnails
from weldspot_desktop.ui.folder_columns import COLUMNS, PICTURE, REASON, VERDICT
from weldspot_desktop.ui.folder_filters import FolderFilters
from weldspot_desktop.ui.folder_model import FolderModel
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.small_signs import SmallSigns
from weldspot_desktop.ui.table_columns import TableColumns
from weldspot_desktop.ui.workers import Lane

_HEADER: Final = "folder/header"
_MOST_RESTORED: Final = 500
_READ_AT_ONCE: Final = 500


class FolderResults(QWidget):
    """Filters over a table.

    Signals
    -------
    chosen
        Another row is selected, or what is known of it is new.
    opened
        The person wants the current row's picture large.
    """

    chosen = Signal()
    opened = Signal()

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self.thumbnails = thumbnails.Thumbnails(frame, self)
        self.model = FolderModel(frame, self.thumbnails, self)
        self.filters = FolderFilters()
        self.table = self._make_table()
        self.columns = TableColumns(self.table, COLUMNS, frame.memory, _HEADER, filling=REASON)
        self._told: Row | None = None
        self._remembered: tuple[list[int], int | None, int] = ([], None, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.filters, Line(Qt.Orientation.Horizontal)):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        self.filters.changed.connect(self._filter)
        self.filters.columns_button.clicked.connect(self.open_columns)
        self.model.modelAboutToBeReset.connect(self._remember_selection)
        self.model.modelReset.connect(self._restore_selection)
        self.model.arrived.connect(self._arrived)
        self.table.selectionModel().selectionChanged.connect(self._tell)
        self.table.activated.connect(self.opened)
        header = self.table.horizontalHeader()
        header.sortIndicatorChanged.connect(self._sorted)
        self.columns.recall()

    def show_run(self, database: Database | None, run_id: int = 0) -> None:
        """Show a run without filters, as it is listed."""
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.filters.doubtful.setChecked(False)
        self.filters.clear()
        self.thumbnails.clear()
        self.model.set_run(database, run_id)

    def current(self) -> Row | None:
        """The row that is selected alone, if it is read."""
        ranges = self._ranges()
        if len(ranges) != 1 or ranges[0][0] != ranges[0][1]:
            return None
        return self.model.row(ranges[0][0])

    def selected_count(self) -> int:
        """How many rows are selected."""
        return sum(last - first + 1 for first, last in self._ranges())

    def step(self, by: int) -> None:
        """Select the next (1) or previous (-1) row."""
        place = min(max(self.table.currentIndex().row() + by, 0), self.model.rowCount() - 1)
        if place >= 0:
            self.table.selectRow(place)

    def copy_selected(self) -> None:
        """Put the selected rows, in the columns that are shown, on the clipboard as TSV."""
        source = self.model.source
        places = [place for first, last in self._ranges() for place in range(first, last + 1)]
        if not places or source is None:
            self._frame.notify("No row is selected.")
            return
        columns = [COLUMNS[place] for place in self.columns.visible() if place != PICTURE]
        positions = self.model.positions(places)

        def work() -> tuple[int, str]:
            database, run_id = source
            lines = [[column.title for column in columns]]
            for start in range(0, len(positions), _READ_AT_ONCE):
                with database.read() as session:
                    rows = folder_table.rows(session, run_id, positions[start : start + _READ_AT_ONCE])
                    lines += [[column.words(row) for column in columns] for row in rows]
            return len(lines) - 1, tsv(lines)

        self._frame.run(work, self._copied, lane=Lane.DATABASE, owner=self)

    def open_columns(self) -> None:
        """Let the person choose columns."""
        button = self.filters.columns_button
        self.columns.open_menu(button.mapToGlobal(QPoint(0, button.height())))

    def dress(self) -> None:
        """Take colours and text size of the theme in force."""
        self.filters.dress()
        self.table.verticalHeader().setDefaultSectionSize(max(thumbnails.HEIGHT, theme.pixels(28)) + theme.space(2))

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName("Judged pictures")
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setIconSize(QSize(thumbnails.WIDTH, thumbnails.HEIGHT))
        table.setItemDelegateForColumn(VERDICT, SmallSigns(table))
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        return table

    def _ranges(self) -> list[tuple[int, int]]:
        """Rows that are selected, as first and last of each stretch, from the top; whole rows are always selected."""
        selection = self.table.selectionModel().selection()
        ranges = {(selection.at(i).top(), selection.at(i).bottom()) for i in range(selection.size())}
        return sorted(ranges)

    def _filter(self) -> None:
        question = self.filters.applied_to(self.model.question)
        doubtful = self.filters.doubtful.isChecked()
        header = self.table.horizontalHeader()
        sorted_by_head = header.sortIndicatorSection() >= 0
        if doubtful and sorted_by_head:
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.model.set_question(question)

    def _sorted(self, section: int, _order: Qt.SortOrder) -> None:
        if section >= 0 and COLUMNS[section].sort is None:
            self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.filters.show_order(self.model.question)

    def _arrived(self) -> None:
        # Rows that come in another order than they were asked for are known all the same: what follows the selected
        # row must never know less of it than the table.
        if self.current() is not self._told:
            self._tell()

    def _tell(self) -> None:
        self._told = self.current()
        self.chosen.emit()

    def _remember_selection(self) -> None:
        places = [
            place for first, last in self._ranges() for place in range(first, min(last, first + _MOST_RESTORED) + 1)
        ]
        current = self.table.currentIndex().row()
        self._remembered = (
            self.model.positions(places[:_MOST_RESTORED]),
            self.model.position(current) if 0 <= current < self.model.rowCount() else None,
            self.table.verticalScrollBar().value(),
        )

    def _restore_selection(self) -> None:
        positions, current, scrolled = self._remembered
        selection = QItemSelection()
        for position in positions:
            place = self.model.place_of(position)
            if place is not None:
                index = self.model.index(place, 0)
                selection.select(index, index)
        rows = QItemSelectionModel.SelectionFlag.Rows
        model = self.table.selectionModel()
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect | rows)
        place = self.model.place_of(current) if current is not None else None
        if place is not None:
            model.setCurrentIndex(self.model.index(place, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
            self.table.scrollTo(self.model.index(place, 0))
        else:
            self.table.verticalScrollBar().setValue(scrolled)
        self._tell()

    def _copied(self, copied: tuple[int, str]) -> None:
        count, text = copied
        QGuiApplication.clipboard().setText(text)
        self._frame.notify("One row copied." if count == 1 else f"{count:,} rows copied.", Kind.GOOD)
