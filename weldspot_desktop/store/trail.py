"""The trail: an append-only list of changes, each entry carrying the hash of the one before.

In the spirit of 21 CFR 11.10(e): who, when, what, and nothing hidden by a later change. What the chain cannot see by
itself, a cut end and a rewrite with right hashes, is seen by signed heads (`trail_head`); `trail_check` reads both.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from weldspot_desktop.store import clock, record_digest
from weldspot_desktop.store.schema import Base, TrailEntry

START: Final = "0" * 64
"""What the first entry carries in place of a predecessor's hash."""

WORKSPACE: Final = "workspace"
"""In the first entry's details: the workspace's own number, by which its signed heads are found."""

RECORDS: Final = "records"
"""In an entry's details: table, number and digest of each row that it vouches for."""

_COLUMNS = TrailEntry.__table__.columns
_ROWS: Final = 1000


@dataclass(frozen=True)
class Fault:
    """What is wrong with the trail, or with a record that it vouches for.

    Attributes
    ----------
    first, last
        The first entry that is affected, and the last that may be; None for what has no entry.
    sentence
        What happened, without a full stop.
    reaches_back
        Entries before the first may be affected too, as far as no signature proves them.
    """

    first: int | None
    last: int | None
    sentence: str
    reaches_back: bool = False


def append(
    session: Session,
    *,
    person: str,
    action: str,
    subject: str,
    details: Mapping[str, Any],
    records: Sequence[Base] = (),
) -> TrailEntry:
    """Add an entry in the caller's transaction.

    Parameters
    ----------
    session
        The transaction in which the change itself is written.
    person
        Name of who did it; "system" for what the program did by itself.
    action, subject
        What was done, to what ("inspection recorded", "inspection 12").
    details
        What is needed to understand it later; JSON values only, no secrets.
    records
        Rows that were written with it, are flushed and will never change: verifying compares them with their digests.
    """
    return append_all(session, person=person, action=action, changes=[Change(subject, details, records)])[0]


class Change(NamedTuple):
    """One change of several that are entered together; see `append`."""

    subject: str
    details: Mapping[str, Any]
    records: Sequence[Base] = ()


def append_all(session: Session, *, person: str, action: str, changes: Sequence[Change]) -> list[TrailEntry]:
    """Add one entry for each change; as `append`, but the end is looked up once."""
    last = last_entry(session)
    count, previous = (last.number, last.hash) if last is not None else (0, START)
    at, entries = clock.now(session), []
    for number, change in enumerate(changes, start=count + 1):
        content = dict(change.details)
        if number == 1:
            content[WORKSPACE] = str(uuid.uuid4())
        if change.records:
            content[RECORDS] = [_vouched(row) for row in change.records]
        entry = TrailEntry(
            number=number,
            at=at,
            person=person,
            action=action,
            subject=change.subject,
            details=json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False),
            previous=previous,
        )
        previous = entry.hash = entry_hash(entry)
        entries.append(entry)
    session.add_all(entries)
    session.flush()
    return entries


def entry_hash(entry: "TrailEntry | Row[Any]") -> str:
    """SHA-256 over everything an entry says, its predecessor's hash included."""
    content = [
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.person,
        entry.action,
        entry.subject,
        entry.details,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def checked(session: Session) -> "Iterator[Row[Any] | Fault]":
    """The entries in their order, read as they are needed; at the first that does not fit its fault, and no more."""
    previous = START
    rows = session.execute(select(*_COLUMNS).order_by(_COLUMNS.number).execution_options(yield_per=_ROWS))
    for number, row in enumerate(rows, start=1):
        if row.number != number:
            yield _missing(number, row.number - 1) if row.number > number else _out_of_place(row.number)
            return
        if row.previous != previous:
            yield _unlinked(session, row)
            return
        if row.hash != entry_hash(row):
            yield Fault(number, number, f"entry {number} was altered")
            return
        previous = row.hash
        yield row


def first_fault(session: Session) -> str | None:
    """What is wrong with the first entry that was altered, removed or reordered; None if the chain holds."""
    return next((found.sentence for found in checked(session) if isinstance(found, Fault)), None)


def last_entry(session: Session) -> TrailEntry | None:
    """The newest entry."""
    return session.scalars(select(TrailEntry).order_by(TrailEntry.number.desc()).limit(1)).first()


def _vouched(row: Base) -> dict[str, Any]:
    table = record_digest.table_of(row)
    key = next(iter(table.primary_key.columns)).name
    return {"table": table.name, "id": getattr(row, key), "sha256": record_digest.of_row(row)}


def _missing(first: int, last: int) -> Fault:
    return Fault(
        first, last, f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
    )


def _out_of_place(number: int) -> Fault:
    return Fault(1, None, f"an entry has the number {number}, before the first")


def _unlinked(session: Session, row: "Row[Any]") -> Fault:
    """An entry that continues another one than the one before it."""
    number, before = row.number, row.number - 1
    is_whole = row.hash == entry_hash(row)
    stands_elsewhere = session.scalar(select(_COLUMNS.number).where(_COLUMNS.hash == row.previous)) is not None
    if number == 1 or not is_whole or stands_elsewhere or row.previous == START:
        return Fault(number, number, f"entry {number} does not follow entry {before}")
    sentence = f"entry {before} was rewritten: entry {number} continues another one in its place"
    return Fault(before, before, sentence, reaches_back=True)
