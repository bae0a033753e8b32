"""The database: opening, migrating, and one way to a session."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from weldspot_desktop.store.backend import Backend, StoreError
from weldspot_desktop.store.postgresql_server import PostgresqlServer
from weldspot_desktop.store.schema import Base
from weldspot_desktop.store.sqlite_file import SqliteFile, SqliteMemory

__all__ = ["Database", "StoreError"]


class Database:
    """A workspace's database; safe to use from several threads and next to other programs.

    Parameters
    ----------
    place
        Where it lies: a path for an SQLite file, made if needed, or the address of a database on a PostgreSQL server
        (`postgresql://user@server/name`). Its tables are brought to the newest schema.

    Raises
    ------
    StoreError
        If it cannot be opened or was written by a newer program.
    """

    def __init__(self, place: Path | str) -> None:
        self._backend: Backend = SqliteFile(place) if isinstance(place, Path) else PostgresqlServer(place)
        self._engine = self._backend.engine()
        try:
            self._migrate()
        except DBAPIError as error:
            self._engine.dispose()
            raise self._backend.not_opened(error) from error
        except BaseException:
            self._engine.dispose()
            raise
        self._ready()

    @classmethod
    def in_memory(cls) -> "Database":
        """An empty database that is gone when it is closed; all its users take turns."""
        made = cls.__new__(cls)
        made._backend = SqliteMemory()
        made._engine = made._backend.engine()
        Base.metadata.create_all(made._engine)
        made._ready()
        made._turn = threading.RLock()
        return made

    def _ready(self) -> None:
        self._readers = sessionmaker(self._backend.reading(self._engine), expire_on_commit=False)
        self._writers = sessionmaker(self._backend.writing(self._engine), expire_on_commit=False)
        self.written = False
        """Whether anything was committed through this object."""
        # Elsewhere there is a connection for each user, and no turns are needed.
        self._turn: AbstractContextManager[object] = nullcontext()

    @property
    def title(self) -> str:
        """Where it lies, for people; without a password."""
        return self._backend.title

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state of the database and writes nothing.

        Raises
        ------
        StoreError
            If the database cannot be read.
        """
        with self._turn, self._explained("read"), self._readers() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that writes: committed at the end of the block, undone if it raises.

        Writers take turns, on a server too: a block must not wait for people or the network.

        Raises
        ------
        StoreError
            If the database is locked by another program, full, read-only or gone; nothing was written then.
        """
        with self._turn, self._explained("written"), self._writers() as session:
            with session.begin():
                yield session
            self.written = True

    def plain_reader(self) -> sqlite3.Connection | None:
        """The driver's own connection, which cannot write, for one small question asked thousands of times.

        The caller closes it. None where there is none: in memory, which has one connection for all, and on a server.

        Raises
        ------
        StoreError
            If the database cannot be opened.
        """
        return self._backend.plain_reader()

    def close(self) -> None:
        """Let go of the file or the server."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        return self._engine

    @contextmanager
    def _explained(self, verb: str) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            explained = self._backend.explained(verb, error)
            if explained is None:
                raise
            raise explained from error

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
        script = ScriptDirectory.from_config(config)
        head = script.get_current_head()
        assert head is not None
        with self._engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        if current == head:
            return
        if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
            raise self._backend.newer()
        if current is not None:
            self._backend.before_migrating(head)
        with self._backend.writing(self._engine).connect() as connection:
            config.attributes["connection"] = connection
            # Another program may have migrated between the look and the lock: upgrading is then nothing.
            with connection.begin():
                command.upgrade(config, "head")
