"""What every place that phones fetch models from can do; the registry knows no more of a cloud than this."""

from dataclasses import dataclass
from typing import Protocol

from weldspot_desktop.cloud.faults import CloudError
from weldspot_desktop.model.card import ModelCard


class ChangedMeanwhileError(CloudError):
    """Somebody else published at the same moment."""

    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "Somebody else published a model at the same moment.",
            "Theirs is in force; nothing was replaced. Look at it, then publish again.",
        )


class PublishingError(CloudError):
    """A model that cannot be published there; what is published stays in force."""


@dataclass(frozen=True)
class ToPublish:
    """A model file that phones shall get.

    Attributes
    ----------
    name
        Under which phones look for it: `[A-Za-z0-9_-]`, 1 to 32 characters.
    content, card
        The file and its card; the card's thresholds are those that phones judge by.
    created
        UTC, ISO format.
    min_app_version
        Phones with an older app keep their model.
    at_least
        The lowest version that may be given to it: above all that this workspace knows of.
    known_path
        Where the same bytes were published before; they are not sent again.
    """

    name: str
    content: bytes
    card: ModelCard
    created: str
    min_app_version: str
    at_least: int = 1
    known_path: str | None = None


@dataclass(frozen=True)
class Published:
    """What is in force at a place.

    Attributes
    ----------
    version
        Number of the publication; it only grows, also when an older model is published again.
    sha256, path
        Of the model file, and where it lies. A place that keeps only the start of a hash tells that of what others
        published there.
    key_id
        Of the key that signed it; None where nothing is signed.
    receipt
        What was written there, as text: a manifest, or what a service answered.
    changed
        Whether this call changed anything.
    """

    version: int
    sha256: str
    path: str
    key_id: str | None
    receipt: str
    changed: bool


class Publisher(Protocol):
    """A place where models are published.

    Every method may raise what `cloud.faults` has. A failure at any step leaves in force what was so before.
    """

    @property
    def id(self) -> str:
        """Stands for the place in the database, at most 400 characters; the same at every start."""
        ...

    @property
    def title(self) -> str:
        """The place in words, for people."""
        ...

    @property
    def notice(self) -> str:
        """What people should know before they use it; empty for nothing."""
        ...

    def current(self, name: str) -> Published | None:
        """What is in force there.

        Raises
        ------
        PublishingError
            If what lies there is not ours.
        """
        ...

    def publish(self, wanted: ToPublish) -> Published:
        """Bring a model into force; one that is in force already changes nothing.

        Raises
        ------
        PublishingError, ChangedMeanwhileError
            If it cannot be published there, or somebody else was faster.
        """
        ...
