"""PostgreSQL as the database: what is refused, what is lost, and that each of it has a sentence without a password."""

import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import postgresql
import psycopg
import pytest
from sqlalchemy import text

from weldspot_desktop.context import Context
from weldspot_desktop.store import Database, StoreError, backend, people
from weldspot_desktop.store.people import Role

pytestmark = pytest.mark.postgresql


@pytest.fixture
def address(postgresql_server: postgresql.Server) -> Iterator[str]:
    with postgresql_server.database() as address:
        yield address


@pytest.fixture
def store(address: str) -> Iterator[Database]:
    store = Database(address)
    yield store
    store.close()


def add(store: Database, name: str) -> None:
    with store.write() as session:
        people.add(session, name=name, role=Role.INSPECTOR, by="system")


def names(store: Database) -> list[str]:
    with store.read() as session:
        return [person.name for person in people.everyone(session)]


def refused(address: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        Database(address)
    return caught.value


# -- opening -----------------------------------------------------------------------------------------------------


def test_each_refusal_has_its_sentence(postgresql_server: postgresql.Server, address: str) -> None:
    name = address.split("/")[3].split("?")[0]
    ask = postgresql_server.address
    assert "There is no database nowhere" in refused(ask("nowhere")).what
    assert "knows no user stranger" in refused(ask(name, "stranger")).what
    no_word = refused(ask(name, postgresql.GUARDED))
    assert "asks for the password of user guarded" in no_word.what
    assert "~/.pgpass" in no_word.advice
    assert "refused user guarded or the password" in refused(ask(name, postgresql.GUARDED, "wrong-word")).what
    assert "lets user nobody_here not in" in refused(ask(name, "nobody_here")).what


def test_a_server_that_is_away_is_told_from_one_that_refuses(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        away = refused(f"postgresql://bo:{postgresql.PASSWORD}@127.0.0.1:{port}/weldspot")
    assert f"The database server 127.0.0.1:{port} does not answer" in away.what
    assert "Check the network" in away.advice
    assert "does not answer" in refused(f"postgresql://bo@/weldspot?host={tmp_path}").what
    assert "does not answer" in refused("postgresql://bo@no-such-host.invalid/weldspot").what


@pytest.mark.parametrize(
    "wrong",
    [
        "postgresql://",
        "postgresql://bo:s3cret-word@server",
        "postgresql://bo:s3cret-word@server:port/db",
        "postgresql://bo:s3cret-word@[::1/db",
        "mysql://bo:s3cret-word@server/db",
        "s3cret-word",
    ],
)
def test_an_address_that_cannot_be_read_is_not_repeated(wrong: str) -> None:
    error = refused(wrong)
    assert "address of the database cannot be read" in error.what
    assert postgresql.PASSWORD not in str(error)
    assert error.__cause__ is None


def test_a_password_is_used_and_never_shown(
    postgresql_server: postgresql.Server,
    address: str,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = address.split("/")[3].split("?")[0]
    with psycopg.connect(address) as connection:
        connection.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {postgresql.GUARDED}")
        connection.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {postgresql.GUARDED}")
    secret = postgresql_server.address(name, postgresql.GUARDED, postgresql.PASSWORD)
    with caplog.at_level(logging.DEBUG):
        monkeypatch.setenv("WELDSPOT_DATABASE", secret)
        context = Context(workspace)
        assert context.has_database
        add(context.database, "Bo")
        assert name in context.database.title
        assert postgresql.PASSWORD not in context.database.title + repr(context.database.engine)
        context.close()
        error = refused(secret.replace(name, "nowhere"))
    assert postgresql.PASSWORD not in str(error) + str(error.__cause__) + caplog.text
    assert not context.workspace.database.exists()
    with closing(Database(address)) as plain:
        assert names(plain) == ["Bo"]

    # libpq's own file serves as well, and the setting takes no password.
    monkeypatch.delenv("WELDSPOT_DATABASE")
    passwords = workspace / "pgpass"
    passwords.write_text(f"*:*:*:{postgresql.GUARDED}:{postgresql.PASSWORD}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    context = Context(workspace)
    with pytest.raises(ValueError, match="not kept in the settings"):
        context.settings.storage.database = secret
    context.settings.storage.database = postgresql_server.address(name, postgresql.GUARDED)
    assert [person.name for person in people_of(context)] == ["Bo"]
    context.close()


def people_of(context: Context) -> list[people.Person]:
    with context.database.read() as session:
        return people.everyone(session)


def test_databases_that_cannot_take_the_tables_are_left_alone(postgresql_server: postgresql.Server) -> None:
    with postgresql_server.database(empty=True) as address:
        name = address.split("/")[3].split("?")[0]
        guarded = postgresql_server.address(name, postgresql.GUARDED, postgresql.PASSWORD)
        error = refused(guarded)
        assert "permission denied" in error.what
        assert "guarded needs the right" in error.advice
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE person (shoe_size integer)")
        error = refused(address)
        assert 'relation "person" already exists' in error.what
        assert "a database of its own" in error.advice
        with psycopg.connect(address) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert tables == [("person",)]
    with postgresql_server.admin() as connection:
        connection.execute("CREATE DATABASE bytes_only TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'")
        assert "UTF-8" in refused(postgresql_server.address("bytes_only")).what
        connection.execute("DROP DATABASE bytes_only")


def test_a_newer_schema_is_refused(address: str, store: Database) -> None:
    with store.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    assert "newer version" in refused(address).what


# -- at work -----------------------------------------------------------------------------------------------------


def test_a_writer_that_holds_others_up_is_told(address: str, store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "BUSY_SECONDS", 0.1)
    waiting = Database(address)
    with store.write() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(StoreError, match="another program has been writing") as caught:
            add(waiting, "Bo")
        assert "Nothing was lost" in caught.value.advice
        assert names(waiting) == []
    add(waiting, "Bo")
    assert names(store) == ["Bo"]
    waiting.close()


def test_a_lost_connection_is_told_and_the_next_one_works(address: str, store: Database) -> None:
    add(store, "Bo")

    def cut() -> None:
        with psycopg.connect(address, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid != pg_backend_pid()"
            )

    def write() -> None:
        with store.write() as session:
            people.add(session, name="Anna", role=Role.INSPECTOR, by="system")
            cut()

    with pytest.raises(StoreError, match=r"ended the connection|was lost") as caught:
        write()
    assert "What was saved before is safe" in caught.value.advice
    assert names(store) == ["Bo"]
    cut()
    assert names(store) == ["Bo"]


def test_reading_cannot_write(store: Database) -> None:
    def sneak() -> None:
        with store.read() as session:
            people.add(session, name="Bo", role=Role.INSPECTOR, by="system")

    with pytest.raises(StoreError, match="read-only transaction"):
        sneak()
    assert names(store) == []
