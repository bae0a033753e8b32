"""Findings: imperfections that a person measured on the weld. Never changed, only superseded by a later one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import trail
from weldspot_desktop.store.imperfections import BY_CODE
from weldspot_desktop.store.schema import Finding, Inspection, Person

LARGEST_MM: Final = 10_000.0
LAST_REPAIR: Final = 99
LONGEST_NOTE: Final = 2000
_AT_ONCE: Final = 500


class Disposition(StrEnum):
    """What is to be done about a finding."""

    OPEN = "open"
    ACCEPT = "accept"
    REPAIR = "repair"
    REJECT = "reject"
    TEST = "test further"
    VOID = "entered in error"


class FindingError(ExpectedError):
    """A finding that cannot be entered."""


@dataclass(frozen=True)
class Measured:
    """What somebody measured.

    Attributes
    ----------
    code
        Reference number of ISO 6520-1, one of `imperfections.BY_CODE`.
    size_mm
        Its decisive size, over 0 to `LARGEST_MM` mm; None if it has none (a crack).
    position
        Left, top, right and bottom, 0 to 1 of the picture; None if it is not in the picture.
    disposition
        What is to be done.
    repair_cycle
        0 before any repair, else after which one it was found.
    note
        Anything else, up to `LONGEST_NOTE` characters.
    """

    code: str
    size_mm: float | None = None
    position: tuple[float, float, float, float] | None = None
    disposition: Disposition = Disposition.OPEN
    repair_cycle: int = 0
    note: str = ""


def add(
    session: Session, inspection_id: int, measured: Measured, *, person: Person | None, supersedes: int | None = None
) -> Finding:
    """Enter a finding, with its trail entry, in the caller's transaction.

    Parameters
    ----------
    supersedes
        Number of the finding that it replaces, which stays readable.

    Raises
    ------
    FindingError
        If nobody is signed in, a value is out of its range, or what it replaces is not there or replaced already.
    """
    if person is None:
        raise FindingError("Nobody is signed in.", "A finding needs a name: sign in at the lower right.")
    _check(measured)
    if session.get(Inspection, inspection_id) is None:
        raise FindingError(f"There is no inspection {inspection_id}.", "Nothing was changed.")
    if supersedes is not None:
        _check_superseded(session, inspection_id, supersedes)
    row = Finding(
        inspection_id=inspection_id,
        at=datetime.now(UTC),
        person_id=person.id,
        class_index=BY_CODE[measured.code].class_index,
        code=measured.code,
        size_mm=measured.size_mm,
        position=list(measured.position) if measured.position is not None else None,
        disposition=Disposition(measured.disposition).value,
        repair_cycle=measured.repair_cycle,
        note=measured.note.strip(),
        supersedes=supersedes,
    )
    session.add(row)
    session.flush()
    row.person = person
    details = {"code": row.code, "size_mm": row.size_mm, "disposition": row.disposition, "supersedes": supersedes}
    trail.append(
        session,
        person=person.name,
        action="finding recorded" if supersedes is None else "finding superseded",
        subject=f"inspection {inspection_id}",
        details=details,
        records=[row],
    )
    return row


def holding_of(session: Session, inspection_ids: Sequence[int]) -> dict[int, list[Finding]]:
    """The findings that hold, by inspection, oldest first: neither superseded nor entered in error.

    Inspections without one are left out.
    """
    later = aliased(Finding)
    superseded = select(later.id).where(later.supersedes == Finding.id).exists()
    found: dict[int, list[Finding]] = {}
    for start in range(0, len(inspection_ids), _AT_ONCE):
        among = Finding.inspection_id.in_(inspection_ids[start : start + _AT_ONCE])
        wanted = select(Finding).where(among, ~superseded, Finding.disposition != Disposition.VOID)
        for row in session.scalars(wanted.order_by(Finding.id)):
            found.setdefault(row.inspection_id, []).append(row)
    return found


def history(session: Session, inspection_id: int) -> list[Finding]:
    """Everything that was entered for an inspection, the oldest first."""
    return list(session.scalars(select(Finding).where(Finding.inspection_id == inspection_id).order_by(Finding.id)))


def words(rows: Sequence[Finding]) -> list[str]:
    """Each finding as a line: "2017 Surface pore, 1.2 mm, repair"."""
    lines = []
    for row in rows:
        kind = BY_CODE.get(row.code)
        parts = [kind.title if kind is not None else row.code]
        parts += [f"{row.size_mm:g} mm"] if row.size_mm is not None else []
        parts += [row.disposition]
        parts += [f"after repair {row.repair_cycle}"] if row.repair_cycle else []
        lines.append(", ".join(parts))
    return lines


def _check(measured: Measured) -> None:
    if measured.code not in BY_CODE:
        raise FindingError(f"{measured.code} is none of the known numbers of ISO 6520-1.")
    size = measured.size_mm
    if size is not None and not (math.isfinite(size) and 0 < size <= LARGEST_MM):
        raise FindingError(f"A size is over 0 and at most {LARGEST_MM:g} mm.")
    if not 0 <= measured.repair_cycle <= LAST_REPAIR:
        raise FindingError(f"A repair cycle is 0 to {LAST_REPAIR}.")
    if len(measured.note) > LONGEST_NOTE:
        raise FindingError(f"A note has at most {LONGEST_NOTE} characters.")
    if measured.position is not None:
        left, top, right, bottom = measured.position
        if not (0 <= left <= right <= 1 and 0 <= top <= bottom <= 1):
            raise ValueError(f"a position lies within the picture, 0 to 1, not {measured.position}")


def _check_superseded(session: Session, inspection_id: int, number: int) -> None:
    before = session.get(Finding, number)
    if before is None or before.inspection_id != inspection_id:
        raise FindingError(f"There is no finding {number} of inspection {inspection_id}.", "Nothing was changed.")
    if session.scalar(select(Finding.id).where(Finding.supersedes == number)) is not None:
        raise FindingError("Somebody replaced this finding meanwhile.", "Look at the newest one, and change that.")
