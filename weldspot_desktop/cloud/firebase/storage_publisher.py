"""A bucket of Cloud Storage as the place where models are published; preconditions keep two publishers apart."""

from typing import Any, Final

from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage import Client
from google.cloud.storage.retry import DEFAULT_RETRY

from weldspot_desktop.cloud.firebase.publishing_access import explained
from weldspot_desktop.cloud.publisher import ChangedMeanwhileError, PublishingError
from weldspot_desktop.cloud.signed_publisher import FoundFile
from weldspot_desktop.settings import SignInWay

_TIMEOUT: Final = (10.0, 60.0)
"""Seconds to connect, and between two parts of an answer."""

_NO_BUCKET: Final = "bucket does not exist"
"""In the answer of Cloud Storage; where another server does not say it, the first write finds out."""

_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_RETRY: Final = DEFAULT_RETRY.with_timeout(60.0)
"""Every write carries a precondition, so that it may be tried again."""


class BucketPlace:
    """Files in a bucket; see `cloud.signed_publisher.Place`.

    Parameters
    ----------
    bucket
        Its name.
    credentials
        Of Google's library.
    way
        How they were come by, for the sentences of refusals.
    """

    def __init__(self, bucket: str, credentials: Any, *, way: SignInWay = SignInWay.APPLICATION_DEFAULT) -> None:
        self._name = bucket
        self._way = way
        # The project is only needed for making buckets.
        self._bucket = Client(project="none", credentials=credentials).bucket(bucket)

    @property
    def id(self) -> str:
        return f"storage:{self._name}"

    @property
    def title(self) -> str:
        return f"Bucket {self._name}"

    def read(self, path: str, largest: int) -> FoundFile | None:
        """See `Place.read`."""
        with explained(bucket=self._name, way=self._way):
            blob = self._bucket.blob(path)
            try:
                blob.reload(timeout=_TIMEOUT, retry=_RETRY)
                if (blob.size or 0) > largest:
                    raise PublishingError(f"{path} is larger than it should be.", "Nothing was changed.")
                generation = int(blob.generation)
                # Exactly the generation that was looked at; another one is found by its own name at the next try.
                content = self._bucket.blob(path, generation=generation).download_as_bytes(
                    timeout=_TIMEOUT, retry=_RETRY
                )
            except NotFound as error:
                if _NO_BUCKET in str(error).casefold():
                    raise
                return None
        return FoundFile(content, str(generation))

    def create(self, path: str, content: bytes, content_type: str) -> bool:
        """See `Place.create`."""
        return self._write(path, content, content_type, 0, _IMMUTABLE)

    def replace(self, path: str, content: bytes, content_type: str, generation: str | None) -> None:
        """See `Place.replace`."""
        if not self._write(path, content, content_type, int(generation or 0), "no-cache"):
            found = self.read(path, max(len(content), 10**7))
            # A write whose answer was lost is tried again, and then finds itself.
            if found is None or found.content != content:
                raise ChangedMeanwhileError

    def _write(self, path: str, content: bytes, content_type: str, generation: int, cache: str) -> bool:
        blob = self._bucket.blob(path)
        blob.cache_control = cache
        with explained(bucket=self._name, way=self._way):
            try:
                blob.upload_from_string(
                    content,
                    content_type=content_type,
                    if_generation_match=generation,
                    checksum="crc32c",
                    timeout=_TIMEOUT,
                    retry=_RETRY,
                )
            except PreconditionFailed:
                return False
        return True
