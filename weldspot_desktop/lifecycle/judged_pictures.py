"""The pictures that models are judged on: the frozen test split, that of another version, what reviewers confirmed."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from typing import Final

import numpy as np
from sqlalchemy import select

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.dataset import versions
from weldspot_desktop.dataset.manifest import Manifest, PictureEntry
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.model import ModelCard, ModelFile
from weldspot_desktop.registry.scoring import LabelledFile
from weldspot_desktop.store import uploads
from weldspot_desktop.store.schema import DatasetVersion, Upload

FEATURES: Final = "features"
"""Name of the companion that lists what a model learned from."""

_LARGEST_BYTES: Final = 2_000_000_000


def frozen(context: Context) -> list[LabelledFile]:
    """The pictures of the frozen test split: the reference that models are compared on over time.

    Raises
    ------
    DatasetError, ManifestError
        If the newest manifest with a split was altered or is gone.
    """
    manifest = _newest_split(context)
    return [_file(context, entry) for entry in manifest.reference_test()] if manifest is not None else []


def newer(context: Context) -> list[LabelledFile]:
    """Test pictures that came after the frozen test split was drawn; raises as `frozen`."""
    manifest = _newest_split(context)
    return [_file(context, entry) for entry in manifest.newer_test()] if manifest is not None else []


def of_version(context: Context, name: str | None) -> list[LabelledFile]:
    """The test pictures of a version, frozen and newer together; None takes the newest version.

    Raises
    ------
    DatasetError, ManifestError
        If there is no such version.
    """
    manifest = versions.open_version(context.workspace, context.database, name)
    return [_file(context, entry) for entry in manifest.of(Split.TEST)]


def confirmed(context: Context, most: int) -> list[LabelledFile]:
    """The newest pictures of phones whose labels a reviewer vouches for.

    Raises
    ------
    StoreError
        If the database cannot be read.
    """
    with context.database.read() as session:
        query = (
            select(Upload)
            .where(
                Upload.state.in_([state.value for state in uploads.TRUE]),
                Upload.picture_sha256.is_not(None),
                Upload.labels.is_not(None),
            )
            .order_by(Upload.decided.desc(), Upload.id.desc())
            .limit(most)
        )
        rows = list(session.scalars(query))
        paths = [context.picture_files.path(session, row.picture_sha256 or "") for row in rows]
    groups: dict[str, int] = {}
    found: dict[str, LabelledFile] = {}
    for row, path in zip(rows, paths, strict=True):
        sha256, bits = row.picture_sha256, row.labels
        if path is None or sha256 is None or bits is None or sha256 in found:
            # The same picture sent twice is one picture; the newest decision counts.
            continue
        place = row.weld_id or row.group or f"upload {row.id}"
        found[sha256] = LabelledFile(
            path=path,
            sha256=sha256,
            classes=tuple(index for index in range(labels.COUNT) if bits >> index & 1),
            regions={},
            group=groups.setdefault(place, len(groups)),
            source=row.group or "confirmed uploads",
            name=row.name,
        )
    return list(found.values())


def learned(model: ModelFile) -> frozenset[str] | None:
    """Hashes of the pictures that a model learned from; None where no companion tells."""
    companion = model.card.companions.get(FEATURES)
    if companion is None:
        return None
    try:
        content = model.path.with_name(companion.file).read_bytes()
        if hashlib.sha256(content).hexdigest() != companion.sha256:
            return None
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_BYTES:
                return None
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return frozenset(str(sha256) for sha256 in arrays["sha256"].tolist())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def version_of(context: Context, card: ModelCard) -> str | None:
    """Name of the version in this workspace that holds the data that a model was trained on; None if there is none."""
    with context.database.read() as session:
        query = select(DatasetVersion.name).where(DatasetVersion.hash == card.dataset.hash).order_by(DatasetVersion.id)
        return session.scalars(query.limit(1)).first()


def _newest_split(context: Context) -> Manifest | None:
    """The newest version that was split; None if none was."""
    name = next((version.name for version in versions.listed(context.database) if version.seed is not None), None)
    return versions.open_version(context.workspace, context.database, name) if name is not None else None


def _file(context: Context, entry: PictureEntry) -> LabelledFile:
    marked: Sequence[int] = sorted({region.class_index for region in entry.regions})
    return LabelledFile(
        path=context.workspace.pictures / entry.file,
        sha256=entry.sha256,
        classes=entry.classes,
        regions={i: [np.array(r.corners) for r in entry.regions if r.class_index == i] for i in marked},
        group=entry.group if entry.group is not None else -1,
        source=entry.place,
        name=entry.name,
    )
