"""Judging a folder with records: a run that reports, keeps evidence as the settings say, and can be stopped."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from weldspot_desktop import pictures
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.batch import inspect_files
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.inspection.recording import ToRecord
from weldspot_desktop.settings import KeptPictures
from weldspot_desktop.verdict import Verdict

TRANSACTION: Final = 50
"""Records written at once."""

_DOUBTFUL: Final = (Verdict.DEFECT, Verdict.UNSURE)
_NO_HEATMAP: Final = np.empty((0, 0, 0), dtype=np.float32)
_NO_EMBEDDING: Final = np.empty(0, dtype=np.float32)

Write = Callable[[Sequence[ToRecord]], object]
"""Writes a batch into the store; all of it or nothing."""

Submit = Callable[[Callable[[], object]], Future[object]]
"""Runs a function where the store is written, beside the judging."""


def slim(inspected: Inspected) -> Inspected:
    """The same without heat map and embedding: some hundred bytes, whatever the model."""
    prediction = inspected.prediction
    if prediction is None:
        return inspected
    return replace(inspected, prediction=replace(prediction, heatmap=_NO_HEATMAP, embedding=_NO_EMBEDDING))


def to_record(inspected: Inspected, kept: KeptPictures) -> ToRecord:
    """A judged file as it goes into the store, with its bytes if they are to be kept and are still the same."""
    if inspected.judgement is None or kept is KeptPictures.NONE:
        return ToRecord(inspected)
    if kept is KeptPictures.DOUBTFUL and inspected.judgement.verdict not in _DOUBTFUL:
        return ToRecord(inspected)
    try:
        content = pictures.read_file(Path(inspected.origin))
    except pictures.PictureError:
        # It was there when it was judged and is gone now: the record stands, its hash says of what.
        return ToRecord(inspected)
    same = hashlib.sha256(content).hexdigest() == inspected.sha256
    return ToRecord(inspected, content=content if same else None)


class FolderRun:
    """One run over many files.

    Parameters
    ----------
    inspector
        Judges.
    write, submit
        What writes a batch, and what runs it. One batch is written while the next is judged, never two at once.
        What fails as expected is kept in `record_failure`, and the run goes on without recording: verdicts are
        worth having on a full disk too.
    kept
        Which pictures are kept as evidence.
    threads
        Pictures judged at the same time; 0 takes one for each core.

    Attributes
    ----------
    recorded
        How many rows are in the store.
    record_failure
        Why rows are no longer recorded, or None.
    """

    def __init__(
        self, inspector: Inspector, write: Write, submit: Submit, *, kept: KeptPictures, threads: int = 0
    ) -> None:
        self._inspector = inspector
        self._write = write
        self._submit = submit
        self._writing: tuple[Future[object], int] | None = None
        self._kept = kept
        self._threads = threads
        self._waiting: list[Inspected] = []
        self.recorded = 0
        self.record_failure: ExpectedError | None = None

    def run(self, paths: Iterable[Path], take: Callable[[Inspected], object]) -> None:
        """Judge the files and hand each slim result to `take`, in their order.

        What `take` raises ends the run (this is how it is cancelled); what was handed over is recorded first.
        """
        with closing(inspect_files(self._inspector, paths, threads=self._threads)) as results:
            try:
                for inspected in results:
                    row = slim(inspected)
                    self._waiting.append(row)
                    take(row)
                    if len(self._waiting) >= TRANSACTION:
                        self._flush()
            finally:
                self._flush()
                self._settle()

    def _flush(self) -> None:
        """Hand over what waits, as soon as the batch before is written."""
        batch, self._waiting = self._waiting, []
        self._settle()
        if batch and self.record_failure is None:
            self._writing = self._submit(partial(self._write_batch, batch)), len(batch)

    def _settle(self) -> None:
        """Wait for the batch that is being written, and remember how it went."""
        if self._writing is None:
            return
        future, count = self._writing
        self._writing = None
        try:
            future.result()
        except ExpectedError as error:
            self.record_failure = error
        else:
            self.recorded += count

    def _write_batch(self, batch: Sequence[Inspected]) -> None:
        """Runs where the store is written; reads the pictures that are kept there too."""
        self._write([to_record(row, self._kept) for row in batch])
