"""Threshold sets of a workspace: made, chosen and listed, model by model; each change an entry of the trail.

A set is never changed: whoever wants other thresholds makes another set. The set that the model's card ships has no
row here; it is in force while no other is chosen, and is called `AS_SHIPPED`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import people, trail
from weldspot_desktop.store.schema import Person, StoredThresholds
from weldspot_desktop.verdict import ThresholdSet

AS_SHIPPED: Final = "as shipped"
"""What stands for the set of the model's card where sets are named."""

LONGEST_NAME: Final = 80


class ThresholdSetError(ExpectedError):
    """A set that cannot be made, chosen or used."""


def every(session: Session, model_sha256: str) -> list[StoredThresholds]:
    """The sets that were made for a model file, the newest first."""
    query = select(StoredThresholds).where(StoredThresholds.model_sha256 == model_sha256)
    return list(session.scalars(query.order_by(StoredThresholds.id.desc())))


def chosen(session: Session, model_sha256: str) -> StoredThresholds | None:
    """The set that is in force for a model file; None for the one that it ships."""
    query = select(StoredThresholds).where(
        StoredThresholds.model_sha256 == model_sha256, StoredThresholds.chosen.is_not(None)
    )
    return session.scalars(query.order_by(StoredThresholds.chosen.desc()).limit(1)).first()


def values(row: StoredThresholds) -> ThresholdSet:
    """The thresholds of a row, checked against its digest.

    Raises
    ------
    ThresholdSetError
        If they were altered or are none: judging by them would be judging by nobody's choice.
    """
    try:
        found = ThresholdSet.model_validate(row.thresholds)
    except ValidationError:
        found = None
    if found is None or found.digest != row.digest:
        raise ThresholdSetError(
            f"The threshold set “{row.name}” was altered in the database.",
            "Nothing is judged with it. Choose another set on the page Models.",
        )
    return found


def may_change(actor: Person | None, everyone: list[Person]) -> bool:
    """Whether somebody may make and choose sets: on a station that has people, one of them has to be signed in."""
    return not everyone or (actor is not None and any(person.id == actor.id for person in everyone))


def add(
    session: Session,
    *,
    model_sha256: str,
    shipped: ThresholdSet,
    thresholds: ThresholdSet,
    preset: str | None,
    basis: Mapping[str, Any],
    person: Person | None,
) -> StoredThresholds:
    """Make a set; it is not in force until it is chosen.

    Parameters
    ----------
    session
        A writing transaction.
    model_sha256, shipped
        The model file that it is for, and the set that its card ships.
    thresholds
        The values, under the new name.
    preset
        How they were chosen ("miss no crack"), None for by hand.
    basis
        What they rest on, as plain JSON values.
    person
        Who makes it; None for nobody.

    Raises
    ------
    ThresholdSetError
        If the name is empty, too long, not printable or taken, or nobody is signed in who has to be.
    """
    _allowed(session, person)
    name = checked_name(thresholds.name)
    if name.casefold() in {AS_SHIPPED.casefold(), shipped.name.casefold()}:
        raise ThresholdSetError(f"“{name}” is the set that the model ships.", "Give the new set another name.")
    if _named(session, model_sha256, name) is not None:
        raise ThresholdSetError(
            f"There is a set called “{name}” already.", "A set is never changed: give the new one another name."
        )
    named = thresholds.model_copy(update={"name": name})
    row = StoredThresholds(
        model_sha256=model_sha256,
        name=name,
        digest=named.digest,
        thresholds=named.model_dump(mode="json"),
        preset=preset,
        basis=dict(basis),
        created=datetime.now(UTC),
        person_id=person.id if person is not None else None,
        chosen=None,
    )
    session.add(row)
    session.flush()
    details = {
        "model": model_sha256,
        "digest": row.digest,
        "preset": preset,
        "lower": list(named.lower),
        "upper": list(named.upper),
        "distance_limit": named.distance_limit,
    }
    trail.append(session, person=_by(person), action="threshold set made", subject=_subject(name), details=details)
    return row


def choose(
    session: Session, *, model_sha256: str, shipped: ThresholdSet, name: str, person: Person | None
) -> ThresholdSet:
    """Put a set in force, by its name; `AS_SHIPPED` (or the shipped set's own name) for that of the card.

    Returns
    -------
    ThresholdSet
        What is in force now. Choosing what is in force already changes nothing and is not logged.

    Raises
    ------
    ThresholdSetError
        If there is no such set, it was altered, or nobody is signed in who has to be.
    """
    _allowed(session, person)
    wanted = None
    if name.casefold() not in {AS_SHIPPED.casefold(), shipped.name.casefold()}:
        wanted = _named(session, model_sha256, name)
        if wanted is None:
            raise ThresholdSetError(f"There is no threshold set “{name}” for this model.")
    now = values(wanted) if wanted is not None else shipped
    before = chosen(session, model_sha256)
    if (before.id if before is not None else None) == (wanted.id if wanted is not None else None):
        return now
    session.execute(update(StoredThresholds).where(StoredThresholds.model_sha256 == model_sha256).values(chosen=None))
    if wanted is not None:
        wanted.chosen = datetime.now(UTC)
    details = {
        "model": model_sha256,
        "before": _brief(before, shipped),
        "after": _brief(wanted, shipped),
    }
    subject = _subject(wanted.name if wanted is not None else AS_SHIPPED)
    trail.append(session, person=_by(person), action="threshold set chosen", subject=subject, details=details)
    return now


def checked_name(name: str) -> str:
    """A name without surplus spaces.

    Raises
    ------
    ThresholdSetError
        If it is empty, too long or not printable.
    """
    tidy = " ".join(name.split())
    if not 1 <= len(tidy) <= LONGEST_NAME:
        raise ThresholdSetError(f"A set needs a name of 1 to {LONGEST_NAME} characters.")
    if not tidy.isprintable():
        raise ThresholdSetError("The name holds characters that cannot be shown.")
    return tidy


def _allowed(session: Session, person: Person | None) -> None:
    if not may_change(person, people.everyone(session)):
        raise ThresholdSetError(
            "Sign in first: thresholds are changed by a person of this station.",
            "Nothing was changed. Commands take the name with --person.",
        )


def _named(session: Session, model_sha256: str, name: str) -> StoredThresholds | None:
    folded = " ".join(name.split()).casefold()
    return next((row for row in every(session, model_sha256) if row.name.casefold() == folded), None)


def _brief(row: StoredThresholds | None, shipped: ThresholdSet) -> dict[str, str]:
    if row is None:
        return {"name": f"{AS_SHIPPED} ({shipped.name})", "digest": shipped.digest}
    return {"name": row.name, "digest": row.digest}


def _by(person: Person | None) -> str:
    return person.name if person is not None else "system"


def _subject(name: str) -> str:
    return f"threshold set {name}"
