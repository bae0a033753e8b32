"""What the review page says about one upload in sentences and facts."""

from collections.abc import Sequence
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.store import uploads
from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.schema import Upload, UploadDecision
from weldspot_desktop.store.uploads import State
from weldspot_desktop.ui.review_rows import DIFFER, ReviewRow, class_words, local, plain

NAME: Final = "Came as"
"""Title of the fact that is the object's own name."""

_DONE: Final = {
    Action.CONFIRMED: "confirmed",
    Action.CORRECTED: "corrected to",
    Action.REJECTED: "rejected",
    Action.FLAGGED: "asked for a second opinion",
    Action.REOPENED: "reopened",
    Action.UNDONE: "took back",
    Action.RENAMED: "gave a name",
}


def model_title(name: str | None, version: str | None) -> str:
    """Name and version; the words for what is not known."""
    return plain(" ".join(part for part in (name, version) if part)) or "unknown version"


def state_words(row: ReviewRow, decided_by: str) -> str:
    """Where the upload stands."""
    if row.holder is not None:
        return f"{row.holder} is looking at it just now. You can look too; deciding waits."
    when = local(row.upload.decided)
    by = ", ".join(part for part in (decided_by, when) if part)
    match row.state:
        case State.NEW:
            return "Waits for a decision"
        case State.QUARANTINED:
            return f"In quarantine: {plain(row.upload.reason)}"
        case State.FLAGGED:
            return f"A second opinion is wanted ({by})" if by else "A second opinion is wanted"
        case _:
            return f"{row.look.word} by {by}" if by else row.look.word


def comparison(upload: Upload, own: Sequence[float] | None) -> str:
    """One sentence on how the phone's side and this station's model agree; empty while nothing can be compared."""
    ticked = class_words(upload.ticks)
    gap = uploads.disagreement(upload.ticks, upload.phone_scores, own)
    if own is None or gap is None:
        return f"The phone ticked {ticked}." if ticked else ""
    if gap < DIFFER:
        return f"The phone ticked {ticked}, and the model agrees." if ticked else "The two models agree."
    said = [float((upload.ticks or 0) >> index & 1) for index in range(labels.COUNT)] if ticked else upload.phone_scores
    assert said is not None
    index = max(range(labels.COUNT), key=lambda place: abs(said[place] - own[place]))
    name, score = labels.CLASSES[index], f"{own[index]:.2f}"
    if not ticked:
        return f"Nothing was ticked. For {name} the phone's score is {said[index]:.2f}, the model's {score}."
    if said[index]:
        return f"The phone ticked {name}; the model saw {score}."
    return f"The model saw {name} at {score}; the phone did not tick it."


def facts(row: ReviewRow) -> list[tuple[str, str]]:
    """What the phone and the sync said, as title and words; what is not known is left out."""
    upload = row.upload
    known = [
        ("Weld", upload.weld_id),
        ("Group", upload.group),
        ("Captured", local(upload.captured)),
        ("Sent", local(upload.sent)),
        ("Sender", upload.uid),
        ("Phone's model", model_title(upload.model_name, upload.model_version)),
        ("App", upload.app_version),
        ("Sample", "random audit sample" if upload.audit else ""),
        ("Faces", f"{upload.faces} blurred" if upload.faces else ""),
        ("Size", f"{_size(upload.bytes)} as sent"),
        (NAME, upload.name),
        ("Inbox", upload.inbox),
    ]
    return [(title, plain(value)) for title, value in known if value]


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


def history_lines(history: Sequence[UploadDecision]) -> list[str]:
    """Every decision in words, the oldest first."""
    lines = []
    by_id = {row.id: row for row in history}
    for row in history:
        action = Action(row.action)
        what = _DONE[action]
        if action is Action.CORRECTED:
            what = f"{what} {class_words(row.labels)}"
        elif action is Action.FLAGGED and row.labels:
            what = f"{what}, would say {class_words(row.labels)}"
        elif action is Action.UNDONE and row.undoes in by_id:
            what = f"{what}: {_DONE[Action(by_id[row.undoes].action)]}"
        if row.boxes:
            what = f"{what}, {len(row.boxes)} box{'es' if len(row.boxes) > 1 else ''}"
        reason = plain(row.reason) if row.reason and action is not Action.UNDONE else ""
        lines.append(f"{local(row.at)}  {row.person.name} {what}{f': {reason}' if reason else ''}")
    return lines
