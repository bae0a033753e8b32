"""A dataset version as a file: every picture with labels, group and split, and a hash over all of it.

Whoever has the file can take the frozen test split from it, without the database.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from weldspot_desktop import labels, paths
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.errors import ExpectedError


class ManifestError(ExpectedError):
    """A manifest that is missing, broken or altered."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RegionEntry(_Part):
    """Where a class was marked; corners 0 to 1."""

    class_index: int = Field(ge=0, lt=labels.COUNT)
    kind: Literal["box", "polygon"]
    corners: tuple[tuple[float, float], ...]


class PictureEntry(_Part):
    """One picture of a version.

    Attributes
    ----------
    sha256
        Of the file.
    file
        Relative to the workspace's picture folder.
    name, source, origin
        What people call it, where it came from, and who or where within the source sent it (None if it does not say).
    classes, regions
        What it shows, and where.
    group
        Number of the scene, within this version; None in a version without a split.
    split
        None in a version without a split; in one with a split, a picture that no split may have: it links scenes that
        were on different sides before.
    newer
        A test picture that is not of the frozen test split: it came later.
    """

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    file: str
    name: str
    source: str
    classes: tuple[int, ...]
    regions: tuple[RegionEntry, ...]
    group: int | None
    split: Split | None
    newer: bool = False
    origin: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.newer and self.split is not Split.TEST:
            raise ValueError("is said to be of the newer test split, but is no test picture")
        return self

    def content(self) -> dict[str, Any]:
        """What the hash covers: later fields only where they are set, so that older hashes stay what they were."""
        unset = {name for name in ("newer", "origin") if not getattr(self, name)}
        return self.model_dump(mode="json", exclude=unset)

    @property
    def place(self) -> str:
        """Source and origin, as a list of sources names them."""
        return f"{self.source}: {self.origin}" if self.origin else self.source


class Manifest(_Part):
    """A dataset version.

    Attributes
    ----------
    name
        "dataset-3".
    parent
        The version before it.
    reference
        The version whose test split is frozen in this one; None means its own.
    seed
        Of the split; None without one.
    labels
        Class names in index order.
    pictures
        Sorted by SHA-256; `file` is relative to the workspace's picture folder.
    hash
        SHA-256 over labels, seed and pictures: two versions with one hash are the same data.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    name: str
    created: str
    parent: str | None
    reference: str | None = None
    seed: int | None
    labels: tuple[str, ...]
    pictures: tuple[PictureEntry, ...]
    hash: str

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.labels != labels.CLASSES:
            raise ValueError(f"knows other classes: {', '.join(self.labels)}")
        if self.hash != content_hash(self.seed, self.pictures):
            raise ValueError("its hash does not fit its content: it was altered")
        for entry in self.pictures:
            if Path(entry.file).is_absolute() or ".." in Path(entry.file).parts:
                raise ValueError(f"names a file outside the picture folder: {entry.file}")
        return self

    def of(self, split: Split) -> list[PictureEntry]:
        """Pictures of one split; TEST is the frozen and the newer test split together."""
        return [entry for entry in self.pictures if entry.split == split]

    def reference_test(self) -> list[PictureEntry]:
        """The frozen test split: the same pictures in every version with the same reference."""
        return [entry for entry in self.of(Split.TEST) if not entry.newer]

    def newer_test(self) -> list[PictureEntry]:
        """Test pictures that came after the frozen test split was drawn."""
        return [entry for entry in self.of(Split.TEST) if entry.newer]

    @property
    def left_out(self) -> list[PictureEntry]:
        """Pictures of a version with a split that are in none."""
        return [entry for entry in self.pictures if entry.split is None] if self.seed is not None else []

    def save(self, path: Path) -> None:
        """Write the file; a reader sees all of it or nothing."""
        paths.write_whole(path, self.model_dump_json(indent=1, by_alias=True))


def load(path: Path) -> Manifest:
    """Read and check a manifest.

    Raises
    ------
    ManifestError
        If it is missing, not valid or was altered.
    """
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"The manifest {path} could not be read: {error.strerror}.") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise ManifestError(f"The manifest {path.name} cannot be used: {error}") from error


def content_hash(seed: int | None, pictures: tuple[PictureEntry, ...]) -> str:
    """SHA-256 over what makes the data, independent of name and time."""
    content = [list(labels.CLASSES), seed, [entry.content() for entry in pictures]]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
