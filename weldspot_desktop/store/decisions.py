"""Decisions about uploads: confirmed, corrected, rejected or flagged by a named person; undone, but never removed.

Each decision is a row that never changes, with its trail entry in the same transaction. What `Upload` says beside what
arrived (state, labels, who and when) follows from the decisions that stand: an undo takes back the last of them.
`Upload.reason` stays as it arrived, the reason of the quarantine; why something was rejected is in its decision.
"""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop import labels as classes
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import clock, review_queue, trail, uploads
from weldspot_desktop.store.column_types import fit_for_text
from weldspot_desktop.store.schema import Person, Upload, UploadDecision
from weldspot_desktop.store.uploads import TRUE, WAITING, State

LONGEST_REASON: Final = 2000
MOST_BOXES: Final = 200
TAKEN_BACK: Final = "Taken back"
"""Reason of a decision that undoes another."""


class Action(StrEnum):
    """What a decision does."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    FLAGGED = "flagged"
    REOPENED = "reopened"
    UNDONE = "undone"
    RENAMED = "renamed"


class DecisionError(ExpectedError):
    """A decision that cannot be made."""


def decide(
    session: Session,
    upload_id: int,
    *,
    action: Action,
    labels: int | None = None,
    boxes: Sequence[Sequence[float]] = (),
    reason: str = "",
    person: Person,
    token: str | None = None,
) -> UploadDecision:
    """Confirm, correct, reject or flag an upload, in the caller's transaction; its lease ends.

    Parameters
    ----------
    action
        `confirmed` and `corrected` mean the same: labels are settled, and they are confirmed if they equal the phone's
        ticks, corrected otherwise.
    labels
        Classes as bits, class 0 the lowest; None with `confirmed` takes the phone's ticks. Nothing for `rejected`; for
        `flagged` what the person would say, which settles nothing.
    boxes
        Where a class is seen: `[class index, left, top, right, bottom]`, 0 to 1 of width and height.
    reason
        Why; needed for `rejected`, a note otherwise; at most `LONGEST_REASON` characters.
    token
        The lease under which the person looked at it. A lease that ran out does no harm while nobody else took over.

    Raises
    ------
    DecisionError
        If there is no such upload, somebody else holds it, its state forbids it, or labels, boxes or reason are wrong.
    """
    if action not in _DECIDING:
        raise ValueError(f"{action} has a function of its own")
    upload = _held(session, upload_id, token)
    state = State(upload.state)
    if state not in WAITING and not (state is State.QUARANTINED and action is Action.REJECTED):
        raise _forbidden(session, upload)
    marks = _checked_boxes(boxes)
    if action in (Action.CONFIRMED, Action.CORRECTED):
        labels = _settled(upload, labels, marks)
        action = Action.CONFIRMED if labels == upload.ticks else Action.CORRECTED
    elif action is Action.REJECTED:
        labels = None
        if not reason.strip():
            raise DecisionError("A rejection needs a reason.", "Say why the picture is of no use.")
    else:
        uploads.check(labels, None)
    row = _row(session, upload, action, person, labels=labels, boxes=marks, reason=reason)
    _write(session, upload, row, person, state, standing=[*standing(session, upload_id), row])
    return row


def rename(
    session: Session,
    upload_id: int,
    *,
    name: str,
    phone_id: str,
    ticks: int | None,
    scores: Sequence[float] | None,
    person: Person,
    token: str | None = None,
) -> UploadDecision:
    """Bring an upload out of quarantine under a name that can be read; the object in the inbox keeps its own.

    Parameters
    ----------
    name
        The name as a person mended it.
    phone_id, ticks, scores
        What it says.

    Raises
    ------
    DecisionError
        If it is not in quarantine, or what is wrong is not its name.
    """
    uploads.check(ticks, scores)
    upload = _held(session, upload_id, token)
    state = State(upload.state)
    if state is not State.QUARANTINED:
        raise DecisionError(f"Upload {upload_id} is {state}, not in quarantine.", "It needs no other name.")
    if upload.picture_sha256 is None or upload.ticks is not None:
        raise DecisionError(
            f"Upload {upload_id} is not in quarantine for its name: {upload.reason}", "It can only be rejected."
        )
    row = _row(session, upload, Action.RENAMED, person, labels=ticks, reason=name)
    upload.phone_id, upload.ticks = phone_id, ticks
    upload.phone_scores = list(scores) if scores is not None else None
    upload.disagreement = uploads.disagreement(upload.ticks, upload.phone_scores, upload.own_scores)
    _write(session, upload, row, person, state, standing=[*standing(session, upload_id), row])
    return row


def reopen(
    session: Session, upload_id: int, *, reason: str = "", person: Person, token: str | None = None
) -> UploadDecision:
    """Put a decided upload back into the queue, or a rejected one into quarantine if it came from there.

    Raises
    ------
    DecisionError
        If it is not decided, or somebody else holds it.
    """
    upload = _held(session, upload_id, token)
    state = State(upload.state)
    if state not in (*TRUE, State.REJECTED):
        raise DecisionError(f"Upload {upload_id} is {state}: there is no decision to reopen.")
    row = _row(session, upload, Action.REOPENED, person, reason=reason)
    _write(session, upload, row, person, state, standing=[*standing(session, upload_id), row])
    return row


def undo(session: Session, decision_id: int, *, person: Person, token: str | None = None) -> UploadDecision:
    """Take back a decision: what was before it holds again.

    Parameters
    ----------
    decision_id
        The last decision of its upload that stands; those before it follow by undoing again.

    Returns
    -------
    UploadDecision
        The new row, which names what it undoes.

    Raises
    ------
    DecisionError
        If there is none, it was undone, a later one stands, or somebody else holds the upload.
    """
    found = session.get(UploadDecision, decision_id)
    if found is None or found.action == Action.UNDONE:
        raise DecisionError(f"There is no decision {decision_id} to undo.", "Nothing was changed.")
    upload = _held(session, found.upload_id, token)
    left = standing(session, upload.id)
    if found.id not in {row.id for row in left}:
        raise DecisionError(f"Decision {decision_id} was undone already.", "Nothing was changed.")
    if left[-1].id != found.id:
        raise DecisionError(
            f"Upload {upload.id} was decided again since, by {left[-1].person.name}.", "Undo that decision first."
        )
    state = State(upload.state)
    left.pop()
    row = _row(session, upload, Action.UNDONE, person, reason=TAKEN_BACK, undoes=found.id)
    if found.action == Action.RENAMED:
        upload.phone_id = upload.ticks = upload.phone_scores = upload.disagreement = None
    _write(session, upload, row, person, state, standing=left)
    return row


def history(session: Session, upload_id: int) -> list[UploadDecision]:
    """Everything that was decided about an upload, the oldest first, what was undone included."""
    query = select(UploadDecision).where(UploadDecision.upload_id == upload_id).order_by(UploadDecision.id)
    return list(session.scalars(query))


def standing(session: Session, upload_id: int) -> list[UploadDecision]:
    """The decisions about an upload that were not undone, the oldest first."""
    rows = history(session, upload_id)
    undone = {row.undoes for row in rows if row.undoes is not None}
    return [row for row in rows if row.undoes is None and row.id not in undone]


_DECIDING: Final = (Action.CONFIRMED, Action.CORRECTED, Action.REJECTED, Action.FLAGGED)


def _held(session: Session, upload_id: int, token: str | None) -> Upload:
    # Another program may have written since the session read it.
    upload = session.get(Upload, upload_id, populate_existing=True)
    if upload is None:
        raise DecisionError(f"There is no upload {upload_id}.", "Nothing was changed.")
    other = review_queue.holder(session, upload, token=token)
    if other is not None:
        raise DecisionError(f"{other.name} is looking at upload {upload_id}.", "Nothing was changed; take another one.")
    return upload


def _forbidden(session: Session, upload: Upload) -> DecisionError:
    if upload.state == State.QUARANTINED:
        return DecisionError(
            f"Upload {upload.id} is in quarantine: {upload.reason}", "Give it a name that can be read, or reject it."
        )
    by = session.get(Person, upload.decided_by) if upload.decided_by is not None else None
    who = f" by {by.name}" if by is not None else ""
    return DecisionError(f"Upload {upload.id} was {upload.state}{who} already.", "Reopen it to decide again.")


def _settled(upload: Upload, labels: int | None, boxes: Sequence[Sequence[float]]) -> int:
    labels = upload.ticks if labels is None else labels
    if not labels:
        raise DecisionError("No class is marked.", "Mark at least one; a picture without a weld is Background.")
    uploads.check(labels, None)
    for box in boxes:
        if not labels >> int(box[0]) & 1:
            name = classes.CLASSES[int(box[0])]
            raise DecisionError(f"A box shows {name}, but {name} is not marked.", "Mark the class or remove the box.")
    return labels


def _checked_boxes(boxes: Sequence[Sequence[float]]) -> list[list[float]]:
    if len(boxes) > MOST_BOXES:
        raise DecisionError(f"There are more than {MOST_BOXES} boxes.", "Remove some.")
    checked = []
    for box in boxes:
        if len(box) != 5 or not all(math.isfinite(value) for value in box):
            raise ValueError(f"{list(box)} is no box")
        index, (left, top, right, bottom) = box[0], box[1:]
        if index not in range(classes.COUNT):
            raise ValueError(f"{index} is no class")
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise DecisionError("A box is empty or reaches beyond the picture.", "Draw it again.")
        checked.append([int(index), float(left), float(top), float(right), float(bottom)])
    return checked


def _row(
    session: Session,
    upload: Upload,
    action: Action,
    person: Person,
    *,
    labels: int | None = None,
    boxes: Sequence[list[float]] = (),
    reason: str = "",
    undoes: int | None = None,
) -> UploadDecision:
    reason = fit_for_text(reason.strip())
    if len(reason) > LONGEST_REASON:
        raise DecisionError(f"The reason is longer than {LONGEST_REASON} characters.", "Say it shorter.")
    row = UploadDecision(
        upload_id=upload.id,
        at=clock.now(session),
        person_id=person.id,
        action=action.value,
        labels=labels,
        boxes=list(boxes),
        reason=reason,
        undoes=undoes,
    )
    session.add(row)
    session.flush()
    return row


def _write(
    session: Session,
    upload: Upload,
    row: UploadDecision,
    person: Person,
    before: State,
    *,
    standing: Sequence[UploadDecision],
) -> None:
    """Let the upload say what the standing decisions make of it, end its lease, and enter it into the trail."""
    last = standing[-1] if standing else None
    if last is not None and last.action in _DECIDING:
        state = State(last.action)
        upload.decided, upload.decided_by = last.at, last.person_id
    else:
        renamed = any(decision.action == Action.RENAMED for decision in standing)
        state = State.QUARANTINED if upload.reason and not renamed else State.NEW
        upload.decided = upload.decided_by = None
    upload.state = state.value
    upload.labels = last.labels if last is not None and state in TRUE else None
    upload.lease_token = upload.lease_person = upload.lease_until = None
    details: dict[str, object] = {
        "from": before.value,
        "to": state.value,
        "ticks": upload.ticks,
        "labels": row.labels,
        "boxes": len(row.boxes),
        "reason": row.reason,
        "audit": upload.audit,
        "inbox": upload.inbox,
        "name": upload.name,
        "generation": upload.generation,
        "picture": upload.picture_sha256,
        "decision": row.id,
        "undoes": row.undoes,
    }
    if row.action == Action.RENAMED:
        details["scores"] = upload.phone_scores
    trail.append(
        session,
        person=person.name,
        action="upload decision undone" if row.undoes is not None else f"upload {row.action}",
        subject=f"upload {upload.id}",
        details=details,
        records=[row],
    )
