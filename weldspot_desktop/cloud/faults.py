"""What a cloud can refuse or fail, each with a sentence of its own and what to do about it.

No sentence carries a secret, an address or what a server wrote: servers repeat tokens and keys in their answers.
"""

from typing import ClassVar, Final

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.settings import SignInWay

_SAFE: Final = "Nothing is lost: uploads stay in the cloud until they are kept here."

_UNPAID: Final = ("billing", "blaze", "accountdisabled", "accountproblem")
_TOO_MUCH: Final = ("ratelimitexceeded", "quotaexceeded", "dailylimitexceeded")

_RENEW: Final = {
    SignInWay.USER: "Sign in again with e-mail and password.",
    SignInWay.APPLICATION_DEFAULT: "Run “gcloud auth application-default login” and try again.",
    SignInWay.KEY_FILE: "Ask the cloud's administrator for another key, or choose a safer way to sign in.",
}


class CloudError(ExpectedError):
    """The base of all faults of a cloud.

    Attributes
    ----------
    retryable
        Whether trying the same again later may work without anybody doing anything.
    """

    retryable: ClassVar[bool] = False


class Offline(CloudError):  # noqa: N818 - not an error: a state that passes by itself
    """No network, or nobody answers: a state, not an error. A sync waits and goes on by itself."""

    retryable = True

    def __init__(self) -> None:
        super().__init__("The cloud cannot be reached.", f"This computer seems to be offline. {_SAFE}")


class ServerError(CloudError):
    """The cloud answers, but cannot serve at this moment."""

    retryable = True

    def __init__(self, status: int | None = None) -> None:
        said = f" (answer {status})" if status is not None else ""
        super().__init__(f"The cloud has a fault of its own{said}.", f"Try again in some minutes. {_SAFE}")


class BusyError(CloudError):
    """Too many requests in a short time: 429."""

    retryable = True

    def __init__(self) -> None:
        super().__init__("The cloud asks for fewer requests.", f"The next try comes later by itself. {_SAFE}")


class AnswerError(CloudError):
    """An answer that is not the cloud's: a login page of a guest network, a proxy."""

    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "The answer is not one that the cloud gives.",
            "A proxy, a guest network or a wrong address may stand in between: open any web page in a browser first.",
        )


class CertificateError(CloudError):
    """The server's certificate was refused."""

    def __init__(self) -> None:
        super().__init__(
            "The cloud's certificate was not accepted, so nothing was sent.",
            "Check this computer's date first; then ask whether the network inspects encrypted traffic.",
        )


class ClockError(CloudError):
    """The clock is so wrong that the cloud refuses what is signed with it."""

    def __init__(self, seconds: float | None = None) -> None:
        off = ""
        if seconds is not None:
            amount = f"{abs(seconds) / 60:.0f} minutes" if abs(seconds) >= 120 else f"{abs(seconds):.0f} seconds"
            off = f": it is {amount} {'ahead' if seconds > 0 else 'behind'}"
        super().__init__(
            f"This computer's clock is wrong{off}.", "Set date and time, best by the network, and try again."
        )


class SetUpError(CloudError):
    """Something that the connection needs is not filled in."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"The connection is not complete: {missing}.", "Open “Connect to the phones' pictures”.")


class SignInNeededError(CloudError):
    """Nobody is signed in, and nothing is remembered to sign in with."""

    def __init__(self, way: SignInWay = SignInWay.USER) -> None:
        what = {
            SignInWay.USER: "Nobody is signed in to the cloud.",
            SignInWay.APPLICATION_DEFAULT: "There are no application default credentials on this computer.",
            SignInWay.KEY_FILE: "No key file is chosen.",
        }[way]
        advice = {
            SignInWay.USER: "Sign in with e-mail and password.",
            SignInWay.APPLICATION_DEFAULT: "Run “gcloud auth application-default login” once, then try again.",
            SignInWay.KEY_FILE: "Choose the key file, or a safer way to sign in.",
        }[way]
        super().__init__(what, advice)


class PasswordError(CloudError):
    """E-mail or password are wrong; the cloud does not say which, so that nobody can try out addresses."""

    def __init__(self) -> None:
        super().__init__(
            "E-mail or password are not right.",
            "Check both; the administrator of the Firebase project can set a new password.",
        )


class AddressError(CloudError):
    """What was given is no e-mail address."""

    def __init__(self) -> None:
        super().__init__("This is not an e-mail address.", "It looks like name@company.com.")


class DisabledUserError(CloudError):
    """The person's account is switched off."""

    def __init__(self) -> None:
        super().__init__("This account is disabled.", "The administrator of the Firebase project can enable it again.")


class TooManyTriesError(CloudError):
    """The cloud refuses sign-ins for a while."""

    def __init__(self) -> None:
        super().__init__(
            "Too many sign-ins failed; the cloud refuses more for a while.",
            "Wait some minutes, or have the password set anew.",
        )


class SecondFactorError(CloudError):
    """The account asks for a second factor."""

    def __init__(self) -> None:
        super().__init__(
            "This account asks for a second factor, which this program cannot give.",
            "Sign in with an account made for reviewing, or with application default credentials.",
        )


