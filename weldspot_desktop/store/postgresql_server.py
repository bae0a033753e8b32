"""PostgreSQL: one database for several workstations, which share the folder of the workspace for pictures."""

import re
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from weldspot_desktop.store import backend
from weldspot_desktop.store.backend import StoreError

SCHEMES: Final = ("postgresql://", "postgres://")
"""How an address begins."""

CONNECT_SECONDS: Final = 10
"""How long to wait for a server that does not answer."""

IDLE_SECONDS: Final = 120
"""A transaction that asks nothing for so long is ended by the server: its program hangs and keeps others waiting."""

_WRITE_LOCK: Final = 0x57454C4453504F54
"""Number of the lock that writers take, one for each database: the letters WELDSPOT."""

_WRITES: Final = "weldspot_writes"

_SAFE: Final = "What was saved before is safe."


class PostgresqlServer:
    """A database on a server.

    Parameters
    ----------
    address
        `postgresql://user@server:port/database`. A password is best left to libpq's own file (~/.pgpass) or PGPASSWORD.

    Raises
    ------
    StoreError
        If the address cannot be read. It is not repeated: it may hold a password.
    """

    def __init__(self, address: str) -> None:
        self._url = parse(address)

    @property
    def title(self) -> str:
        return f"{self._database} on {self._server}"

    def engine(self) -> Engine:
        engine = create_engine(
            self._url,
            # A server that was started anew costs one question, not an error.
            pool_pre_ping=True,
            # Parameters of a failed statement are data of people and pictures; they do not belong in a log.
            hide_parameters=True,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "application_name": "weldspot",
                # A machine that is switched off keeps neither its locks nor its leases for hours.
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
            },
        )
        _prepare_connections(engine)
        return engine

    def reading(self, engine: Engine) -> Engine:
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def writing(self, engine: Engine) -> Engine:
        """Take turns by a lock of the database; READ COMMITTED, so that what was read after waiting is the newest."""
        return engine.execution_options(isolation_level="READ COMMITTED", **{_WRITES: True})

    def before_migrating(self, head: str) -> None:
        """Nothing: a failed migration is rolled back as a whole, and copies are the work of who keeps the server."""

    def plain_reader(self) -> None:
        return None

    def not_opened(self, error: DBAPIError) -> StoreError:
        explained = self.explained("opened", error)
        return explained or StoreError(
            f"The database {self.title} cannot be used: {_words(error)}.",
            "Nothing was changed. Give the program a database of its own.",
        )

    def newer(self) -> StoreError:
        return StoreError(
            f"The database {self.title} was written by a newer version of the program.",
            "Nothing was changed. Install that version on this workstation too.",
        )

    def explained(self, verb: str, error: DBAPIError) -> StoreError | None:
        state = getattr(error.orig, "sqlstate", None)
        if state is not None:
            return self._by_state(verb, state, error)
        if not isinstance(error, OperationalError):
            return None
        if error.connection_invalidated:
            return StoreError(
                f"The connection to the database {self.title} was lost.",
                f"{_SAFE} Look whether the last change is there before you repeat it.",
            )
        return self._refused(_words(error))

    def _by_state(self, verb: str, state: str, error: DBAPIError) -> StoreError | None:
        what = f"The database {self.title} could not be {verb}"
        if state == "55P03":
            return StoreError(
                f"{what}: another program has been writing for {backend.BUSY_SECONDS:g} s.",
                "Nothing was lost; try again in a moment.",
            )
        if state in ("53100", "53200"):
            return StoreError(f"{what}: {_words(error)}.", f"The server is full. {_SAFE} Ask who keeps the server.")
        if state in ("42501", "25006"):
            return StoreError(f"{what}: {_words(error)}.", f"User {self._user} needs the right to write there.")
        if state == "25P03":
            return StoreError(f"{what}: the program paused too long in the middle.", f"Nothing was written. {_SAFE}")
        if state.startswith(("57", "08")):
            return StoreError(
                f"The server {self._server} ended the connection: {_words(error)}.",
                f"{_SAFE} Try again when the server is back.",
            )
        return StoreError(f"{what}: {_words(error)}.", _SAFE) if isinstance(error, OperationalError) else None

    def _refused(self, words: str) -> StoreError:
        """Why no connection was made. Only words tell: libpq gives no code, and servers speak their own language."""
        user, database, server = self._user, self._database, self._server
        nothing = "Nothing was changed."
        if "no password supplied" in words:
            return StoreError(
                f"The database server {server} asks for the password of user {user}.",
                f"{nothing} Write it into ~/.pgpass, which only you may read.",
            )
        if re.search(r"password authentication failed|authentication failed for user", words):
            return StoreError(
                f"The database server {server} refused user {user} or the password.",
                f"{nothing} Check both, in ~/.pgpass or where the address is set.",
            )
        if re.search(r'database ".*" does not exist', words):
            return StoreError(
                f"There is no database {database} on {server}.",
                f"{nothing} Ask who keeps the server to make it (createdb --encoding=UTF8), or check the name.",
            )
        if re.search(r'role ".*" does not exist', words):
            return StoreError(f"The database server {server} knows no user {user}.", f"{nothing} Check the name.")
        if "pg_hba.conf" in words:
            return StoreError(
                f"The database server {server} lets user {user} not in from this machine.",
                f"{nothing} Ask who keeps the server to allow it (pg_hba.conf).",
            )
        if re.search(r"too many clients|connection slots", words):
            return StoreError(f"The database server {server} has too many users.", "Try again in a moment.")
        if "FATAL" in words:
            return StoreError(f"The database server {server} refused the connection: {words}.", _SAFE)
        return StoreError(
            f"The database server {server} does not answer: {words}.",
            f"{_SAFE} Check the network and whether the server runs, and try again.",
        )

    @property
    def _server(self) -> str:
        host = self._url.host or self._url.query.get("host") or "this machine"
        name = host if isinstance(host, str) else ", ".join(host)
        return f"{name}:{self._url.port}" if self._url.port is not None else name

    @property
    def _database(self) -> str:
        return self._url.database or self._user

    @property
    def _user(self) -> str:
        return self._url.username or "of this account"


def is_address(text: str) -> bool:
    """Whether a text is meant as an address of a server, and not as a file."""
    return text.lower().startswith(SCHEMES)


def parse(address: str) -> URL:
    """Read an address.

    Raises
    ------
    StoreError
        If it is none.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        # Not chained: the other error repeats the address, and with it the password.
        del error
        url = None
    if url is None or not is_address(address) or not url.database:
        raise StoreError(
            "The address of the database cannot be read.",
            "It looks like postgresql://user@server:5432/weldspot; special characters are written as %20 and the like.",
        )
    return url.set(drivername="postgresql+psycopg")


def _prepare_connections(engine: Engine) -> None:
    # Before SQLAlchemy's own first look, which fails where text is no UTF-8.
    @event.listens_for(engine, "connect", insert=True)
    def _prepare(connection: Any, _: Any) -> None:
        if connection.info.parameter_status("server_encoding") != "UTF8":
            connection.close()
            raise StoreError(
                "The database does not store text as UTF-8.", "Ask for one made with createdb --encoding=UTF8."
            )
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {round(backend.BUSY_SECONDS * 1000)}")
            cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_SECONDS * 1000}")
            cursor.execute("SET TIME ZONE 'UTC'")
        connection.commit()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITES):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")


def _words(error: DBAPIError) -> str:
    """What the driver or the server says, in one line without a full stop."""
    return " ".join(str(error.orig).split("DETAIL:")[0].split()).rstrip(".")
