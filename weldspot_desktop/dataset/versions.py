"""Dataset versions in the workspace: made once, never changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weldspot_desktop import labels, pictures
from weldspot_desktop.dataset import groups, growth, manifest
from weldspot_desktop.dataset.growth import Earlier, Place
from weldspot_desktop.dataset.manifest import Manifest, PictureEntry, RegionEntry
from weldspot_desktop.dataset.split import SEED, Split, split
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.paths import Workspace
from weldspot_desktop.store import Database, trail
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import DatasetMember, DatasetVersion, Sample


class DatasetError(ExpectedError):
    """A dataset version that is not there or cannot be made."""


@dataclass(frozen=True)
class Listed:
    """A version as a list shows it; `splits` counts the pictures of each split and is empty without one."""

    name: str
    created: datetime
    parent: str | None
    reference: str | None
    seed: int | None
    hash: str
    pictures: int
    splits: Mapping[Split, int]


@dataclass(frozen=True)
class _Drawn:
    """A split of samples, by SHA-256."""

    seed: int
    reference: str | None
    groups_of: Mapping[str, int]
    places_of: Mapping[str, Place]


def commit(database: Database, files: PictureFiles, workspace: Workspace, *, person: str) -> Manifest:
    """Make a version, without a split, of all samples; if nothing changed, the newest stays."""
    with database.write() as session:
        return add(session, files, workspace, person=person)


def add(session: Session, files: PictureFiles, workspace: Workspace, *, person: str) -> Manifest:
    """As `commit`, in the caller's transaction."""
    return _add(session, files, workspace, person=person, drawn=None)


