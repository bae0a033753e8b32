"""Signing in for publishing, and what Google refuses of it, as sentences.

A person's Firebase account cannot publish: its way to the bucket knows no preconditions, and the order of writes rests
on them. Application default credentials and a service account's key can.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import google.auth
import requests
from google.api_core.exceptions import GoogleAPIError, RetryError
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.oauth2 import service_account

from weldspot_desktop.cloud import faults
from weldspot_desktop.cloud.faults import CloudError, KeyFileError, Offline, RevokedError, SignInNeededError
from weldspot_desktop.cloud.publisher import PublishingError
from weldspot_desktop.settings import Cloud, SignInWay

SCOPES: Final = ("https://www.googleapis.com/auth/cloud-platform",)

EMULATOR: Final = "STORAGE_EMULATOR_HOST"

_RIGHTS: Final = (
    "What was published before stays in force. Publishing needs the roles “Storage Object Creator” on models/ and "
    "“Storage Object User” on models/*/manifest.json*; for Firebase ML “Firebase ML Admin”."
)


def credentials(cloud: Cloud) -> Any:
    """Credentials of Google's library for publishing.

    Raises
    ------
    CloudError
        If this workstation is signed in in a way that cannot publish, or the credentials cannot be used.
    """
    if os.environ.get(EMULATOR) and cloud.sign_in is not SignInWay.KEY_FILE:
        return AnonymousCredentials()
    if cloud.sign_in is SignInWay.USER:
        raise PublishingError(
            "A person's sign-in cannot publish to the bucket.",
            "Choose application default credentials (or, less safe, a key file) as the sign-in on the Settings page. "
            "Publishing to a local folder works without.",
        )
    if cloud.sign_in is SignInWay.KEY_FILE:
        return key_file(Path(cloud.key_file))
    try:
        found, _ = google.auth.default(scopes=list(SCOPES))
    except DefaultCredentialsError as error:
        raise SignInNeededError(SignInWay.APPLICATION_DEFAULT) from error
    return found


def key_file(path: Path) -> Any:
    """A service account's key; read where it lies.

    Raises
    ------
    KeyFileError, SignInNeededError
        If there is none or it cannot be used.
    """
    if not str(path) or str(path) == ".":
        raise SignInNeededError(SignInWay.KEY_FILE)
    try:
        return service_account.Credentials.from_service_account_file(str(path), scopes=list(SCOPES))
    except OSError as error:
        raise KeyFileError(f"The key file cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, GoogleAuthError) as error:
        # What the library says may repeat parts of the key.
        raise KeyFileError("The key file is no key of a service account.") from error


@contextmanager
def explained(*, bucket: str = "", way: SignInWay = SignInWay.APPLICATION_DEFAULT) -> Iterator[None]:
    """Turn what Google's libraries raise into what `cloud.faults` has."""
    try:
        yield
    except RetryError as error:
        # Tried for as long as it may take; what failed last tells why.
        cause = error.cause
        if cause is None or isinstance(cause, (requests.ConnectionError, requests.Timeout, TransportError)):
            raise Offline from error
        raise of_status(int(getattr(cause, "code", 0) or 0), str(cause), bucket=bucket, way=way) from error
    except GoogleAPIError as error:
        raise of_status(int(getattr(error, "code", 0) or 0), str(error), bucket=bucket, way=way) from error
    except RefreshError as error:
        raise RevokedError(way) from error
    except (TransportError, requests.ConnectionError, requests.Timeout, ConnectionError) as error:
        raise Offline from error
    except GoogleAuthError as error:
        raise SignInNeededError(way) from error


def of_status(
    status: int, reason: str, *, bucket: str = "", way: SignInWay = SignInWay.APPLICATION_DEFAULT
) -> CloudError:
    """The fault behind an HTTP status; a missing right is told with what publishing needs."""
    found = faults.of_status(status, reason, bucket=bucket, way=way)
    if isinstance(found, faults.ForbiddenError):
        return PublishingError("This account has no right to publish there.", _RIGHTS)
    return found
