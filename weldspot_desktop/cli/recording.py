"""Keeping what `weldspot inspect --record` judges."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from weldspot_desktop import pictures
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.store.schema import Person

_TRANSACTION = 50


class UnknownPersonError(ExpectedError):
    """A name that is not on the workspace's list of people."""


def recorded(
    context: Context, inspector: Inspector, rows: Iterable[Inspected], name: str | None
) -> Iterator[Inspected]:
    """Record rows on their way through; a row is passed on only after it was saved.

    Raises
    ------
    UnknownPersonError
        If the person is not on the list.
    StoreError
        If a record cannot be written.
    """
    person = context.person(name) if name is not None else None
    if name is not None and person is None:
        raise UnknownPersonError(f"{name} is not on the list of people.", "Add the name on the Settings page.")
    recorder = context.recorder(inspector)
    waiting: list[Inspected] = []

    def save(batch: list[Inspected], person: Person | None) -> None:
        recorder.record([ToRecord(row, content=_content(row)) for row in batch], source=Source.COMMAND, person=person)

    for row in rows:
        waiting.append(row)
        if len(waiting) == _TRANSACTION:
            save(waiting, person)
            yield from waiting
            waiting = []
    if waiting:
        save(waiting, person)
    yield from waiting


def _content(row: Inspected) -> bytes | None:
    """The picture's bytes, if it is a file that still holds what was judged."""
    if row.judgement is None or not Path(row.origin).is_file():
        return None
    content = pictures.read_file(Path(row.origin))
    return content if hashlib.sha256(content).hexdigest() == row.sha256 else None
