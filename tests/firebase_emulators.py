"""Google's emulators of Firebase Auth and Storage, from the npm package `firebase-tools`, as processes for tests.

The package is looked for in the folder of `WELDSPOT_FIREBASE_TOOLS`, else in the user's cache; `.ci/run` puts it there.
"""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

VERSION: Final = "15.34.2"
PROJECT: Final = "demo-weldspot"
BUCKET: Final = "demo-weldspot.firebasestorage.app"
_SCRIPT: Final = Path(__file__).with_name("e2e") / "firebase_emulators.js"
_OWNER: Final = {"Authorization": "Bearer owner"}
_PATIENCE: Final = 120


def programs() -> Path | None:
    """Folder of the package in the version wanted here, if it and node are there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = Path(os.environ.get("WELDSPOT_FIREBASE_TOOLS") or cache / f"weldspot-firebase-tools-{VERSION}")
    package = place / "node_modules" / "firebase-tools"
    try:
        found = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError):
        return None
    return package if found == VERSION and shutil.which("node") else None


@dataclass(frozen=True)
class Emulators:
    """Both emulators, running.

    Attributes
    ----------
    auth, storage
        Host and port.
    """

    auth: str
    storage: str

    def add_user(self, email: str, password: str, **claims: Any) -> str:
        """Make an account; gives its uid."""
        uid: str = self._accounts("", email=email, password=password)["localId"]
        if claims:
            self.update(uid, customAttributes=json.dumps(claims))
        return uid

    def update(self, uid: str, **fields: Any) -> None:
        """Change an account as an administrator."""
        self._accounts(":update", localId=uid, **fields)

    def delete(self, uid: str) -> None:
        """Remove an account as an administrator."""
        self._accounts(":delete", localId=uid)

    def put(self, name: str, content: bytes, bucket: str = BUCKET, **metadata: str) -> None:
        """Put an object into a bucket as an administrator."""
        about = json.dumps({"name": name, "contentType": "image/jpeg", "metadata": metadata}).encode()
        parts = ((b"application/json", about), (b"image/jpeg", content))
        body = b"".join(b"--edge\r\nContent-Type: %b\r\n\r\n%b\r\n" % part for part in parts) + b"--edge--"
        answer = httpx.post(
            f"http://{self.storage}/v0/b/{bucket}/o",
            params={"name": name},
            headers=_OWNER
            | {"X-Goog-Upload-Protocol": "multipart", "Content-Type": "multipart/related; boundary=edge"},
            content=body,
            timeout=_PATIENCE,
        )
        answer.raise_for_status()

    def _accounts(self, what: str, **body: Any) -> dict[str, Any]:
        answer = httpx.post(
            f"http://{self.auth}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts{what}",
            headers=_OWNER,
            json=body,
            timeout=_PATIENCE,
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def running(package: Path) -> Iterator[Emulators]:
    """Start both, and end them."""
    ports = [_free_port(), _free_port()]
    process = subprocess.Popen(
        ["node", _SCRIPT, package, PROJECT, *map(str, ports)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"NO_UPDATE_NOTIFIER": "1", "GCLOUD_PROJECT": PROJECT},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    lines: list[str] = []
    ready = threading.Event()

    def read() -> None:
        for line in process.stdout:
            lines.append(line)
            if line.strip() == "ready":
                ready.set()
        ready.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert ready.wait(_PATIENCE), "the emulators do not start"
        assert process.poll() is None, "".join(lines)
        yield Emulators(f"127.0.0.1:{ports[0]}", f"127.0.0.1:{ports[1]}")
    finally:
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(20)
        process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
