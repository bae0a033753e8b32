"""Uploads as a list model: their numbers are known at once, the rest is read when it is seen."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import review_queue, uploads
from weldspot_desktop.store.review_queue import AuditProgress, Order, Scope
from weldspot_desktop.store.uploads import State
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.lazy_rows import LazyRows
from weldspot_desktop.ui.review_rows import IN_REVIEW, ReviewRow, plain, read_rows, row_words
from weldspot_desktop.ui.thumbnails import Thumbnails
from weldspot_desktop.ui.workers import Lane

ROW: Final = Qt.ItemDataRole.UserRole
"""Role of the `ReviewRow`, None while it is not read."""

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class _Answer:
    order: "array[int]"
    counts: dict[str, int]
    groups: list[str]
    audit: AuditProgress | None


class ReviewModel(QAbstractListModel):
    """Uploads of a scope in an order.

    Parameters
    ----------
    frame
        Runs the reading.
    thumbnails
        Gives the pictures of rows that are seen.
    token
        Mark of this window's own leases.

    Signals
    -------
    counted
        Counts and groups are new; the rows may be others.
    arrived
        Rows were read.
    """

    counted = Signal()
    arrived = Signal()

    def __init__(self, frame: Frame, thumbnails: Thumbnails, token: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._thumbnails = thumbnails
        self._token = token
        self._rows: LazyRows[ReviewRow] = LazyRows(frame, self._read, lambda row: row.number, self._came, self)
        self.scope = Scope()
        self.review_order = Order.NEWEST
        self.in_review = False
        self.counts: dict[str, int] = {}
        self.groups: list[str] = []
        self.audit: AuditProgress | None = None
        self._asking = False
        self._ask_again = False
        # Answers to an older question are dropped.
        self._generation = 0
        thumbnails.made.connect(self._thumbnail_made)

    # ---------------------------------------------------------------- what is shown

    def ask(self, scope: Scope, order: Order, *, in_review: bool = False) -> None:
        """Show other uploads, or in another order; with `in_review` also those that somebody else looks at, first."""
        if (scope, order, in_review) != (self.scope, self.review_order, self.in_review):
            self.scope, self.review_order, self.in_review = scope, order, in_review
            self._generation += 1
            self._asking = False
        self.refresh()

    def refresh(self) -> None:
        """Ask again which uploads there are; what is seen is read again. Many calls at once are one."""
        if self._asking:
            self._ask_again = True
            return
        self._asking, self._ask_again = True, False
        answered = partial(self._answered, self._generation)
        failed = partial(self._failed, self._generation)
        ask = partial(self._answer, self.scope, self.review_order, self.in_review)
        self._frame.run(ask, answered, failed, lane=Lane.DATABASE, owner=self)

    def row(self, place: int) -> ReviewRow | None:
        """The upload at a place; None if it is not read yet (it is then asked for)."""
        return self._rows.get(place) if 0 <= place < len(self._rows) else None

    def number(self, place: int) -> int:
        """The upload's number at a place."""
        return self._rows.number(place)

    def numbers(self, first: int, last: int) -> Sequence[int]:
        """Numbers of the places from first up to, not including, last."""
        return self._rows.order[max(0, first) : last]

    def place_of(self, number: int) -> int | None:
        """Where an upload stands; None if it is not shown."""
        return self._rows.place_of(number)

    def put(self, row: ReviewRow) -> None:
        """Take what somebody else has read of an upload."""
        self._rows.put(row)
        place = self.place_of(row.number)
        if place is not None:
            self.dataChanged.emit(self.index(place), self.index(place))

    def read_again(self, number: int) -> None:
        """An upload is in another state now: read it again where it is seen."""
        self._rows.read_again(number)
        place = self.place_of(number)
        if place is not None:
            self.dataChanged.emit(self.index(place), self.index(place))

    def moved(self, before: str, after: str) -> None:
        """Count an upload in another state, until the counts are read again."""
        for state, by in ((before, -1), (after, 1)):
            self.counts[state] = max(0, self.counts.get(state, 0) + by)

    def take_out(self, number: int) -> int | None:
        """Take an upload out of the list, as its decision does; gives back where it was."""
        place = self.place_of(number)
        if place is not None:
            self.beginRemoveRows(QModelIndex(), place, place)
            self._rows.remove(place)
            self.endRemoveRows()
        return place

    def count(self, state: str) -> int:
        """Uploads in a state (`IN_REVIEW` among them) of the chosen group, whatever else is filtered."""
        return self.counts.get(state, 0)

    def total(self) -> int:
        """Uploads of the chosen group, whatever else is filtered."""
        return sum(number for state, number in self.counts.items() if state != IN_REVIEW)

    def held(self) -> int:
        """Rows in memory."""
        return self._rows.count_held()

    # ---------------------------------------------------------------- Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ROLES:
            return None
        row = self._rows.get(index.row())
        if role == ROW or row is None:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row_words(row)}\n{plain(row.upload.name)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row_words(row)
        return self._thumbnails.get(str(row.picture)) if row.picture is not None else None

    # ---------------------------------------------------------------- reading

    def _read(self, numbers: Sequence[int]) -> list[ReviewRow]:
        context = self._frame.context
        return read_rows(context.database, context.picture_files, self._token, numbers)

    def _answer(self, scope: Scope, order: Order, in_review: bool) -> _Answer:
        """Runs in the lane of the database."""
        with self._frame.context.database.read() as session:
            counts = {state.value: number for state, number in uploads.counts(session, scope.group).items()}
            held = review_queue.in_review(session, Scope(group=scope.group), token=self._token)
            counts[IN_REVIEW] = len(held)
            audit = review_queue.audit_progress(session, scope) if order is Order.AUDIT else None
            numbers = review_queue.ids(session, scope, order) if scope.states else array("q")
            if in_review:
                first = review_queue.in_review(session, scope, token=self._token)
                shown = set(first)
                numbers = array("q", [*first, *(number for number in numbers if number not in shown)])
            return _Answer(numbers, counts, review_queue.groups(session), audit)

    def _answered(self, generation: int, answer: _Answer) -> None:
        if generation != self._generation:
            return
        self._asking = False
        self.counts, self.groups, self.audit = answer.counts, answer.groups, answer.audit
        same = answer.order == self._rows.order
        if same:
            self._rows.set_order(answer.order)
            self._tell_views()
        else:
            self.beginResetModel()
            self._rows.set_order(answer.order)
            self.endResetModel()
        self.counted.emit()
        if self._ask_again:
            self.refresh()

    def _failed(self, generation: int, error: ExpectedError) -> None:
        if generation == self._generation:
            self._asking = False
            self._frame.report(error)

    def _came(self) -> None:
        self._tell_views()
        self.arrived.emit()

    def _tell_views(self) -> None:
        # Nothing is read for this: views ask for what they show.
        if len(self._rows):
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def _thumbnail_made(self, path: str) -> None:
        # The view looks at the rows on the screen only.
        self._tell_views()


WAITING_STATES: Final = tuple(state.value for state in uploads.WAITING)
"""States that a reviewer still has to look at."""

_ROLES: Final = (
    ROW,
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.DecorationRole,
    Qt.ItemDataRole.AccessibleTextRole,
)


def scope_of(chosen: Sequence[str], group: str | None, text: str) -> Scope:
    """The scope that chips, group and text ask for; no chip means every state."""
    states = tuple(State(state) for state in chosen if state != IN_REVIEW) if chosen else tuple(State)
    return Scope(states=states, group=group, text=text)
