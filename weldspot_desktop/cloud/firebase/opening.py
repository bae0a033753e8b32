"""The inbox of a Firebase bucket, signed in as the settings say."""

import os

import google.auth
from google.auth.credentials import Credentials
from google.oauth2.service_account import Credentials as KeyCredentials

from weldspot_desktop.cloud.faults import KeyFileError, SetUpError, SignInNeededError
from weldspot_desktop.cloud.firebase.refusals import explained
from weldspot_desktop.cloud.firebase.storage import EMULATOR, StorageInbox
from weldspot_desktop.settings import Cloud, SignInWay

_SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"


def open_bucket(cloud: Cloud) -> StorageInbox:
    """The inbox.

    Raises
    ------
    SetUpError, SignInNeededError, KeyFileError
        If the settings do not suffice to sign in.
    """
    bucket = cloud.bucket.strip()
    if not bucket:
        raise SetUpError("no bucket is named")
    return StorageInbox(bucket, _credentials(cloud), way=cloud.sign_in, move=cloud.move)


def _credentials(cloud: Cloud) -> Credentials | None:
    if os.environ.get(EMULATOR):
        return None
    if cloud.sign_in is SignInWay.KEY_FILE:
        if not cloud.key_file.strip():
            raise SignInNeededError(SignInWay.KEY_FILE)
        try:
            made: Credentials = KeyCredentials.from_service_account_file(cloud.key_file, scopes=[_SCOPE])
        except (OSError, ValueError):
            # From None: what the library says may quote the key.
            raise KeyFileError("The key file cannot be read, or is none of a service account.") from None
        return made
    if cloud.sign_in is SignInWay.APPLICATION_DEFAULT:
        with explained(way=cloud.sign_in):
            found: Credentials = google.auth.default(scopes=[_SCOPE])[0]
        return found
    raise SignInNeededError(cloud.sign_in)
