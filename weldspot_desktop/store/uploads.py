"""Uploads: what arrived from phones, and what the active model says of it."""

import random
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from weldspot_desktop import labels
from weldspot_desktop.store import clock
from weldspot_desktop.store.column_types import fit_for_text
from weldspot_desktop.store.schema import Upload
from weldspot_desktop.verdict import ThresholdSet, judge
from weldspot_desktop.verdict.uncertainty import uncertainty

_AT_ONCE: Final = 500
"""Names in one statement; SQLite takes only so many values."""

_RANDOM: Final = random.SystemRandom()


class State(StrEnum):
    """Where an upload stands. "In review" is none of these but a lease that runs (`review_queue`)."""

    NEW = "new"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    FLAGGED = "flagged"


WAITING: Final = (State.NEW, State.FLAGGED)
"""What a reviewer still has to look at."""

TRUE: Final = (State.CONFIRMED, State.CORRECTED)
"""Uploads whose `labels` a person vouches for: what training and drift may use."""


@dataclass(frozen=True)
class Arrival:
    """What a sync found: the columns of `Upload` that never change.

    Attributes
    ----------
    inbox, name, generation
        Identity of the object.
    bytes
        Size as sent.
    sent
        When the inbox took it in; aware.
    crc32c
        Checksum as the inbox says it, base 64 of four bytes.
    uid, phone_id, ticks, phone_scores
        Who sent it, the id in its name, the classes ticked as bits, the phone's seven scores (0 to 1). None if unknown.
    model_name, model_version, model_sha256, app_version, group, weld_id, captured, audit
        What else the phone said.
    original_sha256
        Of the bytes as sent; None if they were not read.
    picture_sha256, faces
        The kept picture, which lies in the table of pictures already, and how many faces were blurred in it.
    reason
        Why it goes to quarantine, one sentence; empty for what can be reviewed.
    """

    inbox: str
    name: str
    generation: int
    bytes: int
    sent: datetime
    crc32c: str | None = None
    content_type: str | None = None
    uid: str | None = None
    phone_id: str | None = None
    ticks: int | None = None
    phone_scores: Sequence[float] | None = None
    model_name: str | None = None
    model_version: str | None = None
    model_sha256: str | None = None
    app_version: str | None = None
    group: str | None = None
    weld_id: str | None = None
    captured: datetime | None = None
    audit: bool = False
    original_sha256: str | None = None
    picture_sha256: str | None = None
    faces: int | None = None
    reason: str = ""


def add(session: Session, arrival: Arrival) -> Upload:
    """Put an arrival into the queue, or into quarantine if it has a reason; known ones are given back as they stand.

    Raises
    ------
    ValueError
        If ticks or scores are not seven classes' worth, or there is neither a picture nor a reason.
    """
    check(arrival.ticks, arrival.phone_scores)
    if arrival.picture_sha256 is None and not arrival.reason:
        raise ValueError("an upload without a picture needs a reason")
    found = _same(session, arrival)
    if found is not None:
        return found
    made = Upload(
        **_fitted(arrival),
        received=clock.now(session),
        state=(State.QUARANTINED if arrival.reason else State.NEW).value,
        lot=_RANDOM.random(),
    )
    try:
        # Another program may sync the same inbox at this moment: its row counts then.
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        found = _same(session, arrival)
        if found is None:
            raise
        return found
    return made


def check(ticks: int | None, scores: Sequence[float] | None) -> None:
    """Refuse with ValueError what are no ticks of seven classes, or no seven scores within 0 to 1."""
    if ticks is not None and not 0 <= ticks < 1 << labels.COUNT:
        raise ValueError(f"ticks {ticks} are not bits of {labels.COUNT} classes")
    if scores is not None and (len(scores) != labels.COUNT or not all(0 <= score <= 1 for score in scores)):
        raise ValueError(f"scores {list(scores)} are not {labels.COUNT} numbers within 0 to 1")


def known(session: Session, inbox: str, objects: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of these (name, generation) of an inbox arrived before, whatever became of them."""
    found: set[tuple[str, int]] = set()
    asked, names = set(objects), list({name for name, _ in objects})
    for start in range(0, len(names), _AT_ONCE):
        # Pairs in one condition would make SQLite read the whole inbox; by names it looks them up.
        same = (Upload.inbox == inbox, Upload.name.in_(names[start : start + _AT_ONCE]))
        rows = session.execute(select(Upload.name, Upload.generation).where(*same))
        found |= asked.intersection((name, generation) for name, generation in rows)
    return found


def latest(session: Session, inbox: str, names: Sequence[str]) -> dict[str, Upload]:
    """Of some names of an inbox (500 at most), those that arrived before, each in its newest generation."""
    query = select(Upload).where(Upload.inbox == inbox, Upload.name.in_(names)).order_by(Upload.generation)
    return {upload.name: upload for upload in session.scalars(query)}


def counts(session: Session, group: str | None = None) -> dict[State, int]:
    """How many uploads are in each state, those with none included; of one group if one is named."""
    query = select(Upload.state, func.count()).group_by(Upload.state)
    if group is not None:
        query = query.where(Upload.group == group)
    found = {row[0]: row[1] for row in session.execute(query)}
    return {state: found.get(state.value, 0) for state in State}


def set_own_scores(
    session: Session, upload_id: int, scores: Sequence[float], model_sha256: str, thresholds: ThresholdSet
) -> None:
    """Store what a model of this workstation says, and what the queue is ordered by.

    Parameters
    ----------
    scores
        Seven, 0 to 1, in class order.
    model_sha256, thresholds
        The model, and the set by which its doubt is measured.

    Raises
    ------
    LookupError
        If there is no such upload.
    ValueError
        If the scores are not seven within 0 to 1.
    """
    upload = session.get(Upload, upload_id)
    if upload is None:
        raise LookupError(f"no upload {upload_id}")
    upload.uncertainty = uncertainty(judge(scores, thresholds), scores, thresholds)
    upload.own_scores = [float(score) for score in scores]
    upload.own_model_sha256 = model_sha256
    upload.disagreement = disagreement(upload.ticks, upload.phone_scores, upload.own_scores)


def disagreement(
    ticks: int | None, phone_scores: Sequence[float] | None, own_scores: Sequence[float] | None
) -> float | None:
    """Largest gap over the classes between what the phone's side says and the workstation's model.

    The phone's side is the person's ticks as 0 and 1; where no class is ticked, the person said nothing and the
    phone's scores stand in.

    Returns
    -------
    float or None
        0 to 1; None while there is nothing to compare.
    """
    if own_scores is None:
        return None
    said = [float(ticks >> index & 1) for index in range(labels.COUNT)] if ticks else phone_scores
    if said is None:
        return None
    return max(abs(theirs - ours) for theirs, ours in zip(said, own_scores, strict=True))


def _same(session: Session, arrival: Arrival) -> Upload | None:
    same = (Upload.inbox == arrival.inbox, Upload.name == arrival.name, Upload.generation == arrival.generation)
    return session.scalars(select(Upload).where(*same)).one_or_none()


def _fitted(arrival: Arrival) -> dict[str, Any]:
    """The arrival as columns take it: what strangers wrote is cut and cleaned; only its identity must be exact."""
    values = asdict(arrival)
    for key, value in values.items():
        column = Upload.__table__.columns[key]
        if isinstance(value, str) and key not in ("inbox", "name"):
            values[key] = fit_for_text(value)[: getattr(column.type, "length", None)]
    values["phone_scores"] = list(arrival.phone_scores) if arrival.phone_scores is not None else None
    return values
