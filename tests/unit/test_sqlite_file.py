"""SQLite as the database: what is wrong with a file, and what it says when it cannot work."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from sqlalchemy import text

from weldspot_desktop.store import Database, StoreError, backend, database, people
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Person


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weldspot.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Database]:
    store = Database(path)
    yield store
    store.close()


def person(name: str) -> Person:
    return Person(name=name, role=Role.INSPECTOR, pin_hash=None, active=True, created=datetime.now(UTC))


def names(store: Database) -> list[str]:
    with store.read() as session:
        return [found.name for found in people.everyone(session)]


def current_revision(store: Database) -> str | None:
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_an_older_schema_is_brought_up_to_date_after_a_complete_backup(
    path: Path, store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.write() as session:
        session.add(person("Bo"))
    assert path.with_name(path.name + "-wal").stat().st_size > 0, (
        "the row lies in the log, where a plain copy misses it"
    )
    newer = tmp_path / "newer"
    shutil.copytree(Path(database.__file__).with_name("migrations"), newer / "migrations")
    (newer / "migrations" / "versions" / "9999_later.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        'revision = "9999"\n'
        f'down_revision = "{current_revision(store)}"\n'
        "def upgrade():\n"
        '    op.add_column("person", sa.Column("shoe_size", sa.Integer(), nullable=True))\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(database, "__file__", str(newer / "database.py"))
    migrated = Database(path)
    assert names(migrated) == ["Bo"]
    with migrated.read() as session:
        assert session.execute(text("SELECT name, shoe_size FROM person")).all() == [("Bo", None)]
    migrated.close()
    with closing(sqlite3.connect(path.with_name(f"{path.name}.before-9999"))) as backup:
        assert backup.execute("SELECT name FROM person").fetchall() == [("Bo",)]
        assert "shoe_size" not in str(backup.execute("PRAGMA table_info(person)").fetchall())


def test_a_newer_schema_is_refused_untouched(path: Path, store: Database) -> None:
    with store.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    store.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer version") as caught:
        Database(path)
    assert "Nothing was changed" in caught.value.advice
    assert path.read_bytes() == before


def test_what_is_no_database_is_refused_untouched(path: Path) -> None:
    content = b"a text file that somebody gave this name " * 100
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a database or is damaged") as caught:
        Database(path)
    assert "Restore a copy" in caught.value.advice
    assert path.read_bytes() == content


def test_damage_that_shows_while_reading_is_explained(path: Path, store: Database) -> None:
    with store.write() as session:
        session.add_all([person(f"{number:0100d}") for number in range(500)])
    store.close()
    content = bytearray(path.read_bytes())
    page = int.from_bytes(content[16:18])
    for start in range(len(content) * 2 // 3 // page * page, len(content), page):
        content[start : start + 64] = b"\xa5" * 64
    path.write_bytes(content)
    damaged = Database(path)
    with pytest.raises(StoreError, match="damaged") as caught:
        names(damaged)
    assert "restore a copy" in caught.value.advice
    damaged.close()


def test_a_workspace_in_the_place_of_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        Database(tmp_path / "file" / "weldspot.sqlite3")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Database(tmp_path / "folder")
    assert "--workspace" in caught.value.advice


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()
    store = Database(path)
    assert names(store) == []
    store.close()


def test_a_full_disk_is_explained_and_what_was_saved_stays(store: Database) -> None:
    with store.write() as session:
        session.add(person("Bo"))

    def fill() -> None:
        with store.write() as session:
            pages = session.scalar(text("PRAGMA page_count"))
            session.execute(text(f"PRAGMA max_page_count={pages}"))
            session.add_all([person("x" * 100 + str(number)) for number in range(2000)])

    with pytest.raises(StoreError, match="full") as caught:
        fill()
    assert "free some space" in caught.value.advice
    assert names(store) == ["Bo"]


def test_a_lock_that_is_held_too_long_is_explained(
    path: Path, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "BUSY_SECONDS", 0.05)
    waiting = Database(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        def write() -> None:
            with waiting.write() as session:
                session.add(person("Bo"))

        with pytest.raises(StoreError, match="locked") as caught:
            write()
        assert "Another program" in caught.value.advice
        assert names(waiting) == []
        other.execute("ROLLBACK")
        write()
    assert names(store) == ["Bo"]
    waiting.close()
