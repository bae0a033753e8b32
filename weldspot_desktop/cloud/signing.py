"""Who is signed in to the cloud of the settings: in, out, and their name. Google's packages are loaded when needed."""

from dataclasses import dataclass

from weldspot_desktop.settings import Cloud, CloudBackend


@dataclass(frozen=True)
class SignedIn:
    """Somebody signed in.

    Attributes
    ----------
    name
        E-mail address.
    reviewer
        Whether the account has the claim that lets it read uploads.
    note
        A sentence for people if the sign-in ends with the program; else empty.
    """

    name: str
    reviewer: bool
    note: str


def sign_in(cloud: Cloud, password: str) -> SignedIn:
    """Sign in with the e-mail address of the settings; remembered in the system's keyring.

    Raises
    ------
    CloudError
        With the sentence that fits.
    """
    from weldspot_desktop.cloud.firebase.opening import user_sign_in

    user = user_sign_in(cloud)
    account = user.sign_in(cloud.email, password)
    return SignedIn(account.email or account.uid, account.reviewer, user.note)


def sign_out(cloud: Cloud) -> None:
    """Forget the person's sign-in on this computer.

    Raises
    ------
    SetUpError
        If no project is set.
    """
    from weldspot_desktop.cloud.firebase.opening import user_sign_in

    user_sign_in(cloud).sign_out()


def who(cloud: Cloud) -> str:
    """Who is signed in, as far as this computer knows without asking; empty if nobody is or nobody needs to."""
    if cloud.backend is CloudBackend.LOCAL:
        return ""
    from weldspot_desktop.cloud.firebase import opening

    return opening.who(cloud)
