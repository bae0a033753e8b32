"""What a report tells of a weld: the inspection with what people said of it later, read a few at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import findings, inspections, overrides
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Finding, Inspection, Override

Selection = Query | Sequence[int]
"""What a report is about: what a query finds, in its order, or the numbers of inspections, in theirs."""

_BATCH: Final = 200


class SelectionError(ExpectedError):
    """There is nothing to report on, or not all of it is there."""


@dataclass(frozen=True)
class Record:
    """One inspection with what was added to it.

    Attributes
    ----------
    inspection
        As it was written; never changed.
    override
        The latest verdict of a person in place of the program's; None if there is none.
    findings
        What people measured and what holds of it, oldest first: neither superseded nor entered in error.
    """

    inspection: Inspection
    override: Override | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> str | None:
        """The verdict in force: the person's if there is one, else the program's; None for NOT JUDGED."""
        return self.override.verdict if self.override is not None else self.inspection.verdict

    @property
    def classes(self) -> tuple[int, ...]:
        """Class indices of the verdict in force."""
        return tuple(self.override.classes if self.override is not None else self.inspection.classes)


def chosen(session: Session, selection: Selection) -> list[int]:
    """The numbers of the inspections of a selection, in its order.

    Raises
    ------
    SelectionError
        If a number is not in the log.
    """
    if isinstance(selection, Query):
        return inspections.numbers(session, selection)
    wanted = list(dict.fromkeys(selection))
    there = {row.id for row in inspections.by_numbers(session, wanted)}
    session.expunge_all()
    missing = [number for number in wanted if number not in there]
    if missing:
        words = ", ".join(str(number) for number in missing[:5]) + (" …" if len(missing) > 5 else "")
        raise SelectionError(f"Inspection {words} is not in the log.", "Nothing was written.")
    return wanted


def read(session: Session, numbers: Sequence[int], *, batch: int = _BATCH) -> Iterator[Record]:
    """Records in the order of their numbers; only one batch of them is in memory."""
    for start in range(0, len(numbers), batch):
        some = list(numbers[start : start + batch])
        held = overrides.latest_of(session, some)
        measured = findings.holding_of(session, some)
        found = inspections.by_numbers(session, some)
        session.expunge_all()
        for inspection in found:
            yield Record(inspection, held.get(inspection.id), tuple(measured.get(inspection.id, ())))
