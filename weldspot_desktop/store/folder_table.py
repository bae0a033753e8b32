"""A folder run as a table: which files match, in which order, and what a page of them shows."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from weldspot_desktop import labels
from weldspot_desktop.store import overrides, portable_sql
from weldspot_desktop.store.schema import FolderItem, Inspection, Override
from weldspot_desktop.verdict import Verdict

UNJUDGED: Final = ""
"""Among verdicts: files that could not be judged."""

WAITING: Final = "waiting"
"""Among verdicts: files that were not looked at yet."""

URGENCY: Final = (Verdict.DEFECT.value, Verdict.UNSURE.value, Verdict.RETAKE.value, UNJUDGED, Verdict.CLEAR.value,
                  Verdict.NO_WELD.value)  # fmt: skip
"""Sorted by verdict, what needs a person comes first; what waits comes last."""


class Key(StrEnum):
    """What rows are sorted by."""

    LISTED = "listed"
    NAME = "name"
    VERDICT = "verdict"
    UNCERTAINTY = "uncertainty"
    SCORE = "score"
    TIME = "time"


@dataclass(frozen=True)
class Question:
    """Which rows, in which order; empty fields match everything.

    Attributes
    ----------
    text
        Words that all must occur in the path within the folder.
    verdicts
        Any of these words, `UNJUDGED` and `WAITING` among them; the person's word counts where there is one.
    class_index
        A class that decided the verdict.
    score_class, score_from, score_to
        A class whose score lies within these, 0 to 1, both included.
    overridden
        Only what a person overrode.
    key, key_class, descending
        The order; `key_class` is the class of `Key.SCORE`. Rows without a value come last either way.
    """

    text: str = ""
    verdicts: tuple[str, ...] = ()
    class_index: int | None = None
    score_class: int | None = None
    score_from: float = 0.0
    score_to: float = 1.0
    overridden: bool = False
    key: Key = Key.LISTED
    key_class: int = 0
    descending: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether all rows are wanted in the order of the list."""
        return self == Question()


@dataclass(frozen=True)
class Row:
    """One file of the run.

    Attributes
    ----------
    position
        Its place in the list.
    path
        Absolute.
    inspection
        None while it waits.
    override
        The person's verdict that holds, or None.
    """

    position: int
    path: str
    inspection: Inspection | None
    override: Override | None

    @property
    def verdict(self) -> str | None:
        """The word that holds; None while it waits, `UNJUDGED` if it could not be judged."""
        if self.override is not None:
            return self.override.verdict
        return (self.inspection.verdict or UNJUDGED) if self.inspection is not None else None

    @property
    def classes(self) -> tuple[int, ...]:
        """The classes of the verdict that holds."""
        source = self.override if self.override is not None else self.inspection
        return tuple(source.classes) if source is not None else ()


def order(session: Session, run_id: int, question: Question) -> "array[int]":
    """Positions of the rows that match, in order: four bytes each, so that a hundred thousand are nothing."""
    statement = select(FolderItem.position).where(FolderItem.run_id == run_id)
    statement = _filtered(statement, question)
    if question.key is Key.TIME:
        statement = statement.outerjoin(Inspection, Inspection.id == FolderItem.inspection_id)
    # The driver's own rows: SQLAlchemy's would cost more than the sorting.
    cursor = session.connection().execute(statement.order_by(*_order(question))).cursor
    assert cursor is not None
    return array("I", (row[0] for row in iter(cursor.fetchone, None)))


def rows(session: Session, run_id: int, positions: Sequence[int]) -> list[Row]:
    """The rows at these positions, in their order; those that are gone are left out."""
    found = {
        position: (path, inspection)
        for position, path, inspection in session.execute(
            select(FolderItem.position, FolderItem.path, Inspection)
            .outerjoin(Inspection, Inspection.id == FolderItem.inspection_id)
            .where(FolderItem.run_id == run_id, FolderItem.position.in_(positions))
        )
    }
    held = overrides.latest_of(session, [row.id for _, row in found.values() if row is not None])
    return [
        Row(position, path, inspection, held.get(inspection.id) if inspection is not None else None)
        for position in positions
        if position in found
        for path, inspection in [found[position]]
    ]


def inspections(session: Session, run_id: int, question: Question) -> list[int]:
    """Numbers of the inspections of matching rows, in their order, each once; files without one are left out."""
    wanted = _filtered(select(FolderItem.inspection_id).where(FolderItem.run_id == run_id), question)
    found = session.scalars(wanted.where(FolderItem.inspection_id.is_not(None)).order_by(*_order(question)))
    return list(dict.fromkeys(found))


def counts(session: Session, run_id: int) -> dict[str, int]:
    """How many rows have each verdict, `UNJUDGED` and `WAITING` among them."""
    found = session.execute(
        select(FolderItem.verdict, func.count()).where(FolderItem.run_id == run_id).group_by(FolderItem.verdict)
    )
    return {WAITING if verdict is None else verdict: count for verdict, count in found}


def overridden_count(session: Session, run_id: int) -> int:
    """How many rows a person overrode."""
    return session.scalar(select(func.count()).where(FolderItem.run_id == run_id, FolderItem.overridden)) or 0


def _filtered(statement: Select[Any], question: Question) -> Select[Any]:
    if question.verdicts:
        words = [word for word in question.verdicts if word != WAITING]
        any_of: ColumnElement[bool] = FolderItem.verdict.in_(words)
        if WAITING in question.verdicts:
            any_of = any_of | FolderItem.verdict.is_(None)
        statement = statement.where(any_of)
    if question.class_index is not None:
        statement = statement.where(FolderItem.classes.op("&")(1 << question.class_index) != 0)
    if question.score_class is not None:
        # Scores are shown and typed with two digits: what reads as 0.50 counts as 0.50.
        low, high = question.score_from - 0.005, question.score_to + 0.005
        statement = statement.where(_score(question.score_class).between(low, high))
    if question.overridden:
        statement = statement.where(FolderItem.overridden)
    for word in question.text.casefold().split():
        statement = statement.where(portable_sql.position(FolderItem.lookup.expression, word) > 0)
    return statement


def _order(question: Question) -> list[ColumnElement[Any]]:
    position = FolderItem.position
    if question.key is Key.LISTED:
        return [position.desc() if question.descending else position.asc()]
    value = _value(question)
    return [(value.desc() if question.descending else value.asc()).nulls_last(), position.asc()]


def _value(question: Question) -> ColumnElement[Any]:
    match question.key:
        case Key.NAME:
            return FolderItem.lookup.expression
        case Key.VERDICT:
            return case({word: place for place, word in enumerate(URGENCY)}, value=FolderItem.verdict)
        case Key.UNCERTAINTY:
            return FolderItem.uncertainty.expression
        case Key.SCORE:
            return _score(question.key_class)
        case _:
            return Inspection.created.expression


def _score(class_index: int) -> ColumnElement[float | None]:
    assert 0 <= class_index < labels.COUNT
    column: ColumnElement[float | None] = getattr(FolderItem, f"score_{class_index}").expression
    return column
