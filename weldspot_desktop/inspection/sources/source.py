"""What every source of live pictures offers."""

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.sources.controls import CameraControls, ControlState


class SourceError(ExpectedError):
    """A source cannot be opened, or gives no more pictures; trying again later may help."""


@dataclass(frozen=True)
class SourceOptions:
    """What the user's settings say about sources.

    Attributes
    ----------
    width, height
        Pixels asked of a USB camera for which no size of its own was chosen; it may choose others.
    stall_seconds
        A source that gives no picture for so long is lost: the time-out of a blocking read.
    loop
        Whether a video file begins again after its last picture.
    controls
        What was chosen for this camera.
    largest_megapixels
        Larger pictures of a watched folder are refused.
    """

    width: int = 1280
    height: int = 720
    stall_seconds: float = 2.0
    loop: bool = True
    controls: CameraControls = field(default_factory=CameraControls)
    largest_megapixels: float = 100.0


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes
    ----------
    number
        Counts up from 1 over the life of the source object, reopening included.
    pixels : (h, w, 3) uint8 RGB; nobody writes into it after it was handed out
    captured : float, `time.monotonic()` when the picture was complete in the driver, in seconds
    path
        The file that it was, for a source whose pictures are files; empty otherwise.
    """

    number: int
    pixels: NDArray[np.uint8]
    captured: float
    path: str = ""


class Source(ABC):
    """A place that live pictures come from.

    One thread opens, reads and closes; only `interrupt`, `apply` and properties may be used from another. A closed
    source can be opened again.

    Parameters
    ----------
    text
        What `accepts` agreed to.
    options
        The user's settings.

    Raises
    ------
    SourceError
        If the text has a mistake in it.
    """

    held_by_pause: ClassVar[bool] = False
    """Whether a pause holds the source itself (a recording), or pictures go by meanwhile (a camera)."""

    each_counts: ClassVar[bool] = False
    """Whether every picture must be judged (files that were put somewhere), or the newest is what matters."""

    def __init__(self, text: str, options: SourceOptions) -> None:
        self._text = text
        self._options = options
        self._interrupted = threading.Event()
        self._count = 0

    @staticmethod
    @abstractmethod
    def accepts(text: str) -> bool:
        """Whether this kind of source is meant by a text."""

    @property
    @abstractmethod
    def title(self) -> str:
        """Name for people and records, without secrets."""

    @property
    def address(self) -> str:
        """Text that `parse` turns into this source again, without secrets: it may be stored and shown."""
        return self._text

    @property
    def awaits(self) -> str:
        """What it waits for once it is open, as a sentence, where pictures come now and then; empty where steadily.

        A source that gives pictures steadily is lost when none comes for a while.
        """
        return ""

    @property
    def silent_since(self) -> float | None:
        """`time.monotonic()` since when it waits for the system, if it does and tells that; for what `awaits`."""
        return None

    @property
    def notice(self) -> str:
        """What somebody should know although pictures go on, as a sentence; empty if there is nothing."""
        return ""

    @property
    def controls(self) -> tuple[ControlState, ...]:
        """What the camera made of the controls in `SourceOptions`; empty for what has none, and before it told."""
        return ()

    def apply(self, options: SourceOptions) -> None:
        """Take other settings: at once where that is possible, else when it is opened again."""
        self._options = options

    @abstractmethod
    def open(self) -> None:
        """Start giving pictures.

        Raises
        ------
        SourceError
            With a sentence that says why it cannot.
        """

    @abstractmethod
    def read(self) -> Frame | None:
        """The next picture, waiting for it; None after the last, and soon after `interrupt`.

        Raises
        ------
        SourceError
            If the source is lost.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of device, connection or file; without effect if nothing is open."""

    def interrupt(self) -> None:
        """Ask a wait inside `read` to end; from any thread, and for good.

        A driver that waits by itself cannot be asked; it comes back after its own time-out.
        """
        self._interrupted.set()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title!r})"

    def _frame(self, pixels: NDArray[np.uint8], captured: float | None = None, path: str = "") -> Frame:
        self._count += 1
        return Frame(self._count, pixels, time.monotonic() if captured is None else captured, path)


class Metronome:
    """Hands out the moments of a steady frame rate.

    Parameters
    ----------
    per_second
        Frame rate.
    interrupted
        Ends a wait at once when set.
    """

    def __init__(self, per_second: float, interrupted: threading.Event) -> None:
        self.period = 1 / per_second
        self._interrupted = interrupted
        self._due = time.monotonic()

    def wait(self) -> int:
        """Wait for the next moment.

        Returns
        -------
        int
            Frames that are due by now, at least 1: more when the caller was slow. After a long break (a pause)
            it starts anew with 1 instead of making up for it.
        """
        now = time.monotonic()
        if now - self._due > 1.0:
            self._due = now
        if now < self._due:
            self._interrupted.wait(self._due - now)
            now = time.monotonic()
        missed = max(int((now - self._due) / self.period), 0)
        self._due += (missed + 1) * self.period
        return missed + 1
