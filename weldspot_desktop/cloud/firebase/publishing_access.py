"""Signing in for publishing, and what is refused of it.

A person's Firebase account cannot publish: its way to the bucket knows no preconditions, and the order of writes rests
on them. Application default credentials and a service account's key can.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from google.auth.credentials import AnonymousCredentials, Credentials

from weldspot_desktop.cloud import faults
from weldspot_desktop.cloud.faults import CloudError, ForbiddenError
from weldspot_desktop.cloud.firebase import credentials, refusals
from weldspot_desktop.cloud.firebase.storage import EMULATOR
from weldspot_desktop.cloud.publisher import PublishingError
from weldspot_desktop.settings import Cloud, SignInWay

_RIGHTS: Final = (
    "What was published before stays in force. Publishing needs the role “Storage Object Creator” on models/ and the "
    "right to replace models/*/manifest.json*; for Firebase ML “Firebase ML Admin”."
)


def publishing_credentials(cloud: Cloud) -> Credentials:
    """Credentials of Google's library for publishing.

    Raises
    ------
    CloudError
        If this workstation is signed in in a way that cannot publish, or the credentials cannot be used.
    """
    if cloud.sign_in is not SignInWay.KEY_FILE and os.environ.get(EMULATOR):
        return AnonymousCredentials()
    if cloud.sign_in is SignInWay.USER:
        raise PublishingError(
            "A person's sign-in cannot publish to the bucket.",
            "Choose application default credentials (or, less safe, a key file) as the sign-in on the Settings page. "
            "Publishing to a local folder works without.",
        )
    return credentials.of_settings(cloud.sign_in, cloud.key_file, publish=True)


@contextmanager
def explained(*, bucket: str, way: SignInWay) -> Iterator[None]:
    """As `refusals.explained`; a missing right is told with what publishing needs.

    Raises
    ------
    CloudError
        One of `cloud.faults`, or `PublishingError`.
    """
    try:
        with refusals.explained(bucket=bucket, way=way):
            yield
    except ForbiddenError:
        raise _no_right() from None


def of_status(status: int, reason: str, *, bucket: str, way: SignInWay) -> CloudError:
    """The fault behind an HTTP status; a missing right as in `explained`."""
    found = faults.of_status(status, reason, bucket=bucket, way=way)
    return _no_right() if isinstance(found, ForbiddenError) else found


def _no_right() -> PublishingError:
    return PublishingError("This account has no right to publish there.", _RIGHTS)
