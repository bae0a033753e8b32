"""Confirmed reviews: the cleaned pictures of uploads whose labels a person vouches for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop import labels
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem, RegionLabel, box
from weldspot_desktop.dataset.sources.source import Opened, Report, Room, SourceError
from weldspot_desktop.store import decisions
from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.schema import Upload
from weldspot_desktop.store.uploads import TRUE

_SETTLING: Final = (Action.CONFIRMED.value, Action.CORRECTED.value)
"""Decisions that settle what a picture shows, and where."""

_ROWS: Final = 500


class ReviewsSource:
    """Every confirmed or corrected upload with its labels and the boxes of the decision that holds.

    It is asked for all it has: a picture whose review was taken back since is withdrawn from the dataset.
    """

    title = "confirmed reviews (reviews)"

    @contextmanager
    def open(self, argument: str, room: Room, *, format_name: str | None, progress: Report) -> Iterator[Opened]:
        if argument or format_name is not None:
            raise SourceError("Confirmed reviews are taken as they are: write just reviews, without a format.")
        with room.database.read() as session:
            yield Opened("reviews", "reviews", _read(session, room), complete=True, decides=True)


def _read(session: Session, room: Room) -> Iterator[LabelledPicture | Problem]:
    query = (
        select(Upload)
        .where(Upload.state.in_([state.value for state in TRUE]), Upload.picture_sha256.is_not(None))
        .order_by(Upload.id)
    )
    for upload in session.scalars(query.execution_options(yield_per=_ROWS)):
        present = frozenset(index for index in range(labels.COUNT) if (upload.labels or 0) >> index & 1)
        if not present:
            yield Problem(upload.name, "was confirmed without a class; left out, because what it shows is not known")
            continue
        if labels.BACKGROUND in present and len(present) > 1:
            yield Problem(upload.name, "was confirmed as Background and a weld class at once; left out")
            continue
        assert upload.picture_sha256 is not None  # the query says so
        path = room.files.path(session, upload.picture_sha256)
        assert path is not None  # the foreign key says so
        regions, problems = _regions(session, upload, present)
        yield from problems
        yield LabelledPicture(path, present, tuple(regions), name=upload.name, group=upload.group, scene=_scene(upload))


def _scene(upload: Upload) -> str | None:
    """The weld that a picture shows, as the phone named it: its pictures must stay in one split."""
    return f"{upload.group or ''}/{upload.weld_id}" if upload.weld_id else None


def _regions(session: Session, upload: Upload, present: frozenset[int]) -> tuple[list[RegionLabel], list[Problem]]:
    """Boxes of the decision that holds: the latest that settled labels and was not taken back."""
    held = [row for row in decisions.standing(session, upload.id) if row.action in _SETTLING]
    decision = held[-1] if held else None
    regions: list[RegionLabel] = []
    problems: list[Problem] = []
    for number, row in enumerate(decision.boxes if decision is not None else [], start=1):
        try:
            index, left, top, right, bottom = row
            if int(index) not in present:
                raise ValueError("is of a class that was not confirmed")
            regions.append(box(int(index), left, top, right, bottom))
        except (ValueError, TypeError) as error:
            problems.append(Problem(f"{upload.name} box {number}", str(error)))
    return regions, problems
