"""The manifest that phones read: which model, where its bytes lie, what it takes and gives; and its signatures.

Both are files of their own, and no store changes two files at once. So the file of signatures holds the new signature
beside the one of the manifest that is still in force, each with the hash of the manifest that it signs, and is written
first: at every moment the manifest that a phone reads has its signature.
"""

import hashlib
import json
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from weldspot_desktop import labels
from weldspot_desktop.cloud.publisher import PublishingError, ToPublish
from weldspot_desktop.model.card import TensorCard
from weldspot_desktop.verdict import ThresholdSet

FILE: Final = "manifest.json"
SIGNATURES: Final = "manifest.json.sig"

LARGEST_BYTES: Final = 1_000_000

_KEPT: Final = 3
"""Signatures that stay in the file beside the new one."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[int, Field(ge=1, le=2**53)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ManifestInput(_Part):
    """The picture: side lengths in pixels, type, and what its bytes become."""

    width: int
    height: int
    dtype: str
    range: tuple[float, float]
    fit: str
    interpolation: str


class ManifestOutput(_Part):
    """An output of the signature `serving_default`."""

    name: str
    shape: tuple[int, ...]
    dtype: str


class ManifestMetrics(_Part):
    """Macro AUC on the test split with its interval; None where it was not measured."""

    macro_auc: float | None
    low: float | None
    high: float | None
    pictures: int


class Manifest(_Part):
    """What a phone needs to fetch and run a model.

    Attributes
    ----------
    name, version
        Under which it is published, and the number of the publication, which only grows.
    model_version
        Of the training.
    path, size, sha256
        The file: place in the same store, bytes, hash.
    labels
        In output order.
    thresholds
        By which the phone judges.
    min_app_version
        Older apps keep their model.
    dataset
        Hash of the data that it was trained on.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
    version: Version
    model_version: int
    created: str
    path: Annotated[str, Field(pattern=r"^models/[A-Za-z0-9_-]{1,32}/[0-9]{1,16}-[0-9a-f]{12}\.tflite$")]
    size: Annotated[int, Field(gt=0)]
    sha256: Sha256
    labels: tuple[str, ...]
    input: ManifestInput
    outputs: tuple[ManifestOutput, ...]
    quantisation: str
    thresholds: ThresholdSet
    min_app_version: Annotated[str, Field(pattern=r"^\d{1,4}\.\d{1,4}\.\d{1,4}$")]
    dataset: str
    metrics: ManifestMetrics

    def as_bytes(self) -> bytes:
        """The exact bytes that are signed."""
        values = self.model_dump(mode="json", by_alias=True)
        return (json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    def says_the_same_as(self, other: "Manifest") -> bool:
        """Whether a phone would notice no difference but number and time."""
        ours, theirs = (m.model_dump(exclude={"version", "created", "path"}) for m in (self, other))
        return ours == theirs


class Signature(_Part):
    """An Ed25519 signature (RFC 8032) over the bytes of one manifest, both in base 64 where they are bytes."""

    manifest_sha256: Sha256
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    signature: Annotated[str, Field(max_length=200)]


class Signatures(_Part):
    """The file of signatures, the newest first."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    algorithm: Literal["Ed25519"] = "Ed25519"
    signatures: tuple[Signature, ...]

    def of(self, manifest: bytes) -> Signature | None:
        """The signature of a manifest."""
        digest = hashlib.sha256(manifest).hexdigest()
        return next((found for found in self.signatures if found.manifest_sha256 == digest), None)

    def with_new(self, new: Signature, in_force: bytes | None) -> "Signatures":
        """A new one in front; that of the manifest in force and some of the last stay."""
        kept = self.of(in_force) if in_force is not None else None
        others = [s for s in self.signatures if s.manifest_sha256 != new.manifest_sha256]
        stays = [s for s in others if s is kept or s in others[:_KEPT]]
        return Signatures(signatures=(new, *stays))

    def as_bytes(self) -> bytes:
        """The file."""
        return (self.model_dump_json(by_alias=True, indent=1) + "\n").encode()


def folder(name: str) -> str:
    """Where everything of a model lies, with a slash at the end."""
    return f"models/{name}/"


def bytes_path(name: str, version: int, sha256: str) -> str:
    """Where the bytes of a new publication lie; they are never replaced."""
    return f"{folder(name)}{version}-{sha256[:12]}.tflite"


def made(wanted: ToPublish, *, version: int, path: str) -> Manifest:
    """The manifest of a model file.

    Raises
    ------
    PublishingError
        If the file is not one that phones of this generation can use.
    """
    card = wanted.card
    if hashlib.sha256(wanted.content).hexdigest() != card.sha256 or card.labels != labels.CLASSES:
        raise PublishingError("The model file is not the one that its card describes.", "Nothing was published.")
    if card.is_first_generation:
        raise PublishingError(
            "A model of the first generation is not published: phones would feed it pictures that it was not trained "
            "for, and it gives no places.",
            "Nothing was published. Train or publish a model of this program.",
        )
    _, height, width, _ = card.input.shape
    macro = card.metrics.get("file", {}).get("macro_auc", {})
    try:
        return Manifest(
            name=wanted.name,
            version=version,
            model_version=card.version,
            created=wanted.created,
            path=path,
            size=len(wanted.content),
            sha256=card.sha256,
            labels=card.labels,
            input=ManifestInput(
                width=width,
                height=height,
                dtype=card.input.dtype,
                range=card.input.value_range,
                fit=card.input.fit,
                interpolation=card.input.interpolation,
            ),
            outputs=tuple(_output(tensor) for tensor in card.outputs),
            quantisation=card.precision,
            thresholds=card.thresholds,
            min_app_version=wanted.min_app_version,
            dataset=card.dataset.hash,
            metrics=ManifestMetrics(
                macro_auc=macro.get("value"),
                low=macro.get("low"),
                high=macro.get("high"),
                pictures=card.metrics.get("file", {}).get("pictures", 0),
            ),
        )
    except ValidationError as error:
        raise PublishingError(
            f"The model cannot be described for phones: {error.errors()[0]['msg']}.", "Nothing was published."
        ) from error


def read(content: bytes, name: str) -> Manifest:
    """A manifest that lies at a place; anybody with the right to write there may have made it.

    Raises
    ------
    PublishingError
        If it is none.
    """
    try:
        if len(content) > LARGEST_BYTES:
            raise ValueError("too large")
        found = Manifest.model_validate_json(content)
        if found.name != name:
            raise ValueError("of another model")
    except ValueError as error:
        raise PublishingError(
            f"What lies at {folder(name)}{FILE} is no manifest of this program.",
            "Nothing was changed. Move it away, or publish under another name.",
        ) from error
    return found


def read_signatures(content: bytes | None) -> Signatures:
    """The file of signatures; none for what is missing or not ours: nothing is lost that a phone could use."""
    if content is None or len(content) > LARGEST_BYTES:
        return Signatures(signatures=())
    try:
        return Signatures.model_validate_json(content)
    except ValidationError:
        return Signatures(signatures=())


def _output(tensor: TensorCard) -> ManifestOutput:
    return ManifestOutput(name=tensor.name, shape=tensor.shape, dtype=tensor.dtype)
