"""The station's signing key: made at first use, kept with the user, never in a workspace.

Whoever can write the workspace, or got a copy of it, can change its database; without this key nobody can sign what
the trail says afterwards.
"""

import base64
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from weldspot_desktop.errors import ExpectedError

NAME: Final = "station-key.pem"


class StationKeyError(ExpectedError):
    """The station's key cannot be read or made."""


class StationKey:
    """An Ed25519 key (RFC 8032) that signs for this station."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = base64.b64encode(public).decode()
        """The public half, 32 bytes in base 64."""
        self.id = key_id(self.public)

    def sign(self, content: bytes) -> str:
        """Signature in base 64."""
        return base64.b64encode(self._private.sign(content)).decode()


def key_id(public: str) -> str:
    """Sixteen hexadecimal digits that stand for a public key.

    Raises
    ------
    ValueError
        If it is not base 64.
    """
    return hashlib.sha256(base64.b64decode(public, validate=True)).hexdigest()[:16]


def is_signed(content: bytes, signature: str, public: str) -> bool:
    """Whether the signature over the content was made with the key's private half; False also for what is no key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def existing(folder: Path) -> StationKey | None:
    """The key in a folder; None if none was made yet.

    Raises
    ------
    StationKeyError
        If it cannot be read.
    """
    path = folder / NAME
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StationKeyError(
            f"The station's key {path} cannot be read: {error.strerror}.", "Check its rights; records are not affected."
        ) from error
    except (ValueError, TypeError) as error:
        raise StationKeyError(f"The station's key {path} is damaged.", _MOVE_AWAY) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise StationKeyError(f"The station's key {path} is not an Ed25519 key.", _MOVE_AWAY)
    return StationKey(private)


def existing_or_new(folder: Path) -> StationKey:
    """The key in a folder, made if there is none; two programs that make it at once get the same one.

    Raises
    ------
    StationKeyError
        If it cannot be read or made.
    """
    found = existing(folder)
    if found is not None:
        return found
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = folder / f".{NAME}-{secrets.token_hex(6)}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _name(temporary, folder / NAME)
    except OSError as error:
        raise StationKeyError(
            f"The station's key cannot be made in {folder}: {error.strerror}.", "Records are kept all the same."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    made = existing(folder)
    assert made is not None
    return made


def _name(temporary: Path, path: Path) -> None:
    """Give a finished file its name, unless another program was faster: its key then holds."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    except OSError:
        # A file system without links. Renaming would replace a key that was made meanwhile.
        if not path.exists():
            temporary.rename(path)


_MOVE_AWAY: Final = (
    "Restore a copy, or move the file away: a new key is made, and what the old one signed counts as signed by "
    "another station."
)
