"""Exceptions of httpx, requests and Google's packages, told as faults of the cloud."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
import requests
from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from urllib3.exceptions import HTTPError

from weldspot_desktop.cloud import faults
from weldspot_desktop.cloud.faults import CloudError
from weldspot_desktop.settings import SignInWay

_LOG = logging.getLogger(__name__)

_CLOCK: Final = ("reasonable timeframe", "short-lived token", "not yet valid", "used too early")
_NOT_OURS: Final = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError)


@contextmanager
def explained(*, bucket: str = "", name: str = "", way: SignInWay = SignInWay.USER) -> Iterator[None]:
    """Raise what the cloud refuses or fails within as `CloudError`; other exceptions pass.

    Parameters
    ----------
    bucket, name
        What is asked for; `name` if it is one object.
    way
        How this workstation signs in.

    Raises
    ------
    CloudError
        One of `cloud.faults`. It does not carry the original, whose text may hold tokens.
    """
    try:
        yield
    except CloudError:
        raise
    except Exception as error:
        fault = fault_of(error, bucket=bucket, name=name, way=way)
        if fault is None:
            raise
        # The kind alone: what libraries write into their messages may be an address with a key in it.
        _LOG.info("%s is told as %s", type(error).__name__, type(fault).__name__)
        raise fault from None


def fault_of(
    error: BaseException, *, bucket: str = "", name: str = "", way: SignInWay = SignInWay.USER
) -> CloudError | None:
    """The fault that an exception of a library stands for; None if it is no fault of the cloud but a bug or a disk."""
    if isinstance(error, GoogleAuthError):
        return _of_auth(error, way)
    if isinstance(error, RetryError):
        cause = error.cause
        return fault_of(cause, bucket=bucket, name=name, way=way) if cause is not None else faults.Offline()
    answer = _answer(error)
    if answer is not None:
        return faults.of_status(*answer, bucket=bucket, name=name, way=way)
    if isinstance(error, DataCorruption):
        return faults.MissingObjectError(name)
    if isinstance(error, _NOT_OURS):
        return None
    if isinstance(error, httpx.DecodingError | httpx.TooManyRedirects | requests.JSONDecodeError):
        return faults.AnswerError()
    # A connection that breaks in the middle of an answer reaches us as urllib3 raised it.
    if isinstance(error, httpx.TransportError | requests.RequestException | HTTPError | ConnectionError | TimeoutError):
        return _of_transport(error)
    return None


def reason_of(body: Any) -> str:
    """The words in an error's JSON body by which Google tells what it is; empty where there are none."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return error if isinstance(error, str) else ""
    words = [error.get("message"), error.get("status")]
    for key in ("errors", "details"):
        entries = error.get(key)
        words += (
            [entry.get("reason") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        )
    return " ".join(word for word in words if isinstance(word, str))


def _answer(error: BaseException) -> tuple[int, str] | None:
    """Status and reason of an exception that stands for an answer."""
    if isinstance(error, GoogleAPICallError):
        reasons = [str(entry.get("reason", "")) for entry in error.errors if isinstance(entry, dict)]
        return int(error.code or 0), " ".join([str(error.message), *reasons])
    if isinstance(error, httpx.HTTPStatusError | InvalidResponse | requests.HTTPError):
        response: Any = error.response
        if response is not None:
            return int(response.status_code), reason_of(body_of(response))
    return None


def body_of(response: Any) -> Any:
    """The JSON of an answer of httpx or requests; None if it is not JSON."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _of_auth(error: GoogleAuthError, way: SignInWay) -> CloudError:
    """Google's sign-in failed. The sources of the words are google-auth itself and RFC 6749, 5.2."""
    words = " ".join(str(part) for part in error.args).casefold()
    if isinstance(error, TransportError):
        causes = [part for part in (*error.args, error.__cause__) if isinstance(part, Exception)]
        return next((_of_transport(cause) for cause in causes), faults.Offline())
    if any(word in words for word in _CLOCK):
        return faults.ClockError()
    if isinstance(error, DefaultCredentialsError):
        return faults.SignInNeededError(way)
    if isinstance(error, RefreshError):
        return faults.ServerError() if getattr(error, "retryable", False) else faults.RevokedError(way)
    return faults.SignInNeededError(way)


def _of_transport(error: BaseException) -> CloudError:
    """No answer came: because of the certificate, the clock, or because nobody is there."""
    for cause in _chain(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            early = cause.verify_message in ("certificate is not yet valid", "certificate has expired")
            return faults.ClockError() if early else faults.CertificateError()
        if isinstance(cause, ssl.SSLError | requests.exceptions.SSLError):
            return faults.CertificateError()
    if isinstance(error, httpx.RemoteProtocolError):
        return faults.ServerError()
    return faults.Offline()


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what led to it, whether as cause, context, reason (urllib3) or argument (requests)."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
