"""The left of the review page: filters over the list of uploads."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.review_delegate import ReviewDelegate, row_height
from weldspot_desktop.ui.review_filters import ReviewFilters
from weldspot_desktop.ui.review_model import ReviewModel
from weldspot_desktop.ui.review_rows import ReviewRow
from weldspot_desktop.ui.thumbnails import Thumbnails


class ReviewList(QWidget):
    """Selects one upload at a time, and keeps it selected while the list is read again.

    Signals
    -------
    chosen
        Another upload is selected, or what is known of it is new.
    counted
        The list was read again.
    """

    chosen = Signal()
    counted = Signal()

    def __init__(self, frame: Frame, token: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filters = ReviewFilters(frame)
        self.model = ReviewModel(frame, Thumbnails(frame, self), token, self)
        self.table = _table(self.model)
        self._number: int | None = None
        self._place = 0
        self._quiet = self._from_top = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self.table, 1)
        self.filters.changed.connect(self.ask)
        self.model.counted.connect(self._counted)
        self.model.arrived.connect(self.chosen)
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self.model.modelAboutToBeReset.connect(self._hush)
        self.dress()

    def ask(self) -> None:
        """Read the list anew, as the filters say."""
        scope, order = self.filters.scope(), self.filters.review_order()
        # What is not in another list has no place in it: it is read from its top.
        in_review = self.filters.in_review()
        model = self.model
        self._from_top = (scope, order, in_review) != (model.scope, model.review_order, model.in_review)
        model.ask(scope, order, in_review=in_review)

    def place(self) -> int | None:
        """Where the selected upload stands; None if none is selected."""
        index = self.table.currentIndex()
        return index.row() if index.isValid() else None

    def current(self) -> ReviewRow | None:
        """The selected upload, if it is read."""
        place = self.place()
        return self.model.row(place) if place is not None else None

    def number(self) -> int | None:
        """The number of the selected upload."""
        place = self.place()
        return self.model.number(place) if place is not None and place < self.model.rowCount() else None

    def select(self, place: int) -> None:
        """Select the upload at a place, or the last one."""
        place = min(place, self.model.rowCount() - 1)
        if place >= 0:
            index = self.model.index(place)
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)

    def step(self, by: int) -> None:
        """Select the next (1) or previous (-1) upload."""
        place = self.place()
        self.select(max(0, place + by) if place is not None else 0)

    def keep(self, number: int) -> None:
        """Select this upload when the list is read the next time."""
        self._number = number

    def take_out(self, number: int) -> None:
        """Take an upload out; the one that takes its place is selected."""
        self._quiet = True
        place = self.model.take_out(number)
        self._quiet = False
        if place is not None:
            if place >= self.model.rowCount():
                place -= 1
            self._number = None
            self.table.selectionModel().clearCurrentIndex()
            self.select(place)

    def following(self, count: int, *, backwards: bool = False) -> list[int]:
        """Numbers of the selected upload and those behind it, or before it."""
        place = self.place()
        if place is None:
            return []
        if backwards:
            return list(self.model.numbers(place - count, place + 1))[::-1]
        return list(self.model.numbers(place, place + count + 1))

    def dress(self) -> None:
        """Take signs and text size of the theme in force."""
        self.filters.dress()
        self.table.verticalHeader().setDefaultSectionSize(row_height())

    def _hush(self) -> None:
        number = self.number()
        if self._number is None and number is not None:
            self._number = number
        self._place = self.place() or 0
        self._quiet = True

    def _counted(self) -> None:
        self._quiet = False
        self.filters.show_counts(self.model)
        wanted, self._number = self._number, None
        if wanted is not None and wanted != self.number():
            place = self.model.place_of(wanted)
            self.select(place if place is not None else 0 if self._from_top else self._place)
        elif self.place() is None:
            self.select(0)
        self._from_top = False
        self.counted.emit()
        self.chosen.emit()

    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        if not self._quiet and current.isValid():
            self.table.selectionModel().select(current, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.chosen.emit()


def _table(model: ReviewModel) -> QTableView:
    """One column, rows of one height: a list view would ask for each of a hundred thousand rows."""
    table = QTableView()
    table.setAccessibleName("Uploads")
    table.setModel(model)
    table.setItemDelegate(ReviewDelegate(table))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    # A click leaves the keys to the page: a table with one column would keep the arrows to the sides.
    table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.horizontalHeader().hide()
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.setMinimumWidth(200)
    return table
