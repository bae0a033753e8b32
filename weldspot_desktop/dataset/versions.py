"""Dataset versions in the workspace: made once, never changed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop import labels, pictures
from weldspot_desktop.dataset import groups, manifest
from weldspot_desktop.dataset.manifest import Manifest, PictureEntry, RegionEntry
from weldspot_desktop.dataset.split import SEED, Split, split
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.paths import Workspace
from weldspot_desktop.store import Database, trail
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import DatasetMember, DatasetVersion, Sample


class DatasetError(ExpectedError):
    """A dataset version that is not there or cannot be made."""


def commit(database: Database, files: PictureFiles, workspace: Workspace, *, person: str) -> Manifest:
    """Make a version, without a split, of all samples; if nothing changed, the newest stays."""
    return _commit(database, files, workspace, person=person, parent=None, seed=None, groups_of={}, splits_of={})


def commit_split(
    database: Database,
    files: PictureFiles,
    workspace: Workspace,
    *,
    person: str,
    seed: int = SEED,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Manifest:
    """Group all samples by scene, split them by group, and make a version of it.

    Parameters
    ----------
    progress
        Called with the pictures looked at so far and their number.

    Raises
    ------
    DatasetError
        If there are no samples.
    """
    with database.read() as session:
        samples = _samples(session)
        paths = [files.path(session, sample.sha256) for sample in samples]
    if not samples:
        raise DatasetError("There are no labelled pictures.", "Import some first: weldspot dataset import PATH.")
    descriptors = []
    for done, path in enumerate(paths, start=1):
        assert path is not None  # a sample's picture is kept: the foreign key says so
        descriptors.append(groups.descriptor(pictures.decode(pictures.read_file(path)).pixels))
        progress(done, len(paths))
    backgrounds = [sample.classes == [labels.BACKGROUND] for sample in samples]
    group_of = groups.group([sample.name for sample in samples], descriptors, backgrounds)
    splits = split(truth([tuple(sample.classes) for sample in samples]), group_of, seed=seed)
    hashes = [sample.sha256 for sample in samples]
    return _commit(
        database,
        files,
        workspace,
        person=person,
        parent=newest_name(database),
        seed=seed,
        groups_of=dict(zip(hashes, group_of.tolist(), strict=True)),
        splits_of=dict(zip(hashes, splits, strict=True)),
    )


def truth(classes: list[tuple[int, ...]]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """(n, 7) matrix of which picture shows which class."""
    matrix = np.zeros((len(classes), labels.COUNT), dtype=np.bool_)
    for row, present in enumerate(classes):
        matrix[row, list(present)] = True
    return matrix


def newest_name(database: Database) -> str | None:
    """Name of the newest version; None if there is none."""
    with database.read() as session:
        return session.scalars(select(DatasetVersion.name).order_by(DatasetVersion.id.desc()).limit(1)).first()


def open_version(workspace: Workspace, database: Database, name: str | None = None) -> Manifest:
    """A version's manifest by name; None takes the newest.

    Raises
    ------
    DatasetError, ManifestError
        If there is none of that name, or its file is broken.
    """
    name = name or newest_name(database)
    if name is None:
        raise DatasetError("There is no dataset yet.", "Import one first: weldspot dataset import PATH.")
    return manifest.load(manifest_path(workspace, name))


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


def _commit(
    database: Database,
    files: PictureFiles,
    workspace: Workspace,
    *,
    person: str,
    parent: str | None,
    seed: int | None,
    groups_of: dict[str, int],
    splits_of: dict[str, Split],
) -> Manifest:
    with database.write() as session:
        samples = _samples(session)
        entries = tuple(_entry(session, files, sample, groups_of, splits_of) for sample in samples)
        digest = manifest.content_hash(seed, entries)
        last = session.scalars(select(DatasetVersion).order_by(DatasetVersion.id.desc()).limit(1)).first()
        if last is not None and last.hash == digest and manifest_path(workspace, last.name).is_file():
            return manifest.load(manifest_path(workspace, last.name))
        version = DatasetVersion(
            name=f"dataset-{last.id + 1 if last is not None else 1}",
            hash=digest,
            seed=seed,
            parent=parent,
            created=datetime.now(UTC),
        )
        session.add(version)
        session.flush()
        session.add_all(
            DatasetMember(
                version_id=version.id,
                sample_id=sample.id,
                group=groups_of.get(sample.sha256),
                split=splits_of.get(sample.sha256),
            )
            for sample in samples
        )
        made = Manifest(
            name=version.name,
            created=version.created.isoformat(timespec="seconds"),
            parent=parent,
            seed=seed,
            labels=labels.CLASSES,
            pictures=entries,
            hash=digest,
        )
        details = {"hash": digest, "pictures": len(entries), "seed": seed, "parent": parent}
        trail.append(session, person=person, action="dataset version made", subject=version.name, details=details)
        made.save(manifest_path(workspace, version.name))
        return made


def _samples(session: Session) -> list[Sample]:
    return list(session.scalars(select(Sample).order_by(Sample.sha256)))


def _entry(
    session: Session, files: PictureFiles, sample: Sample, groups_of: dict[str, int], splits_of: dict[str, Split]
) -> PictureEntry:
    path = files.path(session, sample.sha256)
    assert path is not None  # a sample's picture is kept: the foreign key says so
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
        group=groups_of.get(sample.sha256),
        split=splits_of.get(sample.sha256),
    )
