"""Uploads that arrived before, for inboxes whose listings tell only names and ask once more for everything else."""

import random
from collections.abc import Mapping, Sequence
from typing import Final

from weldspot_desktop.cloud.inbox import RemoteObject
from weldspot_desktop.store import Database, uploads

LOOKED_AT_AGAIN: Final = 0.02
"""Share of known names that a look asks about all the same: one that was replaced in the cloud is found within some
hundred looks, and a look costs little more than what is new. Rules for phones allow no replacing at all."""


def known(
    database: Database, inbox: str, names: Sequence[str], *, again: float = LOOKED_AT_AGAIN
) -> Mapping[str, RemoteObject]:
    """See `cloud.inbox.Known`.

    Parameters
    ----------
    database
        Holds what arrived.
    inbox, names
        Identity of the inbox, and names in it.
    again
        Share, 0 to 1, that is left out although it is known.
    """
    asked = [name for name in names if random.random() >= again]
    if not asked:
        return {}
    with database.read() as session:
        return {
            name: RemoteObject(name, upload.generation, upload.bytes, upload.sent, upload.crc32c, upload.content_type)
            for name, upload in uploads.latest(session, inbox, asked).items()
        }
