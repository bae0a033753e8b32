"""What every source of labelled pictures does, and what it may use."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from weldspot_desktop.dataset.labelled import LabelledPicture, Problem
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.paths import Workspace
from weldspot_desktop.store import Database
from weldspot_desktop.store.picture_files import PictureFiles

Report = Callable[[str, int, int], None]
"""Called with a stage, what is done of it, and its total (0 if unknown); whatever it raises stops the work."""


class SourceError(ExpectedError):
    """A source that cannot be opened as it was asked for."""


@dataclass(frozen=True)
class Room:
    """The parts of a workspace that an import works with."""

    workspace: Workspace
    database: Database
    files: PictureFiles

    @property
    def temporary(self) -> Path:
        """Where sources put what they need for a while."""
        return self.workspace.caches / "imports"

    @property
    def downloads(self) -> Path:
        """Where downloads lie until they are complete, so that they can be resumed."""
        return self.workspace.caches / "downloads"


@dataclass(frozen=True)
class Opened:
    """A source that is ready to be read.

    Attributes
    ----------
    name
        What its samples are listed under.
    format_name
        As what it is read.
    items
        Pictures and problems, read once, while the source is open.
    facts
        For the trail: where it came from, checksums. No secrets.
    complete
        The items are all that this source has: samples of earlier imports that are not among them are withdrawn.
    decides
        Its labels are decisions of people about these very pictures: they replace earlier ones.
    """

    name: str
    format_name: str
    items: Iterator[LabelledPicture | Problem]
    facts: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = False
    decides: bool = False


class Source(Protocol):
    """A kind of place that labelled pictures come from. A new one is a new file and one line in `SOURCES`."""

    title: str

    def open(
        self, argument: str, room: Room, *, format_name: str | None, progress: Report
    ) -> AbstractContextManager[Opened]:
        """Open it; what it puts into the workspace for a while is gone when the block ends.

        Parameters
        ----------
        argument
            What follows the source's name: a path, "60", "workspace/project/9"; may be empty.
        format_name
            Key of `FORMATS` that is wanted; None leaves it to the source.

        Raises
        ------
        ExpectedError
            If it cannot be opened.
        """
        ...
