"""Judged pictures of a folder as a table model: sorted and filtered here, so that thousands of rows stay quick."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from weldspot_desktop import labels, paths
from weldspot_desktop.inspection.inspector import Inspected
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import VERDICTS, mark_icon, sign_icon
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.thumbnails import Thumbnails
from weldspot_desktop.verdict import Verdict
from weldspot_desktop.verdict.guidance import reason_line

NOT_JUDGED: Final = "NOT JUDGED"
"""What stands in place of a verdict for a file that could not be judged."""

_ORDER: Final = {
    word: place
    for place, word in enumerate(
        (Verdict.DEFECT, Verdict.UNSURE, Verdict.RETAKE, NOT_JUDGED, Verdict.CLEAR, Verdict.NO_WELD)
    )
}
"""Sorted by verdict, what needs a person comes first."""

_Index = QModelIndex | QPersistentModelIndex
_Key = float | str


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    key
        Under which its width is remembered.
    title, words
        Its head, and what it shows of a row.
    sort_key
        What rows are ordered by; None where there is nothing (such rows come last, whatever the direction).
    number
        Aligned to the right.
    shown
        Whether it is shown before somebody chooses.
    width
        In pixels at 100 % text size.
    """

    key: str
    title: str
    words: Callable[[Inspected], str]
    sort_key: Callable[[Inspected], _Key | None]
    number: bool = False
    shown: bool = True
    width: int = 80


def file_name(row: Inspected) -> str:
    """Last part of the path."""
    return paths.printable(Path(row.origin).name)


def verdict_word(row: Inspected) -> str:
    """The verdict, or that there is none."""
    return row.judgement.verdict.value if row.judgement is not None else NOT_JUDGED


def reason(row: Inspected) -> str:
    """Why this verdict, or why none."""
    return reason_line(row.judgement) if row.judgement is not None else paths.printable(row.error or "")


def _score(index: int, row: Inspected) -> float | None:
    return float(row.prediction.scores[index]) if row.prediction is not None else None


def _score_words(index: int, row: Inspected) -> str:
    score = _score(index, row)
    return f"{score:.2f}" if score is not None else ""


def _folder(row: Inspected) -> str:
    return paths.printable(str(Path(row.origin).parent))


def _size(row: Inspected) -> str:
    return f"{row.width} × {row.height}" if row.width is not None else ""


def _pixels(row: Inspected) -> float | None:
    return float(row.width * row.height) if row.width is not None and row.height is not None else None


def _distance(row: Inspected) -> float | None:
    return row.prediction.distance if row.prediction is not None else None


def _distance_words(row: Inspected) -> str:
    distance = _distance(row)
    return f"{distance:.2f}" if distance is not None else ""


def _folded(words: Callable[[Inspected], str], row: Inspected) -> str | None:
    return words(row).casefold() or None


def _urgency(row: Inspected) -> float:
    return float(_ORDER[verdict_word(row)])


PICTURE: Final = 0
VERDICT: Final = 2
REASON: Final = 3

COLUMNS: Final[tuple[Column, ...]] = (
    Column("picture", "Picture", lambda _: "", lambda _: None, width=76),
    Column("name", "Name", file_name, partial(_folded, file_name), width=160),
    Column("verdict", "Verdict", verdict_word, _urgency, width=136),
    Column("reason", "Reason", reason, partial(_folded, reason), width=160),
    *(
        Column(f"score_{i}", name, partial(_score_words, i), partial(_score, i), number=True, width=58)
        for i, name in enumerate(labels.CLASSES)
    ),
    Column("distance", "Distance", _distance_words, _distance, number=True, shown=False, width=90),
    Column("size", "Size", _size, _pixels, number=True, shown=False, width=110),
    Column("folder", "Folder", _folder, partial(_folded, _folder), shown=False, width=240),
)
"""Everything that the table can show."""


@dataclass(frozen=True)
class Filter:
    """Which rows are shown; empty fields let everything through.

    Attributes
    ----------
    text
        Words that must all occur in path, reason or error.
    verdicts
        Any of these words, `NOT_JUDGED` among them.
    class_index
        A class that decided the verdict.
    """

    text: str = ""
    verdicts: tuple[str, ...] = ()
    class_index: int | None = None

    def lets_through(self, row: Inspected) -> bool:
        """Whether a row is shown."""
        if self.verdicts and verdict_word(row) not in self.verdicts:
            return False
        if self.class_index is not None and (row.judgement is None or self.class_index not in row.judgement.classes):
            return False
        words = self.text.casefold().split()
        if not words:
            return True
        hay = f"{paths.printable(row.origin)}\n{reason(row)}".casefold()
        return all(word in hay for word in words)


