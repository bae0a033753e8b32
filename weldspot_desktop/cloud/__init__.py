"""Places that phones send pictures to, and how the workstation reads them. One file and one line in `BACKENDS` each."""

from collections.abc import Callable, Mapping
from typing import Final

from weldspot_desktop.cloud.inbox import Inbox, Known, nothing_known
from weldspot_desktop.cloud.local import open_local
from weldspot_desktop.settings import Cloud, CloudBackend


def _local(cloud: Cloud, known: Known) -> Inbox:
    return open_local(cloud)


def _firebase(cloud: Cloud, known: Known) -> Inbox:
    # Imported here: Google's libraries take a third of a second, and only this backend needs them.
    from weldspot_desktop.cloud.firebase.opening import open_bucket

    return open_bucket(cloud, known)


BACKENDS: Final[Mapping[CloudBackend, Callable[[Cloud, Known], Inbox]]] = {
    CloudBackend.LOCAL: _local,
    CloudBackend.FIREBASE: _firebase,
}
"""What opens an inbox by the settings."""


def open_inbox(cloud: Cloud, known: Known = nothing_known) -> Inbox:
    """The inbox that the settings choose.

    Parameters
    ----------
    known
        What arrived before; see `cloud.inbox.Known`.

    Raises
    ------
    CloudError, ExpectedError
        If it is not set up, or cannot be opened.
    """
    return BACKENDS[cloud.backend](cloud, known)
