"""Places to publish at, what a phone sees there, and how to make them fail."""

import base64
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from firebase_ml import FirebaseMl
from google.oauth2 import service_account
from model_surgery import STARTER

from weldspot_desktop.cloud.faults import Offline, ServerError
from weldspot_desktop.cloud.firebase.ml_publisher import FirebaseMlPublisher
from weldspot_desktop.cloud.publisher import Publisher, ToPublish
from weldspot_desktop.cloud.signed_publisher import FoundFile, Place, SignedPublisher
from weldspot_desktop.cloud.signing_keys import PublicHalf, Signer, of_signer
from weldspot_desktop.model import embedded
from weldspot_desktop.model.file import read_card

SIGNER = Signer.generated()
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRAPH = STARTER.read_bytes()
CARD = read_card(STARTER)


def to_publish(number: int, **how: Any) -> ToPublish:
    """A model file of its own."""
    content = embedded.embed(GRAPH, CARD.model_copy(update={"version": number}))
    digest = {"version": number, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    values = {"name": "weld", "created": "2026-11-25T00:00:00+00:00", "min_app_version": "1.0.0"} | how
    return ToPublish(content=content, card=CARD.model_copy(update=digest), **values)


class Counted:
    """A place that counts writes and fails at one of them, before it or after it (the answer is lost)."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.id, self.title = place.id, place.title
        self.writes = 0
        self.fail_at: int | None = None
        self.answer_lost = False

    def read(self, path: str, largest: int) -> FoundFile | None:
        return self._place.read(path, largest)

    def create(self, path: str, content: bytes, content_type: str) -> bool:
        return bool(self._step(lambda: self._place.create(path, content, content_type)))

    def replace(self, path: str, content: bytes, content_type: str, generation: str | None) -> None:
        self._step(lambda: self._place.replace(path, content, content_type, generation))

    def _step(self, write: Callable[[], object]) -> object:
        self.writes += 1
        failing = self.writes == self.fail_at
        if failing and not self.answer_lost:
            raise Offline
        done = write()
        if failing:
            raise Offline
        return done


class World(Protocol):
    """A place to publish at, what a phone sees there, and how to make it fail."""

    failure: type[Exception]
    steps: int

    def publisher(self) -> Publisher: ...

    def phone(self) -> tuple[int, bytes] | None: ...

    def fail(self, at: int | None, answer_lost: bool) -> None: ...

    def writes(self) -> int: ...

    def close(self) -> None: ...


class Signed:
    """A world with a signed manifest; the phone trusts one key."""

    failure: type[Exception] = Offline
    steps = 3

    def __init__(self, place: Place) -> None:
        self.place = Counted(place)

    def publisher(self) -> Publisher:
        return SignedPublisher(self.place, SIGNER)

    def phone(self) -> tuple[int, bytes] | None:
        stored = self.place.read("models/weld/manifest.json", 10**6)
        if stored is None:
            return None
        signatures = self.place.read("models/weld/manifest.json.sig", 10**6)
        assert signatures is not None
        verify(stored.content, signatures.content, of_signer(SIGNER))
        told = json.loads(stored.content)
        found = self.place.read(told["path"], told["size"])
        assert found is not None
        assert hashlib.sha256(found.content).hexdigest() == told["sha256"]
        return told["version"], found.content

    def fail(self, at: int | None, answer_lost: bool) -> None:
        self.place.writes, self.place.fail_at, self.place.answer_lost = 0, at, answer_lost

    def writes(self) -> int:
        return self.place.writes

    def close(self) -> None:
        pass


class Ml:
    """Firebase ML with its bucket."""

    failure: type[Exception] = ServerError
    steps = 2

    def __init__(self, bucket: str, storage: str) -> None:
        self.service = FirebaseMl("a-project")
        self._bucket, self._storage = bucket, storage
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._credentials = service_account.Credentials.from_service_account_info(
            {
                "client_email": "publisher@a-project.iam.gserviceaccount.com",
                "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
                "token_uri": f"{self.service.url}token",
            },
            scopes=[SCOPE],
        )

    def publisher(self) -> Publisher:
        return FirebaseMlPublisher(
            "a-project", self._bucket, self._credentials, endpoint=self.service.url, storage=self._storage, patience=20
        )

    def phone(self) -> tuple[int, bytes] | None:
        return self.service.published("weld")

    def fail(self, at: int | None, answer_lost: bool) -> None:
        self.service.changes, self.service.fail_at, self.service.answer_lost = 0, at, answer_lost

    def writes(self) -> int:
        return self.service.changes

    def close(self) -> None:
        self.service.close()
        assert self.service.faults == []


def verify(manifest: bytes, signatures: bytes, half: PublicHalf) -> None:
    """As a phone does: the signature of exactly these bytes, by an independent implementation."""
    found = next(
        s for s in json.loads(signatures)["signatures"] if s["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    )
    assert found["key_id"] == half.key_id
    assert openssl_accepts(manifest, base64.b64decode(found["signature"]), half.pem)


def openssl_accepts(content: bytes, signature: bytes, public: str) -> bool:
    openssl = shutil.which("openssl")
    assert openssl is not None, "openssl is needed to verify signatures independently"
    with tempfile.TemporaryDirectory() as folder:
        files = {"content": content, "signature": signature, "public": public.encode()}
        for name, value in files.items():
            (Path(folder) / name).write_bytes(value)
        command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", "public", "-rawin", "-in", "content"]
        done = subprocess.run(
            [*command, "-sigfile", "signature"], cwd=folder, capture_output=True, timeout=30, check=False
        )
    return done.returncode == 0
