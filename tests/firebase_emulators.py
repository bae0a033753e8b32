"""Google's emulators of Firebase Auth and Storage, from the npm package `firebase-tools`, as processes for tests.

The package is looked for in the folder of `WELDSPOT_FIREBASE_TOOLS`, else in the user's cache, where
`.ci/firebase-tools` puts it.
"""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

VERSION: Final = "15.34.2"
LEAST_NODE: Final = 20
PROJECT: Final = "demo-weldspot"
BUCKET: Final = "demo-weldspot.firebasestorage.app"
_SCRIPT: Final = Path(__file__).with_name("e2e") / "firebase_emulators.js"
_OWNER: Final = {"Authorization": "Bearer owner"}
_PATIENCE: Final = 120


@dataclass(frozen=True)
class Programs:
    """What is needed to start them.

    Attributes
    ----------
    node
        Node.js.
    package
        Folder of the npm package.
    """

    node: str
    package: Path


def programs() -> Programs | None:
    """The package in the version wanted here, and a Node.js that is new enough; None if one is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = Path(os.environ.get("WELDSPOT_FIREBASE_TOOLS") or cache / f"weldspot-firebase-tools-{VERSION}")
    package = place / "node_modules" / "firebase-tools"
    try:
        found = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError):
        return None
    nodes = (str(node) for node in (shutil.which("node"), place / "node" / "bin" / "node") if node)
    node = next((node for node in nodes if _node_version(node) >= LEAST_NODE), None)
    return Programs(node, package) if found == VERSION and node is not None else None


def _node_version(node: str) -> int:
    try:
        said = subprocess.run(
            [node, "-p", "process.versions.node"], capture_output=True, text=True, check=True, timeout=_PATIENCE
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    return int(said.split(".")[0])


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

    def revoke_after_a_second(self, uid: str) -> None:
        """Revoke all tokens of an account. Times are whole seconds: those of this second would count as newer."""
        time.sleep(1.1)
        self.update(uid, validSince=str(int(time.time())))

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

    def names(self, bucket: str) -> list[str]:
        """All objects of a bucket."""
        answer = httpx.get(f"http://{self.storage}/storage/v1/b/{bucket}/o", headers=_OWNER, timeout=_PATIENCE)
        answer.raise_for_status()
        return sorted(item["name"] for item in answer.json().get("items", []))

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
def running(found: Programs) -> Iterator[Emulators]:
    """Start both, and end them: that takes some ten seconds of a processor, most of it for the Auth emulator."""
    ports = [_free_port(), _free_port()]
    process = subprocess.Popen(
        [found.node, _SCRIPT, found.package, PROJECT, *map(str, ports)],
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
