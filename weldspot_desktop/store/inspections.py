"""Kept inspections: writing them, and finding them again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from weldspot_desktop.store import portable_sql, trail
from weldspot_desktop.store.schema import HeatMap, Inspection

_Row = TypeVar("_Row")

_MOST_VARIABLES: Final = 500
"""Values in one statement; SQLite takes only so many."""

UNJUDGED = ""
"""In `Query.verdicts`: pictures that could not be judged."""


@dataclass(frozen=True)
class Query:
    """What to look for; empty fields match everything.

    Attributes
    ----------
    text
        Words that all must occur in origin, reason, weld fields or error.
    verdicts, sources
        Any of these.
    newest_first
        Order of recording. Not of time: where the clock was set back, the newest would hide among older ones.
    since, until
        Inspected at or after the one and before the other; aware times.
    """

    text: str = ""
    verdicts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    newest_first: bool = True
    since: datetime | None = None
    until: datetime | None = None


def add(
    session: Session,
    inspections: Sequence[Inspection],
    *,
    person: str,
    heat_maps: Mapping[int, HeatMap] | None = None,
) -> None:
    """Write inspections, and one trail entry for each, in the caller's transaction.

    Parameters
    ----------
    person
        Name of who stands behind them.
    heat_maps
        Heat maps to keep, without their inspections' numbers, by place in `inspections`.
    """
    session.add_all(inspections)
    session.flush()
    kept = heat_maps or {}
    for place, heat_map in kept.items():
        heat_map.inspection_id = inspections[place].id
    session.add_all(kept.values())
    session.flush()
    changes = [
        trail.Change(
            f"inspection {inspection.id}",
            {
                "source": inspection.source,
                "origin": inspection.origin,
                "sha256": inspection.sha256,
                "verdict": inspection.verdict,
                "model": inspection.model_sha256,
                "thresholds": inspection.thresholds_digest,
            },
            [inspection, kept[place]] if place in kept else [inspection],
        )
        for place, inspection in enumerate(inspections)
    ]
    trail.append_all(session, person=person, action="inspection recorded", changes=changes)


def count(session: Session, query: Query) -> int:
    """How many inspections match."""
    return session.scalar(_filtered(select(func.count(Inspection.id)), query)) or 0


def page(session: Session, query: Query, *, offset: int, limit: int) -> list[Inspection]:
    """Matching inspections, one page of them."""
    found = _filtered(select(Inspection), query).order_by(_order(query))
    return list(session.scalars(found.offset(offset).limit(limit)))


def numbers(session: Session, query: Query) -> list[int]:
    """The numbers of all matching inspections, in order."""
    return list(session.scalars(_filtered(select(Inspection.id), query).order_by(_order(query))))


def by_numbers(session: Session, wanted: Sequence[int]) -> list[Inspection]:
    """Inspections by their numbers, in that order; numbers that are not there are left out."""
    found: dict[int, Inspection] = {}
    for start in range(0, len(wanted), _MOST_VARIABLES):
        some = wanted[start : start + _MOST_VARIABLES]
        found |= {row.id: row for row in session.scalars(select(Inspection).where(Inspection.id.in_(some)))}
    return [found[number] for number in wanted if number in found]


def get(session: Session, inspection_id: int) -> Inspection | None:
    """One inspection by its number."""
    return session.get(Inspection, inspection_id)


def _order(query: Query) -> ColumnElement[Any] | InstrumentedAttribute[int]:
    return Inspection.id.desc() if query.newest_first else Inspection.id


def _filtered(statement: Select[_Row], query: Query) -> Select[_Row]:
    if query.verdicts:
        among = Inspection.verdict.in_(query.verdicts)
        statement = statement.where(or_(among, Inspection.verdict.is_(None)) if UNJUDGED in query.verdicts else among)
    if query.sources:
        statement = statement.where(Inspection.source.in_(query.sources))
    if query.since is not None:
        statement = statement.where(Inspection.created >= query.since)
    if query.until is not None:
        statement = statement.where(Inspection.created < query.until)
    for word in query.text.split():
        statement = statement.where(_contains(word))
    return statement


def _contains(word: str) -> ColumnElement[bool]:
    # The values alone: every record names the same keys.
    values = portable_sql.members(Inspection.weld.expression)
    return or_(
        Inspection.origin.icontains(word, autoescape=True),
        Inspection.reason.icontains(word, autoescape=True),
        Inspection.error.icontains(word, autoescape=True),
        exists().where(values.c.value.icontains(word, autoescape=True)),
    )
