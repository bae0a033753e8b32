"""Publishing as files with a signed manifest, at any place that can keep files and refuse to overwrite them.

The order of writes lets a phone see either the old model or the new one, whole: the bytes first, under a name of their
own that is never replaced; then the signatures of the old and the new manifest; the manifest last, and only if it is
still the one that was read. See `cloud.manifest`.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, Protocol

from weldspot_desktop.cloud import manifest
from weldspot_desktop.cloud.manifest import Manifest, Signature
from weldspot_desktop.cloud.publisher import Published, PublishingError, ToPublish
from weldspot_desktop.cloud.signing_keys import Signer
from weldspot_desktop.store.station_key import is_signed

JSON: Final = "application/json"
BINARY: Final = "application/octet-stream"


@dataclass(frozen=True)
class FoundFile:
    """Bytes of a file, and what changes with them."""

    content: bytes
    generation: str


class Place(Protocol):
    """Where files can be kept; every method may raise what `cloud.faults` has."""

    @property
    def id(self) -> str:
        """See `Publisher.id`."""
        ...

    @property
    def title(self) -> str:
        """See `Publisher.title`."""
        ...

    def read(self, path: str, largest: int) -> FoundFile | None:
        """A file; None if there is none.

        Raises
        ------
        PublishingError
            If it has more than `largest` bytes.
        """
        ...

    def create(self, path: str, content: bytes, content_type: str) -> bool:
        """Write a file that is not there yet; False, and nothing written, if it is."""
        ...

    def replace(self, path: str, content: bytes, content_type: str, generation: str | None) -> None:
        """Write a file in place of that generation, or as a new one for None; phones do not keep it in a cache.

        Raises
        ------
        ChangedMeanwhileError
            If another one is there.
        """
        ...


class SignedPublisher:
    """A place with a signed manifest; see `cloud.publisher.Publisher`.

    Parameters
    ----------
    place
        Where the files go.
    signer
        The key; None for looking alone.
    """

    notice = ""

    def __init__(self, place: Place, signer: Signer | None) -> None:
        self._place = place
        self._signer = signer

    @property
    def id(self) -> str:
        return self._place.id

    @property
    def title(self) -> str:
        return self._place.title

    def current(self, name: str) -> Published | None:
        """See `Publisher.current`."""
        found, stored = self._in_force(name)
        if found is None or stored is None:
            return None
        signature = manifest.read_signatures(self._signatures(name)).of(stored.content)
        return _published(found, stored.content, signature.key_id if signature is not None else None, changed=False)

    def publish(self, wanted: ToPublish) -> Published:
        """See `Publisher.publish`."""
        signer = self._signer
        if signer is None:
            raise PublishingError("Nothing is published without a key to sign with.", "weldspot keys create makes one.")
        before, stored = self._in_force(wanted.name)
        known = manifest.read_signatures(self._signatures(wanted.name))
        if before is not None and stored is not None:
            same = manifest.made(wanted, version=before.version, path=before.path).says_the_same_as(before)
            signature = known.of(stored.content)
            if same and signature is not None and is_signed(stored.content, signature.signature, signer.public):
                return _published(before, stored.content, signer.key_id, changed=False)
        version = max(before.version + 1 if before is not None else 1, wanted.at_least)
        path = self._path_of(wanted, before, version)
        content = manifest.made(wanted, version=version, path=path)
        self._keep_bytes(path, wanted.content)
        exact = content.as_bytes()
        new = Signature(
            manifest_sha256=hashlib.sha256(exact).hexdigest(), key_id=signer.key_id, signature=signer.sign(exact)
        )
        self._sign(wanted.name, new, stored.content if stored is not None else None)
        self._place.replace(
            f"{manifest.folder(wanted.name)}{manifest.FILE}",
            exact,
            JSON,
            stored.generation if stored is not None else None,
        )
        return _published(content, exact, signer.key_id, changed=True)

    def _in_force(self, name: str) -> tuple[Manifest | None, FoundFile | None]:
        stored = self._place.read(f"{manifest.folder(name)}{manifest.FILE}", manifest.LARGEST_BYTES)
        return (manifest.read(stored.content, name), stored) if stored is not None else (None, None)

    def _signatures(self, name: str) -> bytes | None:
        found = self._place.read(f"{manifest.folder(name)}{manifest.SIGNATURES}", manifest.LARGEST_BYTES)
        return found.content if found is not None else None

    def _path_of(self, wanted: ToPublish, before: Manifest | None, version: int) -> str:
        """Where the bytes lie already, or a path of their own."""
        sha256, size = wanted.card.sha256, len(wanted.content)
        if before is not None and before.sha256 == sha256:
            return before.path
        known = wanted.known_path
        if known is not None and known.startswith(manifest.folder(wanted.name)):
            found = self._place.read(known, size)
            if found is not None and hashlib.sha256(found.content).hexdigest() == sha256:
                return known
        return manifest.bytes_path(wanted.name, version, sha256)

    def _keep_bytes(self, path: str, content: bytes) -> None:
        if self._place.create(path, content, BINARY):
            return
        # Somebody was here before: an attempt of ours that ended after this step, or an older publication.
        found = self._place.read(path, len(content))
        if found is None or found.content != content:
            raise PublishingError(
                f"Other bytes lie at {path} than should.", "Nothing was changed. Have a look at who writes there."
            )

    def _sign(self, name: str, new: Signature, in_force: bytes | None) -> None:
        path = f"{manifest.folder(name)}{manifest.SIGNATURES}"
        found = self._place.read(path, manifest.LARGEST_BYTES)
        known = manifest.read_signatures(found.content if found is not None else None)
        merged = known.with_new(new, in_force).as_bytes()
        self._place.replace(path, merged, JSON, found.generation if found is not None else None)


def _published(found: Manifest, exact: bytes, key_id: str | None, *, changed: bool) -> Published:
    return Published(found.version, found.sha256, found.path, key_id, exact.decode(), changed)
