"""The database: opening, migrating with a backup, and one way to a session."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store.schema import Base

BUSY_SECONDS = 15
"""How long one program waits for another that writes to the same workspace."""

_ROOM_NEEDED = 1_000_000
"""Bytes without which SQLite cannot work: its log and its index of that."""

_BEGIN = "sqlite_begin"


class StoreError(ExpectedError):
    """The database cannot be opened, read or written."""


class Database:
    """A workspace's database; safe to use from several threads and next to other programs.

    Parameters
    ----------
    path
        The SQLite file; made and brought to the newest schema if needed.

    Raises
    ------
    StoreError
        If it cannot be opened or was written by a newer program.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _engine(path)
        try:
            self._migrate()
        except OperationalError as error:
            raise StoreError(f"The database {path} cannot be used: {error.orig}.", _advice(error, path)) from error
        except DatabaseError as error:
            raise StoreError(
                f"{path} is not a database or is damaged.",
                "Nothing was changed. Restore a copy, or choose another workspace.",
            ) from error
        self._ready()

    @classmethod
    def in_memory(cls) -> "Database":
        """An empty database that is gone when it is closed; all its users take turns."""
        made = cls.__new__(cls)
        made.path = Path(":memory:")
        made._engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        _prepare_connections(made._engine)
        Base.metadata.create_all(made._engine)
        made._ready()
        made._turn = threading.RLock()
        return made

    def _ready(self) -> None:
        self._readers = sessionmaker(self._engine, expire_on_commit=False)
        self._writers = sessionmaker(_writing(self._engine), expire_on_commit=False)
        self.written = False
        """Whether anything was committed through this object."""
        # A file has a connection for each user and needs no turns.
        self._turn: AbstractContextManager[object] = nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state of the database and writes nothing.

        Raises
        ------
        StoreError
            If the database cannot be read.
        """
        with self._turn, _explained("read", self.path), self._readers() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that writes: committed at the end of the block, undone if it raises.

        Raises
        ------
        StoreError
            If the database is locked by another program, full or read-only; nothing was written then.
        """
        with self._turn, _explained("written", self.path), self._writers() as session:
            with session.begin():
                yield session
            self.written = True

    def plain_reader(self) -> sqlite3.Connection | None:
        """The driver's own connection, which cannot write, for one small question asked thousands of times.

        The caller closes it. None for a database in memory, which has one connection for all.

        Raises
        ------
        StoreError
            If the database cannot be opened.
        """
        if not isinstance(self._turn, nullcontext):
            return None
        address = f"{self.path.absolute().as_uri()}?mode=ro"
        try:
            return sqlite3.connect(
                address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise StoreError(f"The database could not be read: {error}.", "What was saved before is safe.") from error

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        return self._engine

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
        script = ScriptDirectory.from_config(config)
        head = script.get_current_head()
        with self._engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        if current == head:
            return
        if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
            raise StoreError(
                f"The workspace {self.path.parent} was written by a newer version of the program.",
                "Nothing was changed. Install that version, or choose another workspace.",
            )
        if current is not None:
            _back_up(self.path, self.path.with_name(f"{self.path.name}.before-{head}"))
        with _writing(self._engine).connect() as connection:
            config.attributes["connection"] = connection
            # Another program may have migrated between the look and the lock: upgrading is then nothing.
            with connection.begin():
                command.upgrade(config, "head")


def _back_up(path: Path, target: Path) -> None:
    """Copy a database as SQLite sees it: what is committed may still lie in the file's log beside it."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _engine(path: Path) -> Engine:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The workspace {path.parent} cannot be made: {error.strerror}.", "Choose another folder with --workspace."
        ) from error
    engine = create_engine(_address(path), connect_args={"timeout": BUSY_SECONDS})
    _prepare_connections(engine)
    return engine


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


def _writing(engine: Engine) -> Engine:
    """The same engine, taking the write lock at the start: a lock taken half way cannot wait for another writer."""
    return engine.execution_options(**{_BEGIN: "IMMEDIATE"})


@contextmanager
def _explained(verb: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StoreError(f"The database could not be {verb}: {error.orig}.", _advice(error, path)) from error
    except DatabaseError as error:
        # Its subclasses are mistakes in a statement or a broken rule of the schema; the class itself is damage.
        if type(error) is not DatabaseError:
            raise
        raise StoreError(
            f"The database is damaged: {error.orig}.", "Stop working with it; restore a copy of the workspace."
        ) from error


def _advice(error: OperationalError, path: Path) -> str:
    text = str(error.orig)
    if "locked" in text:
        return "Another program is writing to this workspace. Nothing was lost; try again in a moment."
    # Without room for the files beside it SQLite only says that it could not write.
    if "full" in text or ("I/O" in text and shutil.disk_usage(path.parent).free < _ROOM_NEEDED):
        return "The disk is full. What was saved before is safe; free some space and try again."
    if "readonly" in text or "unable to open" in text:
        return "The workspace cannot be written. Check its rights, or choose another with --workspace."
    return "What was saved before is safe."
