"""The inbox of a Firebase bucket, signed in as the settings say."""

import os
from functools import cache
from pathlib import Path

from google.auth.credentials import AnonymousCredentials, Credentials

from weldspot_desktop.cloud.faults import CloudError, SetUpError
from weldspot_desktop.cloud.firebase import bucket, credentials, identity
from weldspot_desktop.cloud.firebase.sign_in import UserSignIn
from weldspot_desktop.cloud.firebase.storage import EMULATOR, StorageInbox
from weldspot_desktop.cloud.firebase.user_inbox import UserInbox
from weldspot_desktop.cloud.inbox import Inbox, Known
from weldspot_desktop.settings import Cloud, SignInWay


def open_bucket(cloud: Cloud, known: Known) -> Inbox:
    """The inbox. Nothing is asked of the cloud yet.

    Raises
    ------
    SetUpError, SignInNeededError, KeyFileError
        If the settings do not suffice to sign in.
    """
    # What is no bucket's name must not get into an address.
    bucket.candidates(cloud.bucket)
    if is_by_person(cloud):
        if cloud.move:
            raise SetUpError(
                "“Move what was fetched” needs application default credentials or a key file; switch it off"
            )
        return UserInbox(_name(cloud), user_sign_in(cloud), known=known)
    return StorageInbox(_name(cloud), google_credentials(cloud), way=cloud.sign_in, move=cloud.move)


def found_bucket(cloud: Cloud) -> str:
    """The bucket that the settings mean, asked of the cloud.

    Raises
    ------
    CloudError
        If there is none, or nobody answers.
    """
    look = (
        (lambda name: UserInbox(name, user_sign_in(cloud)).look())
        if is_by_person(cloud)
        else bucket.by_credentials(google_credentials(cloud), cloud.sign_in)
    )
    return bucket.find(cloud.bucket, look, cloud.sign_in)


def is_by_person(cloud: Cloud) -> bool:
    """Whether a person's ID token opens the bucket; a storage emulator is opened without any sign-in."""
    return cloud.sign_in is SignInWay.USER and not os.environ.get(EMULATOR)


def google_credentials(cloud: Cloud) -> Credentials:
    """Credentials of Google's libraries.

    Raises
    ------
    SignInNeededError, KeyFileError, CloudError
        If there are none.
    """
    if os.environ.get(EMULATOR):
        return AnonymousCredentials()
    return credentials.of_settings(cloud.sign_in, cloud.key_file, write=cloud.move)


def user_sign_in(cloud: Cloud) -> UserSignIn:
    """The sign-in of this program at the project of the settings: one for all who ask.

    Raises
    ------
    SetUpError
        If project or key are missing.
    """
    return _user_sign_in(cloud.api_key.strip(), cloud.project.strip(), os.environ.get(identity.EMULATOR, ""))


def who(cloud: Cloud) -> str:
    """Who is signed in, as far as this computer knows by itself; empty if nobody is."""
    try:
        if is_by_person(cloud):
            account = user_sign_in(cloud).account
            return account.email or account.uid if account is not None else ""
        if cloud.sign_in is SignInWay.KEY_FILE:
            return credentials.look_at_key(Path(cloud.key_file.strip()).expanduser()).account
    except CloudError:
        return ""
    return ""


@cache
def _user_sign_in(api_key: str, project: str, emulator: str) -> UserSignIn:
    return UserSignIn(api_key, project)


def _name(cloud: Cloud) -> str:
    return cloud.bucket.strip().removeprefix("gs://").rstrip("/")
