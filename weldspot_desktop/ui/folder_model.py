"""A folder run as a table model: the order is known at once, rows are read from the store when they are seen."""

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeGuard

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QPixmap

from weldspot_desktop import paths
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import Database, folder_table
from weldspot_desktop.store.folder_table import UNJUDGED, Key, Question, Row
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import VERDICTS, mark_icon, sign_icon
from weldspot_desktop.ui.folder_columns import COLUMNS, PICTURE, VERDICT, Column, file_name, program_words
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.thumbnails import Thumbnails
from weldspot_desktop.ui.workers import Lane
from weldspot_desktop.verdict import Verdict

ROWS_A_PAGE: Final = 100
ROWS_KEPT: Final = 4000
_MOST_WANTED: Final = 4

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, eq=False)
class _Page:
    """A page that is being read: of this source, in this order."""

    source: tuple[Database, int]
    order: "array[int] | None"
    number: int


@dataclass(frozen=True)
class _Answer:
    counts: dict[str, int]
    overridden: int
    order: "array[int] | None"
    """None for all rows as they are listed."""


class FolderModel(QAbstractTableModel):
    """Rows of one run that match a question. A row that is not read yet shows nothing and is asked for.

    Memory does not grow with the run but for four bytes a row, and these only while rows are filtered or sorted.

    Parameters
    ----------
    frame
        Runs the reading.
    thumbnails
        Gives the pictures of rows that are seen.

    Signals
    -------
    counted
        Counts are new, and the rows that are shown may be others.
    arrived
        Rows were read, anew or for the first time.
    """

    counted = Signal()
    arrived = Signal()

    def __init__(self, frame: Frame, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._thumbnails = thumbnails
        self._source: tuple[Database, int] | None = None
        self._question = Question()
        self._counts: dict[str, int] = {}
        self._overridden = 0
        self._order: array[int] | None = None
        self._count = 0
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._fresh: set[int] = set()
        self._wanted: list[int] = []
        self._reading: _Page | None = None
        self._stuck = False
        self._asking = False
        self._ask_again = False
        # Answers to an older question are dropped.
        self._generation = 0
        thumbnails.made.connect(self._thumbnail_made)

    # ---------------------------------------------------------------- what is shown

    def set_run(self, database: Database | None, run_id: int = 0) -> None:
        """Show another run, or the same one from another database; None shows nothing."""
        self.beginResetModel()
        self._source = (database, run_id) if database is not None else None
        self._counts, self._overridden, self._order, self._count = {}, 0, None, 0
        self._forget()
        self.endResetModel()
        self.counted.emit()
        self.refresh()

    @property
    def source(self) -> tuple[Database, int] | None:
        """Database and run that are shown."""
        return self._source

    @property
    def question(self) -> Question:
        return self._question

    def set_question(self, question: Question) -> None:
        """Show other rows, or in another order."""
        if question != self._question:
            self._question = question
            self._generation += 1
            self._asking = False
            self.refresh()

    def refresh(self) -> None:
        """Ask again which rows match; what is seen is read again. Many calls at once are one."""
        if self._source is None:
            return
        if self._asking:
            self._ask_again = True
            return
        self._asking, self._ask_again, self._stuck = True, False, False
        ask = partial(_answer, *self._source, self._question)
        self._frame.run(
            ask,
            partial(self._answered, self._generation),
            partial(self._failed, self._generation),
            lane=Lane.DATABASE,
            owner=self,
        )

    def row(self, place: int) -> Row | None:
        """What a row of the table shows; None if it is not read yet (it is then asked for)."""
        number = place // ROWS_A_PAGE
        if number not in self._fresh:
            self._ask(number)
        position = self.position(place)
        found = self._rows.get(position)
        if found is not None:
            self._rows.move_to_end(position)
        return found

    def position(self, place: int) -> int:
        """The file's place in the run, by row of the table."""
        return self._order[place] if self._order is not None else place

    def positions(self, places: Sequence[int]) -> list[int]:
        """The same for many rows."""
        return [self.position(place) for place in places]

    def place_of(self, position: int) -> int | None:
        """Row of the table that shows this file, if any."""
        if self._order is None:
            return position if 0 <= position < self._count else None
        try:
            return self._order.index(position)
        except ValueError:
            return None

    def total(self) -> int:
        """Rows in all, whatever the question."""
        return sum(self._counts.values())

    def verdict_count(self, word: str) -> int:
        """Rows with this verdict (`UNJUDGED` and `WAITING` among them), whatever the question."""
        return self._counts.get(word, 0)

    def overridden_count(self) -> int:
        """Rows that a person overrode, whatever the question."""
        return self._overridden

    def held(self) -> int:
        """Rows in memory."""
        return len(self._rows)

    # ---------------------------------------------------------------- Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        column = COLUMNS[section]
        is_score = column.class_index is not None
        if role == Qt.ItemDataRole.DisplayRole:
            # Seven names would need the width of the screen: the mark stands for the class, the tooltip names it.
            return "" if is_score else column.title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"Score of {column.title}" if is_score else _TIPS.get(column.key, column.title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.DecorationRole and column.class_index is not None:
            return mark_icon(column.class_index, theme.pixels(Size.BODY))
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role not in _ROLES:
            return None
        row = self.row(index.row())
        if row is None:
            return None
        if index.column() == PICTURE:
            if role == Qt.ItemDataRole.DecorationRole:
                return self._thumbnails.get(row.path) if row.verdict != UNJUDGED else self._no_picture()
            return f"Picture {file_name(row)}" if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return column.words(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(column, row)
        if column.class_index is not None and role == Qt.ItemDataRole.FontRole:
            return theme.font(Size.BODY, bold=column.class_index in row.classes)
        return self._verdict_look(row, role) if index.column() == VERDICT else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column that rows can be ordered by; others and -1 bring back the order of the list."""
        chosen = COLUMNS[column] if column >= 0 else None
        key = chosen.sort if chosen is not None else None
        if chosen is None or key is None:
            self.set_question(replace(self._question, key=Key.LISTED, key_class=0, descending=False))
        else:
            descending = order is Qt.SortOrder.DescendingOrder
            self.set_question(
                replace(self._question, key=key, key_class=chosen.class_index or 0, descending=descending)
            )

    # ---------------------------------------------------------------- reading

    def _answered(self, generation: int, answer: _Answer) -> None:
        if generation != self._generation:
            return
        self._asking = False
        self._counts, self._overridden = answer.counts, answer.overridden
        self._show(answer.order)
        self.counted.emit()
        if self._ask_again:
            self.refresh()

    def _show(self, order: "array[int] | None") -> None:
        """Change the rows as little as the view has to notice."""
        count = len(order) if order is not None else self.total()
        same_kind = (order is None) == (self._order is None)
        begins_alike = same_kind and (order is None or order[: self._count] == self._order)
        self._fresh.clear()
        if begins_alike and count >= self._count:
            if count > self._count:
                self.beginInsertRows(QModelIndex(), self._count, count - 1)
                self._order, self._count = order, count
                self.endInsertRows()
            if self._count:
                # Nothing is read for this: views ask for what they show.
                self.dataChanged.emit(self.index(0, 0), self.index(self._count - 1, len(COLUMNS) - 1))
        else:
            self.beginResetModel()
            self._order, self._count = order, count
            self.endResetModel()

    def _ask(self, number: int) -> None:
        """Read a page soon: the one asked for last comes first, and what was scrolled past is forgotten."""
        if self._stuck or (self._is_of_now(self._reading) and self._reading.number == number):
            return
        if number in self._wanted:
            self._wanted.remove(number)
        self._wanted = [*self._wanted[-_MOST_WANTED + 1 :], number]
        self._read_next()

    def _read_next(self) -> None:
        if self._reading is not None or not self._wanted or self._source is None:
            return
        number = self._wanted.pop()
        first = number * ROWS_A_PAGE
        places = range(first, min(first + ROWS_A_PAGE, self._count))
        if not places:
            return
        page = self._reading = _Page(self._source, self._order, number)
        self._frame.run(
            partial(_read, *self._source, self.positions(places)),
            partial(self._page_arrived, page),
            partial(self._failed, self._generation),
            lane=Lane.DATABASE,
            owner=self,
        )

    def _is_of_now(self, page: _Page | None) -> TypeGuard[_Page]:
        """Whether its rows are the ones that stand at its place now."""
        return page is not None and page.source == self._source and page.order is self._order

    def _page_arrived(self, page: _Page, rows: list[Row]) -> None:
        self._reading = None
        if page.source == self._source:
            for row in rows:
                self._rows[row.position] = row
                self._rows.move_to_end(row.position)
            while len(self._rows) > ROWS_KEPT:
                self._rows.popitem(last=False)
            first = page.number * ROWS_A_PAGE
            last = min(first + ROWS_A_PAGE, self._count) - 1
            if self._is_of_now(page) and first <= last:
                self._fresh.add(page.number)
                # Rows of pages that are not seen any more leave; they are read again when they are.
                while len(self._fresh) > ROWS_KEPT // ROWS_A_PAGE:
                    self._fresh.pop()
                self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))
            self.arrived.emit()
        self._read_next()

    def _failed(self, generation: int, error: ExpectedError) -> None:
        # Asking again at once would report the same fault without end: the next refresh does.
        self._reading, self._asking, self._stuck = None, False, True
        self._wanted.clear()
        if generation == self._generation:
            self._frame.report(error)

    def _forget(self) -> None:
        self._rows.clear()
        self._fresh.clear()
        self._wanted.clear()
        self._generation += 1
        self._asking = False

    def _thumbnail_made(self, path: str) -> None:
        for row in self._rows.values():
            if row.path == path:
                place = self.place_of(row.position)
                if place is not None:
                    index = self.index(place, PICTURE)
                    self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    @staticmethod
    def _no_picture() -> QPixmap:
        return theme.icon("image-off-outline", theme.colours().muted).pixmap(24, 24)

    @staticmethod
    def _verdict_look(row: Row, role: int) -> Any:
        word = row.verdict
        verdict = Verdict(word) if word else None
        if role == Qt.ItemDataRole.ForegroundRole:
            if word is None:
                return QColor(theme.colours().muted)
            return QColor(VERDICTS[verdict].text.now if verdict is not None else theme.colours().bad)
        if role == Qt.ItemDataRole.FontRole:
            # A person's word looks like one; the tooltip and a column have the program's.
            font = theme.font(Size.BODY)
            font.setItalic(row.override is not None)
            return font
        if role == Qt.ItemDataRole.DecorationRole and word is not None:
            side = theme.pixels(Size.HEAD)
            return sign_icon(verdict, side) if verdict is not None else theme.icon("alert", theme.colours().bad)
        return None


_ROLES: Final = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.ForegroundRole,
    Qt.ItemDataRole.DecorationRole,
    Qt.ItemDataRole.FontRole,
    Qt.ItemDataRole.AccessibleTextRole,
)

_TIPS: Final = {
    "uncertainty": "How near the verdict is to another one: 0 is certain, 0.5 at a threshold, "
    "1 in the middle between the thresholds",
}


def _tip(column: Column, row: Row) -> str:
    if column.key == "name":
        return paths.printable(row.path)
    if column.key == "verdict" and row.override is not None:
        return f"{row.override.verdict}, overridden by {row.override.person.name}. The program: {program_words(row)}"
    return column.words(row)


def _answer(database: Database, run_id: int, question: Question) -> _Answer:
    """Runs in the lane of the database."""
    with database.read() as session:
        order = None if question.is_plain else folder_table.order(session, run_id, question)
        return _Answer(folder_table.counts(session, run_id), folder_table.overridden_count(session, run_id), order)


def _read(database: Database, run_id: int, positions: Sequence[int]) -> list[Row]:
    """Runs in the lane of the database."""
    with database.read() as session:
        return folder_table.rows(session, run_id, positions)


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
