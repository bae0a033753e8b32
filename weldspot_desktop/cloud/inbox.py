"""What every inbox of phone uploads can do; the sync knows no more of a cloud than this."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

UPLOADS: Final = "uploads/"
"""Objects of phones that sign in: `uploads/{uid}/{name}`."""

ROOT: Final = ""
"""Objects of the first generation of phones, which wrote into the bucket's root: names without a slash."""

PREFIXES: Final = (UPLOADS, ROOT)
PROCESSED: Final = "processed/"
"""Where acknowledged objects are moved to, if the settings say so."""

SIDECAR: Final = ".json"


@dataclass(frozen=True)
class RemoteObject:
    """An object of an inbox as a listing tells of it, in one generation.

    Attributes
    ----------
    name
        Whole, with prefix. From a stranger: never to be used as a path.
    generation
        Changes with the content; an object is (name, generation).
    bytes
        Size.
    updated
        When the inbox took it in; aware.
    crc32c
        Base 64 of its four bytes, most significant first; None where the inbox has none.
    content_type
        As the sender said; None if unknown.
    metadata
        What the sender said besides; keys and values from a stranger.
    """

    name: str
    generation: int
    bytes: int
    updated: datetime
    crc32c: str | None = None
    content_type: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


Known = Callable[[str, Sequence[str]], Mapping[str, RemoteObject]]
"""Given an inbox's id and some of its names (500 at most), those that arrived before, as they were then. It is for
inboxes whose listings tell only names."""


def nothing_known(inbox: str, names: Sequence[str]) -> Mapping[str, RemoteObject]:
    """`Known` where nothing arrived, or everything is to be compared anew."""
    return {}


class Inbox(Protocol):
    """A place that phones put pictures into. Any number of threads may use it at once.

    Every method may raise what `cloud.faults` has; nothing is tried again here.
    """

    @property
    def id(self) -> str:
        """Stands for the place in the database, at most 300 characters; the same at every start."""
        ...

    @property
    def title(self) -> str:
        """The place in words, for people."""
        ...

    def listing(self, prefix: str, *, start: str | None = None) -> Iterator[RemoteObject]:
        """All objects under one of `PREFIXES`, by name in the order of its code points; read page by page.

        Parameters
        ----------
        prefix
            `UPLOADS`, or `ROOT` for the objects whose names have no slash.
        start
            The first name of interest; None for all.
        """
        ...

    def download(self, found: RemoteObject, target: Path) -> None:
        """Write the bytes of exactly this generation to a file that does not matter if it fails.

        Raises
        ------
        MissingObjectError
            If this generation is not there any more.
        """
        ...

    def acknowledge(self, found: RemoteObject) -> None:
        """What the settings say is done with an object that was taken in: nothing, or moving it to `PROCESSED`.

        Only this generation is moved; one that came in its place stays. Moving what was moved already is no fault.
        """
        ...
