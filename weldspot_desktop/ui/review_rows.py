"""What the review page knows and says of an upload."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from weldspot_desktop import labels
from weldspot_desktop.store import Database, clock, review_queue
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import Person, Upload
from weldspot_desktop.store.uploads import State
from weldspot_desktop.ui import theme

IN_REVIEW: Final = "in review"
"""Stands beside the states: somebody looks at the upload just now."""

DIFFER: Final = 0.5
"""From this gap on, the phone's side and the model are said to differ: one of them is on the other side of a half."""


@dataclass(frozen=True)
class StateLook:
    """How a state is shown.

    Attributes
    ----------
    word
        On chips, in tooltips and read out.
    icon
        Name for `theme.icon`.
    colour
        Field of `theme.Colours`.
    """

    word: str
    icon: str
    colour: str

    def ink(self) -> str:
        """Its colour in the theme in force."""
        return str(getattr(theme.colours(), self.colour))


LOOKS: Final[dict[str, StateLook]] = {
    State.NEW.value: StateLook("New", "circle-medium", "info"),
    IN_REVIEW: StateLook("In review", "eye-outline", "info"),
    State.FLAGGED.value: StateLook("Flagged", "flag-outline", "warning"),
    State.QUARANTINED.value: StateLook("Quarantine", "shield-alert-outline", "warning"),
    State.CONFIRMED.value: StateLook("Confirmed", "check", "good"),
    State.CORRECTED.value: StateLook("Corrected", "pencil-outline", "good"),
    State.REJECTED.value: StateLook("Rejected", "close", "bad"),
}
"""Every state by its value, in the order of the chips."""


@dataclass(frozen=True)
class ReviewRow:
    """An upload as it was read.

    Attributes
    ----------
    upload
        Its row in the store.
    picture
        Where the kept picture lies; None if none could be kept.
    holder
        Name of somebody else who looks at it just now.
    """

    upload: Upload
    picture: Path | None = None
    holder: str | None = None

    @property
    def number(self) -> int:
        return self.upload.id

    @property
    def state(self) -> State:
        return State(self.upload.state)

    @property
    def look(self) -> StateLook:
        """Of its state, or of being looked at."""
        return LOOKS[IN_REVIEW if self.holder is not None else self.upload.state]

    @property
    def title(self) -> str:
        """What people call it: the weld, else the phone's id, else the name it came with."""
        words = self.upload.weld_id or self.upload.phone_id or self.upload.name.rpartition("/")[2]
        return plain(words)


def read_rows(database: Database, files: PictureFiles, token: str, numbers: Sequence[int]) -> list[ReviewRow]:
    """See `rows_in`; in a transaction of its own."""
    with database.read() as session:
        return rows_in(session, files, token, numbers)


def rows_in(session: Session, files: PictureFiles, token: str, numbers: Sequence[int]) -> list[ReviewRow]:
    """Uploads by their numbers, in that order; those that are gone are left out. Runs in the lane of the database.

    Parameters
    ----------
    token
        Mark of this window's own leases.
    """
    uploads = review_queue.rows(session, numbers)
    kept = files.paths(session, {row.picture_sha256 for row in uploads if row.picture_sha256 is not None})
    now = clock.now(session)
    rows = []
    for upload in uploads:
        held = upload.lease_token != token and upload.lease_person is not None and review_queue.runs(upload, now)
        holder = session.get(Person, upload.lease_person) if held else None
        picture = kept.get(upload.picture_sha256) if upload.picture_sha256 is not None else None
        rows.append(ReviewRow(upload, picture, holder.name if holder is not None else None))
    return rows


def classes_of(bits: int | None) -> tuple[int, ...]:
    """Classes of a set of bits."""
    return tuple(index for index in range(labels.COUNT) if (bits or 0) >> index & 1)


def class_words(bits: int | None) -> str:
    """Their names."""
    return ", ".join(labels.names(classes_of(bits)))


def told_class(upload: Upload) -> int | None:
    """The class whose scores stand in the list: where phone and model differ most, else the surest one."""
    own, phone = upload.own_scores, upload.phone_scores
    ticks = upload.ticks or 0
    if own is not None and (ticks or phone is not None):
        said = [float(ticks >> index & 1) for index in range(labels.COUNT)] if ticks else phone
        assert said is not None
        return max(range(labels.COUNT), key=lambda index: abs(said[index] - own[index]))
    if ticks:
        return classes_of(ticks)[0]
    scores = own if own is not None else phone
    return max(range(labels.COUNT), key=scores.__getitem__) if scores is not None else None


def score_words(upload: Upload, *, short: bool = False) -> str:
    """The scores of `told_class`, as in "phone 0.91 · model 0.12"; what is not known is left out.

    Parameters
    ----------
    short
        For narrow lists: "ph. 0.91 · m. 0.12".
    """
    index = told_class(upload)
    said = (("ph." if short else "phone", upload.phone_scores), ("m." if short else "model", upload.own_scores))
    return " · ".join(f"{who} {scores[index]:.2f}" for who, scores in said if scores is not None and index is not None)


def differs(upload: Upload) -> bool:
    """Whether the phone's side and the model contradict each other."""
    return upload.disagreement is not None and upload.disagreement >= DIFFER


def difference_words(upload: Upload) -> str:
    """As in "differ 0.79" or "agree 0.08"; empty while there is nothing to compare."""
    if upload.disagreement is None:
        return ""
    return f"{'differ' if differs(upload) else 'agree'} {upload.disagreement:.2f}"


def plain(text: str) -> str:
    """Words of strangers in one line: what is not printed, or would turn the line round, is written as its code."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "backslashreplace").decode()
        for letter in text
    )


def age_words(when: datetime, now: datetime | None = None) -> str:
    """How long ago, in one unit: "9 min", "3 h", "5 days"."""
    seconds = max(0.0, ((now or datetime.now(UTC)) - when).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    if seconds < 2 * 86400:
        return f"{seconds // 3600:.0f} h"
    return f"{seconds // 86400:,.0f} days"


def local(when: datetime | None) -> str:
    """In the time of this place."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M") if when is not None else ""


def row_words(row: ReviewRow) -> str:
    """The whole row, as read out."""
    upload = row.upload
    ticked, told, scores = class_words(upload.ticks), told_class(upload), score_words(upload)
    parts = [
        row.title,
        row.look.word if row.holder is None else f"{row.holder} is looking at it",
        f"ticked {ticked}" if ticked else "nothing ticked",
        f"{labels.CLASSES[told]}: {scores}" if told is not None and scores else "",
        difference_words(upload),
        "audit sample" if upload.audit else "",
        row.upload.reason if row.state is State.QUARANTINED else "",
        upload.group or "",
        local(upload.sent),
    ]
    return "; ".join(plain(part) for part in parts if part)
