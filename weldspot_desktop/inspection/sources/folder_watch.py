"""Which new picture files of a folder are complete, by the system's own notices or by looking again and again."""

import logging
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

import psutil
from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from weldspot_desktop.pictures.decode import SUFFIXES

SETTLE_SECONDS: Final = 0.6
"""A file that was neither closed by its writer as far as the system tells, nor renamed, counts as complete when
neither size nor time changed for so long."""

OLD_SECONDS: Final = 5.0
"""What was last changed so long ago has been left alone by its writer."""

POLL_SECONDS: Final = 1.0
"""Between two looks where the system gives no notices."""

_RESCAN_SECONDS: Final = {True: 3.0, False: 10.0}
"""Between two looks at all names, with and without polling: notices can be lost when very many come at once."""

_MOST_KNOWN: Final = 200_000
"""Names that are remembered; beyond, those are forgotten whose files are gone. Until then a drive that was out comes
back without showing its old pictures again."""

_STOP_SECONDS: Final = 3.0
_TOLD: Final = (EVENT_TYPE_CLOSED, EVENT_TYPE_CREATED, EVENT_TYPE_MODIFIED, EVENT_TYPE_MOVED)
_SERVERS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "9p", "drvfs", "ncpfs"}
    | {"vboxsf", "prl_fs", "vmhgfs", "virtiofs", "ceph", "glusterfs", "lustre", "afs", "beegfs"}
)

_log = logging.getLogger(__name__)

Signature = tuple[int, int]
"""Time of the last change in nanoseconds, and size: a file whose content was replaced is another picture."""

_NOT_SEEN: Final[Signature] = (0, -1)


@dataclass
class _Candidate:
    """A file that may become a picture.

    Attributes
    ----------
    signature : what it was when it was last looked at
    since : `time.monotonic()` since when it is so
    closed : whether its writer is known to have finished
    """

    signature: Signature
    since: float
    closed: bool


@dataclass(frozen=True)
class Ready:
    """A complete file.

    Attributes
    ----------
    path : where it is
    signature : what it was when it was found complete
    unchanged : float, seconds for which it has been so
    """

    path: Path
    signature: Signature
    unchanged: float


class FolderWatch:
    """Watches the picture files that lie directly in one folder, from construction to `close`.

    Parameters
    ----------
    folder
        What is watched.
    known
        Names that were seen, with what they were: they become pictures only when they change. Added to by the caller.
    polling
        Look again and again instead of asking the system for notices; None decides by the kind of file system.

    Raises
    ------
    OSError
        If the folder cannot be read.
    """

    def __init__(self, folder: Path, known: dict[str, Signature], *, polling: bool | None = None) -> None:
        self._folder = folder
        self._known = known
        self._identity = _identity(folder)
        self._lock = threading.Lock()
        self._told: dict[str, bool] = {}
        self._candidates: dict[str, _Candidate] = {}
        self.changed = threading.Event()
        self.polling = is_remote(folder) if polling is None else polling
        self._observer = self._started()
        self._rescan_at = time.monotonic() + _RESCAN_SECONDS[self.polling]

    def names(self) -> dict[str, Signature]:
        """The picture files that are there now; raises OSError if the folder is not."""
        found = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                signature = self._signature(entry.name) if _is_picture_name(entry.name) else None
                if signature is not None:
                    found[entry.name] = signature
        return found

    def consider(self, names: dict[str, Signature]) -> None:
        """Take these for candidates, without a notice from the system."""
        now = time.time_ns()
        for name, (changed, _) in names.items():
            self._note(name, now - changed > OLD_SECONDS * 1e9)

    def ready(self) -> list[Ready]:
        """Complete files that are not known yet, the oldest first.

        Raises
        ------
        OSError
            If the folder is gone, or another one stands in its place.
        """
        now = time.monotonic()
        if _identity(self._folder) != self._identity:
            raise FileNotFoundError(f"{self._folder} is another folder now")
        with self._lock:
            told, self._told = self._told, {}
            self.changed.clear()
        if now >= self._rescan_at:
            self._rescan_at = now + _RESCAN_SECONDS[self.polling]
            self._rescan(told)
        for name, closed in told.items():
            if closed or name not in self._candidates:
                self._candidates[name] = _Candidate(_NOT_SEEN, now, closed)
        return self._complete(now)

    def close(self) -> None:
        """End the watch."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join(_STOP_SECONDS)

    def _complete(self, now: float) -> list[Ready]:
        found = []
        for name, candidate in list(self._candidates.items()):
            signature = self._signature(name)
            if signature is None or signature == self._known.get(name):
                del self._candidates[name]
                continue
            if signature != candidate.signature:
                # Written after the notice of its end: it is not finished after all.
                closed = candidate.closed and candidate.signature == _NOT_SEEN
                candidate.signature, candidate.since, candidate.closed = signature, now, closed
            unchanged = now - candidate.since
            if candidate.closed or unchanged >= SETTLE_SECONDS:
                found.append(Ready(self._folder / name, signature, unchanged))
        return sorted(found, key=lambda ready: (ready.signature[0], ready.path.name))

    def _rescan(self, told: dict[str, bool]) -> None:
        names = self.names()
        if len(self._known) > _MOST_KNOWN:
            for name in [name for name in self._known if name not in names]:
                del self._known[name]
        for name, signature in names.items():
            if self._known.get(name) != signature:
                told.setdefault(name, False)

    def _signature(self, name: str) -> Signature | None:
        """None if it is gone, or no file."""
        path = self._folder / name
        try:
            found = path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size) if path.is_file() else None

    def tell(self, path: str | bytes, *, closed: bool) -> None:
        """A notice of the system; from any thread."""
        found = Path(os.fsdecode(path))
        if found.parent == self._folder and _is_picture_name(found.name):
            self._note(found.name, closed)

    def _note(self, name: str, closed: bool) -> None:
        with self._lock:
            self._told[name] = self._told.get(name, False) or closed
            self.changed.set()

    def _started(self) -> BaseObserver:
        kinds = [PollingObserver] if self.polling else [Observer, PollingObserver]
        for kind in kinds:
            observer = kind(timeout=POLL_SECONDS)
            try:
                observer.schedule(_Handler(self), str(self._folder), recursive=False)
                observer.start()
            except OSError as error:
                # The system allows only so many watches.
                _log.warning("no notices for %s (%s); it is looked at every second", self._folder, error)
                self.polling = True
            else:
                return observer
        raise OSError(f"{self._folder} cannot be watched")


class _Handler(FileSystemEventHandler):
    def __init__(self, watch: FolderWatch) -> None:
        self._watch = watch

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.is_directory or event.event_type not in _TOLD:
            return
        moved = event.event_type == EVENT_TYPE_MOVED
        closed = moved or event.event_type == EVENT_TYPE_CLOSED
        self._watch.tell(event.dest_path if moved else event.src_path, closed=closed)


def is_remote(folder: Path) -> bool:
    """Whether a folder lies on another machine, whose changes the system here is not told of."""
    place = folder.resolve()
    if str(place).startswith("\\\\"):
        return True
    within = [part for part in psutil.disk_partitions(all=True) if place.is_relative_to(part.mountpoint)]
    if not within:
        return False
    disk = max(within, key=lambda part: len(part.mountpoint))
    kind = disk.fstype.casefold()
    return kind in _SERVERS or kind.startswith("fuse") or "remote" in disk.opts.split(",")


def _identity(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino


def _is_picture_name(name: str) -> bool:
    return not name.startswith(".") and PurePath(name).suffix.casefold() in SUFFIXES
