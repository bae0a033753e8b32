"""What a kind of database must do for `Database`: everything that differs between SQLite and PostgreSQL."""

import sqlite3
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from weldspot_desktop.errors import ExpectedError

BUSY_SECONDS = 15.0
"""How long one program waits for another that writes to the same database."""


class StoreError(ExpectedError):
    """The database cannot be opened, read or written."""


class Backend(Protocol):
    """A place where the tables lie. There are `SqliteFile` and `PostgresqlServer`.

    Reading sees one state of the database; writers take turns from their first statement on, so that what they read
    is what they change. Everything above relies on both.
    """

    @property
    def title(self) -> str:
        """The place for people; without a password."""

    def engine(self) -> Engine:
        """A new engine.

        Raises
        ------
        StoreError
            If the place cannot be made.
        """

    def reading(self, engine: Engine) -> Engine:
        """The same engine for transactions that only read."""

    def writing(self, engine: Engine) -> Engine:
        """The same engine for transactions that write."""

    def before_migrating(self, head: str) -> None:
        """Save what is there, before its tables are changed to this revision."""

    def plain_reader(self) -> sqlite3.Connection | None:
        """See `Database.plain_reader`."""

    def not_opened(self, error: DBAPIError) -> StoreError:
        """What to say when the tables cannot be reached or made."""

    def newer(self) -> StoreError:
        """What to say when a newer version of the program made the tables."""

    def explained(self, verb: str, error: DBAPIError) -> StoreError | None:
        """What to say of an error while data are "read" or "written"; None for what is a bug."""
