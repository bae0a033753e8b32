"""The latest live records, read for the filmstrip. Qt-free: runs in the lane of the database."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import pictures
from weldspot_desktop.context import Context
from weldspot_desktop.inspection.inspector import Region
from weldspot_desktop.inspection.recording import Source
from weldspot_desktop.inspection.triggers import Asked
from weldspot_desktop.pictures.thumbnail import thumbnail_of
from weldspot_desktop.store import inspections
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict


@dataclass(frozen=True)
class Brief:
    """A record in the filmstrip.

    Attributes
    ----------
    number : of the record
    verdict : None if it could not be judged
    weld_id : empty if none was given
    thumbnail : (h, w, 3) uint8, None if the picture is not kept any more
    asked : what triggered; None where that is not known
    """

    number: int
    verdict: Verdict | None
    weld_id: str
    thumbnail: NDArray[np.uint8] | None
    asked: Asked | None = None


@dataclass(frozen=True)
class Recalled:
    """A record as it was shown when it was made; the heat map is not kept.

    Attributes
    ----------
    pixels : (h, w, 3) uint8, None if the picture is not kept any more
    scores : seven, in class order
    """

    number: int
    pixels: NDArray[np.uint8] | None
    judgement: Judgement
    scores: tuple[float, ...]
    thresholds: ThresholdSet
    region: Region | None
    weld: dict[str, str]


def latest(context: Context, count: int) -> list[Brief]:
    """The newest live records, the newest first."""
    with context.database.read() as session:
        rows = inspections.page(session, Query(sources=(Source.LIVE.value,)), offset=0, limit=count)
        files = [context.picture_files.path(session, row.sha256) if row.sha256 else None for row in rows]
    briefs = []
    for row, path in zip(rows, files, strict=True):
        try:
            small = thumbnail_of(pictures.read_file(path)) if path is not None else None
        except pictures.PictureError:
            # Removed by hand: the record stands without its picture.
            small = None
        briefs.append(Brief(row.id, _verdict(row), row.weld.get("weld_id", ""), small))
    return briefs


def recall(context: Context, number: int) -> Recalled | None:
    """One record with its picture; None if there is no such record or it was not judged."""
    with context.database.read() as session:
        row = inspections.get(session, number)
        path = context.picture_files.path(session, row.sha256) if row is not None and row.sha256 else None
    verdict = _verdict(row) if row is not None else None
    if row is None or verdict is None or row.scores is None or row.thresholds is None:
        return None
    try:
        pixels = pictures.decode(pictures.read_file(path)).pixels if path is not None else None
    except pictures.PictureError:
        pixels = None
    region = None
    if row.region is not None:
        left, top, right, bottom = row.region
        region = (left, top, right, bottom)
    judgement = Judgement(verdict, tuple(row.classes), row.reason)
    thresholds = ThresholdSet.model_validate(row.thresholds)
    return Recalled(number, pixels, judgement, tuple(row.scores), thresholds, region, dict(row.weld))


def _verdict(row: Inspection) -> Verdict | None:
    return Verdict(row.verdict) if row.verdict is not None else None
