"""Judging a folder with records: a run that can be stopped at any moment and goes on where it stopped."""

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.batch import in_order, picture_paths
from weldspot_desktop.inspection.folder_look import Looker, Outcome, is_unchanged, with_twin
from weldspot_desktop.inspection.folder_save import Saver
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.inspection.recording import Recorder, Source
from weldspot_desktop.settings import KeptPictures
from weldspot_desktop.store import Database, folder_runs
from weldspot_desktop.store.folder_runs import Found, Known, Manner, Waiting
from weldspot_desktop.store.schema import Person

TRANSACTION: Final = 50
"""Records written at once."""

_KNOWN_AT_ONCE: Final = 1000
_BYTES_AT_ONCE: Final = 64_000_000
_SECONDS_AT_MOST: Final = 1.0
_LISTED_AT_ONCE: Final = 1000
_ASKED_AT_ONCE: Final = 256
Submit = Callable[[Callable[[], None]], "Future[None]"]
"""Runs a function where the store is written, beside the judging."""


@dataclass(frozen=True)
class Target:
    """What to judge: one folder, or files.

    Attributes
    ----------
    folder
        The folder, or the one that the files were taken from.
    files
        The files; None for all pictures of the folder.
    """

    folder: Path
    files: tuple[Path, ...] | None = None


@dataclass(frozen=True)
class Step:
    """One more file is done.

    Attributes
    ----------
    done
        Files done since the run was opened.
    saved
        Positions of files that are in the store now, since the step before.
    """

    done: int
    saved: tuple[int, ...] = ()


def at_once(work: Callable[[], None]) -> "Future[None]":
    """A `Submit` that writes in the calling thread."""
    future: Future[None] = Future()
    try:
        work()
        future.set_result(None)
    except ExpectedError as error:
        future.set_exception(error)
    return future