class SmallSigns(QStyledItemDelegate):
    """Paints a column whose signs are as high as its words, in a table whose icons are thumbnails."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        side = theme.pixels(Size.HEAD)
        option.decorationSize = QSize(side, side)


class ResultsModel(QAbstractTableModel):
    """Rows in the order of arrival until a column is chosen to sort by.

    Parameters
    ----------
    thumbnails
        Gives the pictures of rows that are seen.

    Signals
    -------
    counted
        Rows arrived, or other rows are shown.
    """

    counted = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._rows: list[Inspected] = []
        self._shown: list[int] = []
        self._filter = Filter()
        self._sorted_by: tuple[int, bool] | None = None
        self._verdict_counts = dict.fromkeys(_ORDER, 0)
        thumbnails.made.connect(self._thumbnail_made)

    def clear(self) -> None:
        """Forget all rows."""
        self.beginResetModel()
        self._rows, self._shown = [], []
        self._verdict_counts = dict.fromkeys(_ORDER, 0)
        self.endResetModel()
        self.counted.emit()

    def extend(self, rows: Sequence[Inspected]) -> None:
        """Take more rows."""
        first = len(self._rows)
        self._rows.extend(rows)
        for row in rows:
            self._verdict_counts[verdict_word(row)] += 1
        new = [first + place for place, row in enumerate(rows) if self._filter.lets_through(row)]
        if new:
            self.beginInsertRows(QModelIndex(), len(self._shown), len(self._shown) + len(new) - 1)
            self._shown.extend(new)
            self.endInsertRows()
            if self._sorted_by is not None:
                self._reorder()
        self.counted.emit()

    def set_filter(self, wanted: Filter) -> None:
        """Show other rows."""
        if wanted == self._filter:
            return
        self.beginResetModel()
        self._filter = wanted
        self._shown = [place for place, row in enumerate(self._rows) if wanted.lets_through(row)]
        self._shown = self._in_order(self._shown)
        self.endResetModel()
        self.counted.emit()

    @property
    def filter(self) -> Filter:
        return self._filter

    def row(self, place: int) -> Inspected:
        """What a row of the table shows."""
        return self._rows[self._shown[place]]

    def place_of(self, origin: str) -> int | None:
        """Row of the table that shows this picture, if any."""
        return next((place for place, row in enumerate(self._shown) if self._rows[row].origin == origin), None)

    def shown_rows(self) -> list[Inspected]:
        """What the filter leaves, as the table is sorted."""
        return [self._rows[place] for place in self._shown]

    def all_rows(self) -> list[Inspected]:
        """Every row, in the order of arrival."""
        return list(self._rows)

    def total(self) -> int:
        """Rows in all, whatever the filter."""
        return len(self._rows)

    def verdict_count(self, word: str) -> int:
        """Rows with this verdict, whatever the filter."""
        return self._verdict_counts[word]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        column = COLUMNS[section]
        is_score = column.key.startswith("score_")
        if role == Qt.ItemDataRole.DisplayRole:
            # Seven names would need the width of the screen: the mark stands for the class, the tooltip names it.
            return "" if is_score else column.title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"Score of {column.title}" if is_score else column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.DecorationRole and is_score:
            return mark_icon(int(column.key.removeprefix("score_")), theme.pixels(Size.BODY))
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        row = self.row(index.row())
        if index.column() == PICTURE:
            if role == Qt.ItemDataRole.DecorationRole:
                return self._thumbnails.get(row.origin) if row.judgement is not None else self._no_picture()
            return f"Picture {file_name(row)}" if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return column.words(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return paths.printable(row.origin) if column.key == "name" else column.words(row)
        if column.key.startswith("score_") and role == Qt.ItemDataRole.FontRole:
            deciding = row.judgement is not None and int(column.key.removeprefix("score_")) in row.judgement.classes
            return theme.font(Size.BODY, bold=deciding)
        return self._verdict_look(row, role) if index.column() == VERDICT else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By any column; -1 and the picture's column bring back the order of arrival."""
        by = (column, order is Qt.SortOrder.DescendingOrder) if column > PICTURE else None
        if by != self._sorted_by:
            self._sorted_by = by
            self._reorder()

    @staticmethod
    def _no_picture() -> QPixmap:
        return theme.icon("image-off-outline", theme.colours().muted).pixmap(24, 24)

    @staticmethod
    def _verdict_look(row: Inspected, role: int) -> Any:
        verdict = row.judgement.verdict if row.judgement is not None else None
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(VERDICTS[verdict].text.now if verdict is not None else theme.colours().bad)
        if role == Qt.ItemDataRole.DecorationRole:
            side = theme.pixels(Size.HEAD)
            return sign_icon(verdict, side) if verdict is not None else theme.icon("alert", theme.colours().bad)
        return None

    def _reorder(self) -> None:
        """Sort what is shown; selection and current row stay on their pictures."""
        self.layoutAboutToBeChanged.emit()
        before = self._shown
        self._shown = self._in_order(sorted(before))
        places = {row: place for place, row in enumerate(self._shown)}
        old = self.persistentIndexList()
        new = [self.index(places[before[index.row()]], index.column()) for index in old]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _in_order(self, rows: Iterable[int]) -> list[int]:
        """Rows sorted by the chosen column; equal ones in the order of arrival, empty ones last."""
        if self._sorted_by is None:
            return list(rows)
        column, descending = self._sorted_by
        key = COLUMNS[column].sort_key
        keyed = [(key(self._rows[row]), row) for row in rows]
        empty = [row for value, row in keyed if value is None]
        known: list[tuple[Any, int]] = [(value, row) for value, row in keyed if value is not None]
        known.sort(key=lambda pair: pair[0], reverse=descending)
        return [row for _, row in known] + empty

    def _thumbnail_made(self, origin: str) -> None:
        place = self.place_of(origin)
        if place is not None:
            index = self.index(place, PICTURE)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
