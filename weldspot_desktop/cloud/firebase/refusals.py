"""What Google's libraries raise, as the faults of `cloud.faults`."""

from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException, SSLError, Timeout
from urllib3.exceptions import HTTPError

from weldspot_desktop.cloud.faults import (
    AnswerError,
    CertificateError,
    CloudError,
    Offline,
    RevokedError,
    SignInNeededError,
    of_status,
)
from weldspot_desktop.settings import SignInWay


@contextmanager
def explained(*, bucket: str = "", name: str = "", way: SignInWay) -> Iterator[None]:
    """Raise the fault behind an exception of Google's libraries; others pass.

    Parameters
    ----------
    bucket, name, way
        As for `cloud.faults.of_status`.
    """
    try:
        yield
    except (GoogleAPICallError, GoogleAuthError, RequestException, HTTPError) as error:
        # From None: the libraries' texts hold addresses and tokens, and a log would print them.
        raise fault(error, bucket=bucket, name=name, way=way) from None


def fault(error: Exception, *, bucket: str = "", name: str = "", way: SignInWay) -> CloudError:
    """The fault behind an exception of Google's libraries, or of those below them."""
    if isinstance(error, GoogleAPICallError):
        return of_status(int(error.code or 0), str(error.message), bucket=bucket, name=name, way=way)
    if isinstance(error, DefaultCredentialsError):
        return SignInNeededError(way)
    if isinstance(error, RefreshError):
        return RevokedError(way)
    if isinstance(error, SSLError):
        return CertificateError()
    # A connection that breaks in the middle of an answer reaches us as urllib3 raised it.
    if isinstance(error, TransportError | NoConnection | Timeout | HTTPError):
        return Offline()
    return AnswerError()
