"""What the active model says of uploads that wait, when it was not there at their sync or another one is active now."""

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from weldspot_desktop.pictures import PictureError, read_file
from weldspot_desktop.review.fetching import Scorer
from weldspot_desktop.store import Database, uploads
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import Upload
from weldspot_desktop.store.uploads import WAITING, State

OPEN: Final = (*WAITING, State.QUARANTINED)
"""States whose order in the queue the scores decide, now or after their name was mended."""

_BATCH: Final = 32

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rescored:
    """What was scored: how many uploads, and how many of them had no picture that could be judged."""

    scored: int
    unreadable: int


def waiting(database: Database, model_sha256: str) -> int:
    """How many open uploads this model has not scored."""
    with database.read() as session:
        return session.scalar(select(func.count()).where(*_unscored(model_sha256))) or 0


def rescore(
    database: Database,
    files: PictureFiles,
    scorer: Scorer,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Rescored:
    """Score every open upload that this model has not scored; can be stopped and goes on where it was.

    Parameters
    ----------
    progress
        Called with uploads done and in all; what it raises ends the work, and what was scored stays.

    Raises
    ------
    StoreError
        If the database cannot be used.
    """
    total = waiting(database, scorer.model_sha256)
    scored = unreadable = after = 0
    progress(0, total)
    with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1)), thread_name_prefix="rescore") as pool:
        while True:
            with database.read() as session:
                batch = _next(session, files, scorer.model_sha256, after)
            if not batch:
                return Rescored(scored, unreadable)
            found = list(pool.map(lambda item: _scores(scorer, item[1]), batch))
            with database.write() as session:
                for (upload_id, _), scores in zip(batch, found, strict=True):
                    if scores is not None:
                        uploads.set_own_scores(session, upload_id, scores, scorer.model_sha256, scorer.thresholds)
            after = batch[-1][0]
            scored += sum(scores is not None for scores in found)
            unreadable += sum(scores is None for scores in found)
            progress(scored + unreadable, max(total, scored + unreadable))


def _unscored(model_sha256: str) -> tuple[ColumnElement[bool], ...]:
    other = or_(Upload.own_model_sha256.is_(None), Upload.own_model_sha256 != model_sha256)
    return Upload.state.in_(OPEN), Upload.picture_sha256.is_not(None), other


def _next(session: Session, files: PictureFiles, model_sha256: str, after: int) -> list[tuple[int, Path | None]]:
    query = (
        select(Upload.id, Upload.picture_sha256)
        .where(*_unscored(model_sha256), Upload.id > after)
        .order_by(Upload.id)
        .limit(_BATCH)
    )
    return [(row.id, files.path(session, row.picture_sha256 or "")) for row in session.execute(query)]


def _scores(scorer: Scorer, path: Path | None) -> Sequence[float] | None:
    try:
        return scorer.scores(read_file(path)) if path is not None else None
    except PictureError as error:
        _LOG.warning("An upload's picture cannot be scored: %s", error)
        return None
