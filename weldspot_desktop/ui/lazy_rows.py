"""Rows of a long list, read from the store when they are seen."""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Generic, TypeVar

from PySide6.QtCore import QObject

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.workers import Lane

Row = TypeVar("Row")

_AT_ONCE: Final = 60
"""Rows read in one go: about two screens."""

_KEPT: Final = 2000
"""Rows held at most; those seen longest ago leave."""

_MOST_WANTED: Final = 4


class LazyRows(Generic[Row]):
    """Numbers of all rows in order, and the rows themselves as far as they were seen.

    A row that is not read yet is asked for, with its neighbours, the newest wish first; what was scrolled past is
    forgotten. Rows are held by number, so that they survive another order.

    Parameters
    ----------
    frame
        Runs the reading in the lane of the database.
    read
        Gives rows by their numbers; those that are gone are left out. Runs beside the window.
    number_of
        The number of a row.
    arrived
        Called when rows were read.
    owner
        If it is gone, what was read is dropped.
    """

    def __init__(
        self,
        frame: Frame,
        read: Callable[[Sequence[int]], list[Row]],
        number_of: Callable[[Row], int],
        arrived: Callable[[], object],
        owner: QObject,
    ) -> None:
        self._frame = frame
        self._read = read
        self._number_of = number_of
        self._arrived = arrived
        self._owner = owner
        self._order: array[int] = array("q")
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._fresh: set[int] = set()
        self._wanted: list[int] = []
        self._reading = False
        self._stuck = False

    def __len__(self) -> int:
        return len(self._order)

    @property
    def order(self) -> "array[int]":
        """The numbers, in order; not to be changed."""
        return self._order

    def set_order(self, order: "array[int]") -> None:
        """Take other numbers; rows that are held are shown until they are read again."""
        self._order = order
        self._wanted.clear()
        self._fresh.clear()
        self._stuck = False

    def remove(self, place: int) -> None:
        """Take one row out of the list."""
        del self._order[place]

    def number(self, place: int) -> int:
        """The number of the row at a place."""
        return self._order[place]

    def place_of(self, number: int) -> int | None:
        """Where a row stands; None if it is not in the list."""
        try:
            return self._order.index(number)
        except ValueError:
            return None

    def get(self, place: int) -> Row | None:
        """The row at a place; None if it is not read yet. What is old is given, and read again."""
        number = self._order[place]
        if number not in self._fresh:
            self._ask(place)
        found = self._rows.get(number)
        if found is not None:
            self._rows.move_to_end(number)
        return found

    def read_again(self, number: int) -> None:
        """A row is another now: it is shown as it was until it is read again."""
        self._fresh.discard(number)

    def put(self, row: Row) -> None:
        """Take a row that somebody else has read."""
        number = self._number_of(row)
        self._rows[number] = row
        self._rows.move_to_end(number)
        self._fresh.add(number)
        while len(self._rows) > _KEPT:
            old, _ = self._rows.popitem(last=False)
            self._fresh.discard(old)

    def count_held(self) -> int:
        """How many rows are in memory."""
        return len(self._rows)

    def _ask(self, place: int) -> None:
        first = place // _AT_ONCE * _AT_ONCE
        if self._stuck:
            return
        if first in self._wanted:
            self._wanted.remove(first)
        self._wanted = [*self._wanted[-_MOST_WANTED + 1 :], first]
        self._read_next()

    def _read_next(self) -> None:
        if self._reading:
            return
        while self._wanted:
            first = self._wanted.pop()
            numbers = [number for number in self._order[first : first + _AT_ONCE] if number not in self._fresh]
            if numbers:
                self._reading = True
                self._frame.run(
                    partial(self._read, numbers),
                    partial(self._came, numbers),
                    self._failed,
                    lane=Lane.DATABASE,
                    owner=self._owner,
                )
                return

    def _came(self, numbers: Sequence[int], rows: list[Row]) -> None:
        self._reading = False
        for row in rows:
            self.put(row)
        # What is gone is not asked for again; the next order leaves it out.
        self._fresh.update(numbers)
        self._arrived()
        self._read_next()

    def _failed(self, error: ExpectedError) -> None:
        # Asking again at once would report the same fault without end: the next order does.
        self._reading, self._stuck = False, True
        self._wanted.clear()
        self._frame.report(error)
