"""The live view over HTTP: another program asks for a verdict and gets it as JSON, with the number of its record.

`POST /trigger` needs the token (`Authorization: Bearer …`) and may name the weld in a JSON body; `GET /health` says
only that the server is up. Bound to 127.0.0.1 unless the settings say otherwise.
"""

import asyncio
import contextlib
import hmac
import ipaddress
import json
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from weldspot_desktop import labels
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.station import NoFrameError, NotLiveError, Recorded, Station
from weldspot_desktop.inspection.triggers import Asked
from weldspot_desktop.store import weld_identity

TOKEN_FILE: Final = "trigger-token"  # noqa: S105 - the name of a file
"""Name in the workspace."""

LARGEST_BODY: Final = 16_384
"""Bytes of a request."""

FRESH_SECONDS: Final = 3.0
"""How long a trigger waits for a picture that was taken after it."""

_MOST_CONNECTIONS: Final = 32
_STOP_SECONDS: Final = 5.0
_LONGEST_TOKEN: Final = 200

_log = logging.getLogger(__name__)


class ServerError(ExpectedError):
    """The port cannot be opened, or the token cannot be kept."""


class Token:
    """The secret of the HTTP trigger: made at first use, kept in a file that only its owner can read.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._value: str | None = None

    def value(self) -> str:
        """The token.

        Raises
        ------
        ServerError
            If it can be neither read nor made.
        """
        with self._lock:
            if self._value is None:
                self._value = self._read() or self._make()
            return self._value

    def renew(self) -> str:
        """Make another one; the old one opens nothing from now on.

        Raises
        ------
        ServerError
            If it cannot be written; the old one then holds.
        """
        with self._lock:
            self._value = self._make()
            return self._value

    def matches(self, given: str) -> bool:
        """Whether this is the token; the time it takes tells nothing about where they differ."""
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self.value().encode())

    def _read(self) -> str | None:
        try:
            if self.path.stat().st_mode & 0o077:
                self.path.chmod(0o600)
            found = self.path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeError) as error:
            raise ServerError(
                f"The token file {self.path} cannot be read.", "Delete it; a new token is then made."
            ) from error
        return found if 20 <= len(found) <= _LONGEST_TOKEN and found.isprintable() else None

    def _make(self) -> str:
        value = secrets.token_urlsafe(32)
        temporary = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise ServerError(
                f"The token cannot be kept in {self.path.parent}: {error.strerror}.",
                "Check the rights of the workspace, or free some space.",
            ) from error
        return value


class TriggerServer:
    """Serves one station on one port, in a thread of its own, from `start` to `stop`.

    Parameters
    ----------
    station
        What is triggered.
    token
        Who may trigger.
    address, port
        Where to listen; port 0 takes a free one.
    broke
        Called with a bug, in the server's thread; the client gets 500 without its words.
    """

    def __init__(
        self,
        station: Station,
        token: Token,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        broke: Callable[[Exception], object] = lambda error: None,
    ) -> None:
        self._address, self._port = address, port
        self._application = _Guard(application(station, token, broke), address)
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Address for clients on this computer: "http://127.0.0.1:8750"."""
        any_address = ipaddress.ip_address(self._address).is_unspecified
        shown = "127.0.0.1" if any_address else self._address
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"

    @property
    def port(self) -> int:
        """The port; after `start` the one that was really opened."""
        return self._port

    def start(self) -> None:
        """Open the port and serve; returns when clients can connect.

        Raises
        ------
        ServerError
            If another program has the port, or the address is not one of this computer.
        """
        self._socket = _listening(self._address, self._port)
        self._port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            self._application,
            http=H11Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="trigger-server", daemon=True)
        self._thread.start()
        _log.info("HTTP trigger listens on %s", self.url)

    def stop(self) -> None:
        """Close the port; triggers that are being answered are answered first, for a short while."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_STOP_SECONDS)
            self._server = self._thread = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _serve(self) -> None:
        assert self._server is not None
        assert self._socket is not None
        asyncio.run(self._server.serve(sockets=[self._socket]))


def application(station: Station, token: Token, broke: Callable[[Exception], object]) -> Starlette:
    """The routes."""

    async def trigger(request: Request) -> Response:
        if not _is_authorised(request, token):
            return _refusal(401, "The token is missing or wrong.", "Send it as “Authorization: Bearer TOKEN”.")
        try:
            weld = await _weld(request)
        except _BadRequestError as error:
            return _refusal(error.status, str(error))
        try:
            recorded = await run_in_threadpool(station.trigger, Asked.HTTP, weld, seconds=FRESH_SECONDS)
        except NotLiveError as error:
            return _refusal(409, error.what, error.advice)
        except NoFrameError as error:
            return _refusal(504, error.what, error.advice)
        except ExpectedError as error:
            # The store or the queue: nothing was recorded.
            return _refusal(503, error.what, error.advice)
        except Exception as error:  # noqa: BLE001 - kept for the window, which reports it as a bug
            _log.exception("a trigger ended by a fault")
            broke(error)
            return _refusal(500, "A fault in the program; its log file has the details. Nothing was answered.")
        return JSONResponse(answer(recorded))

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "up"})

    return Starlette(
        routes=[Route("/trigger", trigger, methods=["POST"]), Route("/health", health, methods=["GET"])],
        exception_handlers={
            404: lambda request, error: _refusal(404, "There are POST /trigger and GET /health."),
            405: lambda request, error: _refusal(405, "There are POST /trigger and GET /health."),
        },
    )


def answer(recorded: Recorded) -> dict[str, Any]:
    """What a client gets: the verdict of the one picture that was recorded, as plain JSON values."""
    judged, card, thresholds = recorded.judged, recorded.inspector.model.card, recorded.inspector.thresholds
    scores = dict(zip(labels.CLASSES, judged.prediction.scores.tolist(), strict=True))
    distance = judged.prediction.distance
    return {
        "verdict": judged.judgement.verdict.value,
        "classes": labels.names(judged.judgement.classes),
        "reason": judged.judgement.reason,
        "scores": {name: round(score, 6) for name, score in scores.items()},
        "distance": round(distance, 4) if distance is not None else None,
        "record": recorded.number,
        "picture_sha256": recorded.sha256,
        "weld": recorded.weld,
        "region": list(judged.region) if judged.region is not None else None,
        "model": {"name": card.name, "version": card.version, "sha256": card.sha256},
        "thresholds": {"name": thresholds.name, "digest": thresholds.digest},
        "latency_ms": round(judged.latency * 1000, 1),
    }


class _BadRequestError(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class _Guard:
    """Refuses requests that a web page made a browser send here under a name of its own (DNS rebinding)."""

    def __init__(self, inner: ASGIApp, address: str) -> None:
        self._inner = inner
        self._loopback_only = ipaddress.ip_address(address).is_loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_own(Request(scope).headers.get("host", "")):
            await _refusal(403, "This host name is not known here.")(scope, receive, send)
            return
        await self._inner(scope, receive, send)

    def _is_own(self, host: str) -> bool:
        """Only names that no stranger can point here: numbers, localhost, and this computer's own name."""
        bracketed = host.startswith("[")
        name = (host[1:].partition("]")[0] if bracketed else host.partition(":")[0]).casefold()
        if name == "localhost":
            return True
        try:
            number = ipaddress.ip_address(name)
        except ValueError:
            return not self._loopback_only and name == socket.gethostname().casefold()
        return number.is_loopback or not self._loopback_only


