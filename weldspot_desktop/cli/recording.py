"""Keeping what `weldspot inspect --record` judges."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from weldspot_desktop import pictures
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection import stored
from weldspot_desktop.inspection.folder import FolderRun, Target
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.settings import KeptPictures
from weldspot_desktop.store import folder_table
from weldspot_desktop.store.schema import Person

_AT_ONCE = 500


class UnknownPersonError(ExpectedError):
    """A name that is not on the workspace's list of people."""


def known_person(context: Context, name: str | None) -> Person | None:
    """The person of a name; None for no name.

    Raises
    ------
    UnknownPersonError
        If the person is not on the list.
    """
    person = context.person(name) if name is not None else None
    if name is not None and person is None:
        raise UnknownPersonError(f"{name} is not on the list of people.", "Add the name on the Settings page.")
    return person


def recorded_run(
    context: Context, inspector: Inspector, target: Target, person: Person | None, *, threads: int
) -> Iterator[Inspected]:
    """Judge a folder or files as a run; a row is passed on only after it was saved.

    What was judged in the same way before, in a run that was stopped too, is not judged again: its record is shown.

    Raises
    ------
    StoreError
        If a record cannot be written.
    """
    run = FolderRun(
        context.database,
        context.recorder(inspector),
        inspector,
        kept=KeptPictures.ALL,
        source=Source.COMMAND,
        person=person,
        threads=threads,
        strict=True,
    )
    run.open(target, recursive=True)
    run.list_files(lambda count: None)
    with closing(run.judge()) as steps:
        for step in steps:
            for start in range(0, len(step.saved), _AT_ONCE):
                yield from _saved(run, step.saved[start : start + _AT_ONCE])


def _saved(run: FolderRun, positions: Sequence[int]) -> list[Inspected]:
    with run.database.read() as session:
        rows = folder_table.rows(session, run.run_id, positions)
    return [stored.inspected(row.inspection, row.path) for row in rows if row.inspection is not None]


def recorded(
    context: Context, inspector: Inspector, rows: Iterable[Inspected], person: Person | None
) -> Iterator[Inspected]:
    """Record frames and pictures from addresses one by one; a row is passed on only after it was saved.

    Raises
    ------
    StoreError
        If a record cannot be written.
    """
    recorder = context.recorder(inspector)
    for row in rows:
        recorder.record([ToRecord(row, content=_content(row))], source=Source.COMMAND, person=person)
        yield row


def _content(row: Inspected) -> bytes | None:
    """The picture's bytes, if it is a file that still holds what was judged."""
    if row.judgement is None or not Path(row.origin).is_file():
        return None
    content = pictures.read_file(Path(row.origin))
    return content if hashlib.sha256(content).hexdigest() == row.sha256 else None
