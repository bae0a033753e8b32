"""Whether the connection to the phones' pictures works, step by step, with a sentence for each."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import httpx

from weldspot_desktop import cloud as clouds
from weldspot_desktop.cloud import faults
from weldspot_desktop.cloud.inbox import ROOT, UPLOADS, Inbox, RemoteObject
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.settings import Cloud, CloudBackend, SignInWay

CLOCK_SECONDS: Final = 300.0
"""By how much a clock may be wrong before signatures are refused: Google allows little more."""

_EVERYTHING: Final = ("settings", "clock", "sign-in", "bucket", "list", "read")
_FOLDER: Final = ("settings", "list", "read")
TITLES: Final = {
    "settings": "Settings are complete",
    "clock": "Cloud answers, clock is right",
    "sign-in": "Sign-in",
    "bucket": "Bucket exists",
    "list": "Uploads may be listed",
    "read": "An upload may be read",
}


@dataclass(frozen=True)
class Step:
    """One thing that was looked at.

    Attributes
    ----------
    key
        Names the step: settings, clock, sign-in, bucket, list, read.
    ok
        True, False, or None where it could not be tried.
    sentence
        What is the case.
    advice
        What to do, where something is wrong or should be known.
    bucket
        The bucket that was found, for the settings.
    """

    key: str
    ok: bool | None
    sentence: str
    advice: str = ""
    bucket: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.key]


def steps_of(cloud: Cloud) -> tuple[str, ...]:
    """Keys of the steps of a check, in order."""
    return _FOLDER if cloud.backend is CloudBackend.LOCAL else _EVERYTHING


def check(cloud: Cloud, report: Callable[[Step], object] = lambda step: None, *, password: str = "") -> list[Step]:
    """Try the connection. Nothing is changed in the cloud, and no picture is kept.

    Parameters
    ----------
    cloud
        Settings as they are, or as somebody is about to save them.
    report
        Called after each step; what it raises ends the check.
    password
        Signs the person in first, which is remembered; empty takes the sign-in as it is.

    Returns
    -------
    list of Step
        One for each of `steps_of`: after the first that fails the others are not tried.
    """
    done: list[Step] = []
    tried = _Check(cloud, password)
    for key in steps_of(cloud):
        if any(step.ok is False for step in done):
            step = Step(key, None, "Not tried.")
        else:
            try:
                step = tried.run(key)
            except ExpectedError as error:
                step = Step(key, False, error.what, error.advice)
        done.append(step)
        report(step)
    return done


class _Check:
    def __init__(self, cloud: Cloud, password: str) -> None:
        self._cloud = cloud.model_copy()
        self._password = password
        self._inbox: Inbox | None = None
        self._found: RemoteObject | None = None

    def run(self, key: str) -> Step:
        made: Callable[[], Step] = {
            "settings": self._settings,
            "clock": self._clock,
            "sign-in": self._sign_in,
            "bucket": self._bucket,
            "list": self._list,
            "read": self._read,
        }[key]
        return made()

    def _settings(self) -> Step:
        self._inbox = clouds.open_inbox(self._cloud)
        if self._cloud.backend is CloudBackend.LOCAL:
            return Step("settings", True, f"{self._inbox.title} is there.")
        return Step("settings", True, "Nothing is missing.")

    def _clock(self) -> Step:
        """One request without sign-in: any answer shows that the cloud is reached, and what time it has."""
        from weldspot_desktop.cloud.firebase.refusals import explained

        with explained():
            answer = httpx.get(_server(self._cloud), timeout=httpx.Timeout(20.0, connect=10.0))
        try:
            right = parsedate_to_datetime(answer.headers["date"]).timestamp()
        except (KeyError, ValueError, TypeError):
            return Step("clock", None, "The cloud answers, but does not say what time it is.")
        off = time.time() - right
        if abs(off) > CLOCK_SECONDS:
            raise faults.ClockError(off)
        return Step("clock", True, "The cloud answers, and this computer's clock agrees with it.")

    def _sign_in(self) -> Step:
        from weldspot_desktop.cloud.firebase import credentials, opening, storage

        if opening.is_by_person(self._cloud):
            user = opening.user_sign_in(self._cloud)
            if self._password:
                user.sign_in(self._cloud.email, self._password)
            account = user.confirm()
            name = account.email or account.uid
            if not account.reviewer:
                # Rules may let in others all the same: the next steps decide.
                advice = "The account has no claim “reviewer”; the usual Storage rules ask for it."
                return Step("sign-in", True, f"{name} is signed in.", advice)
            return Step("sign-in", True, f"{name} is signed in as a reviewer.", user.note)
        if os.environ.get(storage.EMULATOR):
            return Step("sign-in", True, "A server for tests is set; it asks for no sign-in.")
        found = opening.google_credentials(self._cloud)
        credentials.prove(found, self._cloud.sign_in)
        advice = ""
        if self._cloud.sign_in is SignInWay.KEY_FILE:
            advice = " ".join(credentials.look_at_key(Path(self._cloud.key_file.strip()).expanduser()).warnings)
        who = credentials.account_of(found)
        return Step("sign-in", True, f"{who or 'The account of this computer'} is signed in.", advice)

    def _bucket(self) -> Step:
        from weldspot_desktop.cloud.firebase.opening import found_bucket

        found = found_bucket(self._cloud)
        self._cloud.bucket = found
        self._inbox = clouds.open_inbox(self._cloud)
        return Step("bucket", True, f"The bucket is {found}.", bucket=found)

    def _list(self) -> Step:
        self._found = next(self._some(), None)
        if self._found is None:
            return Step("list", True, "The listing works. No phone has sent anything yet.")
        return Step("list", True, "The listing works, and there are uploads.")

    def _some(self) -> Iterator[RemoteObject]:
        assert self._inbox is not None
        for prefix in (UPLOADS, ROOT):
            yield from self._inbox.listing(prefix)

    def _read(self) -> Step:
        assert self._inbox is not None
        if self._found is None:
            return Step("read", None, "There is no upload to read yet.")
        if self._found.bytes > self._cloud.largest_megabytes * 1_000_000:
            return Step("read", None, "The first upload is larger than the limit, so none was read.")
        with tempfile.TemporaryDirectory(prefix="weldspot-check-") as folder:
            self._inbox.download(self._found, Path(folder) / "upload")
        return Step("read", True, "One upload was read, and thrown away again.")


def _server(cloud: Cloud) -> str:
    """Where the uploads are, as an address that anybody may ask for."""
    from weldspot_desktop.cloud.firebase import opening, storage, user_inbox

    if opening.is_by_person(cloud):
        return user_inbox.server()
    return os.environ.get(storage.EMULATOR) or "https://storage.googleapis.com"
