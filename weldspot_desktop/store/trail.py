"""The trail: an append-only list of changes, each entry carrying the hash of the one before.

In the spirit of 21 CFR 11.10(e): who, when, what, and nothing hidden by a later change.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop.store.schema import TrailEntry

START = "0" * 64
"""What the first entry carries in place of a predecessor's hash."""


def append(session: Session, *, person: str, action: str, subject: str, details: Mapping[str, Any]) -> TrailEntry:
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
    """
    last = session.scalars(select(TrailEntry).order_by(TrailEntry.number.desc()).limit(1)).first()
    entry = TrailEntry(
        number=last.number + 1 if last else 1,
        at=datetime.now(UTC),
        person=person,
        action=action,
        subject=subject,
        details=json.dumps(details, sort_keys=True, ensure_ascii=False, allow_nan=False),
        previous=last.hash if last else START,
    )
    entry.hash = entry_hash(entry)
    session.add(entry)
    session.flush()
    return entry


def entry_hash(entry: TrailEntry) -> str:
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


def first_fault(session: Session) -> str | None:
    """What is wrong with the first entry that was altered, removed or reordered; None if the chain holds."""
    previous = START
    entries = session.scalars(select(TrailEntry).order_by(TrailEntry.number)).yield_per(1000)
    for number, entry in enumerate(entries, start=1):
        if entry.number != number:
            return f"entry {number} is missing"
        if entry.previous != previous:
            return f"entry {number} does not follow entry {number - 1}"
        if entry.hash != entry_hash(entry):
            return f"entry {number} was altered"
        previous = entry.hash
    return None
