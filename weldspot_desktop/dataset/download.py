"""A large file over HTTP that survives interruptions: what is there is kept, and only the rest is asked for.

A part is continued only if the server names it by the same strong ETag (RFC 9110, 13.1.5 and 14.2); otherwise the file
is loaded anew. Size and, where the server tells it (Google Cloud Storage: `x-goog-hash`), the MD5 are compared.
"""

import base64
import hashlib
import json
import logging
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx

from weldspot_desktop import paths
from weldspot_desktop.errors import ExpectedError

LARGEST: Final = 50_000_000_000
ROOM_LEFT: Final = 500_000_000
"""Bytes that must stay free on the disk."""

_TRIES: Final = 5
"""Interruptions in a row without a single new byte, after which it is given up."""

_TIMEOUT: Final = httpx.Timeout(30, connect=10)
_RANGE: Final = re.compile(r"bytes (?:(?P<start>\d+)-\d+|\*)/(?P<total>\d+|\*)")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class DownloadError(ExpectedError):
    """A download that did not succeed; what is loaded so far stays for the next try."""


class LinkRefusedError(DownloadError):
    """The server does not give the file under this address (any more)."""


class _InterruptedError(Exception):
    """The connection broke, or the server was busy; the message says what happened."""


class WithoutQuery(logging.Filter):
    """Takes the query out of addresses that httpx logs: it may hold a key or a signature."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                value.copy_with(query=None) if isinstance(value, httpx.URL) else value for value in record.args
            )
        return True


logging.getLogger("httpx").addFilter(WithoutQuery())


def secure_client(**options: Any) -> httpx.Client:
    """A client that speaks HTTPS only, also after a redirection; plain HTTP on this computer alone."""

    def check(request: httpx.Request) -> None:
        if request.url.scheme != "https" and request.url.host not in _LOOPBACK:
            raise DownloadError(f"The server {request.url.host} wants to be asked without encryption; that is refused.")

    return httpx.Client(timeout=_TIMEOUT, event_hooks={"request": [check]}, **options)


def download(
    address: str,
    target: Path,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
    wait: Callable[[float], None] = time.sleep,
) -> Path:
    """Load a file, continuing what an earlier call began.

    Parameters
    ----------
    address
        Where it is; another address of the same file may be given after an interruption.
    target
        Where it goes, under the name with `.part` until the caller renames or removes it; beside it lies what is known
        of it.
    progress
        Called with the bytes that are there and their number, 0 if unknown; may raise to stop.
    wait
        Called with the seconds before another try.

    Returns
    -------
    Path
        The complete file.

    Raises
    ------
    LinkRefusedError
        If the server refuses the address; a new one may help.
    DownloadError
        If it cannot be loaded; what is there stays for the next call.
    """
    part = _Part(target)
    failures = 0
    while True:
        before = part.size
        try:
            _attempt(address, part, progress)
        except _InterruptedError as error:
            failures = failures + 1 if part.size <= before else 1
            if failures >= _TRIES:
                raise DownloadError(
                    f"The download broke off: {error}.",
                    f"{part.size / 1e6:.0f} MB are kept. Check the connection and start it again: it goes on there.",
                ) from error
            wait(min(0.5 * 2**failures, 20))
        except OSError as error:
            raise DownloadError(
                f"The download could not be written: {error.strerror or error}.", "Free some space and start it again."
            ) from error
        else:
            return part.path


def discard(target: Path) -> None:
    """Remove what is there of a download."""
    _Part(target).discard()


class _Part:
    """What is there of a file, and by which ETag it may be continued."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self._notes = target.with_name(f"{target.name}.part.json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def etag(self) -> str | None:
        """A strong ETag, or None: then it cannot be continued."""
        try:
            found = json.loads(self._notes.read_text(encoding="utf-8")).get("etag")
        except (OSError, ValueError, AttributeError):
            return None
        return found if isinstance(found, str) and found.startswith('"') else None

    def begin(self, etag: str | None) -> None:
        self.discard()
        paths.write_whole(self._notes, json.dumps({"etag": etag}))

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)


def _attempt(address: str, part: _Part, progress: Callable[[int, int], None]) -> None:
    """Load what is missing.

    Raises
    ------
    _InterruptedError
        If another try may help.
    """
    part.path.parent.mkdir(parents=True, exist_ok=True)
    headers = {"Accept-Encoding": "identity"}
    etag, offset = part.etag, part.size
    if etag is not None and offset:
        headers |= {"Range": f"bytes={offset}-", "If-Range": etag}
    try:
        with secure_client(follow_redirects=True) as client, client.stream("GET", address, headers=headers) as answer:
            offset, total, complete = _beginning(answer, part, offset if "Range" in headers else 0)
            if not complete:
                _receive(answer, part, offset, total, progress)
            wanted = _md5(answer)
    except (httpx.TransportError, httpx.TooManyRedirects) as error:
        raise _InterruptedError(_sentence(error)) from error
    except httpx.InvalidURL as error:
        raise LinkRefusedError("The address of the download is not valid.") from error
    if total and part.size != total:
        raise _InterruptedError(f"{part.size} of {total} bytes came")
    if wanted is not None and _digest(part.path) != wanted:
        part.discard()
        raise DownloadError(
            "The downloaded file is damaged: its checksum is not the server's.", "It was removed; start it again."
        )


def _beginning(answer: httpx.Response, part: _Part, asked: int) -> tuple[int, int, bool]:
    """Where the answer goes on, the size of the whole file (0 if unknown), and whether all of it is there already."""
    status = answer.status_code
    place = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if status == httpx.codes.PARTIAL_CONTENT and asked and place is not None and place["start"] is not None:
        if int(place["start"]) == asked:
            return asked, _checked(place["total"], asked), False
        part.discard()
        raise _InterruptedError("the server sent another part than was asked for")
    if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and asked:
        if place is not None and place["total"] == str(asked):
            return asked, asked, True
        part.discard()
        raise _InterruptedError("the file on the server has become smaller")
    if status == httpx.codes.OK:
        part.begin(answer.headers.get("ETag"))
        return 0, _checked(answer.headers.get("Content-Length", "*"), 0), False
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
        raise _InterruptedError(f"the server answered {status}")
    raise LinkRefusedError(f"The server does not give the file (it answered {status}).", "Start it again later.")


def _checked(size: str, there: int) -> int:
    total = int(size) if size.isdecimal() else 0
    if total > LARGEST:
        raise DownloadError(f"The file would have {total / 1e9:.0f} GB, more than a dataset can have.")
    return total if total >= there else 0


def _receive(
    answer: httpx.Response, part: _Part, offset: int, total: int, progress: Callable[[int, int], None]
) -> None:
    if total - offset + ROOM_LEFT > shutil.disk_usage(part.path.parent).free:
        raise DownloadError(f"The disk has no room for {total / 1e6:.0f} MB.", "Free some space and start it again.")
    done = offset
    with part.path.open("ab" if offset else "wb") as file:
        progress(done, total)
        # As it comes: what waits in a buffer for more would be lost when the connection breaks.
        for content in answer.iter_raw():
            done += len(content)
            if done > (total or LARGEST):
                raise DownloadError("The server sends more than it said.", "Start it again.")
            file.write(content)
            progress(done, total)


def _md5(answer: httpx.Response) -> bytes | None:
    """The MD5 that Google Cloud Storage tells of a file that was uploaded in one piece."""
    for value in answer.headers.get_list("x-goog-hash", split_commas=True):
        kind, _, coded = value.strip().partition("=")
        if kind == "md5":
            try:
                return base64.b64decode(coded, validate=True)
            except ValueError:
                return None
    return None


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        # Against damage on the way, not against forgery.
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()


def _sentence(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "the server did not answer in time"
    if isinstance(error, httpx.ConnectError):
        return "the server cannot be reached"
    return f"the connection broke ({type(error).__name__})"
