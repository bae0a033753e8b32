"""Firebase Authentication over REST: sign-in by e-mail and password, new tokens, what the account is.

`FIREBASE_AUTH_EMULATOR_HOST` (host and port, on this computer only) chooses Google's emulator instead.

Notes
-----
Sources: "Firebase Auth REST API" (accounts:signInWithPassword, token, accounts:lookup and their error codes), and the
sources of Google's emulator for what that page leaves out (INVALID_LOGIN_CREDENTIALS, mfaPendingCredential). The API
key travels in the header `x-goog-api-key`, because addresses are written into logs.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from weldspot_desktop.cloud import faults
from weldspot_desktop.cloud.faults import CloudError
from weldspot_desktop.cloud.firebase.refusals import body_of, explained, reason_of

EMULATOR: Final = "FIREBASE_AUTH_EMULATOR_HOST"

TIMEOUT: Final = httpx.Timeout(20.0, connect=10.0)
"""Seconds for an answer, and to connect."""

_THIS_COMPUTER: Final = ("localhost", "127.0.0.1", "[::1]")

_FAULTS: Final[dict[str, Callable[[], CloudError]]] = {
    "EMAIL_NOT_FOUND": faults.PasswordError,
    "INVALID_PASSWORD": faults.PasswordError,
    "INVALID_LOGIN_CREDENTIALS": faults.PasswordError,
    "MISSING_PASSWORD": faults.PasswordError,
    "INVALID_EMAIL": faults.AddressError,
    "MISSING_EMAIL": faults.AddressError,
    "USER_DISABLED": faults.DisabledUserError,
    "TOO_MANY_ATTEMPTS_TRY_LATER": faults.TooManyTriesError,
    "OPERATION_NOT_ALLOWED": faults.PasswordWayError,
    "PASSWORD_LOGIN_DISABLED": faults.PasswordWayError,
    "CONFIGURATION_NOT_FOUND": faults.PasswordWayError,
    "SERVICE_DISABLED": faults.PasswordWayError,
    "TOKEN_EXPIRED": faults.RevokedError,
    "INVALID_REFRESH_TOKEN": faults.RevokedError,
    "INVALID_ID_TOKEN": faults.RevokedError,
    "MISSING_REFRESH_TOKEN": faults.RevokedError,
    "USER_NOT_FOUND": faults.RevokedError,
    "PROJECT_NUMBER_MISMATCH": faults.RevokedError,
    "QUOTA_EXCEEDED": faults.BusyError,
    "API_KEY_INVALID": faults.ApiKeyError,
    "API_KEY_SERVICE_BLOCKED": faults.ApiKeyError,
    "API_KEY_HTTP_REFERRER_BLOCKED": faults.ApiKeyError,
    "API_KEY_IP_ADDRESS_BLOCKED": faults.ApiKeyError,
    "CREDENTIAL_MISMATCH": faults.ApiKeyError,
}


@dataclass(frozen=True)
class Tokens:
    """What a sign-in or a refresh gives. Its representation shows none of it.

    Attributes
    ----------
    id_token
        A JWT for some time; sent with every request.
    refresh_token
        By which new ones are had; to be kept secret.
    seconds
        How long the ID token holds.
    """

    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    seconds: float


class Identity:
    """The service for one project.

    Parameters
    ----------
    api_key
        The project's Web API key. Not a secret by itself, but not for logs either.
    """

    def __init__(self, api_key: str) -> None:
        self._headers = {"x-goog-api-key": api_key}
        accounts, tokens = _addresses()
        self._accounts, self._tokens = accounts, tokens

    def sign_in(self, email: str, password: str) -> Tokens:
        """Sign in.

        Raises
        ------
        CloudError
            With the sentence that fits: wrong password, disabled, too many tries, offline …
        """
        answer = self._post(
            f"{self._accounts}/v1/accounts:signInWithPassword",
            json={"email": email, "password": password, "returnSecureToken": True},
        )
        if "mfaPendingCredential" in answer:
            raise faults.SecondFactorError
        return _tokens(answer, "idToken", "refreshToken", "expiresIn")

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens.

        Raises
        ------
        RevokedError, DisabledUserError, CloudError
            If the sign-in does not hold any more, or there is no answer.
        """
        answer = self._post(
            f"{self._tokens}/v1/token", data={"grant_type": "refresh_token", "refresh_token": refresh_token}
        )
        return _tokens(answer, "id_token", "refresh_token", "expires_in")

    def confirm(self, id_token: str) -> None:
        """Ask whether the account behind a token is still there, enabled, and the token not revoked.

        Raises
        ------
        RevokedError, DisabledUserError, CloudError
            If not.
        """
        answer = self._post(f"{self._accounts}/v1/accounts:lookup", json={"idToken": id_token})
        users = answer.get("users")
        user = users[0] if isinstance(users, list) and users else None
        if not isinstance(user, dict):
            raise faults.RevokedError
        if user.get("disabled") is True:
            raise faults.DisabledUserError

    def _post(self, address: str, **what: Any) -> dict[str, Any]:
        with explained(), httpx.Client(timeout=TIMEOUT) as client:
            answer = client.post(address, headers=self._headers, **what)
            body = body_of(answer)
            if answer.is_success and isinstance(body, dict):
                return body
            if answer.is_success or (body is None and answer.status_code < 500):
                raise faults.AnswerError
            raise _fault(answer.status_code, reason_of(body))


def _fault(status: int, reason: str) -> CloudError:
    """What an error's code says: "USER_DISABLED", "TOO_MANY_ATTEMPTS_TRY_LATER : Access to …", API_KEY_INVALID."""
    for word in reason.replace(":", " ").split():
        if word in _FAULTS:
            return _FAULTS[word]()
    if "api key" in reason.casefold():
        return faults.ApiKeyError()
    return faults.of_status(status, reason) if status != 404 else faults.RefusedError(status)


def _tokens(answer: dict[str, Any], id_token: str, refresh_token: str, seconds: str) -> Tokens:
    try:
        found = Tokens(answer[id_token], answer[refresh_token], float(answer[seconds]))
    except (KeyError, TypeError, ValueError):
        raise faults.AnswerError from None
    if not (isinstance(found.id_token, str) and isinstance(found.refresh_token, str)):
        raise faults.AnswerError
    return found


def _addresses() -> tuple[str, str]:
    """Where accounts and tokens are asked for."""
    emulator = os.environ.get(EMULATOR, "")
    if not emulator:
        return "https://identitytoolkit.googleapis.com", "https://securetoken.googleapis.com"
    # An emulator is spoken to without encryption, and gets the password: not over a network.
    if emulator.rpartition(":")[0] not in _THIS_COMPUTER:
        raise faults.SetUpError(f"{EMULATOR} must name a port of this computer, such as 127.0.0.1:9099")
    return f"http://{emulator}/identitytoolkit.googleapis.com", f"http://{emulator}/securetoken.googleapis.com"
