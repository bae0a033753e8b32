"""How far an inbox is read, and which of its objects are settled."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from weldspot_desktop.store import clock
from weldspot_desktop.store.schema import SyncState, Upload

_AT_ONCE: Final = 250
"""Pairs in one statement; SQLite takes only so many values."""


def read(session: Session, inbox: str) -> SyncState | None:
    """How far an inbox was read at the last look; None if there was none."""
    return session.get(SyncState, inbox)


def write(
    session: Session, inbox: str, *, outcome: str, cursors: Mapping[str, str] | None = None, reconciled: bool = False
) -> datetime:
    """Say how a look ended.

    Parameters
    ----------
    outcome
        In the words of who looked.
    cursors
        By prefix, the name from which the next look begins; None leaves them as they are.
    reconciled
        Whether everything was compared.

    Returns
    -------
    datetime
        When that was, by the database's clock.
    """
    state = session.get(SyncState, inbox)
    if state is None:
        state = SyncState(inbox=inbox, cursors={})
        session.add(state)
    state.ended = clock.now(session)
    state.outcome = outcome
    if cursors is not None:
        state.cursors = dict(cursors)
    if reconciled:
        state.reconciled = state.ended
    return state.ended


def settled(session: Session, inbox: str, objects: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of these (name, generation) came into the queue without a fault: the inbox needs them no more."""
    wanted = list(objects)
    found: set[tuple[str, int]] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        pairs = tuple_(Upload.name, Upload.generation).in_(wanted[start : start + _AT_ONCE])
        query = select(Upload.name, Upload.generation).where(Upload.inbox == inbox, Upload.reason == "", pairs)
        found.update((name, generation) for name, generation in session.execute(query))
    return found
