"""A real PostgreSQL for tests: a cluster in a temporary folder, reached by a socket, run by a user who is not root."""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from weldspot_desktop.store import Database

USER = "postgres"
GUARDED, PASSWORD = "guarded", "s3cret-word"
"""A user who must give a password; all others are trusted."""

_START_SECONDS = 60
_TEMPLATE = "template_of_tests"


BOTH_KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
"""Parameters of a fixture for tests that hold for either kind of database; see `place`."""


def programs() -> Path | None:
    """Folder of PostgreSQL's programs; None if there are none, or they would have to be run by root."""
    # It starts the server as another user, and ends it with this process; there is none but on Linux.
    if shutil.which("setpriv") is None or (os.geteuid() == 0 and not _is_user(USER)):
        return None
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _is_user(name: str) -> bool:
    return subprocess.run(["id", name], check=False, capture_output=True).returncode == 0


class Server:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def address(self, database: str, user: str = USER, password: str = "") -> str:
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={self._folder}"

    def admin(self) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection that makes and drops databases."""
        return psycopg.connect(self.address("postgres"), autocommit=True)

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """The address of a new database, with the program's tables unless it is to be empty."""
        name = f"test_{next(self._numbers)}"
        with self.admin() as connection:
            template = "template0" if empty else self._template(connection)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
            yield self.address(name)
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _template(self, connection: "psycopg.Connection[tuple[object, ...]]") -> str:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_TEMPLATE,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
            Database(self.address(_TEMPLATE)).close()
        return _TEMPLATE


@contextmanager
def server(found: Path) -> Iterator[Server]:
    """Start a server, and stop it at the end; it also ends when this process is killed."""
    # Not pytest's folder: another user could not get into it. A socket's path must be short, too.
    folder = Path(tempfile.mkdtemp(prefix="weldspot-postgresql-"))
    other_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
        other_user = ["--reuid", USER, "--regid", USER, "--init-groups"]
    data = folder / "data"
    common: dict[str, object] = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}}
    begin = ["setpriv", *other_user]
    try:
        make = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username", USER, "--no-sync"]
        subprocess.run(
            [*begin, str(found / "initdb"), "--pgdata", str(data), *make], check=True, capture_output=True, **common
        )
        rules = data / "pg_hba.conf"
        rules.write_text(f"local all {GUARDED} scram-sha-256\nlocal all nobody_here reject\nlocal all all trust\n")
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "full_page_writes": "off",
            "shared_buffers": "64MB",
            "max_connections": "40",
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*begin, "--pdeathsig", "QUIT", str(found / "postgres"), "-D", str(data), *flags],
                stdout=log,
                stderr=log,
                **common,
            )
        try:
            ready = [str(found / "pg_isready"), "--quiet", "--host", str(folder), "--timeout", str(_START_SECONDS)]
            for _ in range(_START_SECONDS * 10):
                if process.poll() is not None:
                    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
                if subprocess.run(ready, check=False).returncode == 0:
                    break
                try:
                    process.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
            started = Server(folder)
            with started.admin() as connection:
                connection.execute(f"CREATE USER {GUARDED} PASSWORD '{PASSWORD}'")
            yield started
        finally:
            # Quick: what it holds is thrown away.
            process.send_signal(3)
            process.wait(30)
    finally:
        shutil.rmtree(folder)


@contextmanager
def place(request: pytest.FixtureRequest, folder: Path, *, empty: bool = False) -> Iterator[Path | str]:
    """Where the database of a test lies whose fixture has one of `BOTH_KINDS` as its parameter; see `Database`."""
    if request.param == "sqlite":
        yield folder / "w.sqlite3"
        return
    started: Server = request.getfixturevalue("postgresql_server")
    with started.database(empty=empty) as address:
        yield address
