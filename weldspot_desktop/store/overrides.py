"""Overrides: a person's verdict in place of the program's, with a reason, never removed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from weldspot_desktop import labels
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import trail
from weldspot_desktop.store.schema import FolderItem, Inspection, Override, Person
from weldspot_desktop.verdict import Verdict

LONGEST_REASON: Final = 2000

TAKEN_BACK: Final = "Taken back"
"""Reason of an entry that undoes another."""

_AT_ONCE: Final = 500


class OverrideError(ExpectedError):
    """An override that cannot be made."""


def add(
    session: Session,
    inspection_id: int,
    *,
    verdict: Verdict,
    classes: Sequence[int],
    reason: str,
    person: Person,
) -> Override:
    """Set a person's verdict, with its trail entry, in the caller's transaction.

    Parameters
    ----------
    inspection_id
        What is overridden; also an inspection without a verdict, of a picture that could not be judged.
    verdict, classes
        What the person says, and the classes seen (0 to 6). DEFECT names at least one imperfection.
    reason
        Why; 1 to `LONGEST_REASON` characters.
    person
        Who says so.

    Raises
    ------
    OverrideError
        If there is no such inspection, the reason is missing or too long, or DEFECT names no imperfection.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise OverrideError(f"An override needs a reason of 1 to {LONGEST_REASON} characters.")
    named = sorted(set(classes))
    if any(not 0 <= index < labels.COUNT for index in named):
        raise ValueError(f"classes {named} are not within 0 to {labels.COUNT - 1}")
    if verdict is Verdict.DEFECT and not set(named) & set(labels.DEFECTS):
        raise OverrideError("A defect needs its class.", "Mark at least one imperfection.")
    inspection = _inspection(session, inspection_id)
    before = latest(session, inspection_id)
    row = Override(
        inspection_id=inspection_id,
        at=datetime.now(UTC),
        person_id=person.id,
        verdict=verdict.value,
        classes=named,
        reason=reason,
    )
    _write(session, row, inspection, before, person, action="verdict overridden")
    return row


def undo(session: Session, inspection_id: int, *, person: Person) -> Override:
    """Take back the override that holds: the one before it holds again, or the program's verdict.

    Returns
    -------
    Override
        The new entry, which names what it undoes.

    Raises
    ------
    OverrideError
        If no override holds.
    """
    inspection = _inspection(session, inspection_id)
    standing: list[Override] = []
    for entry in history(session, inspection_id):
        if entry.undoes is None:
            standing.append(entry)
        else:
            standing.pop()
    if not standing:
        raise OverrideError("There is no override to undo.", "The program's verdict holds.")
    undone = standing.pop()
    row = Override(
        inspection_id=inspection_id,
        at=datetime.now(UTC),
        person_id=person.id,
        verdict=standing[-1].verdict if standing else "",
        classes=list(standing[-1].classes) if standing else [],
        reason=TAKEN_BACK,
        undoes=undone.id,
    )
    _write(session, row, inspection, undone, person, action="override undone")
    return row


def latest(session: Session, inspection_id: int) -> Override | None:
    """The override that holds; None if the program's verdict does."""
    return latest_of(session, [inspection_id]).get(inspection_id)


def latest_of(session: Session, inspection_ids: Sequence[int]) -> dict[int, Override]:
    """The overrides that hold, by inspection; those without one are left out."""
    found: dict[int, Override] = {}
    for start in range(0, len(inspection_ids), _AT_ONCE):
        newest = (
            select(func.max(Override.id))
            .where(Override.inspection_id.in_(inspection_ids[start : start + _AT_ONCE]))
            .group_by(Override.inspection_id)
        )
        rows = session.scalars(select(Override).where(Override.id.in_(newest), Override.verdict != ""))
        found.update((row.inspection_id, row) for row in rows)
    return found


def history(session: Session, inspection_id: int) -> list[Override]:
    """Everything that was said of an inspection, the oldest first, what was undone included."""
    return list(session.scalars(select(Override).where(Override.inspection_id == inspection_id).order_by(Override.id)))


def _inspection(session: Session, inspection_id: int) -> Inspection:
    found = session.get(Inspection, inspection_id)
    if found is None:
        raise OverrideError(f"There is no inspection {inspection_id}.", "Nothing was changed.")
    return found


def _write(
    session: Session, row: Override, inspection: Inspection, before: Override | None, person: Person, *, action: str
) -> None:
    session.add(row)
    session.flush()
    overridden = row.verdict != ""
    # The tables of folder runs keep what they sort and filter by.
    session.execute(
        update(FolderItem)
        .where(FolderItem.inspection_id == inspection.id)
        .values(
            verdict=row.verdict if overridden else inspection.verdict or "",
            classes=class_bits(row.classes if overridden else inspection.classes),
            overridden=overridden,
        )
    )
    details = {
        "from": (before.verdict if before is not None else inspection.verdict) or None,
        "from_classes": list(before.classes if before is not None else inspection.classes),
        "to": row.verdict or inspection.verdict,
        "to_classes": list(row.classes if overridden else inspection.classes),
        "reason": row.reason,
        "override": row.id,
        "undoes": row.undoes,
    }
    subject = f"inspection {inspection.id}"
    trail.append(session, person=person.name, action=action, subject=subject, details=details, records=[row])


def class_bits(classes: Sequence[int]) -> int:
    """Class indices as one number, a bit for each."""
    return sum(1 << index for index in set(classes))
