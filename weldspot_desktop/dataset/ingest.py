"""Taking a labelled source into the workspace: every readable picture once, every problem listed, all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop import pictures
from weldspot_desktop.dataset import sources, versions
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem, RegionLabel
from weldspot_desktop.dataset.manifest import Manifest
from weldspot_desktop.dataset.sources import Opened, Room
from weldspot_desktop.store import trail
from weldspot_desktop.store.schema import LabelledRegion, Sample
from weldspot_desktop.store.staged_pictures import StagedPictures

_LONGEST_SOURCE = 200
_LONGEST_GROUP = 120


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    source, format_name
        What was read, as what.
    added, known, relabelled, withdrawn
        New samples; pictures that were there already with the same labels; those whose labels were replaced; and those
        that the source no longer holds, where a source is asked for all it has.
    problems
        What was not taken.
    version
        The dataset version with it.
    """

    source: str
    format_name: str
    added: int
    known: int
    relabelled: int
    withdrawn: int
    problems: tuple[Problem, ...]
    version: Manifest


def import_source(
    room: Room,
    asked: str,
    *,
    person: str,
    format_name: str | None = None,
    relabel: bool = False,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Imported:
    """Import a source and make a dataset version of it; doing it twice changes nothing.

    Whatever ends it early, an error, Ctrl+C or a progress function that raises, leaves the workspace as it was.

    Parameters
    ----------
    room
        The workspace's parts.
    asked
        A folder or zip, which is never written to, or one of `sources.SOURCES` by name: "reviews", "synthetic:60".
    person
        Who imports, for the trail.
    format_name
        Key of `importers.FORMATS`; None finds it.
    relabel
        Whether the source's labels replace others of the same picture; otherwise that is a problem.
    progress
        Called with the stage, what is done of it, and its total (0 if unknown).

    Raises
    ------
    ExpectedError
        If the source cannot be opened or is of no known format, or the workspace cannot be written.
    """
    with (
        sources.open_source(room, asked, format_name=format_name, progress=progress) as opened,
        StagedPictures(room.database, room.files) as staged,
    ):
        found, problems = _read(opened, staged, progress)
        progress("Writing", 0, 0)
        with room.database.write() as session:
            staged.record(session)
            counts = _record(session, opened, found, problems, relabel=relabel or opened.decides)
            details = {
                **opened.facts,
                "format": opened.format_name,
                **counts,
                "problems": len(problems),
            }
            version = versions.add(session, room.files, room.workspace, person=person)
            details["version"] = version.name
            trail.append(session, person=person, action="dataset imported", subject=opened.name, details=details)
        return Imported(opened.name, opened.format_name, **counts, problems=tuple(problems), version=version)


def _read(
    opened: Opened, staged: StagedPictures, progress: Callable[[str, int, int], None]
) -> tuple[list[tuple[str, LabelledPicture]], list[Problem]]:
    """Pictures that can be decoded, with their SHA-256; their files are staged."""
    found: list[tuple[str, LabelledPicture]] = []
    problems: list[Problem] = []
    for item in opened.items:
        if isinstance(item, Problem):
            problems.append(item)
            continue
        try:
            content = pictures.read_file(item.path)
            picture = pictures.decode(content)
        except pictures.PictureError as error:
            problems.append(Problem(item.title, str(error)))
            continue
        found.append((staged.add(content, width=picture.width, height=picture.height), item))
        progress("Reading pictures", len(found), 0)
    return found, problems


def _record(
    session: Session,
    opened: Opened,
    found: list[tuple[str, LabelledPicture]],
    problems: list[Problem],
    *,
    relabel: bool,
) -> dict[str, int]:
    source = opened.name[:_LONGEST_SOURCE]
    counts = {"added": 0, "known": 0, "relabelled": 0, "withdrawn": 0}
    samples = {sample.sha256: sample for sample in session.scalars(select(Sample))}
    named: set[str] = set()
    for sha256, item in found:
        sample = samples.get(sha256)
        if sample is None:
            sample = samples[sha256] = _sample(item, sha256, source)
            session.add(sample)
            counts["added"] += 1
        elif sample.withdrawn is not None and sha256 not in named:
            _relabel(sample, item)
            sample.source, sample.withdrawn = source, None
            counts["added"] += 1
        elif sample.classes == sorted(item.classes) and (_regions(sample) == item.regions or not relabel):
            counts["known"] += 1
        elif relabel and sha256 not in named:
            _relabel(sample, item)
            counts["relabelled"] += 1
        else:
            reason = f"the same picture is there as {sample.name} with other labels; those were kept"
            problems.append(Problem(item.title, reason))
        named.add(sha256)
    if opened.complete:
        for sample in samples.values():
            if sample.source == source and sample.withdrawn is None and sample.sha256 not in named:
                sample.withdrawn = datetime.now(UTC)
                counts["withdrawn"] += 1
    session.flush()
    return counts


def _sample(item: LabelledPicture, sha256: str, source: str) -> Sample:
    sample = Sample(sha256=sha256, name=item.title, source=source, added=datetime.now(UTC))
    _relabel(sample, item)
    return sample


def _relabel(sample: Sample, item: LabelledPicture) -> None:
    sample.classes = sorted(item.classes)
    sample.group = item.group[:_LONGEST_GROUP] if item.group else None
    sample.scene = item.scene[:_LONGEST_SOURCE] if item.scene else None
    sample.regions = [
        LabelledRegion(class_index=r.class_index, kind=r.kind, corners=[list(corner) for corner in r.corners])
        for r in item.regions
    ]


def _regions(sample: Sample) -> tuple[RegionLabel, ...]:
    return tuple(
        RegionLabel(r.class_index, "box" if r.kind == "box" else "polygon", tuple((x, y) for x, y in r.corners))
        for r in sample.regions
    )
