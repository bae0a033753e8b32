"""A letter box that holds one item: the newest."""

import threading
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class Mailbox(Generic[_Item]):
    """Hands items from one thread to another; an item that nobody fetched is replaced by the next.

    So a slow reader sees fewer items instead of older ones, and memory stays flat.
    """

    def __init__(self) -> None:
        self._item: _Item | None = None
        self._changed = threading.Condition()
        self._closed = False

    def put(self, item: _Item) -> None:
        """Leave an item, in place of one that still lies there. After `close` it is dropped."""
        with self._changed:
            if not self._closed:
                self._item = item
                self._changed.notify_all()

    def put_after(self, item: _Item) -> None:
        """Leave an item after the one that lies there was fetched, waiting for that; for items that all count."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is None or self._closed)
            self.put(item)

    def take(self, seconds: float = 0.0) -> _Item | None:
        """Fetch the item, waiting up to `seconds` for one; None if there is none. Each item is given once."""
        with self._changed:
            if self._item is None and not self._closed and seconds > 0:
                self._changed.wait_for(lambda: self._item is not None or self._closed, seconds)
            item, self._item = self._item, None
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Drop what lies there, accept nothing more, and wake who waits."""
        with self._changed:
            self._closed = True
            self._item = None
            self._changed.notify_all()