class PasswordWayError(CloudError):
    """The project does not allow e-mail and password."""

    def __init__(self) -> None:
        super().__init__(
            "The Firebase project does not allow signing in with e-mail and password.",
            "In the Firebase console: Authentication, Sign-in method, switch on “Email/Password”.",
        )


class ApiKeyError(CloudError):
    """The API key of the project is not right, or not allowed for this."""

    def __init__(self) -> None:
        super().__init__(
            "The Firebase project does not accept this API key.",
            "In the Firebase console it stands under Project settings, General, “Web API Key”. "
            "Its restrictions must allow Identity Toolkit and Token Service.",
        )


class RevokedError(CloudError):
    """The sign-in or key was valid once and is not any more.

    Parameters
    ----------
    way
        How this workstation signs in.
    """

    def __init__(self, way: SignInWay = SignInWay.USER) -> None:
        what = {
            SignInWay.USER: "The sign-in to the cloud has ended: it was revoked, or the password was changed.",
            SignInWay.APPLICATION_DEFAULT: "The application default credentials have expired or were revoked.",
            SignInWay.KEY_FILE: "The service account's key was revoked or has expired.",
        }[way]
        super().__init__(what, f"{_RENEW[way]} {_SAFE}")


class KeyFileError(CloudError):
    """The key file is missing, not readable or not a key.

    Parameters
    ----------
    what
        The sentence.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what, "Choose a service account's key file in JSON format, or a safer way to sign in.")


class PaymentError(CloudError):
    """402, or the account behind the project is closed: nothing works until somebody pays."""

    def __init__(self) -> None:
        super().__init__(
            "The cloud wants a billing account for this bucket.",
            "Default buckets need the Blaze plan: the project's owner switches it on in the Firebase console. " + _SAFE,
        )


class ForbiddenError(CloudError):
    """403: signed in, but without the right.

    Parameters
    ----------
    way
        How this workstation signs in: it decides where the right is given.
    """

    def __init__(self, way: SignInWay = SignInWay.USER) -> None:
        if way is SignInWay.USER:
            advice = "The account needs the claim “reviewer”, and the Storage rules must let reviewers get and list."
        else:
            advice = "The account needs the role “Storage Object Viewer” on the bucket."
        super().__init__("This account has no right to do that in the bucket.", advice)


class MissingBucketError(CloudError):
    """404: there is no such bucket.

    Parameters
    ----------
    bucket
        Its name as set.
    """

    def __init__(self, bucket: str) -> None:
        super().__init__(
            f"There is no bucket “{_shown(bucket)}”.",
            "In the Firebase console its name stands under Storage: PROJECT.firebasestorage.app, or "
            "PROJECT.appspot.com for older projects.",
        )


class MissingObjectError(CloudError):
    """404: the object is not there any more, or its content has changed since it was listed.

    Parameters
    ----------
    name
        Of the object.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{_shown(name)}” is not in the bucket any more, or was replaced.", "The next sync looks again."
        )


class RefusedError(CloudError):
    """Another 4xx: the request itself was refused.

    Parameters
    ----------
    status
        HTTP status.
    """

    def __init__(self, status: int) -> None:
        super().__init__(
            f"The cloud refused the request (answer {status}).",
            f"Test the connection in “Connect to the phones' pictures”. {_SAFE}",
        )


def of_status(
    status: int, reason: str = "", *, bucket: str = "", name: str = "", way: SignInWay = SignInWay.USER
) -> CloudError:
    """The fault behind an HTTP status of a storage server.

    Parameters
    ----------
    status
        400 to 599; another one is an answer that no storage server gives here.
    reason
        Machine-readable reason or message of the answer; only searched for known words, never shown.
    bucket, name
        What was asked for; `name` if it was one object.
    way
        How this workstation signs in.

    Notes
    -----
    Sources: "HTTP status and error codes for JSON" of Cloud Storage (401 authError, 403 accountDisabled, forbidden,
    rateLimitExceeded, userProjectAccountProblem, 412 conditionNotMet, 429), and the Firebase page "FAQs about changes
    to Cloud Storage" (402 and 403 for buckets of projects without the Blaze plan).
    """
    words = reason.casefold()
    if status == 402:
        return PaymentError()
    if status == 401:
        return RevokedError(way)
    if status == 403:
        if any(word in words for word in _UNPAID):
            return PaymentError()
        return BusyError() if any(word in words for word in _TOO_MUCH) else ForbiddenError(way)
    if status in (404, 410, 412) and name:
        return MissingObjectError(name)
    if status == 404:
        return MissingBucketError(bucket)
    if status == 429:
        return BusyError()
    if status == 408 or 500 <= status <= 599:
        return ServerError(status)
    return RefusedError(status) if 400 <= status <= 499 else AnswerError()


def _shown(name: str) -> str:
    """A stranger's name fit for a sentence: no control characters, not endless."""
    plain = "".join(sign if sign.isprintable() else "�" for sign in name)
    return plain if len(plain) <= 80 else f"{plain[:79]}…"
