"""Runs over folders: their files, what was found in them, and what need not be judged again.

A run is resumed by its content, not by its place: the files are listed anew, and a file whose bytes were judged in
the same way before takes that inspection. So files that were added, changed, renamed or removed need no special case.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, Text, bindparam, cast, delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from weldspot_desktop import labels, paths
from weldspot_desktop.store import overrides, portable_sql
from weldspot_desktop.store.database import Database, StoreError
from weldspot_desktop.store.overrides import class_bits
from weldspot_desktop.store.schema import FolderItem, FolderRun, Inspection, KnownFile, Override, Person

_MOST_PARAMETERS: Final = 500
_COPIED_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Manner:
    """In which way a picture is judged: two inspections of one content that agree in this agree in the verdict.

    Attributes
    ----------
    model_sha256, thresholds_digest
        Of the model file and of the threshold set.
    manner
        Of all else that decides (`Inspector.manner`).
    """

    model_sha256: str
    thresholds_digest: str
    manner: str


@dataclass(frozen=True)
class Waiting:
    """A file that has no inspection yet.

    Attributes
    ----------
    position
        Its place in the run.
    path
        Absolute.
    bytes, modified_ns, sha256
        What the file was when it was last read; None if it never was.
    """

    position: int
    path: str
    bytes: int | None = None
    modified_ns: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Found:
    """What an inspection says, as far as a table sorts and filters by it.

    Attributes
    ----------
    inspection_id
        Its number.
    verdict
        The person's word if there is one, else the program's; empty if the picture could not be judged.
    """

    inspection_id: int
    verdict: str
    classes: tuple[int, ...]
    overridden: bool
    uncertainty: float | None
    scores: tuple[float, ...] | None


@dataclass(frozen=True)
class RunState:
    """How far a run is.

    Attributes
    ----------
    run
        The run.
    done
        Files that have their inspection.
    listed
        Files that are in the list; not all of them while `run.total` is None.
    """

    run: FolderRun
    done: int
    listed: int


def begin(
    session: Session, folder: str, *, recursive: bool, chosen: bool, manner: Manner, person: Person | None
) -> FolderRun:
    """Make a run. It takes the place of earlier runs over the same folder; their inspections stay."""
    earlier = select(FolderRun.id).where(FolderRun.folder == folder, FolderRun.chosen == chosen)
    session.execute(delete(FolderItem).where(FolderItem.run_id.in_(earlier)))
    session.execute(delete(FolderRun).where(FolderRun.folder == folder, FolderRun.chosen == chosen))
    return _new_run(session, folder, recursive, chosen, manner, person)


def go_on(session: Session, run_id: int, *, manner: Manner, person: Person | None) -> FolderRun | None:
    """A new run over the files of one whose files were chosen one by one; it takes that one's place."""
    before = session.get(FolderRun, run_id)
    if before is None:
        return None
    run = _new_run(session, before.folder, before.recursive, before.chosen, manner, person)
    columns = (FolderItem.position, FolderItem.path, FolderItem.lookup)
    values = select(literal(run.id), *columns, literal(0), literal(False)).where(FolderItem.run_id == run_id)
    names = ["run_id", "position", "path", "lookup", "classes", "overridden"]
    session.execute(insert(FolderItem).from_select(names, values))
    run.total = session.scalar(select(func.count()).where(FolderItem.run_id == run.id))
    session.execute(delete(FolderItem).where(FolderItem.run_id == run_id))
    session.delete(before)
    session.flush()
    return run


def add_files(session: Session, run_id: int, first: int, files: Sequence[str], folder: str) -> None:
    """Add absolute paths to the list, at positions from `first`."""
    rows = [
        {"run_id": run_id, "position": place, "path": path, "lookup": lookup(path, folder)}
        for place, path in enumerate(files, start=first)
    ]
    if rows:
        session.execute(insert(FolderItem), rows)


def lookup(path: str, folder: str) -> str:
    """What the table is sorted by name and searched by: case-folded name, a line break, path within the folder."""
    whole = Path(path)
    within = whole.relative_to(folder) if whole.is_relative_to(folder) else whole
    return paths.printable(f"{whole.name}\n{within.as_posix()}").casefold()


