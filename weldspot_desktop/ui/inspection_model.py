"""The log as a table model: rows are read from the store when they are seen, a page of them at a time."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from weldspot_desktop import labels
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import inspections
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import VERDICTS, mark_icon, sign_icon
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.workers import Lane
from weldspot_desktop.verdict import Verdict

_ROWS_A_PAGE: Final = 100
_PAGES_KEPT: Final = 60
_MOST_WANTED: Final = 4

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """One column of the log.

    Attributes
    ----------
    key
        Under which its width is remembered.
    title, words
        Its head, and what it shows of a row.
    number
        Aligned to the right.
    shown
        Whether it is shown before somebody chooses.
    """

    key: str
    title: str
    words: Callable[[Inspection], str]
    number: bool = False
    shown: bool = True
    width: int = 110


def local_time(row: Inspection) -> str:
    """When, in the time of this place."""
    return row.created.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def file_name(row: Inspection) -> str:
    """Last part of the origin; addresses stay whole."""
    return row.origin if "://" in row.origin else PurePath(row.origin).name or row.origin


def model_title(row: Inspection) -> str:
    """Name and version of the model."""
    return f"{row.model_name} {row.model_version}" if row.model_name else ""


def _score(index: int, row: Inspection) -> str:
    return f"{row.scores[index]:.2f}" if row.scores is not None else ""


TIME: Final = 0
VERDICT: Final = 1

COLUMNS: Final[tuple[Column, ...]] = (
    Column("time", "Time", local_time, width=180),
    Column("verdict", "Verdict", lambda row: row.verdict or "NOT JUDGED", width=125),
    Column("reason", "Reason", lambda row: row.error or row.reason, width=230),
    Column("picture", "Picture", file_name, width=170),
    Column("source", "Source", lambda row: row.source.capitalize(), width=80),
    Column("weld_id", "Weld ID", lambda row: row.weld.get("weld_id", ""), width=90),
    Column("person", "Inspector", lambda row: row.person.name if row.person is not None else "", width=120),
    Column("model", "Model", model_title, shown=False, width=90),
    *(
        Column(f"score_{index}", name, partial(_score, index), number=True, shown=False, width=100)
        for index, name in enumerate(labels.CLASSES)
    ),
    Column("part", "Part", lambda row: row.weld.get("part", ""), shown=False),
    Column("wps", "WPS", lambda row: row.weld.get("wps", ""), shown=False),
    Column("welder", "Welder", lambda row: row.weld.get("welder", ""), shown=False),
    Column("thresholds", "Thresholds", lambda row: row.thresholds_name or "", shown=False),
    Column("size", "Size", lambda row: f"{row.width} × {row.height}" if row.width else "", number=True, shown=False),
    Column(
        "time_taken",
        "Model time",
        lambda row: f"{row.milliseconds:.1f} ms" if row.milliseconds is not None else "",
        number=True,
        shown=False,
    ),
    Column("id", "Number", lambda row: str(row.id), number=True, shown=False, width=80),
)
"""Everything the log can show."""


class VerdictDelegate(QStyledItemDelegate):
    """Keeps the colour of a verdict in a selected row; Qt would take the colour of selected words."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        ink = index.data(Qt.ItemDataRole.ForegroundRole)
        if ink is not None:
            option.palette.setColor(QPalette.ColorRole.HighlightedText, ink)


class InspectionModel(QAbstractTableModel):
    """Inspections that match a query, newest first or oldest first.

    The number of rows is known at once; a row that is not read yet shows nothing and is asked for.

    Parameters
    ----------
    frame
        Runs the reading.

    Signals
    -------
    counted(int)
        How many rows match, after each refresh.
    arrived(first row, last row)
        Rows were read.
    """

    counted = Signal(int)
    arrived = Signal(int, int)

    def __init__(self, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._query = Query()
        self._count = 0
        self._pages: OrderedDict[int, list[Inspection]] = OrderedDict()
        self._reading: int | None = None
        self._wanted: list[int] = []
        # Answers to an older question are dropped.
        self._generation = 0

    @property
    def query(self) -> Query:
        return self._query

    def set_query(self, query: Query) -> None:
        """Look for something else."""
        if query != self._query:
            self._query = query
            self.refresh()

    def refresh(self) -> None:
        """Count again, and read again what is seen."""
        self._generation += 1
        self._reading = None
        self._wanted.clear()
        count = partial(self._read_count, self._query)
        self._frame.run(count, partial(self._counted, self._generation), lane=Lane.DATABASE, owner=self)

    def inspection(self, row: int) -> Inspection | None:
        """The inspection of a row; None if it is not read yet (it is then asked for)."""
        number, place = divmod(row, _ROWS_A_PAGE)
        page = self._pages.get(number)
        if page is None:
            self._ask(number)
            return None
        self._pages.move_to_end(number)
        return page[place] if place < len(page) else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.DecorationRole and column.key.startswith("score_"):
            return mark_icon(int(column.key.removeprefix("score_")), theme.pixels(14))
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role not in _ROLES:
            return None
        row = self.inspection(index.row())
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return column.words(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.origin if column.key == "picture" else column.words(row)
        if index.column() != VERDICT:
            return None
        if row.verdict is None:
            return QColor(theme.colours().bad) if role == Qt.ItemDataRole.ForegroundRole else None
        verdict = Verdict(row.verdict)
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(VERDICTS[verdict].text.now)
        return sign_icon(verdict, theme.pixels(16))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By time, the one order in which the store can page."""
        if column == TIME:
            self.set_query(replace(self._query, newest_first=order is Qt.SortOrder.DescendingOrder))

    def _ask(self, number: int) -> None:
        """Read a page soon: the one asked for last comes first, and what was scrolled past is forgotten."""
        if number == self._reading:
            return
        if number in self._wanted:
            self._wanted.remove(number)
        self._wanted = [*self._wanted[-_MOST_WANTED + 1 :], number]
        self._read_next()

    def _read_next(self) -> None:
        if self._reading is None and self._wanted:
            self._reading = number = self._wanted.pop()
            read = partial(self._read_page, self._query, number)
            arrived = partial(self._page_arrived, self._generation, number)
            self._frame.run(read, arrived, partial(self._page_failed, self._generation), lane=Lane.DATABASE, owner=self)

    def _read_count(self, query: Query) -> int:
        with self._frame.context.database.read() as session:
            return inspections.count(session, query)

    def _read_page(self, query: Query, number: int) -> list[Inspection]:
        with self._frame.context.database.read() as session:
            return inspections.page(session, query, offset=number * _ROWS_A_PAGE, limit=_ROWS_A_PAGE)

    def _counted(self, generation: int, count: int) -> None:
        if generation != self._generation:
            return
        self.beginResetModel()
        self._pages.clear()
        self._count = count
        self.endResetModel()
        self.counted.emit(count)

    def _page_arrived(self, generation: int, number: int, rows: list[Inspection]) -> None:
        if generation != self._generation:
            return
        self._reading = None
        self._pages[number] = rows
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        first = number * _ROWS_A_PAGE
        last = min(first + _ROWS_A_PAGE, self._count) - 1
        if first <= last:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))
            self.arrived.emit(first, last)
        self._read_next()

    def _page_failed(self, generation: int, error: ExpectedError) -> None:
        if generation == self._generation:
            # Asking again at once would report the same fault without end: the next refresh does.
            self._wanted.clear()
            self._frame.report(error)


_ROLES: Final = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.ForegroundRole,
    Qt.ItemDataRole.DecorationRole,
)


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
