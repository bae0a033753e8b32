"""Datasets of Roboflow, over its export calls.

Asked is `GET /{workspace}/{project}/{version}/{format}`: 202 with `progress` while the export is made, then 200 with
`export.link`, an address that needs no key and holds for a while. The key goes into the header `Authorization`, which
Roboflow recommends, so that no address ever holds it.
Sources: https://docs.roboflow.com/developer/rest-api/authenticate, the REST API's pages on exports, and the client
`roboflow-python` (adapters/rfapi.py).
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from weldspot_desktop.dataset import download
from weldspot_desktop.dataset.download import LinkRefusedError
from weldspot_desktop.dataset.sources import roboflow_key
from weldspot_desktop.dataset.sources.files import opened_archive
from weldspot_desktop.dataset.sources.source import Opened, Report, Room, SourceError

API: Final = "https://api.roboflow.com"
API_VARIABLE: Final = "ROBOFLOW_API_URL"
"""Another address of the API, for tests and for companies' own gateways."""

EXPORTS: Final = {"yolo": "yolov8", "coco": "coco", "voc": "voc", "csv": "multiclass", "folders": "folder"}
"""Roboflow's names of our formats."""

_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}"
_ASKED: Final = re.compile(rf"(?P<workspace>{_NAME})/(?P<project>{_NAME})/(?P<version>\d{{1,6}})")
_POLL_SECONDS: Final = 2.0
_STANDSTILL: Final = 600
"""Seconds without progress after which an export is given up."""

_TRIES: Final = 4


class RoboflowError(SourceError):
    """Roboflow does not give the dataset."""


class KeyRefusedError(RoboflowError):
    """The key is wrong or may not see the project."""


class NoSuchVersionError(RoboflowError):
    """Workspace, project or version do not exist, as far as the key may see."""


class OfflineError(RoboflowError):
    """Roboflow cannot be reached."""


@dataclass(frozen=True)
class RoboflowVersion:
    """A version of a project."""

    workspace: str
    project: str
    version: int

    @classmethod
    def parse(cls, text: str) -> "RoboflowVersion":
        """From "workspace/project/9".

        Raises
        ------
        SourceError
            If it is not of that form.
        """
        asked = _ASKED.fullmatch(text.strip("/"))
        if asked is None:
            raise SourceError(
                f"“{text}” names no version of a Roboflow project.", f"Write workspace/project/version: {PRESET}."
            )
        return cls(asked["workspace"], asked["project"], int(asked["version"]))

    def __str__(self) -> str:
        return f"{self.workspace}/{self.project}/{self.version}"


PRESET: Final = RoboflowVersion("welding-2bplp", "weld-quality-inspection-rei9l", 9)
"""The public weld dataset that the starter model was trained on (CC BY 4.0)."""


class RoboflowSource:
    """A version of a Roboflow project; without an argument the known weld dataset."""

    title = f"Roboflow (roboflow, roboflow:{PRESET})"

    @contextmanager
    def open(self, argument: str, room: Room, *, format_name: str | None, progress: Report) -> Iterator[Opened]:
        asked = RoboflowVersion.parse(argument) if argument else PRESET
        wanted = format_name or "yolo"
        if wanted not in EXPORTS:
            raise SourceError(f"Roboflow exports no {wanted}.", f"Choose one of {', '.join(EXPORTS)}.")
        api = RoboflowApi(roboflow_key.find([room.workspace.root, Path.cwd()]))
        target = room.downloads / f"{str(asked).replace('/', '-')}-{EXPORTS[wanted]}.zip"
        path = _loaded(api, asked, EXPORTS[wanted], target, progress)
        with opened_archive(path, f"roboflow:{asked}", room, wanted, progress) as opened:
            yield opened
        download.discard(target)


def _loaded(api: "RoboflowApi", asked: RoboflowVersion, export: str, target: Path, progress: Report) -> Path:
    """The complete zip; an address that ran out during a long download is asked for once more."""
    link = api.link(asked, export, progress)
    try:
        return download.download(link, target, progress=lambda done, total: progress("Downloading", done, total))
    except LinkRefusedError:
        link = api.link(asked, export, progress)
        return download.download(link, target, progress=lambda done, total: progress("Downloading", done, total))


