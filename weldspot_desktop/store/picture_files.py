"""Kept pictures: bytes in the workspace, once by SHA-256, never rewritten."""

import hashlib
import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop.store.database import StoreError
from weldspot_desktop.store.schema import KeptPicture

_SUFFIXES = (
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG", ".png"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"BM", ".bmp"),
    (b"GIF8", ".gif"),
)


@dataclass(frozen=True)
class Put:
    """A file in the picture folder; `fresh` if it was not there before."""

    sha256: str
    path: Path
    fresh: bool


class PictureFiles:
    """The picture folder of a workspace.

    Parameters
    ----------
    folder
        Where the files lie: `ab/abcd….jpg`, so that no folder grows without bounds.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, session: Session, content: bytes, *, width: int, height: int) -> str:
        """Store the bytes if they are new; the row joins the caller's transaction.

        Returns
        -------
        str
            SHA-256 of the bytes.

        Raises
        ------
        StoreError
            If the file cannot be written; nothing is recorded then.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        if session.get(KeptPicture, sha256) is not None:
            return sha256
        suffix = _suffix(content)
        self._write(self._path(sha256, suffix), content)
        session.add(
            KeptPicture(
                sha256=sha256, suffix=suffix, bytes=len(content), width=width, height=height, added=datetime.now(UTC)
            )
        )
        session.flush()
        return sha256

    def put(self, content: bytes, staging: Path | None = None) -> Put:
        """Write the bytes where `keep` will find them, outside of a transaction, which then waits for no disk.

        Parameters
        ----------
        staging
            A folder of the caller's, within `folder`, for the half-written file; whoever is killed leaves it there.
            None takes the one where the whole file goes.

        Raises
        ------
        StoreError
            If the file cannot be written.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256, _suffix(content))
        fresh = not path.exists()
        self._write(path, content, staging)
        return Put(sha256, path, fresh)

    def path(self, session: Session, sha256: str) -> Path | None:
        """Where a kept picture lies; None if it is not kept."""
        kept = session.get(KeptPicture, sha256)
        return self._path(kept.sha256, kept.suffix) if kept is not None else None

    def paths(self, session: Session, hashes: Collection[str]) -> dict[str, Path]:
        """Where kept pictures lie, by SHA-256; those that are not kept are left out."""
        query = select(KeptPicture.sha256, KeptPicture.suffix).where(KeptPicture.sha256.in_(hashes))
        return {sha256: self._path(sha256, suffix) for sha256, suffix in session.execute(query)}

    def _path(self, sha256: str, suffix: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}{suffix}"

    @staticmethod
    def _write(path: Path, content: bytes, staging: Path | None = None) -> None:
        """Write under a temporary name, then rename: the name never holds half a picture."""
        try:
            if path.exists() and path.read_bytes() == content:
                # Left by a transaction that was undone; evidence is not written again.
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=staging or path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreError(
                f"The picture could not be kept: {error.strerror}.",
                "What was saved before is safe. Free some space or check the rights.",
            ) from error


def _suffix(content: bytes) -> str:
    for start, suffix in _SUFFIXES:
        if content.startswith(start):
            return suffix
    return ".webp" if content[8:12] == b"WEBP" else ".bin"