def commit_split(
    database: Database,
    files: PictureFiles,
    workspace: Workspace,
    *,
    person: str,
    seed: int = SEED,
    new_reference: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Manifest:
    """Group all samples by scene, split them by group, and make a version of it.

    What earlier versions drew stays; see `growth`.

    Parameters
    ----------
    seed
        Decides what is drawn now.
    new_reference
        Forget what was drawn and freeze a new test split. Models from before cannot be compared on it: it holds
        pictures that they have learned from.
    progress
        Called with the pictures looked at so far and their number; may raise to stop, and nothing is changed then.

    Raises
    ------
    DatasetError
        If there are no samples.
    """
    with database.read() as session:
        samples = _samples(session)
        paths = [files.path(session, sample.sha256) for sample in samples]
        reference = None if new_reference else _reference(session)
        earlier = _earlier(session, reference) if reference is not None else {}
    if not samples:
        raise DatasetError("There are no labelled pictures.", "Import some first: weldspot dataset import PATH.")
    descriptors = []
    for done, path in enumerate(paths, start=1):
        assert path is not None  # a sample's picture is kept: the foreign key says so
        descriptors.append(groups.descriptor(pictures.decode(pictures.read_file(path)).pixels))
        progress(done, len(paths))
    backgrounds = [sample.classes == [labels.BACKGROUND] for sample in samples]
    scenes = [sample.scene for sample in samples]
    group_of = groups.group([sample.name for sample in samples], descriptors, backgrounds, scenes)
    hashes = [sample.sha256 for sample in samples]
    shown = truth([tuple(sample.classes) for sample in samples])
    if reference is None:
        places = [Place(kind, newer=False) for kind in split(shown, group_of, seed=seed)]
    else:
        places = growth.grow(shown, group_of, [earlier.get(sha256) for sha256 in hashes], seed=seed)
    drawn = _Drawn(
        seed,
        reference,
        dict(zip(hashes, group_of.tolist(), strict=True)),
        dict(zip(hashes, places, strict=True)),
    )
    with database.write() as session:
        return _add(session, files, workspace, person=person, drawn=drawn)


def truth(classes: Sequence[tuple[int, ...]]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """(n, 7) matrix of which picture shows which class."""
    matrix = np.zeros((len(classes), labels.COUNT), dtype=np.bool_)
    for row, present in enumerate(classes):
        matrix[row, list(present)] = True
    return matrix


def newest_name(database: Database) -> str | None:
    """Name of the newest version; None if there is none."""
    with database.read() as session:
        newest = _newest(session)
        return newest.name if newest is not None else None


def listed(database: Database) -> list[Listed]:
    """All versions, the newest first."""
    with database.read() as session:
        query = select(DatasetMember.version_id, DatasetMember.split, func.count()).group_by(
            DatasetMember.version_id, DatasetMember.split
        )
        counts: dict[int, dict[str | None, int]] = {}
        for version_id, kind, count in session.execute(query):
            counts.setdefault(version_id, {})[kind] = count
        return [
            Listed(
                name=version.name,
                created=version.created,
                parent=version.parent,
                reference=version.reference,
                seed=version.seed,
                hash=version.hash,
                pictures=sum(counts.get(version.id, {}).values()),
                splits={kind: counts.get(version.id, {}).get(kind.value, 0) for kind in Split}
                if version.seed is not None
                else {},
            )
            for version in session.scalars(select(DatasetVersion).order_by(DatasetVersion.id.desc()))
        ]


def open_version(workspace: Workspace, database: Database, name: str | None = None) -> Manifest:
    """A version's manifest by name; None takes the newest.

    Raises
    ------
    DatasetError, ManifestError
        If there is none of that name, or its file is broken or not the one that was made.
    """
    with database.read() as session:
        query = select(DatasetVersion).where(DatasetVersion.name == name)
        version = session.scalars(query).first() if name is not None else _newest(session)
        if version is None and name is None:
            raise DatasetError("There is no dataset yet.", "Import one first: weldspot dataset import PATH.")
        if version is None:
            known = session.scalars(select(DatasetVersion.name).order_by(DatasetVersion.id.desc()).limit(5)).all()
            advice = f"The newest are {', '.join(known)}." if known else "There is none yet."
            raise DatasetError(f"There is no dataset version {name}.", advice)
    found = manifest.load(manifest_path(workspace, version.name))
    if found.hash != version.hash:
        raise DatasetError(
            f"The manifest of {version.name} is not the one that was made: its hash is another.",
            "It was replaced. Restore the file from a copy of the workspace.",
        )
    return found


def manifest_path(workspace: Workspace, name: str) -> Path:
    """Where a version's manifest lies.

    Raises
    ------
    DatasetError
        If the name is no plain name.
    """
    if Path(name).name != name:
        raise DatasetError(f"{name} is no name of a dataset version.")
    return workspace.datasets / f"{name}.json"


def _reference(session: Session) -> str | None:
    """The version whose test split is frozen; None before the first split."""
    query = select(DatasetVersion.reference).where(DatasetVersion.reference.is_not(None))
    return session.scalars(query.order_by(DatasetVersion.id.desc()).limit(1)).first()


def _earlier(session: Session, reference: str) -> dict[str, Earlier]:
    """Where each picture was last, in the versions that keep this reference; by SHA-256."""
    query = (
        select(Sample.sha256, DatasetMember.split, DatasetVersion.name)
        .join(DatasetMember, DatasetMember.sample_id == Sample.id)
        .join(DatasetVersion, DatasetVersion.id == DatasetMember.version_id)
        .where(DatasetVersion.reference == reference)
        .order_by(DatasetVersion.id)
    )
    found: dict[str, Earlier] = {}
    for sha256, word, version in session.execute(query):
        kind = Split(word) if word is not None else None
        known = found.get(sha256)
        first = version == reference or (known is not None and known.first)
        frozen = (version == reference and kind is Split.TEST) or (known is not None and known.frozen)
        found[sha256] = Earlier(kind, frozen, first)
    return found


def _newest(session: Session) -> DatasetVersion | None:
    return session.scalars(select(DatasetVersion).order_by(DatasetVersion.id.desc()).limit(1)).first()


def _add(session: Session, files: PictureFiles, workspace: Workspace, *, person: str, drawn: _Drawn | None) -> Manifest:
    samples = _samples(session)
    entries = tuple(_entry(session, files, sample, drawn) for sample in samples)
    last = _newest(session)
    if last is not None:
        unchanged = _unchanged(manifest_path(workspace, last.name), last, entries, drawn)
        if unchanged is not None:
            return unchanged
    digest = manifest.content_hash(drawn.seed if drawn is not None else None, entries)
    name = f"dataset-{last.id + 1 if last is not None else 1}"
    version = DatasetVersion(
        name=name,
        hash=digest,
        seed=drawn.seed if drawn is not None else None,
        parent=last.name if last is not None else None,
        reference=(drawn.reference or name) if drawn is not None else None,
        created=datetime.now(UTC),
    )
    session.add(version)
    session.flush()
    session.add_all(
        DatasetMember(version_id=version.id, sample_id=sample.id, group=entry.group, split=entry.split)
        for sample, entry in zip(samples, entries, strict=True)
    )
    made = Manifest(
        name=name,
        created=version.created.isoformat(timespec="seconds"),
        parent=version.parent,
        reference=drawn.reference if drawn is not None else None,
        seed=version.seed,
        labels=labels.CLASSES,
        pictures=entries,
        hash=digest,
    )
    details = {
        "hash": digest,
        "pictures": len(entries),
        "seed": version.seed,
        "parent": version.parent,
        "reference": version.reference,
    }
    trail.append(session, person=person, action="dataset version made", subject=name, details=details)
    session.flush()
    # Last of all: a file without its row is written anew by the next version, a row without its file would be lost.
    made.save(manifest_path(workspace, name))
    return made


def _unchanged(
    path: Path, last: DatasetVersion, entries: tuple[PictureEntry, ...], drawn: _Drawn | None
) -> Manifest | None:
    """The newest version, if it is what would be made: without a new split also if it has one of the same pictures."""
    try:
        found = manifest.load(path)
    except manifest.ManifestError:
        return None
    if found.hash != last.hash:
        return None
    if drawn is not None:
        same = last.hash == manifest.content_hash(drawn.seed, entries)
        return found if same and last.reference == (drawn.reference or last.name) else None
    plain = tuple(entry.model_copy(update={"group": None, "split": None, "newer": False}) for entry in found.pictures)
    return found if plain == entries else None


def _samples(session: Session) -> list[Sample]:
    return list(session.scalars(select(Sample).where(Sample.withdrawn.is_(None)).order_by(Sample.sha256)))


def _entry(session: Session, files: PictureFiles, sample: Sample, drawn: _Drawn | None) -> PictureEntry:
    path = files.path(session, sample.sha256)
    assert path is not None  # a sample's picture is kept: the foreign key says so
    # A sample that another program added meanwhile is in no split yet.
    place = drawn.places_of.get(sample.sha256, Place(None, newer=False)) if drawn is not None else None
    return PictureEntry(
        sha256=sample.sha256,
        file=path.relative_to(files.folder).as_posix(),
        name=sample.name,
        source=sample.source,
        classes=tuple(sample.classes),
        regions=tuple(
            RegionEntry(
                class_index=region.class_index,
                kind="box" if region.kind == "box" else "polygon",
                corners=tuple((x, y) for x, y in region.corners),
            )
            for region in sample.regions
        ),
        group=drawn.groups_of.get(sample.sha256) if drawn is not None else None,
        split=place.split if place is not None else None,
        newer=place.newer if place is not None else False,
        origin=sample.group,
    )
