"""SQLite: one file in the workspace, for one machine."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool

from weldspot_desktop.store import backend
from weldspot_desktop.store.backend import StoreError

_ROOM_NEEDED: Final = 1_000_000
"""Bytes without which SQLite cannot work: its log and its index of that."""

_BEGIN: Final = "sqlite_begin"


class SqliteFile:
    """A database file.

    Parameters
    ----------
    path
        The file; it and its folder are made if needed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def title(self) -> str:
        return str(self.path)

    def engine(self) -> Engine:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The workspace {self.path.parent} cannot be made: {error.strerror}.",
                "Choose another folder with --workspace.",
            ) from error
        engine = create_engine(_address(self.path), connect_args={"timeout": backend.BUSY_SECONDS})
        _prepare_connections(engine)
        return engine

    def reading(self, engine: Engine) -> Engine:
        return engine

    def writing(self, engine: Engine) -> Engine:
        """Take the write lock at the start: a lock taken half way cannot wait for another writer."""
        return engine.execution_options(**{_BEGIN: "IMMEDIATE"})

    def before_migrating(self, head: str) -> None:
        """Copy the file as SQLite sees it: what is committed may still lie in the log beside it."""
        target = self.path.with_name(f"{self.path.name}.before-{head}")
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)

    def plain_reader(self) -> sqlite3.Connection | None:
        address = f"{self.path.absolute().as_uri()}?mode=ro"
        try:
            return sqlite3.connect(
                address, uri=True, timeout=backend.BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise StoreError(f"The database could not be read: {error}.", "What was saved before is safe.") from error

    def not_opened(self, error: DBAPIError) -> StoreError:
        if isinstance(error, OperationalError):
            return StoreError(f"The database {self.path} cannot be used: {error.orig}.", self._advice(error))
        return StoreError(
            f"{self.path} is not a database or is damaged.",
            "Nothing was changed. Restore a copy, or choose another workspace.",
        )

    def newer(self) -> StoreError:
        return StoreError(
            f"The workspace {self.path.parent} was written by a newer version of the program.",
            "Nothing was changed. Install that version, or choose another workspace.",
        )

    def explained(self, verb: str, error: DBAPIError) -> StoreError | None:
        if isinstance(error, OperationalError):
            return StoreError(f"The database could not be {verb}: {error.orig}.", self._advice(error))
        # The subclasses are mistakes in a statement or a broken rule of the schema; the class itself is damage.
        if type(error) is DatabaseError:
            return StoreError(
                f"The database is damaged: {error.orig}.", "Stop working with it; restore a copy of the workspace."
            )
        return None

    def _advice(self, error: DBAPIError) -> str:
        text = str(error.orig)
        if "locked" in text:
            return "Another program is writing to this workspace. Nothing was lost; try again in a moment."
        # Without room for the files beside it SQLite only says that it could not write.
        if "full" in text or ("I/O" in text and shutil.disk_usage(self.path.parent).free < _ROOM_NEEDED):
            return "The disk is full. What was saved before is safe; free some space and try again."
        if "readonly" in text or "unable to open" in text:
            return "The workspace cannot be written. Check its rights, or choose another with --workspace."
        return "What was saved before is safe."


class SqliteMemory(SqliteFile):
    """A database that is gone when its engine is; it has one connection, so its users take turns."""

    def __init__(self) -> None:
        super().__init__(Path(":memory:"))

    def engine(self) -> Engine:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        _prepare_connections(engine)
        return engine

    def plain_reader(self) -> None:
        return None


def _prepare_connections(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: Any) -> None:
        # Transactions are begun by us (below), so that reading and writing in one block see one state.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(_BEGIN, 'DEFERRED')}")


def _address(path: Path) -> str:
    """The file as SQLAlchemy takes it; one that may not be written is opened so that it can at least be read."""
    if not path.exists() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return f"sqlite:///{path}"
    # SQLite would make a file beside the database even to read it. It need not where nothing waits in the log.
    log = path.with_name(f"{path.name}-wal")
    immutable = "" if log.exists() and log.stat().st_size else "&immutable=1"
    return f"sqlite:///file:{quote(path.absolute().as_posix())}?mode=ro&uri=true{immutable}"