def _is_authorised(request: Request, token: Token) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.casefold() == "bearer" and token.matches(given.strip())


async def _weld(request: Request) -> dict[str, str]:
    """The weld identity in the body, checked; empty without a body."""
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
            if len(content) > LARGEST_BODY:
                raise _BadRequestError(413, f"The body is larger than {LARGEST_BODY} bytes.")
    except ClientDisconnect as error:
        raise _BadRequestError(400, "The body did not arrive.") from error
    if not content.strip():
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().casefold() != "application/json":
        raise _BadRequestError(415, "The body must be JSON, with “Content-Type: application/json”.")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _BadRequestError(400, "The body is not JSON.") from error
    if not isinstance(found, dict):
        raise _BadRequestError(422, "The body must be an object of weld identity fields.")
    for key, value in found.items():
        if key not in weld_identity.KEYS:
            raise _BadRequestError(422, f"Unknown field. Known are: {', '.join(weld_identity.KEYS)}.")
        if not isinstance(value, str):
            raise _BadRequestError(422, f"{key} must be a text.")
        if len(value) > weld_identity.LONGEST:
            raise _BadRequestError(422, f"{key} is longer than {weld_identity.LONGEST} characters.")
        if not value.isprintable():
            raise _BadRequestError(422, f"{key} holds characters that cannot be printed.")
    return found


def _refusal(status: int, what: str, advice: str = "") -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    content = {"error": what} | ({"advice": advice} if advice else {})
    return JSONResponse(content, status, headers)


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port of a program that just ended can be taken again; on Windows the option would share a port in use.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        # Now, not when the thread gets there: clients can connect as soon as `start` returns.
        made.listen(64)
    except OSError as error:
        made.close()
        raise ServerError(
            f"The HTTP trigger cannot listen on {address}, port {port}: {error.strerror}.",
            "Everything else works. Close the other program, or choose another port in Settings, Live.",
        ) from error
    return made
