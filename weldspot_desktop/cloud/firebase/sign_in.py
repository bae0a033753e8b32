"""A person signed in to Firebase: tokens that are renewed in time, and a sign-in that outlives the program."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.auth import jwt

from weldspot_desktop.cloud import faults
from weldspot_desktop.cloud.firebase.identity import Identity, Tokens
from weldspot_desktop.cloud.keyring_entry import ONLY_THIS_RUN, KeyringEntry

_LOG = logging.getLogger(__name__)

_EARLY: Final = 300.0
"""Seconds before its end at which a token is renewed, so that it does not end on its way."""

REVIEWER: Final = "reviewer"
"""Custom claim by which the Storage rules let a person list and read uploads."""


@dataclass(frozen=True)
class Account:
    """Who is signed in.

    Attributes
    ----------
    email
        May be empty for accounts without one.
    uid
        Firebase's identifier.
    reviewer
        Whether the account may read uploads, as its token says; the server decides by itself.
    """

    email: str
    uid: str
    reviewer: bool


@dataclass(frozen=True)
class _Held:
    """A token and until when it holds, by two clocks: one stands still while the computer sleeps, one can be set."""

    tokens: Tokens
    account: Account
    steady: float = field(default_factory=time.monotonic)
    wall: float = field(default_factory=time.time)

    @property
    def fresh(self) -> bool:
        holds = self.tokens.seconds - min(_EARLY, self.tokens.seconds / 2)
        passed = max(time.monotonic() - self.steady, time.time() - self.wall)
        return passed < holds


class UserSignIn:
    """The sign-in of this workstation at one project. Any number of threads may use it.

    Parameters
    ----------
    api_key
        The project's Web API key.
    project
        Its id; tells sign-ins of several projects apart in the keyring.
    """

    def __init__(self, api_key: str, project: str) -> None:
        if not api_key.strip():
            raise faults.SetUpError("the Web API key is missing")
        if not project.strip():
            raise faults.SetUpError("the Firebase project is missing")
        self._identity = Identity(api_key.strip())
        self._entry = KeyringEntry(f"Firebase {project.strip()}")
        self._held: _Held | None = None
        self._note = ""
        # One renewal at a time: the others wait for its token.
        self._lock = threading.Lock()

    @property
    def account(self) -> Account | None:
        """Who is signed in, as far as is known without asking anybody."""
        held = self._held
        return held.account if held is not None else None

    @property
    def note(self) -> str:
        """A sentence for people if the sign-in ends with the program; else empty."""
        return self._note

    def sign_in(self, email: str, password: str) -> Account:
        """Sign a person in, and remember it in the keyring.

        Raises
        ------
        CloudError
            With the sentence that fits; who was signed in stays.
        """
        with self._lock:
            return self._take(self._identity.sign_in(email.strip(), password))

    def token(self, *, stale: str | None = None) -> str:
        """An ID token that holds for some minutes at least.

        Parameters
        ----------
        stale
            A token that a server has refused: another one is fetched if it is still the one held.

        Raises
        ------
        SignInNeededError, RevokedError, DisabledUserError, CloudError
            If there is none to be had.
        """
        with self._lock:
            held = self._held
            if held is not None and held.fresh and held.tokens.id_token != stale:
                return held.tokens.id_token
            self._renew()
            assert self._held is not None
            return self._held.tokens.id_token

    def restore(self) -> Account:
        """Sign in with what the keyring remembers.

        Raises
        ------
        SignInNeededError, RevokedError, DisabledUserError, CloudError
            If that does not do.
        """
        with self._lock:
            held = self._held
            return held.account if held is not None and held.fresh else self._renew()

    def confirm(self) -> Account:
        """Ask the server whether the sign-in still holds.

        Raises
        ------
        SignInNeededError, RevokedError, DisabledUserError, CloudError
            If not.
        """
        token = self.token()
        try:
            self._identity.confirm(token)
        except faults.RevokedError:
            with self._lock:
                self._drop()
            raise
        account = self.account
        if account is None:
            raise faults.SignInNeededError
        return account

    def sign_out(self) -> None:
        """Forget the sign-in on this computer."""
        with self._lock:
            self._drop()

    def _renew(self) -> Account:
        secret = self._held.tokens.refresh_token if self._held is not None else self._entry.get()
        if secret is None:
            raise faults.SignInNeededError
        try:
            return self._take(self._identity.refresh(secret))
        except faults.RevokedError:
            self._drop()
            raise

    def _take(self, tokens: Tokens) -> Account:
        account = _account(tokens.id_token)
        known = self._held.tokens.refresh_token if self._held is not None else None
        self._held = _Held(tokens, account)
        if tokens.refresh_token != known and self._entry.get() != tokens.refresh_token:
            self._note = "" if self._entry.keep(tokens.refresh_token) else ONLY_THIS_RUN
        return account

    def _drop(self) -> None:
        self._held = None
        self._note = ""
        self._entry.forget()
        _LOG.info("the sign-in to Firebase is forgotten")


def _account(id_token: str) -> Account:
    """Who a token is for. Its signature is not checked: it came from the server itself, and decides nothing here."""
    try:
        claims: Mapping[str, Any] = jwt.decode(id_token, verify=False)
        uid = str(claims["user_id"] if "user_id" in claims else claims["sub"])
    except (ValueError, KeyError, TypeError):
        raise faults.AnswerError from None
    return Account(str(claims.get("email") or ""), uid, claims.get(REVIEWER) is True)