class RoboflowApi:
    """The export calls.

    Parameters
    ----------
    key
        Of the account.
    address
        Of the API; None takes the environment's or the usual one.
    wait
        Called with the seconds between two questions.
    """

    def __init__(self, key: str, *, address: str | None = None, wait: Callable[[float], None] = time.sleep) -> None:
        self._key = key
        self._address = (address or os.environ.get(API_VARIABLE) or API).rstrip("/")
        self._wait = wait

    def link(self, asked: RoboflowVersion, export: str, progress: Report) -> str:
        """Address of the zip, as soon as Roboflow has made it.

        Raises
        ------
        KeyRefusedError, NoSuchVersionError, OfflineError, RoboflowError
            If it does not give one.
        """
        best, since = -1.0, time.monotonic()
        while True:
            answer = self._asked(f"{self._address}/{asked.workspace}/{asked.project}/{asked.version}/{export}", asked)
            content = _object(answer)
            found = content.get("export")
            link = found.get("link") if isinstance(found, dict) else None
            if answer.status_code == httpx.codes.OK and isinstance(link, str):
                return link
            made = content.get("progress")
            share = min(max(float(made), 0.0), 1.0) if isinstance(made, int | float) else 0.0
            progress("Roboflow makes the export", round(100 * share), 100)
            if share > best:
                best, since = share, time.monotonic()
            elif time.monotonic() - since > _STANDSTILL:
                raise RoboflowError("Roboflow does not finish the export.", "Try again later; nothing was changed.")
            self._wait(_POLL_SECONDS)

    def _asked(self, address: str, asked: RoboflowVersion) -> httpx.Response:
        """A good answer; busy servers and broken connections are asked again."""
        for number in range(_TRIES):
            try:
                with download.secure_client(headers={"Authorization": f"Bearer {self._key}"}) as client:
                    answer = client.get(address, params={"nocache": "true"})
            except (httpx.TransportError, httpx.InvalidURL) as error:
                failure: RoboflowError = OfflineError(
                    "Roboflow cannot be reached.",
                    "Nothing was changed. Check the connection, or export the dataset there and import the zip.",
                )
                failure.__cause__ = error
            else:
                busy = _refusal(answer, asked, self._key)
                if busy is None:
                    return answer
                failure = busy
            if number + 1 < _TRIES:
                self._wait(min(0.5 * 2**number, 10))
        raise failure


def _refusal(answer: httpx.Response, asked: RoboflowVersion, key: str) -> RoboflowError | None:
    """None for a good answer, an error that may pass; others are raised."""
    status = answer.status_code
    if status in (httpx.codes.OK, httpx.codes.ACCEPTED):
        return None
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise KeyRefusedError(
            f"Roboflow refuses the key for {asked}.",
            f"Copy the private key of your account again: weldspot dataset key, or {roboflow_key.VARIABLE}.",
        )
    if status == httpx.codes.NOT_FOUND:
        raise NoSuchVersionError(
            f"Roboflow knows no {asked}.",
            "Compare workspace, project and version with the address of the dataset there.",
        )
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
        return RoboflowError(f"Roboflow is busy (it answered {status}).", "Try again later; nothing was changed.")
    raise RoboflowError(f"Roboflow does not give {asked} (it answered {status}{_said(answer, key)}).")


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise RoboflowError("Roboflow gave an answer that cannot be understood.", "Try again later.")
    return content


def _said(answer: httpx.Response, key: str) -> str:
    """What the server says of its refusal, short and printable, and without the key if it repeats that."""
    try:
        error = answer.json().get("error")
    except (ValueError, AttributeError, RecursionError):
        return ""
    text = error.get("message") if isinstance(error, dict) else error
    plain = text.replace(key, "…") if isinstance(text, str) else ""
    clean = "".join(c for c in plain if c.isprintable())[:200]
    return f": {clean}" if clean else ""
