"""The parent's side of the process that reads from a driver."""

import logging
import multiprocessing
import threading
import time
from multiprocessing.context import SpawnProcess
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.inspection.sources import capture_child as child
from weldspot_desktop.inspection.sources.capture_slots import LARGEST_BYTES, Slots
from weldspot_desktop.inspection.sources.controls import CameraControls, ControlState
from weldspot_desktop.inspection.sources.source import SourceError

START_SECONDS: Final = 20.0
"""Longest wait for the process itself: a cold start from a slow disk takes seconds."""

FIRST_PICTURE_SECONDS: Final = 6.0
"""Longest wait for the first picture after opening: webcams take up to two seconds to begin."""

GRACE_SECONDS: Final = 0.6
"""How long the child may take to let go of its driver before it is killed."""

_POLL_SECONDS: Final = 0.05
_KILL_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)

# The window runs threads, which a forked child would inherit in the middle of whatever they hold.
_SPAWN: Final = multiprocessing.get_context("spawn")


class CaptureProcess:
    """One child process with one open driver, from `open` to `close`.

    One thread opens, reads and closes; `adjust` and `states` are for any.

    Parameters
    ----------
    opener
        What the child opens.
    title
        Name of the source, for people.
    interrupted
        Ends every wait soon after it is set.
    """

    def __init__(self, opener: child.Opener, title: str, interrupted: threading.Event) -> None:
        self._opener = opener
        self._title = title
        self._interrupted = interrupted
        self._sending = threading.Lock()
        self._connection, self._others = _SPAWN.Pipe()
        self._process: SpawnProcess | None = None
        self._slots: Slots | None = None
        self._asked = self._begun = self._hangs = False
        self._states: tuple[ControlState, ...] = ()

    @property
    def states(self) -> tuple[ControlState, ...]:
        """What the camera made of the controls; empty before it told."""
        return self._states

    @property
    def pid(self) -> int | None:
        """Number of the child process; None while there is none."""
        return self._process.pid if self._process is not None else None

    def open(self, seconds: float) -> bool:
        """Start the child and wait until its driver is open.

        Parameters
        ----------
        seconds
            How long the driver may take.

        Returns
        -------
        bool
            False if it was interrupted.

        Raises
        ------
        SourceError
            If the driver does not open, or not in time.
        """
        process = _SPAWN.Process(
            target=child.run, args=(self._others, self._opener), name="weldspot-capture", daemon=True
        )
        try:
            process.start()
        except OSError as error:
            raise SourceError(
                f"No process can be started for {self._title}: {error.strerror}.", "Close other programs."
            ) from error
        finally:
            self._others.close()
        self._process = process
        for awaited, limit in ((child.Started, START_SECONDS), (child.Opened, seconds)):
            deadline = time.monotonic() + limit
            message = self._receive(deadline)
            if message is None and self._interrupted.is_set():
                return False
            if message is None:
                raise SourceError(f"{self._title} does not open within {limit:.0f} seconds.", "Plug it in again.")
            assert isinstance(message, awaited)
        return True

    def read(self, stall_seconds: float) -> tuple[NDArray[np.uint8], float] | None:
        """The newest picture, (h, w, 3) RGB, and the monotonic time at which it was there; None if interrupted.

        Raises
        ------
        SourceError
            If the driver fails, the child dies, or none comes for `stall_seconds`.
        """
        if not self._asked:
            self._send(child.Next())
            self._asked = True
        deadline = time.monotonic() + (stall_seconds if self._begun else max(stall_seconds, FIRST_PICTURE_SECONDS))
        while not self._interrupted.is_set():
            message = self._receive(deadline)
            if isinstance(message, child.Picture):
                return self._take(message)
            if isinstance(message, child.Adjusted):
                self._states = message.states
            elif isinstance(message, child.RoomWanted):
                self._make_room(message.capacity)
            elif message is None and not self._interrupted.is_set():
                self._hangs = True
                raise SourceError(*self._opener.lost)
        return None

    def adjust(self, controls: CameraControls) -> None:
        """Apply controls while pictures go on; `states` tells what came of it."""
        self._send(child.Adjust(controls))

    def close(self) -> None:
        """Let the child let go of its driver, or kill it; leaves neither process nor memory."""
        self._others.close()
        process, self._process = self._process, None
        if process is not None:
            self._end(process)
        self._connection.close()
        if self._slots is not None:
            self._slots.forget_name()
            self._slots.close()
            self._slots = None

    def _end(self, process: SpawnProcess) -> None:
        if not self._hangs:
            self._send(child.Stop())
            process.join(GRACE_SECONDS)
        if process.is_alive():
            process.kill()
            process.join(_KILL_SECONDS)
        if process.is_alive():
            # Inside the kernel, where no signal reaches it. It ends when the driver comes back, and the next start
            # of any process takes it off the list.
            _log.warning("the process %d of %s does not end", process.pid, self._title)
        else:
            process.close()

    def _receive(self, deadline: float) -> object:
        """The child's next message; None at the deadline, and soon after an interruption."""
        while not self._interrupted.is_set():
            left = deadline - time.monotonic()
            try:
                if self._connection.poll(max(min(left, _POLL_SECONDS), 0)):
                    return self._understood(self._connection.recv())
            except (EOFError, OSError) as error:
                raise SourceError(
                    f"The process that reads {self._title} has ended.", "It is started again by itself."
                ) from error
            if left <= 0:
                return None
        return None

    def _understood(self, message: object) -> object:
        if isinstance(message, child.Failed):
            raise SourceError(message.what, message.advice)
        if isinstance(message, child.Broken):
            raise RuntimeError(f"fault in the process that reads {self._title}:\n{message.report}")
        return message

    def _take(self, picture: child.Picture) -> tuple[NDArray[np.uint8], float]:
        assert self._slots is not None
        pixels = self._slots.view(picture.slot, picture.height, picture.width).copy()
        self._asked = False
        self._begun = True
        self._slots.forget_name()
        return pixels, min(picture.captured, time.monotonic())

    def _make_room(self, capacity: int) -> None:
        if capacity > LARGEST_BYTES:
            raise ValueError(f"pictures of {capacity} bytes")
        if self._slots is not None:
            self._slots.forget_name()
            self._slots.close()
            self._slots = None
        try:
            self._slots = Slots.make(capacity)
        except OSError as error:
            raise SourceError(
                f"There is no shared memory for the pictures of {self._title}: {error.strerror}.",
                "Close other programs.",
            ) from error
        self._send(child.Room(self._slots.name, capacity))

    def _send(self, message: Any) -> None:
        """A child that has ended is noticed at the next receipt."""
        try:
            with self._sending:
                self._connection.send(message)
        except OSError:
            _log.debug("%s was not sent: the child has ended", type(message).__name__)
