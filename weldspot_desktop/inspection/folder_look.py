"""Looking at one file of a folder: what its bytes are, whether they were judged before, and if not, the verdict."""

import hashlib
import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from weldspot_desktop import pictures
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.settings import KeptPictures
from weldspot_desktop.store import Database, folder_runs
from weldspot_desktop.store.folder_runs import Found, Known, Manner, Waiting
from weldspot_desktop.store.schema import KnownFile
from weldspot_desktop.verdict import Verdict

_RESTING_NS: Final = 2_000_000_000
"""A file changed within this time could change again without getting another time; its hash is not remembered."""

_DOUBTFUL: Final = (Verdict.DEFECT, Verdict.UNSURE)
_NO_HEATMAP: Final = np.empty((0, 0, 0), dtype=np.float32)
_NO_EMBEDDING: Final = np.empty(0, dtype=np.float32)


@dataclass(frozen=True)
class Outcome:
    """What became of a file: an inspection that was found in `store`, or a new one.

    Attributes
    ----------
    item
        The file.
    store
        Where `found` is.
    found, inspected
        One of them, or neither with `twin`.
    sha256
        Of the bytes; None if they could not be read.
    file
        What is to be remembered of the file, if its hash can be trusted later.
    content
        The bytes, if they are to be kept.
    twin
        What comes of the same bytes under another name, which another thread judges at this moment.
    """

    item: Waiting
    store: Database
    found: Found | None = None
    inspected: Inspected | None = None
    sha256: str | None = None
    file: KnownFile | None = None
    content: bytes | None = None
    twin: "Future[Outcome] | None" = None


def slim(inspected: Inspected) -> Inspected:
    """The same without heat map and embedding: some hundred bytes, whatever the model."""
    prediction = inspected.prediction
    if prediction is None:
        return inspected
    return replace(inspected, prediction=replace(prediction, heatmap=_NO_HEATMAP, embedding=_NO_EMBEDDING))


def is_kept(inspected: Inspected, kept: KeptPictures) -> bool:
    """Whether the setting wants the picture's bytes in the workspace."""
    if inspected.judgement is None or kept is KeptPictures.NONE:
        return False
    return kept is KeptPictures.ALL or inspected.judgement.verdict in _DOUBTFUL


def is_unchanged(item: Waiting) -> bool:
    """Whether the file still has the size and time it had when it was last read."""
    return _stamp(item.path) == (item.bytes, item.modified_ns)


class Looker:
    """Looks at files; any number of threads may use it. Each content is judged once, also when two threads meet it.

    Parameters
    ----------
    inspector
        Judges.
    manner
        In which way, to find what was judged before.
    kept
        Which pictures' bytes an outcome carries.
    """

    def __init__(self, inspector: Inspector, manner: Manner, kept: KeptPictures) -> None:
        self._inspector = inspector
        self._manner = manner
        self.kept = kept
        self._lock = threading.Lock()
        self._claims: dict[str, Future[Outcome]] = {}

    def look(self, item: Waiting, store: Database, known: Known) -> Outcome:
        """Read a file, and judge it unless its content was judged before and is in the store; `known` tells that.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        before = _stamp(item.path)
        try:
            content = pictures.read_file(Path(item.path))
        except pictures.PictureError as error:
            return Outcome(item, store, inspected=Inspected(item.path, error=str(error)))
        sha256 = hashlib.sha256(content).hexdigest()
        file = None
        if before is not None and before == _stamp(item.path) and time.time_ns() - before[1] > _RESTING_NS:
            file = KnownFile(path=item.path, bytes=before[0], modified_ns=before[1], sha256=sha256)
        # Claimed before it is looked up: whoever claims after the record was committed finds it.
        claim: Future[Outcome] = Future()
        with self._lock:
            first = self._claims.setdefault(sha256, claim)
        if first is not claim:
            return Outcome(item, store, sha256=sha256, file=file, twin=first)
        try:
            found = None
            if sha256 in known:
                with store.read() as session:
                    found = folder_runs.judged_before(session, self._manner, [sha256]).get(sha256)
            outcome = Outcome(item, store, found=found, sha256=sha256, file=file)
            if found is None:
                inspected = self._inspector.content(content, origin=item.path, sha256=sha256)
                if is_kept(inspected, self.kept):
                    # With the picture its heat map is kept.
                    outcome = replace(outcome, inspected=inspected, content=content)
                else:
                    outcome = replace(outcome, inspected=slim(inspected))
            claim.set_result(outcome)
        except BaseException as error:
            claim.set_exception(error)
            raise
        return outcome

    def again(self, outcome: Outcome, store: Database) -> Outcome:
        """Judge a file whose earlier inspection is not in this store."""
        inspected = slim(self._inspector.file(Path(outcome.item.path)))
        return Outcome(outcome.item, store, inspected=inspected, sha256=inspected.sha256)

    def release(self, outcomes: Iterable[Outcome]) -> None:
        """These are in the store now, where they are found from now on."""
        with self._lock:
            for outcome in outcomes:
                if outcome.sha256 is not None:
                    self._claims.pop(outcome.sha256, None)


def with_twin(outcome: Outcome) -> Outcome:
    """The outcome itself, or what came of its twin under its own name; waits for it."""
    if outcome.twin is None:
        return outcome
    twin = outcome.twin.result()
    inspected = replace(twin.inspected, origin=outcome.item.path) if twin.inspected is not None else None
    return replace(outcome, store=twin.store, found=twin.found, inspected=inspected, content=twin.content, twin=None)


def _stamp(path: str) -> tuple[int, int] | None:
    """Size and time of a file; None if it cannot be asked."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a hundred thousand times
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns
