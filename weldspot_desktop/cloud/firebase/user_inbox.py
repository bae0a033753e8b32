"""A bucket as an inbox for a person signed in by e-mail and password, over the REST API of Firebase Storage.

`FIREBASE_STORAGE_EMULATOR_HOST` (host and port, on this computer only) chooses Google's emulator instead.

Notes
-----
The API is that of Google's own libraries for browsers and phones; there is no other description. Sources: the package
`storage` of firebase-js-sdk (`requests.ts`, `list.ts`, `metadata.ts`) and the emulator of firebase-tools
(`emulator/storage/apis/firebase.ts`). What follows from them:

- A listing names objects and nothing else, because the right to list is not the right to read metadata. So an object
  that is not known costs one more request, and `Known` spares that for the others.
- Prefixes end in a slash, and deeper ones are asked for one by one, as those libraries do: rules are written for that.
- There are no generation preconditions. So nothing is moved, and a download says by a header what it gave.
"""

import logging
import os
import re
import weakref
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from weldspot_desktop.cloud import faults
from weldspot_desktop.cloud.firebase.bucket import Look
from weldspot_desktop.cloud.firebase.refusals import body_of, explained
from weldspot_desktop.cloud.firebase.sign_in import UserSignIn
from weldspot_desktop.cloud.inbox import ROOT, UPLOADS, Known, RemoteObject, nothing_known

_LOG = logging.getLogger(__name__)

EMULATOR: Final = "FIREBASE_STORAGE_EMULATOR_HOST"

_THIS_COMPUTER: Final = ("localhost", "127.0.0.1", "[::1]")
_TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
_PAGE: Final = 1000
_AT_ONCE: Final = 8
_BATCH: Final = 64
_LAST: Final = "\U0010ffff"
_CRC32C: Final = re.compile(r"[A-Za-z0-9+/]{6}==")


class UserInbox:
    """The bucket; see `cloud.inbox.Inbox`.

    Parameters
    ----------
    bucket
        Its name.
    sign_in
        Gives the ID tokens.
    known
        What arrived before; those objects are not asked about again.
    """

    def __init__(self, bucket: str, sign_in: UserSignIn, *, known: Known = nothing_known) -> None:
        self._bucket = bucket
        self._sign_in = sign_in
        self._known = known
        self._objects = f"{server()}/v0/b/{quote(bucket, safe='')}/o"
        self._client = httpx.Client(timeout=_TIMEOUT)
        weakref.finalize(self, self._client.close)

    @property
    def id(self) -> str:
        # The same as for other ways of signing in: it is the same bucket with the same generations.
        return f"firebase:{self._bucket}"

    @property
    def title(self) -> str:
        return f"Bucket {self._bucket}"

    def listing(self, prefix: str, *, start: str | None = None) -> Iterator[RemoteObject]:
        """See `Inbox.listing`."""
        try:
            yield from self._listing(prefix, start or "")
        except faults.ForbiddenError:
            # Rules need not open the root: only phones of the first generation wrote into it.
            if prefix != ROOT or self._look(UPLOADS) is not Look.OPEN:
                raise
            _LOG.info("the bucket's root is closed to this account; only %s is read", UPLOADS)

    def _listing(self, prefix: str, start: str) -> Iterator[RemoteObject]:
        names: list[str] = []
        # The pool is made for a listing that needs it, and ends with it.
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="metadata") as pool:
            for name in self._names(prefix, start, deeper=prefix != ROOT):
                names.append(name)
                if len(names) >= _BATCH:
                    yield from self._described(names, pool)
                    names = []
            yield from self._described(names, pool)

    def download(self, found: RemoteObject, target: Path) -> None:
        """See `Inbox.download`."""
        with explained(bucket=self._bucket, name=found.name), target.open("wb") as file:
            with closing(self._answer(self._address(found.name), {"alt": "media"}, stream=True)) as answer:
                given = answer.headers.get("x-goog-generation")
                if given is not None and given != str(found.generation):
                    raise faults.MissingObjectError(found.name)
                size = 0
                # Raw: what is compressed in the bucket has its size and checksum as it lies there.
                for part in answer.iter_raw():
                    size += len(part)
                    if size > found.bytes:
                        raise faults.MissingObjectError(found.name)
                    file.write(part)
            if given is None and getattr(self._metadata(found.name), "generation", None) != found.generation:
                raise faults.MissingObjectError(found.name)

    def acknowledge(self, found: RemoteObject) -> None:
        """See `Inbox.acknowledge`: nothing, because nothing can be moved safely over this API."""

    def look(self) -> Look:
        """Whether the bucket is there and may be listed.

        Raises
        ------
        CloudError
            If that cannot be said.
        """
        seen = self._look(UPLOADS)
        return self._look(ROOT) if seen is Look.CLOSED else seen

    def _look(self, prefix: str) -> Look:
        try:
            self._page(prefix, None, results=1)
        except faults.MissingBucketError:
            return Look.MISSING
        except faults.ForbiddenError:
            return Look.CLOSED
        return Look.OPEN

    def _names(self, prefix: str, start: str, *, deeper: bool) -> Iterator[str]:
        """Names under a prefix from `start` on, in order. One level is held in memory at a time."""
        names: list[str] = []
        token: str | None = None
        while True:
            page = self._page(prefix, token)
            items = page.get("items") or []
            names += [item["name"] for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)]
            if deeper:
                names += [below for below in page.get("prefixes") or [] if _is_below(below, prefix)]
            following = page.get("nextPageToken")
            if not isinstance(following, str) or not following or following == token:
                break
            token = following
        for name in sorted(names):
            if not name.endswith("/"):
                if name >= start:
                    yield name
            elif name + _LAST >= start:
                yield from self._names(name, start, deeper=True)

    def _described(self, names: Sequence[str], pool: ThreadPoolExecutor) -> Iterator[RemoteObject]:
        known = self._known(self.id, names) if names else {}
        asked = pool.map(self._metadata, [name for name in names if name not in known])
        for name in names:
            found = known[name] if name in known else next(asked)
            if found is not None:
                yield found

    def _metadata(self, name: str) -> RemoteObject | None:
        """One object; None if it is gone meanwhile."""
        try:
            with explained(bucket=self._bucket, name=name):
                answer = self._answer(self._address(name), {})
        except faults.MissingObjectError:
            return None
        return _object(name, body_of(answer))

    def _page(self, prefix: str, token: str | None, *, results: int = _PAGE) -> dict[str, Any]:
        asked = {"prefix": prefix, "delimiter": "/", "maxResults": str(results)}
        if token is not None:
            asked["pageToken"] = token
        with explained(bucket=self._bucket):
            page = body_of(self._answer(self._objects, asked))
        if not isinstance(page, dict):
            raise faults.AnswerError
        return page

    def _address(self, name: str) -> str:
        return f"{self._objects}/{quote(name, safe='')}"

    def _answer(self, address: str, asked: Mapping[str, str], *, stream: bool = False) -> httpx.Response:
        """An answer with status 200; with a fresh token if the one held is refused."""
        token = self._sign_in.token()
        answer = self._send(address, asked, token, stream=stream)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            answer.close()
            answer = self._send(address, asked, self._sign_in.token(stale=token), stream=stream)
        if answer.status_code != httpx.codes.OK:
            answer.read()
            answer.close()
            if answer.is_success or answer.is_redirect:
                raise faults.AnswerError
            answer.raise_for_status()
        return answer

    def _send(self, address: str, asked: Mapping[str, str], token: str, *, stream: bool) -> httpx.Response:
        headers = {"Authorization": f"Firebase {token}", "Accept-Encoding": "gzip"}
        request = self._client.build_request("GET", address, params=dict(asked), headers=headers)
        return self._client.send(request, stream=stream)


def _is_below(name: Any, prefix: str) -> bool:
    return isinstance(name, str) and name.startswith(prefix) and name.endswith("/") and name != prefix


def server() -> str:
    """Address of Firebase Storage, or of the emulator that the environment names.

    Raises
    ------
    SetUpError
        If that is not on this computer.
    """
    emulator = os.environ.get(EMULATOR, "")
    if not emulator:
        return "https://firebasestorage.googleapis.com"
    # An emulator is spoken to without encryption, and gets tokens: not over a network.
    if emulator.rpartition(":")[0] not in _THIS_COMPUTER:
        raise faults.SetUpError(f"{EMULATOR} must name a port of this computer, such as 127.0.0.1:9199")
    return f"http://{emulator}"


def _object(name: str, body: Any) -> RemoteObject:
    """What an answer says of an object.

    Raises
    ------
    AnswerError
        If it does not say that.
    """
    try:
        custom = body.get("metadata") or {}
        updated = datetime.fromisoformat(body["timeCreated"])
        if body["name"] != name or updated.tzinfo is None:
            raise ValueError
        return RemoteObject(
            name=name,
            generation=int(body["generation"]),
            bytes=int(body["size"]),
            updated=updated,
            crc32c=_crc32c(body.get("crc32c")),
            content_type=body.get("contentType"),
            metadata={key: value for key, value in custom.items() if isinstance(value, str)},
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise faults.AnswerError from None


def _crc32c(said: Any) -> str | None:
    """As base 64; the emulator writes the number."""
    text = str(said or "")
    if _CRC32C.fullmatch(text):
        return text
    if text.isascii() and text.isdigit() and int(text) < 1 << 32:
        return b64encode(int(text).to_bytes(4, "big")).decode("ascii")
    return None
