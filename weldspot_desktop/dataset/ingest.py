"""Taking a labelled source into the workspace: every readable picture once, every problem listed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from weldspot_desktop import pictures
from weldspot_desktop.dataset.importers import FORMATS, recognise
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem
from weldspot_desktop.store import Database, trail
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import LabelledRegion, Sample

_TRANSACTION = 100
"""Pictures written together: few enough that an interrupted import loses little."""


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    source, format_name
        What was read, as what.
    added, known
        New samples, and pictures that were there already with the same labels.
    problems
        What was not taken.
    """

    source: str
    format_name: str
    added: int
    known: int
    problems: tuple[Problem, ...]


def import_source(
    database: Database,
    files: PictureFiles,
    source: Path,
    *,
    format_name: str | None = None,
    person: str,
    progress: Callable[[int], None] = lambda done: None,
) -> Imported:
    """Import a folder; doing it twice changes nothing.

    Parameters
    ----------
    database, files
        The workspace's store.
    source
        The folder to read; it is never written to.
    format_name
        Key of `importers.FORMATS`; None finds it.
    person
        Who imports, for the trail.
    progress
        Called with the number of pictures seen so far.

    Raises
    ------
    UnknownFormatError
        If no importer knows the source.
    StoreError
        If the workspace cannot be written; what was imported before stays.
    """
    format_name = format_name or recognise(source)
    added = known = seen = 0
    problems: list[Problem] = []
    items = FORMATS[format_name].read(source)
    while batch := _take(items, _TRANSACTION):
        with database.write() as session:
            for item in batch:
                if isinstance(item, Problem):
                    problems.append(item)
                    continue
                seen += 1
                try:
                    content = pictures.read_file(item.path)
                    picture = pictures.decode(content)
                except pictures.PictureError as error:
                    problems.append(Problem(item.path.name, str(error)))
                    continue
                sha256 = files.keep(session, content, width=picture.width, height=picture.height)
                sample = session.scalars(select(Sample).where(Sample.sha256 == sha256)).first()
                if sample is None:
                    session.add(_sample(item, sha256, source.name))
                    session.flush()
                    added += 1
                elif sample.classes == sorted(item.classes):
                    known += 1
                else:
                    reason = f"the same picture is there as {sample.name} with other labels; those were kept"
                    problems.append(Problem(item.path.name, reason))
        progress(seen)
    with database.write() as session:
        details = {"format": format_name, "added": added, "known": known, "problems": len(problems)}
        trail.append(session, person=person, action="dataset imported", subject=source.name, details=details)
    return Imported(str(source), format_name, added, known, tuple(problems))


def _take(items: Iterator[LabelledPicture | Problem], count: int) -> list[LabelledPicture | Problem]:
    return [item for _, item in zip(range(count), items, strict=False)]


def _sample(item: LabelledPicture, sha256: str, source: str) -> Sample:
    regions = [
        LabelledRegion(class_index=r.class_index, kind=r.kind, corners=[list(corner) for corner in r.corners])
        for r in item.regions
    ]
    return Sample(
        sha256=sha256,
        name=item.path.name,
        source=source,
        classes=sorted(item.classes),
        added=datetime.now(UTC),
        regions=regions,
    )
