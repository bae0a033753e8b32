"""A folder as the place where models are published: a share, a memory card, the folder of a web server."""

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from weldspot_desktop.cloud.publisher import ChangedMeanwhileError, PublishingError
from weldspot_desktop.cloud.signed_publisher import FoundFile

_LOCK: Final = ".publishing.lock"
_STALE_SECONDS: Final = 60.0
"""After so long a lock belongs to a program that is gone: what it guards takes milliseconds."""

_WAIT_SECONDS: Final = 10.0


class LocalPlace:
    """Files in a folder; see `cloud.signed_publisher.Place`. The generation of a file is its hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    @property
    def id(self) -> str:
        return f"local:{self._folder}"[:400]

    @property
    def title(self) -> str:
        return f"Folder {self._folder}"

    def read(self, path: str, largest: int) -> FoundFile | None:
        """See `Place.read`."""
        try:
            with self._path(path).open("rb") as file:
                content = file.read(largest + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _explained(error) from error
        if len(content) > largest:
            raise PublishingError(f"{path} is larger than it should be.", "Nothing was changed.")
        return FoundFile(content, hashlib.sha256(content).hexdigest())

    def create(self, path: str, content: bytes, content_type: str) -> bool:
        """See `Place.create`."""
        target = self._path(path)
        with self._writing(target, content) as temporary, self._turn():
            if target.exists():
                return False
            os.replace(temporary, target)
        return True

    def replace(self, path: str, content: bytes, content_type: str, generation: str | None) -> None:
        """See `Place.replace`."""
        target = self._path(path)
        with self._writing(target, content) as temporary, self._turn():
            found = self.read(path, 10**9)
            if (found.generation if found is not None else None) != generation:
                raise ChangedMeanwhileError
            os.replace(temporary, target)

    def _path(self, path: str) -> Path:
        return self._folder.joinpath(*path.split("/"))

    @contextmanager
    def _writing(self, target: Path, content: bytes) -> Iterator[Path]:
        """The content in a file beside its place, safe on the disk before it gets its name."""
        temporary = target.with_name(f".{target.name}-{secrets.token_hex(6)}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            yield temporary
        except OSError as error:
            raise _explained(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One program at a time between looking and renaming; works on shares too, where file locks often do not."""
        lock = self._folder / _LOCK
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                break
            except FileExistsError:
                self._forget_stale(lock)
                if time.monotonic() > deadline:
                    raise ChangedMeanwhileError from None
                time.sleep(0.02)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)

    @staticmethod
    def _forget_stale(lock: Path) -> None:
        try:
            if time.time() - lock.stat().st_mtime > _STALE_SECONDS:
                lock.unlink(missing_ok=True)
        except FileNotFoundError:
            return


def _explained(error: OSError) -> PublishingError:
    return PublishingError(
        f"The folder of published models cannot be used: {error.strerror or error}.",
        "What was published before stays in force. Check the folder, its rights and the free space.",
    )
