"""What every source of live pictures offers."""

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.errors import ExpectedError


class SourceError(ExpectedError):
    """A source cannot be opened, or gives no more pictures; trying again later may help."""


@dataclass(frozen=True)
class SourceOptions:
    """What the user's settings say about sources.

    Attributes
    ----------
    width, height
        Pixels asked of a USB camera; it may choose others.
    stall_seconds
        A source that gives no picture for so long is lost: the time-out of a blocking read.
    """

    width: int = 1280
    height: int = 720
    stall_seconds: float = 2.0


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes
    ----------
    number
        Counts up from 1 over the life of the source object, reopening included.
    pixels : (h, w, 3) uint8 RGB; nobody writes into it after it was handed out
    captured : float, `time.monotonic()` when the picture was complete in the driver, in seconds
    """

    number: int
    pixels: NDArray[np.uint8]
    captured: float


class Source(ABC):
    """A place that live pictures come from.

    One thread opens, reads and closes; only `interrupt` may be called from another. A closed source can be
    opened again.

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

    def _frame(self, pixels: NDArray[np.uint8], captured: float | None = None) -> Frame:
        self._count += 1
        return Frame(self._count, pixels, time.monotonic() if captured is None else captured)


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
