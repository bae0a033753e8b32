"""The keys that sign manifests: two at a time, kept in the keyring of the operating system.

Phones pin both public halves. One signs; the other waits. Rotating lets the waiting one sign, which phones know
already, and makes a new one to wait, which the next version of the app pins. Whoever loses the first key rotates at
once; both must never be lost together.
"""

import base64
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from keyring.backend import KeyringBackend
from pydantic import BaseModel, ConfigDict, ValidationError

from weldspot_desktop.cloud.keyring_entry import system_keyring
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store.station_key import key_id

_LOG = logging.getLogger(__name__)

Result = TypeVar("Result")

SERVICE: Final = "WeldSpot publishing"
_INDEX: Final = "keys"
_NO_KEYRING: Final = (
    "Sign in to the desktop so that the keyring is open, or keep the key in a file of your own: "
    "weldspot keys create --file PATH, and publish with --key PATH."
)


class SigningKeyError(ExpectedError):
    """The keys cannot be read, made or used."""


@dataclass(frozen=True)
class PublicHalf:
    """What phones pin.

    Attributes
    ----------
    key_id
        Sixteen hexadecimal digits.
    public
        32 bytes in base 64.
    created
        UTC, ISO format.
    signs
        Whether it signs now; else it waits to be rotated in.
    """

    key_id: str
    public: str
    created: str
    signs: bool

    @property
    def pem(self) -> str:
        """SubjectPublicKeyInfo in PEM, as openssl reads it: twelve fixed bytes and the key (RFC 8410)."""
        der = bytes.fromhex("302a300506032b6570032100") + base64.b64decode(self.public)
        return f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n"


class Signer:
    """A private key that signs; it is never shown, logged or written."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = base64.b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
        self.key_id = key_id(self.public)

    @classmethod
    def generated(cls) -> Self:
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def of_pem(cls, content: bytes, where: str) -> Self:
        """A key from PEM (PKCS 8, without a password).

        Raises
        ------
        SigningKeyError
            If it is no Ed25519 key.
        """
        try:
            private = load_pem_private_key(content, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SigningKeyError(
                f"{where} holds no key that can be read.", "Needed is an Ed25519 key in PEM, without a password."
            ) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise SigningKeyError(f"{where} holds another kind of key.", "Needed is an Ed25519 key.")
        return cls(private)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """A key from a file; it is read where it lies and never copied.

        Raises
        ------
        SigningKeyError
            If it cannot be read or is no Ed25519 key.
        """
        try:
            with path.open("rb") as file:
                content = file.read(10_000)
        except OSError as error:
            raise SigningKeyError(f"The key {path} cannot be read: {error.strerror}.") from error
        return cls.of_pem(content, str(path))

    def sign(self, content: bytes) -> str:
        """Signature in base 64."""
        return base64.b64encode(self._private.sign(content)).decode()

    def pem(self) -> bytes:
        """The private key, for a keyring or for the file that a person asked for."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True)

    public: str
    created: str


class _Index(BaseModel):
    """Which keys there are; `signs` and `waits` are numbers of keys."""

    model_config = ConfigDict(frozen=True)

    signs: str
    waits: str
    keys: dict[str, _Entry]


def create() -> tuple[PublicHalf, PublicHalf]:
    """Make the first two keys.

    Raises
    ------
    SigningKeyError
        If there are keys already, or there is no keyring.
    """
    if _index() is not None:
        raise SigningKeyError(
            "There are keys already, and phones may have pinned them.",
            "Nothing was changed. weldspot keys rotate brings in the waiting one.",
        )
    first, second = _new(), _new()
    _set_index(_Index(signs=first[0], waits=second[0], keys=dict((first, second))))
    return halves()


def rotate() -> tuple[PublicHalf, PublicHalf]:
    """Let the waiting key sign from now on, and make a new one to wait; the old one is forgotten.

    Raises
    ------
    SigningKeyError
        If there are no keys, or there is no keyring.
    """
    index = _needed()
    # A key that cannot sign must not be brought in.
    _private(index.waits)
    new = _new()
    kept = {index.waits: index.keys[index.waits], new[0]: new[1]}
    _set_index(_Index(signs=index.waits, waits=new[0], keys=kept))
    _delete(index.signs)
    return halves()


