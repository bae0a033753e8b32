"""The review queue: its orders, and leases that keep two reviewers from the same upload.

A lease is a promise for some seconds: `lease_token` says which window or program holds it, `lease_person` who sits
there. It ends by a decision, by `release`, or by itself, so that nothing is lost when a program dies. Every write
transaction takes its turn (`Database.write`), and a lease is one guarded UPDATE: of two that want one, one gets it.

The audit sample is what drift may take as unbiased: every upload has a `lot`, a random number drawn at its arrival, and
those with a lot below the share belong to the sample, whatever they show; so do those that the phone drew. An upload
that is handed out in the order `audit` keeps that by `Upload.audit`, also if the share is changed later, and the trail
entry of its decision says so. Uploads of the sample that were decided in another order belong to it all the same: left
out, the sample would miss just those that somebody found worth looking at first. So an estimate takes all decided ones
that `in_sample` finds, and is unbiased when none of the sample waits any more (`audit_progress`).
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Text,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
    union,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from weldspot_desktop.store import clock, portable_sql
from weldspot_desktop.store.schema import Person, Upload
from weldspot_desktop.store.uploads import WAITING, State

LEASE_SECONDS: Final = 120.0
"""How long a lease runs if nothing else is said."""

LONGEST_LEASE_SECONDS: Final = 3600.0
"""No lease runs longer; one that would was written under a clock that stood wrong, and does not count."""

_AT_ONCE: Final = 500
"""Values in one statement; SQLite takes only so many."""


class Order(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    UNCERTAIN = "uncertain"
    DISAGREEMENT = "disagreement"
    AUDIT = "audit"


@dataclass(frozen=True)
class Scope:
    """Which uploads are meant.

    Attributes
    ----------
    states
        Any of these.
    group
        Only of this group; None for all.
    text
        Words that must all occur in name, sender, weld, group or reason.
    audit_share
        Share of all uploads, 0 to 1, that the audit sample takes. It only matters in the order `audit`.
    """

    states: tuple[State, ...] = WAITING
    group: str | None = None
    text: str = ""
    audit_share: float = 0.05


class AuditProgress(NamedTuple):
    """How many of the audit sample are decided with labels, how many wait, how many are out (rejected, quarantined)."""

    decided: int
    waiting: int
    out: int


def ids(session: Session, scope: Scope, order: Order) -> "array[int]":
    """Numbers of all uploads in a scope, in order; 8 bytes for each.

    Uploads that no model scored come last in the orders that need scores, the newest first.
    """
    key = _KEYS[order]
    if order is not Order.AUDIT and scope.group is None and not scope.text.split():
        return _merged(session, scope, key)
    # Few are left, and SQLite would read all in the order of an index to find them: better found first, then sorted.
    state: ColumnElement[str] = Upload.state.expression
    if order is not Order.AUDIT and scope.group is None:
        # Words are looked for in every row: an index that leads to nearly all of them only makes it slower.
        state = func.coalesce(state, "")
    states = state.in_([wanted.value for wanted in scope.states])
    found: set[tuple[Any, int]] = set()
    for conditions in _alternatives(scope, order):
        found.update(_plain_rows(session, select(key, Upload.id).where(states, *conditions)))
    if order is Order.AUDIT:
        return array("q", (number for _, number in sorted(found)))
    scored = sorted((pair for pair in found if pair[0] is not None), reverse=True)
    others = sorted((number for value, number in found if value is None), reverse=True)
    return array("q", [*(number for _, number in scored), *others])


def rows(session: Session, ids: Sequence[int]) -> list[Upload]:
    """Uploads by their numbers, in that order; numbers that are not there are left out."""
    found: dict[int, Upload] = {}
    for start in range(0, len(ids), _AT_ONCE):
        query = select(Upload).where(Upload.id.in_(ids[start : start + _AT_ONCE]))
        found |= {row.id: row for row in session.scalars(query)}
    return [found[number] for number in ids if number in found]


def groups(session: Session) -> list[str]:
    """The groups that uploads name, by name."""
    query = select(Upload.group).where(Upload.group.is_not(None)).distinct().order_by(Upload.group)
    return [group for group in session.scalars(query) if group is not None]


def in_sample(audit_share: float) -> ColumnElement[bool]:
    """Condition for the audit sample (see above)."""
    return or_(Upload.lot < audit_share, Upload.audit)


def audit_progress(session: Session, scope: Scope) -> AuditProgress:
    """How far the audit sample of a scope is reviewed; its states do not matter."""
    everywhere = Upload.state.in_([state.value for state in State])
    parts = [
        select(Upload.id, Upload.state).where(everywhere, *conditions)
        for conditions in _alternatives(scope, Order.AUDIT)
    ]
    sample = union(*parts).subquery()
    query = select(sample.c.state, func.count()).group_by(sample.c.state)
    found = {State(state): number for state, number in session.execute(query)}
    waiting = sum(found.pop(state, 0) for state in WAITING)
    out = found.pop(State.REJECTED, 0) + found.pop(State.QUARANTINED, 0)
    return AuditProgress(sum(found.values()), waiting, out)


def take(
    session: Session,
    scope: Scope,
    order: Order,
    person: Person,
    *,
    token: str,
    seconds: float = LEASE_SECONDS,
    after: int | None = None,
) -> Upload | None:
    """Lease the first upload in order that nobody else holds.

    Parameters
    ----------
    person, token
        Who reviews, and the mark of the window or program. What this token holds already counts as free to it.
    after
        Look only behind this upload.

    Returns
    -------
    Upload or None
        None if nothing is free.
    """
    now = clock.now(session)
    condition = _free(now, token)
    while True:
        candidate = _first(session, scope, order, condition, after)
        if candidate is None:
            return None
        taken = _leased(session, candidate, person, token, now, seconds, drawn=order is Order.AUDIT)
        if taken is not None:
            return taken


def lease(
    session: Session,
    upload_id: int,
    person: Person,
    *,
    token: str,
    seconds: float = LEASE_SECONDS,
    order: Order | None = None,
) -> bool:
    """Lease one upload, for instance one that was chosen in the list; False if somebody else holds it.

    Parameters
    ----------
    order
        The order in which the list is shown: in `audit`, the upload is drawn into the sample.
    """
    now = clock.now(session)
    drawn = order is Order.AUDIT
    return _leased(session, upload_id, person, token, now, seconds, drawn=drawn) is not None


def renew(session: Session, upload_id: int, *, token: str, seconds: float = LEASE_SECONDS) -> bool:
    """Let a lease run for so many seconds from now; False if it is not this token's any more.

    One that ran out is renewed as long as nobody else took the upload.
    """
    until = clock.now(session) + _length(seconds)
    mine = (Upload.id == upload_id, Upload.lease_token == token)
    done = session.execute(update(Upload).where(*mine).values(lease_until=until).returning(Upload.id))
    return done.one_or_none() is not None


def release(session: Session, *, token: str, upload_id: int | None = None) -> None:
    """Give back an upload, or all that this token holds; what is not held by it is left alone."""
    statement = update(Upload).where(Upload.lease_token == token)
    if upload_id is not None:
        statement = statement.where(Upload.id == upload_id)
    session.execute(statement.values(lease_token=None, lease_person=None, lease_until=None))


def holder(session: Session, upload: Upload, *, token: str | None = None) -> Person | None:
    """Who holds an upload at this moment, under another token than this one; None if it is free."""
    if upload.lease_person is None or upload.lease_token == token or not runs(upload, clock.now(session)):
        return None
    return session.get(Person, upload.lease_person)


def runs(upload: Upload, now: datetime) -> bool:
    """Whether an upload is leased at this time, that is: in review."""
    return upload.lease_until is not None and now < upload.lease_until <= now + _LONGEST


def in_review(session: Session, scope: Scope, *, token: str = "") -> list[int]:
    """Numbers of the uploads that somebody else than this token's holder looks at, whatever their state.

    There are no more of them than windows and programs that review.
    """
    now = clock.now(session)
    running = (Upload.lease_until > now, Upload.lease_until <= now + _LONGEST, Upload.lease_token != token)
    query = select(Upload.id).where(*running).order_by(Upload.id.desc())
    return [
        number
        for conditions in _alternatives(scope, Order.NEWEST)
        for number in session.scalars(query.where(*conditions))
    ]


_LONGEST: Final = timedelta(seconds=LONGEST_LEASE_SECONDS)

_KEYS: Final[dict[Order, InstrumentedAttribute[Any]]] = {
    Order.NEWEST: Upload.sent,
    Order.UNCERTAIN: Upload.uncertainty,
    Order.DISAGREEMENT: Upload.disagreement,
    Order.AUDIT: Upload.lot,
}


def _length(seconds: float) -> timedelta:
    return timedelta(seconds=min(max(seconds, 0.0), LONGEST_LEASE_SECONDS))


def _free(now: datetime, token: str) -> ColumnElement[bool]:
    until = Upload.lease_until
    return or_(until.is_(None), until <= now, until > now + _LONGEST, Upload.lease_token == token)


def _leased(
    session: Session, upload_id: int, person: Person, token: str, now: datetime, seconds: float, *, drawn: bool
) -> Upload | None:
    values: dict[str, object] = {
        "lease_token": token,
        "lease_person": person.id,
        "lease_until": now + _length(seconds),
    }
    if drawn:
        values["audit"] = True
    statement = update(Upload).where(Upload.id == upload_id, _free(now, token)).values(values).returning(Upload)
    # The row as the statement left it replaces what the session may know of it.
    return session.scalars(
        statement, execution_options={"populate_existing": True, "synchronize_session": False}
    ).one_or_none()


def _merged(session: Session, scope: Scope, key: InstrumentedAttribute[Any]) -> "array[int]":
    """All uploads of some states, largest key first: an index gives each state in order, and they are only merged."""
    parts = [
        select(key.label("key"), Upload.id.label("id")).where(Upload.state == state.value) for state in scope.states
    ]
    if not parts:
        return array("q")
    merged = union_all(*parts).order_by(literal_column("key").desc().nulls_last(), literal_column("id").desc())
    return array("q", (row[1] for row in _plain_rows(session, merged)))


def _plain_rows(session: Session, statement: Executable) -> Iterator[Any]:
    """The driver's own rows: of a hundred thousand, SQLAlchemy's would cost more than the sorting."""
    cursor = session.connection().execute(statement).cursor
    assert cursor is not None
    return iter(cursor.fetchone, None)


def _alternatives(scope: Scope, order: Order) -> list[list[ColumnElement[bool]]]:
    """The conditions of a scope but its states; several lists where each finds a part by an index of its own."""
    conditions: list[ColumnElement[bool]] = []
    if scope.group is not None:
        conditions.append(Upload.group == scope.group)
    words = scope.text.split()
    if words:
        # As one text, so that it is folded once for all words; no word reaches across a space.
        text: ColumnElement[str] = literal("")
        for column in (Upload.name, Upload.uid, Upload.weld_id, Upload.group, Upload.reason):
            text = text + func.coalesce(type_coerce(column, Text), "") + " "
        conditions += [portable_sql.position(func.lower(text), func.lower(word)) > 0 for word in words]
    if order is Order.AUDIT:
        return [[*conditions, Upload.lot < scope.audit_share], [*conditions, Upload.audit.expression]]
    return [conditions]


def _first(
    session: Session, scope: Scope, order: Order, condition: ColumnElement[bool], after: int | None
) -> int | None:
    """Number of the first upload; each state is asked by itself, because only then an index gives the order."""
    key, ascending = _KEYS[order], order is Order.AUDIT
    place = session.execute(select(key, Upload.id).where(Upload.id == after)).one_or_none() if after else None
    # Without a score: after all that have one, and for them the number alone decides.
    for scored in (True, False) if key.expression.nullable else (True,):
        found: list[Any] = []
        for state, conditions in product(scope.states, _alternatives(scope, order)):
            part = select(key, Upload.id).where(Upload.state == state.value, *conditions, condition)
            behind = _behind(part, key, place, scored=scored, ascending=ascending)
            if behind is not None:
                found += session.execute(behind.limit(1)).all()
        if found:
            best = (min if ascending else max)(found, key=lambda row: (row[0], row[1]) if scored else row[1])
            return int(best[1])
    return None


def _behind(
    part: Select[Any], key: InstrumentedAttribute[Any], place: Any, *, scored: bool, ascending: bool
) -> Select[Any] | None:
    """The uploads with a key, or those without, in order and behind a place; None if there can be none."""
    number = Upload.id
    if scored:
        if place is not None and place[0] is None:
            return None
        part = part.where(key.is_not(None)) if key.expression.nullable else part
        if place is not None:
            # The first part lets the index skip to the place.
            part = part.where(key >= place[0] if ascending else key <= place[0])
            further = key > place[0] if ascending else key < place[0]
            beyond = number > place[1] if ascending else number < place[1]
            part = part.where(or_(further, and_(key == place[0], beyond)))
        return part.order_by(key.asc(), number.asc()) if ascending else part.order_by(key.desc(), number.desc())
    part = part.where(key.is_(None)).order_by(number.desc())
    return part.where(number < place[1]) if place is not None and place[0] is None else part
