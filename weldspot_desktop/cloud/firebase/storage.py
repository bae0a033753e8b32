"""A bucket of Cloud Storage as an inbox, over its JSON API: for service accounts and application default credentials.

`STORAGE_EMULATOR_HOST` (with scheme) chooses another server, which is then spoken to without credentials.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from google.api_core.exceptions import PreconditionFailed
from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud.storage import Bucket, Client

from weldspot_desktop.cloud.faults import MissingObjectError
from weldspot_desktop.cloud.firebase.refusals import explained
from weldspot_desktop.cloud.inbox import PROCESSED, ROOT, RemoteObject
from weldspot_desktop.settings import SignInWay

EMULATOR: Final = "STORAGE_EMULATOR_HOST"

_FIELDS: Final = (
    "items(name,generation,size,crc32c,contentType,timeCreated,metadata),"
    # Without this word the listing stops after the first page, and says nothing.
    "nextPageToken"
)
_PAGE: Final = 1000
_TIMEOUT: Final = (10.0, 60.0)
"""Seconds to connect, and between two parts of an answer."""


class StorageInbox:
    """The bucket; see `cloud.inbox.Inbox`.

    Parameters
    ----------
    bucket
        Its name.
    credentials
        Of Google's library; None only for an emulator.
    way
        How they were come by, for the sentences of refusals.
    move
        Whether what was taken in is moved to `processed/`.
    """

    def __init__(
        self,
        bucket: str,
        credentials: Credentials | None,
        *,
        way: SignInWay = SignInWay.APPLICATION_DEFAULT,
        move: bool = False,
    ) -> None:
        self._name = bucket
        self._credentials = AnonymousCredentials() if os.environ.get(EMULATOR) else credentials
        self._way = way
        self._move = move
        # The session inside a client is not promised to be safe for threads.
        self._local = threading.local()

    @property
    def id(self) -> str:
        return f"firebase:{self._name}"

    @property
    def title(self) -> str:
        return f"Bucket {self._name}"

    def listing(self, prefix: str, *, start: str | None = None) -> Iterator[RemoteObject]:
        """See `Inbox.listing`."""
        with explained(bucket=self._name, way=self._way):
            found = self._bucket.client.list_blobs(
                self._bucket,
                prefix=prefix or None,
                delimiter="/" if prefix == ROOT else None,
                start_offset=start,
                fields=_FIELDS,
                page_size=_PAGE,
                timeout=_TIMEOUT,
                retry=None,
            )
            for blob in found:
                # What ends in a slash stands for a folder in Google's console.
                if not blob.name.endswith("/"):
                    yield _object(blob)

    def download(self, found: RemoteObject, target: Path) -> None:
        """See `Inbox.download`."""
        with explained(bucket=self._name, name=found.name, way=self._way), target.open("wb") as file:
            # Raw: what is compressed in the bucket has its size and checksum as it lies there. The checksum is
            # compared by who asked for the file.
            self._blob(found).download_to_file(file, raw_download=True, checksum=None, timeout=_TIMEOUT, retry=None)

    def acknowledge(self, found: RemoteObject) -> None:
        """See `Inbox.acknowledge`: a copy whose name holds the generation, then the original is deleted."""
        if not self._move:
            return
        target = f"{PROCESSED}{found.generation}/{found.name}"
        try:
            with explained(bucket=self._name, name=found.name, way=self._way):
                # Refused where it was copied already, before something stopped us: its name says of which generation.
                with suppress(PreconditionFailed):
                    self._bucket.copy_blob(
                        self._blob(found),
                        self._bucket,
                        target,
                        source_generation=found.generation,
                        if_generation_match=0,
                        timeout=_TIMEOUT,
                        retry=None,
                    )
                # Not by its generation: where the bucket keeps versions, that would take the version away for good.
                self._bucket.blob(found.name).delete(if_generation_match=found.generation, timeout=_TIMEOUT, retry=None)
        except MissingObjectError:
            # Moved already, or another generation came in its place, which is not ours to delete.
            return

    def _blob(self, found: RemoteObject) -> Any:
        return self._bucket.blob(found.name, generation=found.generation)

    @property
    def _bucket(self) -> Bucket:
        bucket: Bucket | None = getattr(self._local, "bucket", None)
        if bucket is None:
            # The project is only needed for making buckets.
            client = Client(project="none", credentials=self._credentials)
            bucket = self._local.bucket = client.bucket(self._name)
        return bucket


def _object(blob: Any) -> RemoteObject:
    return RemoteObject(
        name=blob.name,
        generation=int(blob.generation),
        bytes=int(blob.size or 0),
        updated=blob.time_created,
        crc32c=blob.crc32c,
        content_type=blob.content_type,
        metadata=dict(blob.metadata or {}),
    )
