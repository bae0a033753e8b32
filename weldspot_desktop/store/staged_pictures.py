"""Many pictures kept in one step: their files are written first, all rows in one transaction, or nothing stays."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.orm import Session

from weldspot_desktop.store.database import Database, StoreError
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import KeptPicture

_LOG = logging.getLogger(__name__)


class StagedPictures:
    """Pictures on their way into the workspace; a block that does not end with `record` leaves no file behind.

    The database is not locked while files are written, so that other programs go on working.

    Parameters
    ----------
    database, files
        The workspace's store.
    """

    def __init__(self, database: Database, files: PictureFiles) -> None:
        self._database = database
        self._files = files
        self._staged: dict[str, KeptPicture] = {}
        self._fresh: dict[str, Path] = {}
        self._paths: dict[str, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._fresh:
            return
        try:
            # Under the write lock: another program that keeps one of these pictures has recorded it, or has not begun.
            with self._database.write() as session:
                for sha256, path in self._fresh.items():
                    if session.get(KeptPicture, sha256) is None:
                        path.unlink(missing_ok=True)
        except (StoreError, OSError):
            # What stays is a file that nothing names and that a later import takes over; the first error counts.
            _LOG.warning("%d pictures of an import that failed were not removed", len(self._fresh), exc_info=True)

    def add(self, content: bytes, *, width: int, height: int) -> str:
        """Write the file if it is new.

        Returns
        -------
        str
            SHA-256 of the bytes.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        put = self._files.put(content)
        if put.fresh:
            self._fresh[put.sha256] = put.path
        self._paths[put.sha256] = put.path
        self._staged.setdefault(
            put.sha256,
            KeptPicture(
                sha256=put.sha256,
                suffix=put.path.suffix,
                bytes=len(content),
                width=width,
                height=height,
                added=datetime.now(UTC),
            ),
        )
        return put.sha256

    def record(self, session: Session) -> None:
        """Add the rows in the caller's transaction; once it is committed the pictures are kept.

        Raises
        ------
        StoreError
            If another import of the same pictures was undone meanwhile and took files with it.
        """
        for sha256, row in self._staged.items():
            if session.get(KeptPicture, sha256) is None:
                if not self._paths[sha256].exists():
                    raise StoreError(
                        "Another import of the same pictures was stopped in the meantime.",
                        "Nothing was changed; start this one again.",
                    )
                session.add(row)
        session.flush()
