"""The database: its schema, its migrations, and what it says when it cannot work."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from weldspot_desktop.store import Database, StoreError, database, inspections, people, trail
from weldspot_desktop.store.inspections import UNJUDGED, Query
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Base, Inspection, Person


@pytest.fixture
def store(store_place: Path | str) -> Iterator[Database]:
    store = Database(store_place)
    yield store
    store.close()


def person(name: str) -> Person:
    return Person(name=name, role=Role.INSPECTOR, pin_hash=None, active=True, created=datetime.now(UTC))


def names(store: Database) -> list[str]:
    with store.read() as session:
        return [found.name for found in people.everyone(session)]


# -- schema and migrations ---------------------------------------------------------------------------------------


def test_the_migrations_make_exactly_the_tables_of_the_schema(store: Database) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_opening_again_keeps_everything(store_place: Path | str, store: Database) -> None:
    with store.write() as session:
        session.add(person("Bo"))
    again = Database(store_place)
    assert names(again) == ["Bo"]
    again.close()
    if isinstance(store_place, Path):
        assert [file.name for file in store_place.parent.iterdir() if "before" in file.name] == []


def current_revision(store: Database) -> str | None:
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_a_migration_that_fails_changes_nothing(
    store_place: Path | str, store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current_revision(store)
    newer = tmp_path / "newer"
    shutil.copytree(Path(database.__file__).with_name("migrations"), newer / "migrations")
    (newer / "migrations" / "versions" / "9999_later.py").write_text(
        "from alembic import op\n"
        'revision = "9999"\n'
        f'down_revision = "{before}"\n'
        "def upgrade():\n"
        '    op.execute("CREATE TABLE half_done (id INTEGER)")\n'
        '    op.execute("INSERT INTO no_such_table VALUES (1)")\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(database, "__file__", str(newer / "database.py"))
    with pytest.raises(StoreError, match="no_such_table"):
        Database(store_place)
    assert current_revision(store) == before
    assert not inspect(store.engine).has_table("half_done")


# -- several at once ---------------------------------------------------------------------------------------------


def test_two_programs_write_to_one_workspace(store_place: Path | str) -> None:
    first, second = Database(store_place), Database(store_place)
    problems: list[BaseException] = []

    def work(store: Database, prefix: str) -> None:
        try:
            for number in range(25):
                with store.write() as session:
                    people.add(session, name=f"{prefix}{number}", role=Role.INSPECTOR, by="system")
        except StoreError as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in ((first, "a"), (second, "b"), (first, "c"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(names(first)) == 75
    assert names(first) == names(second)
    with first.read() as session:
        assert trail.first_fault(session) is None
    first.close()
    second.close()


def test_two_programs_make_one_workspace_at_the_same_moment(empty_store_place: Path | str) -> None:
    opened: list[Database] = []
    problems: list[Exception] = []
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        try:
            opened.append(Database(empty_store_place))
        except Exception as error:  # noqa: BLE001 - any failure must reach the assertion below
            problems.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    for store in opened:
        store.close()


def test_a_reader_sees_one_state(store_place: Path | str, store: Database) -> None:
    other = Database(store_place)
    with store.read() as reader:
        assert people.everyone(reader) == []
        with other.write() as writer:
            writer.add(person("Bo"))
        assert people.everyone(reader) == []
    assert names(store) == ["Bo"]
    other.close()


def test_a_block_that_raises_writes_nothing(store: Database) -> None:
    def interrupted() -> None:
        with store.write() as session:
            session.add(person("Bo"))
            session.flush()
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        interrupted()
    assert names(store) == []


def test_a_broken_rule_of_the_schema_is_a_bug_and_not_excused(store: Database) -> None:
    def twice() -> None:
        with store.write() as session:
            session.add_all([person("Bo"), person("Bo")])

    with pytest.raises(IntegrityError):
        twice()

    def stranger() -> None:
        with store.write() as session:
            session.add(inspection(person_id=99))

    with pytest.raises(IntegrityError):
        stranger()


# -- inspections -------------------------------------------------------------------------------------------------


def inspection(**values: object) -> Inspection:
    plain: dict[str, object] = {
        "created": datetime(2024, 5, 1, 12, 0, tzinfo=UTC),
        "source": "folder",
        "origin": "/welds/a.jpg",
        "verdict": "CLEAR",
        "reason": "",
        "classes": [4],
        "weld": {},
    }
    return Inspection(**(plain | values))


def test_times_keep_their_zone_and_those_without_are_refused(store: Database) -> None:
    with store.write() as session:
        inspections.add(session, [inspection()], person="system")
    with store.read() as session:
        found = inspections.get(session, 1)
    assert found is not None
    assert found.created == datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
    assert found.created.tzinfo is not None

    def naive() -> None:
        with store.write() as session:
            session.add(inspection(created=datetime(2024, 5, 1)))
            session.flush()

    with pytest.raises(Exception, match="without a zone"):
        naive()


def test_searching_by_words_verdicts_and_sources(store: Database) -> None:
    rows = [
        inspection(origin="/welds/Träger 50%.jpg", weld={"weld_id": "W-17", "welder": "Åsa"}),
        inspection(verdict="DEFECT", reason="Suspect: Crack", source="live", created=datetime(2024, 5, 2, tzinfo=UTC)),
        inspection(verdict=None, error="The file is empty.", created=datetime(2024, 5, 3, tzinfo=UTC)),
    ]
    with store.write() as session:
        inspections.add(session, rows, person="system")

    def found(**query: object) -> list[int]:
        with store.read() as session:
            page = inspections.page(session, Query(**query), offset=0, limit=10)
            assert inspections.count(session, Query(**query)) == len(page)
            return [row.id for row in page]

    assert found() == [3, 2, 1]
    assert found(newest_first=False) == [1, 2, 3]
    assert found(text="crack") == [2]
    assert found(text="w-17 träger") == [1]
    assert found(text="50%") == [1]
    assert found(text="%") == [1]
    assert found(text="empty") == [3]
    assert found(text="crack empty") == []
    assert found(verdicts=("DEFECT",)) == [2]
    assert found(verdicts=("CLEAR", UNJUDGED)) == [3, 1]
    assert found(sources=("live",)) == [2]
    with store.read() as session:
        assert [row.id for row in inspections.page(session, Query(), offset=1, limit=1)] == [2]
        assert len(session.scalars(select(Inspection)).all()) == 3
