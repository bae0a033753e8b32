"""Places that phones send pictures to, and how the workstation reads them. One file and one line in `BACKENDS` each."""

from collections.abc import Callable, Mapping
from typing import Final

from weldspot_desktop.cloud.inbox import Inbox
from weldspot_desktop.cloud.local import open_local
from weldspot_desktop.settings import Cloud, CloudBackend


def _firebase(cloud: Cloud) -> Inbox:
    # Imported here: Google's libraries take a third of a second, and only this backend needs them.
    from weldspot_desktop.cloud.firebase.opening import open_bucket

    return open_bucket(cloud)


BACKENDS: Final[Mapping[CloudBackend, Callable[[Cloud], Inbox]]] = {
    CloudBackend.LOCAL: open_local,
    CloudBackend.FIREBASE: _firebase,
}
"""What opens an inbox by the settings."""


def open_inbox(cloud: Cloud) -> Inbox:
    """The inbox that the settings choose.

    Raises
    ------
    CloudError, ExpectedError
        If it is not set up, or cannot be opened.
    """
    return BACKENDS[cloud.backend](cloud)
