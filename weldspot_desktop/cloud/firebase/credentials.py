"""Google credentials of this workstation: application default credentials, or a key file that is used where it lies."""

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import google.auth
from google.auth.credentials import Credentials
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials as KeyCredentials

from weldspot_desktop.cloud.faults import KeyFileError, SignInNeededError
from weldspot_desktop.cloud.firebase.refusals import explained
from weldspot_desktop.settings import SignInWay

_READ: Final = "https://www.googleapis.com/auth/devstorage.read_only"
_WRITE: Final = "https://www.googleapis.com/auth/devstorage.read_write"
_PUBLISH: Final = "https://www.googleapis.com/auth/cloud-platform"
_LARGEST_KEY: Final = 100_000

LONG_LIVED: Final = (
    "A key file works for whoever has it until somebody revokes it, and no Storage rule holds for it. "
    "It is used where it lies and never copied."
)


@dataclass(frozen=True)
class KeyFile:
    """A service account's key as it lies on the disk. The key itself is not in here.

    Attributes
    ----------
    account
        The service account's address.
    project
        Its project.
    warnings
        What a careful person should know, each a sentence.
    """

    account: str
    project: str
    warnings: tuple[str, ...]


def look_at_key(path: Path) -> KeyFile:
    """Check a key file without using it.

    Raises
    ------
    KeyFileError
        If it is missing or no service account's key.
    """
    content = _content(path)
    return KeyFile(str(content["client_email"]), str(content.get("project_id") or ""), _warnings(path))


def of_settings(way: SignInWay, key_file: str, *, write: bool = False, publish: bool = False) -> Credentials:
    """Credentials for Cloud Storage.

    Parameters
    ----------
    way
        Application default credentials, or a key file.
    key_file
        Its path; empty for the other way.
    write
        Whether objects are to be moved; otherwise the credentials can only read.
    publish
        Whether models are to be published, which Firebase ML needs more for.

    Raises
    ------
    SignInNeededError, KeyFileError, CloudError
        If there are none.
    """
    scopes = [_PUBLISH if publish else _WRITE if write else _READ]
    if way is SignInWay.APPLICATION_DEFAULT:
        with explained(way=way):
            found: Credentials = google.auth.default(scopes=scopes)[0]
        return found
    if way is SignInWay.KEY_FILE:
        if not key_file.strip():
            raise SignInNeededError(way)
        content = _content(Path(key_file.strip()).expanduser())
        try:
            made: Credentials = KeyCredentials.from_service_account_info(content, scopes=scopes)
        except (ValueError, TypeError):
            # From None: what the library says may quote the key.
            raise KeyFileError("The key in the key file cannot be read.") from None
        return made
    raise SignInNeededError(way)


def prove(credentials: Credentials, way: SignInWay) -> None:
    """Fetch a token: shows whether the credentials still hold.

    Raises
    ------
    RevokedError, ClockError, CloudError
        If not.
    """
    with explained(way=way):
        credentials.refresh(Request())


def account_of(credentials: Credentials) -> str:
    """Who the credentials are for; empty if they do not say."""
    for name in ("service_account_email", "signer_email", "account"):
        found = getattr(credentials, name, None)
        if isinstance(found, str) and found and found != "default":
            return found
    return ""


def _content(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise KeyFileError("What is chosen as key file is no file.")
            raw = file.read(_LARGEST_KEY + 1)
    except FileNotFoundError:
        raise KeyFileError("The key file is not there.") from None
    except OSError as error:
        raise KeyFileError(f"The key file cannot be read: {error.strerror or type(error).__name__}.") from None
    try:
        content = json.loads(raw) if len(raw) <= _LARGEST_KEY else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise KeyFileError("The key file is not a key in JSON format.")
    if content.get("type") == "authorized_user":
        raise KeyFileError("This file holds a person's application default credentials, not a service account's key.")
    wanted = ("client_email", "private_key", "token_uri")
    if content.get("type") != "service_account" or not all(isinstance(content.get(key), str) for key in wanted):
        raise KeyFileError("The key file is not one of a service account.")
    return content


def _warnings(path: Path) -> tuple[str, ...]:
    found = [LONG_LIVED]
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        found.append("Other users of this computer may read it: take that right from them (chmod 600).")
    return tuple(found)