def halves() -> tuple[PublicHalf, PublicHalf]:
    """The public halves: the one that signs, the one that waits.

    Raises
    ------
    SigningKeyError
        If there are no keys, or there is no keyring.
    """
    index = _needed()
    signs, waits = (
        PublicHalf(number, index.keys[number].public, index.keys[number].created, number == index.signs)
        for number in (index.signs, index.waits)
    )
    return signs, waits


def signer() -> Signer:
    """The key that signs now.

    Raises
    ------
    SigningKeyError
        If there are no keys, or there is no keyring.
    """
    return _private(_needed().signs)


def write_new(path: Path) -> PublicHalf:
    """Make a key in a file that only its owner can read, for stations without a keyring.

    Raises
    ------
    SigningKeyError
        If there is a file already, or it cannot be written.
    """
    made = Signer.generated()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made.pem())
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise SigningKeyError(f"There is a file {path} already.", "A key is never overwritten.") from None
    except OSError as error:
        raise SigningKeyError(f"The key cannot be written to {path}: {error.strerror}.") from error
    return of_signer(made)


def of_signer(signer: Signer) -> PublicHalf:
    """The public half of a key from a file."""
    return PublicHalf(signer.key_id, signer.public, datetime.now(UTC).isoformat(timespec="seconds"), True)


def _new() -> tuple[str, _Entry]:
    made = Signer.generated()
    _set(made.key_id, made.pem().decode())
    return made.key_id, _Entry(public=made.public, created=datetime.now(UTC).isoformat(timespec="seconds"))


def _private(number: str) -> Signer:
    content = _get(number)
    if content is None:
        raise SigningKeyError(
            f"The key {number} is not in the keyring any more.", "weldspot keys rotate brings in the waiting one."
        )
    found = Signer.of_pem(content.encode(), f"The keyring's entry {number}")
    if found.key_id != number:
        raise SigningKeyError(f"The keyring holds another key under the name {number}.")
    return found


def _needed() -> _Index:
    index = _index()
    if index is None:
        raise SigningKeyError("There are no keys to sign with yet.", "weldspot keys create makes them, once.")
    return index


def _index() -> _Index | None:
    content = _get(_INDEX)
    if content is None:
        return None
    try:
        index = _Index.model_validate_json(content)
        if {index.signs, index.waits} - set(index.keys):
            raise ValueError("names a key that it does not hold")
    except (ValidationError, ValueError) as error:
        raise SigningKeyError("The list of keys in the keyring is damaged.", "Nothing was changed.") from error
    return index


def _set_index(index: _Index) -> None:
    _set(_INDEX, json.dumps(index.model_dump(mode="json")))


def _get(name: str) -> str | None:
    return _ask("read", lambda ring: ring.get_password(SERVICE, name))


def _set(name: str, content: str) -> None:
    def write(ring: KeyringBackend) -> bool:
        ring.set_password(SERVICE, name, content)
        # There are keyrings that take everything and keep nothing.
        return ring.get_password(SERVICE, name) == content

    if not _ask("written", write):
        raise SigningKeyError("The keyring of this computer does not keep the keys.", _NO_KEYRING)


def _delete(name: str) -> None:
    try:
        _ask("written", lambda ring: ring.delete_password(SERVICE, name))
    except SigningKeyError as error:
        raise SigningKeyError(
            "The new key signs, but the old one could not be removed from the keyring.", "Remove it there by hand."
        ) from error


def _ask(verb: str, what: Callable[[KeyringBackend], Result]) -> Result:
    """Do something with the system's keyring; there is no other place for a private key that nobody named."""
    try:
        ring = system_keyring()
        if ring is not None:
            return what(ring)
    except Exception as error:  # noqa: BLE001 - each system's keyring raises kinds of its own: pywintypes.error, D-Bus
        # The kind alone: a message may hold what was to be kept.
        _LOG.warning("the keyring does not work: %s", type(error).__name__)
    raise SigningKeyError(f"The keyring of this computer cannot be {verb}.", _NO_KEYRING)
