"""One object from the inbox to what is kept of it, on a thread of its own; the store is not touched here."""

import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenacity import Retrying

from weldspot_desktop.cloud.checksum import crc32c
from weldspot_desktop.cloud.inbox import Inbox, RemoteObject
from weldspot_desktop.pictures import PictureError
from weldspot_desktop.review import arrivals
from weldspot_desktop.review.cleaning import Cleaned, Cleaner
from weldspot_desktop.review.retrying import DamagedOnTheWayError
from weldspot_desktop.store import StoreError
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.uploads import Arrival
from weldspot_desktop.verdict import ThresholdSet

_AT_ONCE: Final = max(1, min(4, os.cpu_count() or 1))
"""Pictures in memory at a time, however many are on the way: each takes many times the size of its file."""


@dataclass(frozen=True)
class Scorer:
    """The model of this workstation.

    Attributes
    ----------
    model_sha256, thresholds
        Which one, and the set by which its doubt is measured.
    scores
        Its seven scores of a picture's bytes, 0 to 1; None for what it cannot judge. Called by any number of threads.
    """

    model_sha256: str
    thresholds: ThresholdSet
    scores: Callable[[bytes], Sequence[float] | None]


@dataclass(frozen=True)
class Fetched:
    """What is to be stored of an object.

    Attributes
    ----------
    found, arrival
        The object, and its row.
    cleaned
        The picture; None for what cannot be kept.
    scores
        By the scorer; None without one, and without a picture.
    fetched_bytes
        What came over the network, 0 if nothing had to.
    """

    found: RemoteObject
    arrival: Arrival
    cleaned: Cleaned | None = None
    scores: Sequence[float] | None = None
    fetched_bytes: int = 0


class Fetcher:
    """Fetches objects; any number of threads may use it at once.

    Parameters
    ----------
    inbox
        Where from.
    files, staging
        Where the pictures go, and a folder for half-fetched files.
    cleaner
        Makes pictures fit to be kept.
    largest_bytes
        Larger objects are not fetched.
    scorer
        None leaves the scores for later.
    patience
        Calls what may fail for now.
    """

    def __init__(
        self,
        inbox: Inbox,
        files: PictureFiles,
        staging: Path,
        cleaner: Cleaner,
        *,
        largest_bytes: int,
        scorer: Scorer | None,
        patience: Retrying,
    ) -> None:
        self._inbox = inbox
        self._files = files
        self._staging = staging
        self._cleaner = cleaner
        self._largest = largest_bytes
        self._scorer = scorer
        self._patience = patience
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def fetch(self, found: RemoteObject) -> Fetched:
        """Download, check and clean an object; what is wrong with it becomes the reason of its quarantine.

        Raises
        ------
        CloudError
            If it cannot be fetched for now; `MissingObjectError` if it is gone.
        StoreError
            If nothing can be written.
        """
        fault = self._unfetched_fault(found)
        if fault:
            return self._quarantined(found, fault)
        # The name is ours: what a stranger calls a file never becomes a path.
        target = self._staging / secrets.token_hex(8)
        try:
            try:
                self._patience(self._download, found, target)
            except DamagedOnTheWayError as error:
                return self._quarantined(found, error.what, fetched_bytes=found.bytes)
            with self._turns:
                return self._taken_in(found, target.read_bytes())
        except OSError as error:
            raise StoreError(
                f"Nothing can be fetched: {error.strerror or error}.", "Nothing is lost. Free some space."
            ) from error
        finally:
            with suppress(OSError):
                target.unlink(missing_ok=True)

    def _unfetched_fault(self, found: RemoteObject) -> str:
        if found.bytes <= 0:
            return "The file is empty."
        if found.bytes > self._largest:
            return f"The file holds {found.bytes / 1e6:.1f} MB, more than the limit of {self._largest / 1e6:.0f} MB."
        return arrivals.type_fault(found.content_type)

    def _download(self, found: RemoteObject, target: Path) -> None:
        self._inbox.download(found, target)
        size = target.stat().st_size
        if size != found.bytes:
            raise DamagedOnTheWayError(f"Only {size} bytes arrived of {found.bytes}, at each of several tries.")
        if found.crc32c is not None and crc32c(target) != found.crc32c:
            raise DamagedOnTheWayError("Its checksum is wrong at each of several tries: it is damaged on the way.")

    def _taken_in(self, found: RemoteObject, content: bytes) -> Fetched:
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            cleaned = self._cleaner.clean(content)
        except PictureError as error:
            return self._quarantined(found, error.what, original_sha256=sha256, fetched_bytes=len(content))
        # Written now, so that the transaction that makes it count waits for no disk.
        self._files.put(cleaned.content, self._staging)
        arrival = arrivals.arrival(
            self._inbox.id,
            found,
            captured=cleaned.captured,
            original_sha256=sha256,
            picture_sha256=hashlib.sha256(cleaned.content).hexdigest(),
            faces=cleaned.faces,
        )
        scores = self._scorer.scores(cleaned.content) if self._scorer is not None else None
        return Fetched(found, arrival, cleaned, scores, len(content))

    def _quarantined(
        self, found: RemoteObject, fault: str, *, original_sha256: str | None = None, fetched_bytes: int = 0
    ) -> Fetched:
        arrival = arrivals.arrival(self._inbox.id, found, fault=fault, original_sha256=original_sha256)
        return Fetched(found, arrival, fetched_bytes=fetched_bytes)
