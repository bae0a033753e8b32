"""Which bucket is meant: a name is taken as given, and the bare project id of older set-ups is completed."""

import re
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from google.auth.credentials import Credentials
from google.cloud.storage import Client

from weldspot_desktop.cloud import faults
from weldspot_desktop.cloud.firebase.refusals import explained
from weldspot_desktop.settings import SignInWay

ENDINGS: Final = (".appspot.com", ".firebasestorage.app")
"""Of default buckets made before 2024-10-30, and since."""

_TIMEOUT: Final = (10.0, 20.0)
_PARTS: Final = r"[a-z0-9](?:[a-z0-9_.-]{1,220})[a-z0-9]"


class Look(Enum):
    """What is to be seen of a bucket."""

    OPEN = auto()
    """It is there, and may be listed."""

    CLOSED = auto()
    """It is there, but gives no right: perhaps somebody else's."""

    MISSING = auto()


def candidates(given: str) -> list[str]:
    """The names that a value may stand for, in the order in which they are tried.

    A name with a dot stands for itself. The predecessor of this program stored the bare project id, without a dot.

    Raises
    ------
    SetUpError
        If it cannot be a bucket's name.
    """
    name = given.strip().removeprefix("gs://").rstrip("/")
    if not name:
        raise faults.SetUpError("the bucket is missing")
    # "Bucket naming guidelines" of Cloud Storage; a slash or a question mark would lead a request elsewhere.
    if not re.fullmatch(_PARTS, name) or ".." in name:
        raise faults.SetUpError("the bucket's name has signs or a length that no bucket has")
    return [name] if "." in name else [name, *(name + ending for ending in ENDINGS)]


def find(given: str, look: Callable[[str], Look], way: SignInWay) -> str:
    """The bucket that is there: the first that may be listed.

    Parameters
    ----------
    given
        As in the settings.
    look
        Looks at one name; raises other faults than a missing bucket or right.
    way
        How this workstation signs in.

    Raises
    ------
    MissingBucketError
        If none is there.
    ForbiddenError
        If those that are there give no right. A bare id may well be the bucket of somebody else: names are shared by
        all of Cloud Storage, so a bucket that is closed does not end the search.
    """
    closed = False
    for name in candidates(given):
        seen = look(name)
        if seen is Look.OPEN:
            return name
        closed = closed or seen is Look.CLOSED
    raise faults.ForbiddenError(way) if closed else faults.MissingBucketError(candidates(given)[0])


def by_credentials(credentials: Credentials | None, way: SignInWay) -> Callable[[str], Look]:
    """Looks with Google credentials: one listing of one object.

    Not the bucket's metadata: the least role for reading uploads, Storage Object Viewer, may list but not read those.
    """

    def look(name: str) -> Look:
        try:
            with explained(bucket=name, way=way):
                # The project is only needed for making buckets.
                client = Client(project="none", credentials=credentials)
                found = client.list_blobs(
                    name, max_results=1, fields="items(name),nextPageToken", timeout=_TIMEOUT, retry=None
                )
                next(iter(found), None)
        except faults.MissingBucketError:
            return Look.MISSING
        except faults.ForbiddenError:
            return Look.CLOSED
        return Look.OPEN

    return look
