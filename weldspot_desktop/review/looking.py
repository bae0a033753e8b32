"""Looking through an inbox for what is not known yet, at the cost of what is new where its names allow that."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from tenacity import Retrying

from weldspot_desktop.cloud.inbox import PREFIXES, Inbox, RemoteObject
from weldspot_desktop.store import Database, sync_state, uploads

RECONCILE_AFTER: Final = timedelta(hours=24)
"""How long cursors are trusted before everything is compared again."""

OVERLAP: Final = timedelta(days=2)
"""How far before the newest object a look begins: phones without a network send late."""

LEAST_OLD: Final = 1000
"""Objects older than the overlap that must stand in order of time before names are believed to sort by it. It is what
one page of a listing holds: below that a cursor would save nothing."""

_BATCH: Final = 500


@dataclass
class Looked:
    """What a look found.

    Attributes
    ----------
    new
        Objects that are not known, those first that came first.
    settled
        Known ones that the inbox needs no more, if that was asked for.
    listed
        How many objects were looked at.
    cursors
        By prefix, where the next look may begin.
    full
        Whether everything was compared.
    """

    new: list[RemoteObject] = field(default_factory=list)
    settled: list[RemoteObject] = field(default_factory=list)
    listed: int = 0
    cursors: dict[str, str] = field(default_factory=dict)
    full: bool = True


def look(
    database: Database,
    inbox: Inbox,
    *,
    full: bool,
    settled: bool,
    report: Callable[[int], None],
    patience: Retrying,
) -> Looked:
    """Compare an inbox with what is known.

    Parameters
    ----------
    full
        Compare everything, whatever the last look left.
    settled
        Also name the known ones that are settled.
    report
        Called with the number of objects looked at; what it raises ends the look.
    patience
        Calls what may fail for now.

    Raises
    ------
    CloudError, ExpectedError
        If the inbox cannot be listed.
    StoreError
        If the database cannot be read.
    """
    with database.read() as session:
        state = sync_state.read(session, inbox.id)
    begins: Mapping[str, str] = {}
    if state is not None and state.reconciled is not None and not full:
        fresh = datetime.now(state.reconciled.tzinfo) - state.reconciled < RECONCILE_AFTER
        begins = state.cursors if fresh else {}
    looked = Looked(full=not begins)
    for prefix in PREFIXES:
        begin = begins.get(prefix)
        order = _Order(trusted=begin is not None)
        for batch in _batches(inbox, prefix, begin, patience):
            _sort_out(database, inbox, batch, looked, settled=settled)
            for found in batch:
                order.add(found)
            report(looked.listed)
        cursor = order.cursor or (begin if order.sorted else None)
        if cursor is not None:
            looked.cursors[prefix] = cursor
    looked.new.sort(key=lambda found: found.updated)
    return looked


class _Order:
    """Whether names that come in order stand in order of time too, and where the overlap begins."""

    def __init__(self, *, trusted: bool) -> None:
        self.sorted = True
        self._old = LEAST_OLD if trusted else 0
        self._newest: datetime | None = None
        self._recent: deque[tuple[datetime, str]] = deque()

    def add(self, found: RemoteObject) -> None:
        newest = self._newest = max(found.updated, self._newest or found.updated)
        self.sorted = self.sorted and found.updated >= newest - OVERLAP
        self._recent.append((found.updated, found.name))
        while self._recent[0][0] < newest - OVERLAP:
            self._recent.popleft()
            self._old += 1

    @property
    def cursor(self) -> str | None:
        return self._recent[0][1] if self._recent and self.sorted and self._old >= LEAST_OLD else None


def _sort_out(database: Database, inbox: Inbox, batch: list[RemoteObject], looked: Looked, *, settled: bool) -> None:
    identities = [(found.name, found.generation) for found in batch]
    with database.read() as session:
        known = uploads.known(session, inbox.id, identities)
        done = sync_state.settled(session, inbox.id, known) if settled else set()
    looked.listed += len(batch)
    looked.new += [found for found in batch if (found.name, found.generation) not in known]
    looked.settled += [found for found in batch if (found.name, found.generation) in done]


def _batches(inbox: Inbox, prefix: str, begin: str | None, patience: Retrying) -> Iterator[list[RemoteObject]]:
    """A listing in portions, which goes on after its last name when a page fails."""
    listing: Iterator[RemoteObject] | None = None
    last: str | None = None
    passed: str | None = None

    def portion() -> list[RemoteObject]:
        nonlocal listing, last, passed
        if listing is None:
            listing, passed = inbox.listing(prefix, start=last if last is not None else begin), last
        batch: list[RemoteObject] = []
        try:
            for found in listing:
                # What begins at the last name gives it again.
                if passed is None or found.name > passed:
                    batch.append(found)
                    last = found.name
                if len(batch) >= _BATCH:
                    break
        except Exception:
            # A generator that raised gives nothing any more. What came before is good; if nothing did, it is tried
            # again, for a while.
            listing = None
            if not batch:
                raise
        return batch

    while True:
        batch: list[RemoteObject] = patience(portion)
        if batch:
            yield batch
        elif listing is not None:
            return