def all_listed(session: Session, run_id: int, total: int) -> None:
    """The list is complete."""
    session.execute(update(FolderRun).where(FolderRun.id == run_id).values(total=total))


def finish(session: Session, run_id: int) -> None:
    """Every file has its inspection."""
    session.execute(update(FolderRun).where(FolderRun.id == run_id).values(finished=datetime.now(UTC)))


def waiting(session: Session, run_id: int, *, after: int, limit: int) -> list[Waiting]:
    """The next files without an inspection, in order."""
    rows = session.execute(
        select(FolderItem.position, FolderItem.path, KnownFile.bytes, KnownFile.modified_ns, KnownFile.sha256)
        .outerjoin(KnownFile, KnownFile.path == FolderItem.path)
        .where(FolderItem.run_id == run_id, FolderItem.position > after, FolderItem.verdict.is_(None))
        .order_by(FolderItem.position)
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


def judged_before(session: Session, manner: Manner, hashes: Sequence[str]) -> dict[str, Found]:
    """Inspections of these contents, as a whole and in this manner; the first of each."""
    found: dict[str, Found] = {}
    for start in range(0, len(hashes), _MOST_PARAMETERS):
        same = _same(manner).where(
            Inspection.sha256.in_(hashes[start : start + _MOST_PARAMETERS]), Inspection.verdict.is_not(None)
        )
        rows = session.execute(same.order_by(Inspection.id.desc())).all()
        held = overrides.latest_of(session, [row.id for row in rows])
        found.update((row.sha256, _found(row, held.get(row.id))) for row in rows)
    return found


class Known:
    """Whether contents were judged in a manner, asked for each file from many threads.

    The question is put to the driver directly: through the session it would cost a twentieth of judging a small
    picture. `judged_before` tells more of the few that are known.

    Parameters
    ----------
    database
        Where to look.
    manner
        In which way they must have been judged.
    """

    def __init__(self, database: Database, manner: Manner) -> None:
        self._database = database
        self._manner = manner
        hashed = Inspection.sha256 == bindparam("content")
        asked = _same(manner).with_only_columns(Inspection.id).where(hashed, Inspection.verdict.is_not(None)).limit(1)
        compiled = asked.compile(dialect=database.engine.dialect)
        self._statement = str(compiled)
        self._names = compiled.positiontup or []
        self._values = dict(compiled.params)
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []

    def __contains__(self, sha256: str) -> bool:
        """Whether this content was judged.

        Raises
        ------
        StoreError
            If the database cannot be read.
        """
        reader: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = self._database.plain_reader()
            if reader is None:
                with self._database.read() as session:
                    return bool(judged_before(session, self._manner, [sha256]))
            self._opened.append(reader)
        values = self._values | {"content": sha256}
        try:
            return reader.execute(self._statement, [values[name] for name in self._names]).fetchone() is not None
        except sqlite3.Error as error:
            raise StoreError(f"The database could not be read: {error}.", "What was saved before is safe.") from error

    def close(self) -> None:
        """Let go of the file; nobody asks any more."""
        while self._opened:
            self._opened.pop().close()


def same_error(session: Session, manner: Manner, *, sha256: str | None, origin: str, error: str) -> Found | None:
    """The record of the same failure, so that a broken file is not recorded at every run."""
    same = _same(manner).where(Inspection.error == error)
    if sha256 is not None:
        same = same.where(Inspection.sha256 == sha256)
    else:
        same = same.where(Inspection.sha256.is_(None), Inspection.origin == origin)
    row = session.execute(same.order_by(Inspection.id).limit(1)).first()
    return _found(row, overrides.latest(session, row.id)) if row is not None else None


def found_of(inspection: Inspection) -> Found:
    """What an inspection says that nobody has overridden yet."""
    return _found(inspection, None)


def settle(session: Session, run_id: int, found: Mapping[int, Found]) -> None:
    """Give files, by position, their inspections."""
    rows = [
        {
            "in_run": run_id,
            "at": position,
            "inspection_id": what.inspection_id,
            "verdict": what.verdict,
            "classes": class_bits(what.classes),
            "overridden": what.overridden,
            "uncertainty": what.uncertainty,
            **{f"score_{index}": what.scores[index] if what.scores else None for index in range(labels.COUNT)},
        }
        for position, what in found.items()
    ]
    if rows:
        statement = update(_table(FolderItem)).where(
            FolderItem.run_id == bindparam("in_run"), FolderItem.position == bindparam("at")
        )
        session.connection().execute(statement, rows)


def remember(session: Session, files: Sequence[KnownFile]) -> None:
    """Keep what files hashed to."""
    if not files:
        return
    statement = portable_sql.insert_or_update(session, KnownFile, "path", ("bytes", "modified_ns", "sha256"))
    rows = [
        {"path": file.path, "bytes": file.bytes, "modified_ns": file.modified_ns, "sha256": file.sha256}
        for file in files
    ]
    session.execute(statement, rows)


def state(session: Session, run_id: int) -> RunState | None:
    """How far a run is."""
    run = session.get(FolderRun, run_id)
    return _state(session, run) if run is not None else None


def latest(session: Session) -> RunState | None:
    """The newest run; `run.finished` is None if it was stopped."""
    run = session.scalars(select(FolderRun).order_by(FolderRun.id.desc()).limit(1)).first()
    return _state(session, run) if run is not None else None


def copy(source: Database, run_id: int, target: Database) -> None:
    """Copy people, a run (if there is one of that number), its files and their inspections into an empty database."""
    with source.read() as reading:
        for people in _pieces(reading, select(_table(Person))):
            _insert(target, Person, people)
        _insert(target, FolderRun, [_mapping(row) for row in reading.execute(_of_run(run_id))])
        linked = select(FolderItem.inspection_id).where(FolderItem.run_id == run_id)
        for piece in _pieces(reading, select(_table(Inspection)).where(Inspection.id.in_(linked))):
            _insert(target, Inspection, piece)
        for piece in _pieces(reading, select(_table(Override)).where(Override.inspection_id.in_(linked))):
            _insert(target, Override, piece)
        for piece in _pieces(reading, select(_table(FolderItem)).where(FolderItem.run_id == run_id)):
            _insert(target, FolderItem, piece)


def _new_run(
    session: Session, folder: str, recursive: bool, chosen: bool, manner: Manner, person: Person | None
) -> FolderRun:
    run = FolderRun(
        folder=folder,
        recursive=recursive,
        chosen=chosen,
        started=datetime.now(UTC),
        model_sha256=manner.model_sha256,
        thresholds_digest=manner.thresholds_digest,
        manner=manner.manner,
        person_id=person.id if person is not None else None,
    )
    session.add(run)
    session.flush()
    return run


def _state(session: Session, run: FolderRun) -> RunState:
    here = FolderItem.run_id == run.id
    listed = session.scalar(select(func.count()).where(here)) or 0
    left = session.scalar(select(func.count()).where(here, FolderItem.verdict.is_(None))) or 0
    return RunState(run, listed - left, listed)


def _same(manner: Manner) -> Any:
    region = cast(Inspection.region, Text)
    return select(
        Inspection.id,
        Inspection.sha256,
        Inspection.verdict,
        Inspection.classes,
        Inspection.uncertainty,
        Inspection.scores,
    ).where(
        Inspection.model_sha256 == manner.model_sha256,
        Inspection.thresholds_digest == manner.thresholds_digest,
        Inspection.manner == manner.manner,
        # A column of JSON holds "no value" in two ways.
        or_(region.is_(None), region == "null"),
    )


def _found(row: Any, held: Override | None) -> Found:
    return Found(
        row.id,
        held.verdict if held is not None else row.verdict or "",
        tuple(held.classes if held is not None else row.classes),
        held is not None,
        row.uncertainty,
        tuple(row.scores) if row.scores is not None else None,
    )


def _table(entity: Any) -> Table:
    table = entity.__table__
    assert isinstance(table, Table)
    return table


def _of_run(run_id: int) -> Any:
    return select(_table(FolderRun)).where(FolderRun.id == run_id)


def _mapping(row: Any) -> dict[str, Any]:
    return dict(row._mapping)


def _pieces(session: Session, statement: Any) -> Iterator[list[dict[str, Any]]]:
    for rows in session.execute(statement.execution_options(yield_per=_COPIED_AT_ONCE)).partitions():
        yield [_mapping(row) for row in rows]


def _insert(target: Database, entity: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        with target.write() as session:
            session.connection().execute(_table(entity).insert(), rows)
