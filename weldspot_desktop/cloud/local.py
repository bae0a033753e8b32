"""A folder as an inbox: for a workstation without a cloud, a share that phones copy to, or a memory card.

Names are paths within the folder with `/`. The generation is the time of the last change in nanoseconds: it changes
with the content wherever the clock goes on. There are no checksums; what is copied is compared in size and time
instead. What the phone says besides stands in `<name>.json`, an object of texts; a picture without one is as good.
Links are not followed and devices not opened, so that whoever may write into the folder cannot have other files read.
"""

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from weldspot_desktop.cloud.faults import MissingObjectError, SetUpError
from weldspot_desktop.cloud.inbox import PROCESSED, SIDECAR, UPLOADS, RemoteObject
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.settings import Cloud

_LARGEST_SIDECAR: Final = 100_000
_DEEPEST: Final = 20
_OF_THE_TARGET: Final = frozenset({errno.ENOSPC, errno.EROFS, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Faults that only writing has."""

_OWN: Final = frozenset({"thumbs.db", "desktop.ini"})
"""Files that systems put into folders, beside those that begin with a dot."""

# Without waiting at a pipe, and without following a link that was put in place of a file after the look.
_FLAGS: Final = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK")
)


class LocalInboxError(ExpectedError):
    """The folder cannot be used."""


class LocalInbox:
    """The folder `folder`; see `cloud.inbox.Inbox`.

    Parameters
    ----------
    folder
        Absolute.
    move
        Whether what was taken in is moved to `processed/` within the folder.

    Raises
    ------
    LocalInboxError
        If there is no such folder.
    """

    def __init__(self, folder: Path, *, move: bool = False) -> None:
        self._folder = folder
        self._move = move
        if not folder.is_dir():
            raise LocalInboxError(
                f"The folder of the uploads, {_shown(folder)}, is not there.",
                "If it is on a share or a memory card, connect it; or choose another folder in the settings.",
            )

    @property
    def id(self) -> str:
        folder = _shown(self._folder)
        # The database takes only so much; two long paths must not become one.
        longest = 200
        return f"local:{folder if len(folder) <= longest else hashlib.sha256(folder.encode()).hexdigest()}"

    @property
    def title(self) -> str:
        return f"Folder {_shown(self._folder)}"

    def listing(self, prefix: str, *, start: str | None = None) -> Iterator[RemoteObject]:
        """See `Inbox.listing`; a folder that cannot be read ends it with `LocalInboxError`."""
        try:
            names = sorted(self._names(prefix))
            for name in names:
                if start is None or name >= start:
                    found = self._object(name)
                    if found is not None:
                        yield found
        except OSError as error:
            raise _explained(error) from error

    def download(self, found: RemoteObject, target: Path) -> None:
        """See `Inbox.download`."""
        try:
            source = os.open(self._path(found), _FLAGS)
        except FileNotFoundError as error:
            raise MissingObjectError(found.name) from error
        except OSError as error:
            raise _explained(error) from error
        with os.fdopen(source, "rb") as file:
            try:
                before = os.fstat(file.fileno())
                if not stat.S_ISREG(before.st_mode) or before.st_mtime_ns != found.generation:
                    raise MissingObjectError(found.name)
                with target.open("wb") as copy:
                    shutil.copyfileobj(file, copy)
                # Somebody may write while we read; a copy still in progress looks like this too.
                after = os.fstat(file.fileno())
            except OSError as error:
                if error.errno in _OF_THE_TARGET:
                    raise
                raise _explained(error) from error
        if (after.st_mtime_ns, after.st_size) != (before.st_mtime_ns, before.st_size):
            raise MissingObjectError(found.name)

    def acknowledge(self, found: RemoteObject) -> None:
        """See `Inbox.acknowledge`; the file of facts beside the picture goes with it."""
        if not self._move:
            return
        source = self._path(found)
        target = self._folder / PROCESSED / str(found.generation) / found.name
        try:
            if os.lstat(source).st_mtime_ns != found.generation:
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, target)
            facts = _beside(source)
            if facts.is_file():
                os.replace(facts, _beside(target))
        except FileNotFoundError:
            # Moved already, by this or another program.
            return
        except OSError as error:
            raise _explained(error) from error

    def _names(self, prefix: str) -> Iterator[str]:
        if prefix:
            yield from self._within(self._folder / prefix, prefix, 0)
            return
        with os.scandir(self._folder) as entries:
            yield from (entry.name for entry in entries if _is_upload(entry))

    def _within(self, folder: Path, prefix: str, depth: int) -> Iterator[str]:
        if not folder.is_dir() or depth > _DEEPEST:
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from self._within(folder / entry.name, f"{prefix}{entry.name}/", depth + 1)
                elif _is_upload(entry):
                    yield prefix + entry.name

    def _object(self, name: str) -> RemoteObject | None:
        path = self._folder / name
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            return None
        updated = datetime.fromtimestamp(found.st_mtime, UTC)
        return RemoteObject(name, found.st_mtime_ns, found.st_size, updated, metadata=_facts(_beside(path)))

    def _path(self, found: RemoteObject) -> Path:
        """Where an object lies: names come from our own listing, but nothing here relies on that."""
        parts = PurePosixPath(found.name)
        if parts.is_absolute() or ".." in parts.parts or "\0" in found.name:
            raise MissingObjectError(found.name)
        path = self._folder / parts
        if found.name.startswith(UPLOADS) and not path.parent.resolve().is_relative_to(self._folder.resolve()):
            raise MissingObjectError(found.name)
        return path


def open_local(cloud: Cloud) -> LocalInbox:
    """The inbox that the settings name.

    Raises
    ------
    SetUpError, LocalInboxError
        If none is named, or it is not there.
    """
    folder = cloud.folder.strip()
    if not folder:
        raise SetUpError("no folder of uploads is chosen")
    return LocalInbox(Path(folder).expanduser().absolute(), move=cloud.move)


def _is_upload(entry: "os.DirEntry[str]") -> bool:
    name = entry.name.casefold()
    # A picture's facts may come before it: they are told by their name alone.
    if name.startswith(".") or name in _OWN or name.endswith(f".jpg{SIDECAR}"):
        return False
    return entry.is_file(follow_symlinks=False)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + SIDECAR)


def _facts(path: Path) -> dict[str, str]:
    """What stands in the file beside a picture; nothing if it is missing or no object of texts."""
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return {}
            found: Any = json.loads(file.read(_LARGEST_SIDECAR))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    # As the cloud would have them: texts. A program that writes true means 1.
    plain = {key: int(value) if isinstance(value, bool) else value for key, value in found.items()}
    return {key: str(value) for key, value in plain.items() if isinstance(value, str | int | float)}


def _explained(error: OSError) -> LocalInboxError:
    return LocalInboxError(
        f"The folder of the uploads cannot be used: {error.strerror or error}.",
        "Nothing is lost: what was taken in is safe. Check that the share is connected, and its rights.",
    )


def _shown(folder: Path) -> str:
    return str(folder).encode("utf-8", "backslashreplace").decode("utf-8")