class FolderRun:
    """One run: `open` or `reopen` it, `list_files`, `judge`.

    Records and the rows that point to them are written in one transaction, so a process that is killed leaves no half
    of them. What cannot be recorded is judged all the same (unless `strict`): the run moves into a database in memory,
    about a kilobyte a picture, because verdicts are worth having on a full disk too.

    Parameters
    ----------
    database, recorder
        The workspace's store, and what writes inspections.
    inspector
        Judges.
    kept
        Which pictures are kept as evidence.
    source, person
        What is written into the records.
    threads
        Pictures judged at the same time; 0 takes one for each core.
    submit
        Runs what writes. One batch is written while the next is judged, never two at once.
    strict
        A record that cannot be written ends the run with its `StoreError`.

    Attributes
    ----------
    database
        Where the run's rows are: the workspace's, or the one in memory.
    run_id
        The run's number in `database`.
    total
        How many files there are; None until all are listed.
    judged, reused
        Files that were judged now, and files whose earlier inspection was taken.
    recorded
        New inspections in the workspace's store.
    record_failure
        Why rows are no longer recorded, or None.
    """

    def __init__(
        self,
        database: Database,
        recorder: Recorder,
        inspector: Inspector,
        *,
        kept: KeptPictures,
        source: Source = Source.FOLDER,
        person: Person | None = None,
        threads: int = 0,
        submit: Submit = at_once,
        strict: bool = False,
    ) -> None:
        self.database = database
        self._recorder = recorder
        self._manner = Manner(inspector.model.card.sha256, inspector.thresholds.digest, inspector.manner)
        self._source = source
        self._person = person
        self._threads = threads
        self._submit = submit
        self._strict = strict
        self._target: Target | None = None
        self._looker = Looker(inspector, self._manner, kept)
        self._known = database, Known(database, self._manner)
        self._batch: list[Outcome] = []
        self._batch_began = 0.0
        self._batch_new = self._batch_bytes = 0
        self._writing: tuple[Future[None], list[Outcome]] | None = None
        self._saved: list[int] = []
        self.run_id = 0
        self.total: int | None = None
        self.judged = self.reused = self.recorded = 0
        self.record_failure: ExpectedError | None = None

    # ---------------------------------------------------------------- the list

    def open(self, target: Target, *, recursive: bool) -> None:
        """Begin a run over a folder or files, in place of the one before over the same folder.

        Raises
        ------
        StoreError
            With `strict`, if the store cannot be written.
        """
        self._target = target
        chosen = target.files is not None

        def work() -> None:
            with self.database.write() as session:
                folder = os.path.abspath(target.folder)  # noqa: PTH100 - resolving links would hide what was chosen
                made = folder_runs.begin(
                    session,
                    folder,
                    recursive=recursive,
                    chosen=chosen,
                    manner=self._manner,
                    person=self._person,
                )
                self.run_id = made.id

        self._write(work)

    def reopen(self, run_id: int) -> bool:
        """Go on with a run that was stopped; False if there is no such run.

        Raises
        ------
        StoreError
            If the store cannot be read, or with `strict` not be written.
        """
        with self.database.read() as session:
            state = folder_runs.state(session, run_id)
        if state is None:
            return False
        run = state.run
        if not run.chosen or run.total is None:
            self.open(Target(Path(run.folder)), recursive=run.recursive)
            return True

        def work() -> None:
            with self.database.write() as session:
                made = folder_runs.go_on(session, run_id, manner=self._manner, person=self._person)
                assert made is not None
                self.run_id, self.total = made.id, made.total

        self._write(work)
        return True

    def list_files(self, tick: Callable[[int], object]) -> None:
        """Write down which files there are; `tick` gets how many so far, and ends the listing by what it raises."""
        if self.total is not None:
            return
        assert self._target is not None
        target, count = self._target, 0
        folder = os.path.abspath(target.folder)  # noqa: PTH100 - as above
        paths = iter(target.files) if target.files is not None else self._found(folder)
        piece: list[str] = []
        for path in paths:
            piece.append(os.path.abspath(path))  # noqa: PTH100 - as above
            if len(piece) == _LISTED_AT_ONCE:
                self._write(partial(self._add_files, count, piece, folder))
                count += len(piece)
                piece = []
            tick(count + len(piece))
        self._write(partial(self._add_files, count, piece, folder))
        count += len(piece)
        self._write(partial(self._all_listed, count))
        self.total = count

    def _found(self, folder: str) -> Iterator[Path]:
        with self.database.read() as session:
            state = folder_runs.state(session, self.run_id)
        return picture_paths(Path(folder), recursive=state is None or state.run.recursive)

    def _add_files(self, first: int, files: Sequence[str], folder: str) -> None:
        with self.database.write() as session:
            folder_runs.add_files(session, self.run_id, first, files, folder)

    def _all_listed(self, total: int) -> None:
        with self.database.write() as session:
            folder_runs.all_listed(session, self.run_id, total)

    # ---------------------------------------------------------------- judging

    def judge(self) -> Generator[Step, None, None]:
        """Judge what waits, in the order of the list.

        Closing the generator stops the run: what has not begun is dropped, what is done is saved first.

        Raises
        ------
        StoreError
            With `strict`, if a record cannot be written.
        """
        done = 0
        with closing(self._known[1]), closing(self._results()) as results:
            try:
                for outcome in results:
                    self._take(outcome)
                    done += 1
                    yield Step(done, self._newly_saved())
            finally:
                self.save()
        self._write(self._finish)
        if self._saved:
            yield Step(done, self._newly_saved())

    def _results(self) -> Generator[Outcome, None, None]:
        return in_order(self._look, self._asked(), threads=self._threads, ready=self._ready)

    def _asked(self) -> "Iterator[tuple[Waiting, Found | None]]":
        """What waits, with what is known of it already; read a piece at a time."""
        after = -1
        while True:
            with self.database.read() as session:
                piece = folder_runs.waiting(session, self.run_id, after=after, limit=_ASKED_AT_ONCE)
                hashes = {item.position: item.sha256 for item in piece if item.sha256 and is_unchanged(item)}
                found = folder_runs.judged_before(session, self._manner, sorted(set(hashes.values())))
            if not piece:
                return
            for item in piece:
                yield item, found.get(hashes.get(item.position, ""))
            after = piece[-1].position

    def _ready(self, asked: tuple[Waiting, Found | None]) -> Outcome | None:
        item, found = asked
        return Outcome(item, self.database, found=found) if found is not None else None

    def _look(self, asked: tuple[Waiting, Found | None]) -> Outcome:
        database, known = self._known
        return self._looker.look(asked[0], database, known)

    # ---------------------------------------------------------------- writing

    def _take(self, outcome: Outcome) -> None:
        outcome = self._of_this_store(with_twin(outcome))
        if not self._batch:
            self._batch_began, self._batch_new, self._batch_bytes = time.monotonic(), 0, 0
        self._batch.append(outcome)
        self._batch_new += outcome.found is None
        self._batch_bytes += len(outcome.content or b"")
        if (
            self._batch_new >= TRANSACTION
            or len(self._batch) >= _KNOWN_AT_ONCE
            or self._batch_bytes >= _BYTES_AT_ONCE
            or time.monotonic() - self._batch_began >= _SECONDS_AT_MOST
        ):
            self._flush()

    def _of_this_store(self, outcome: Outcome) -> Outcome:
        """A record that was found in the workspace before the run left it is unknown where the run is now."""
        if outcome.found is None or outcome.store is self.database:
            return outcome
        return self._looker.again(outcome, self.database)

    def save(self) -> None:
        """Save what is done now, before a pause; between two steps."""
        self._flush()
        self._settle()

    def _flush(self) -> None:
        """Hand over the batch, as soon as the one before is written."""
        self._settle()
        batch, self._batch = self._batch, []
        if batch:
            self._writing = self._submit(partial(self._write_batch, batch)), batch

    def _settle(self) -> None:
        """Wait for the batch that is being written, and remember how it went."""
        if self._writing is None:
            return
        (future, batch), self._writing = self._writing, None
        try:
            future.result()
        except ExpectedError as error:
            self._leave(error)
            batch = [replace(self._of_this_store(outcome), content=None) for outcome in batch]
            self._write_batch(batch)
        self._saved.extend(outcome.item.position for outcome in batch)

    def _write_batch(self, batch: Sequence[Outcome]) -> None:
        """Runs where the store is written."""
        saver = Saver(self._recorder, self._manner, self._source, self._person)
        with self.database.write() as session:
            new = saver.save(session, self.run_id, batch)
        self._looker.release(batch)
        self.judged += new
        self.reused += len(batch) - new
        if self.record_failure is None:
            self.recorded += new

    def _finish(self) -> None:
        with self.database.write() as session:
            folder_runs.finish(session, self.run_id)

    def _write(self, work: Callable[[], None]) -> None:
        """Write something small now; if the workspace refuses, into memory."""
        try:
            self._submit(work).result()
        except ExpectedError as error:
            self._leave(error)
            work()

    def _leave(self, error: ExpectedError) -> None:
        """Go on in memory, with everything that the run has so far."""
        if self._strict or self.record_failure is not None:
            raise error
        memory = Database.in_memory()
        folder_runs.copy(self.database, self.run_id, memory)
        self.record_failure = error
        self._looker.kept = KeptPictures.NONE
        self.database = memory
        self._known = memory, Known(memory, self._manner)

    def _newly_saved(self) -> tuple[int, ...]:
        saved, self._saved = tuple(self._saved), []
        return saved
