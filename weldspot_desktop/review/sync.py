"""From the inbox into the queue: fetch, check, clean, keep, commit, and only then acknowledge.

Nothing is lost and nothing comes twice, wherever it is interrupted: an upload counts from the commit of its row, which
is known by (name, generation); everything before can be done again, and leaves at most files that nobody refers to and
that the next sync finds. What fails with one object does not stop the others.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from weldspot_desktop.cloud.faults import CloudError, MissingObjectError, Offline
from weldspot_desktop.cloud.inbox import Inbox, RemoteObject
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.review import incoming, looking
from weldspot_desktop.review.cleaning import Cleaner
from weldspot_desktop.review.fetching import Fetched, Fetcher, Scorer
from weldspot_desktop.review.retrying import FIRST_PAUSE, patience
from weldspot_desktop.review.sync_result import LastSync, Outcome, SyncResult
from weldspot_desktop.store import Database, StoreError, sync_state, uploads
from weldspot_desktop.store.picture_files import PictureFiles

THREADS: Final = 8
"""Objects on the way at a time: most of the time is waiting for the network."""

_IN_A_ROW: Final = 5
"""Objects that may fail one after the other before the cloud itself is taken to be in trouble."""

_AHEAD: Final = 3
_LOOK_UP_SECONDS: Final = 0.3

_LOG = logging.getLogger(__name__)

Progress = Callable[[int, int | None], None]
"""Called with objects done and objects in all, None while they are counted; what it raises stops the sync."""


@dataclass(frozen=True)
class Options:
    """How a sync works.

    Attributes
    ----------
    largest_bytes
        Larger objects go to quarantine without being fetched.
    moves
        Whether the inbox moves what it is told to be done with; known objects that are still there are then named to
        it again.
    full
        Compare everything, whatever the last look left.
    threads
        Objects on the way at a time.
    first_pause
        Seconds before something is tried again.
    """

    largest_bytes: int = 30_000_000
    moves: bool = False
    full: bool = False
    threads: int = THREADS
    first_pause: float = FIRST_PAUSE


def sync(
    database: Database,
    files: PictureFiles,
    inbox: Inbox,
    cleaner: Cleaner,
    *,
    scorer: Scorer | None = None,
    options: Options | None = None,
    progress: Progress = lambda done, total: None,
) -> SyncResult:
    """Take in what is new. Several may run at once on one workspace, in one program or in several.

    Parameters
    ----------
    scorer
        The active model; None leaves the scores for later (`scoring.rescore`).

    Returns
    -------
    SyncResult
        Also where the inbox cannot be reached, which is a state and no error.

    Raises
    ------
    CloudError, ExpectedError
        If the inbox refuses, or something else is in the way. What was taken in before is safe, and the state of the
        inbox in the database says how it ended.
    """
    return _Sync(database, files, inbox, cleaner, scorer, options or Options(), progress).run()


def last(database: Database, inbox_id: str) -> LastSync | None:
    """How the last look at an inbox ended; None if there was none."""
    with database.read() as session:
        state = sync_state.read(session, inbox_id)
    if state is None or state.ended is None:
        return None
    result = SyncResult.from_json(state.outcome)
    return LastSync(state.ended, result) if result is not None else None


class _Sync:
    def __init__(
        self,
        database: Database,
        files: PictureFiles,
        inbox: Inbox,
        cleaner: Cleaner,
        scorer: Scorer | None,
        options: Options,
        progress: Progress,
    ) -> None:
        self._database = database
        self._files = files
        self._inbox = inbox
        self._cleaner = cleaner
        self._scorer = scorer
        self._options = options
        self._progress = progress
        self._stop = threading.Event()
        self._patience = patience(self._stop, first_pause=options.first_pause)
        self._result = SyncResult()
        self._looked = looking.Looked()
        self._done = 0
        self._in_a_row = 0
        self._cancelled = False

    def run(self) -> SyncResult:
        try:
            self._looked = looking.look(
                self._database,
                self._inbox,
                full=self._options.full,
                settled=self._options.moves,
                report=lambda listed: self._report(listed, None),
                patience=self._patience,
            )
            looked = self._looked
            self._result = replace(self._result, listed=looked.listed, found=len(looked.new), full=looked.full)
            with incoming.folder(self._files.folder) as staging:
                self._take_all(staging)
        except Offline as error:
            self._end(Outcome.OFFLINE, error.what)
        except ExpectedError as error:
            self._end(Outcome.CANCELLED if self._cancelled else Outcome.FAILED, str(error))
            raise
        except BaseException as error:
            # A person, or a bug: what is committed stays, and the inbox's state says that the look was not finished.
            stopped = self._cancelled or isinstance(error, KeyboardInterrupt)
            self._end(Outcome.CANCELLED if stopped else Outcome.FAILED, "" if stopped else "A fault of the program.")
            raise
        else:
            self._end(Outcome.INCOMPLETE if self._result.left else Outcome.DONE, self._result.trouble)
        return self._result

    def _take_all(self, staging: Path) -> None:
        fetcher = Fetcher(
            self._inbox,
            self._files,
            staging,
            self._cleaner,
            largest_bytes=self._options.largest_bytes,
            scorer=self._scorer,
            patience=self._patience,
        )
        pool = ThreadPoolExecutor(self._options.threads, thread_name_prefix="sync")
        try:
            self._acknowledge(pool, self._looked.settled)
            waiting: dict[Future[Fetched], RemoteObject] = {}
            todo = self._still_unknown()
            while True:
                while len(waiting) < self._options.threads * _AHEAD and (found := next(todo, None)) is not None:
                    waiting[pool.submit(fetcher.fetch, found)] = found
                if not waiting:
                    return
                ended, _ = wait(waiting, timeout=_LOOK_UP_SECONDS, return_when=FIRST_COMPLETED)
                for future in ended:
                    del waiting[future]
                self._take(pool, ended)
                self._report(self._done, len(self._looked.new))
        except BaseException:
            self._stop.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _still_unknown(self) -> Iterator[RemoteObject]:
        """The new objects, without those that another sync took in since the look."""
        portion = self._options.threads * _AHEAD
        for start in range(0, len(self._looked.new), portion):
            some = self._looked.new[start : start + portion]
            with self._database.read() as session:
                known = uploads.known(session, self._inbox.id, [(found.name, found.generation) for found in some])
            self._done += len(known)
            self._count(known_meanwhile=len(known))
            yield from (found for found in some if (found.name, found.generation) not in known)

    def _take(self, pool: ThreadPoolExecutor, ended: Collection[Future[Fetched]]) -> None:
        """Commit what arrived in one transaction, then acknowledge it."""
        arrived: list[Fetched] = []
        for future in ended:
            try:
                arrived.append(future.result())
                self._in_a_row = 0
            except MissingObjectError:
                self._count(gone=1)
            except StoreError:
                raise
            except ExpectedError as error:
                self._leave(error)
        self._done += len(ended)
        if arrived:
            self._acknowledge(pool, self._commit(arrived))

    def _leave(self, error: ExpectedError) -> None:
        """Leave an object for the next time, unless the fault is not the object's."""
        if isinstance(error, CloudError):
            self._in_a_row += 1
            if isinstance(error, Offline) or not error.retryable or self._in_a_row >= _IN_A_ROW:
                raise error
        self._count(left=1)
        self._result = replace(self._result, trouble=str(error))

    def _commit(self, arrived: Collection[Fetched]) -> list[RemoteObject]:
        """Store what arrived; gives the objects that the inbox needs no more."""
        identities = [(fetched.found.name, fetched.found.generation) for fetched in arrived]
        with self._database.write() as session:
            known = uploads.known(session, self._inbox.id, identities)
            fresh = [one for one in arrived if (one.found.name, one.found.generation) not in known]
            for fetched in fresh:
                if fetched.cleaned is not None:
                    cleaned = fetched.cleaned
                    self._files.keep(session, cleaned.content, width=cleaned.width, height=cleaned.height)
                row = uploads.add(session, fetched.arrival)
                session.flush()
                if fetched.scores is not None and self._scorer is not None:
                    uploads.set_own_scores(
                        session, row.id, fetched.scores, self._scorer.model_sha256, self._scorer.thresholds
                    )
        good = [one for one in fresh if not one.arrival.reason]
        self._count(
            kept=len(good),
            quarantined=len(fresh) - len(good),
            known_meanwhile=len(known),
            faces=sum(one.arrival.faces or 0 for one in fresh),
            fetched_bytes=sum(one.fetched_bytes for one in arrived),
        )
        return [one.found for one in good]

    def _acknowledge(self, pool: ThreadPoolExecutor, done: Collection[RemoteObject]) -> None:
        """Tell the inbox; what fails here is told again by the next sync, because the object is still there."""
        if not self._options.moves or not done:
            return

        told = [pool.submit(self._patience, self._inbox.acknowledge, found) for found in done]
        for future in told:
            try:
                future.result()
                self._count(moved=1)
                # Thousands may wait here, after moving was switched on.
                self._report(self._done, len(self._looked.new))
            except Offline:
                raise
            except ExpectedError as error:
                _LOG.warning("An upload was taken in, but not moved: %s", error)
                self._result = replace(self._result, trouble=f"Not moved: {error}")

    def _end(self, outcome: Outcome, trouble: str) -> None:
        self._result = replace(self._result, outcome=outcome, trouble=trouble)
        whole = outcome is Outcome.DONE
        try:
            with self._database.write() as session:
                sync_state.write(
                    session,
                    self._inbox.id,
                    outcome=self._result.to_json(),
                    # What was left lies before the new cursors: only a whole look moves them.
                    cursors=self._looked.cursors if whole else None,
                    reconciled=whole and self._looked.full,
                )
        except StoreError:
            if whole:
                raise
            _LOG.warning("The end of the sync could not be noted", exc_info=True)

    def _report(self, done: int, total: int | None) -> None:
        try:
            self._progress(done, total)
        except BaseException:
            self._cancelled = True
            raise

    def _count(self, **more: int) -> None:
        self._result = replace(self._result, **{key: getattr(self._result, key) + value for key, value in more.items()})
