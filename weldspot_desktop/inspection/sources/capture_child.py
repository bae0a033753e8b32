"""The process that reads from a driver which may block: it can be killed, a thread cannot.

Small messages go between it and `capture_process`; pictures lie in `capture_slots`. The child
writes each picture into the place that is not being read, over the one that lies there, and tells of the newest one
when it is asked for it. So there is never more than one message under way, and never an old picture.
"""

import os
import signal
import threading
import traceback
from abc import ABC, abstractmethod
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.inspection.sources.capture import Capture, to_rgb
from weldspot_desktop.inspection.sources.capture_slots import LARGEST_BYTES, Slots
from weldspot_desktop.inspection.sources.controls import CameraControls, ControlState, apply_controls
from weldspot_desktop.inspection.sources.source import SourceError

_ROOM_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Opener(ABC):
    """What the child opens, sent to it when it starts.

    Attributes
    ----------
    lost : what is told, with advice, when the driver gives no more pictures
    controls : choices for a camera; None where there is nothing to choose
    """

    lost: tuple[str, str]
    controls: CameraControls | None

    @abstractmethod
    def open(self) -> Capture:
        """Open the driver; runs in the child.

        Raises
        ------
        SourceError
            With a sentence that says why it cannot.
        """


# From the child.


@dataclass(frozen=True)
class Started:
    """The child lives, and begins to open."""


@dataclass(frozen=True)
class Opened:
    """The driver is open."""


@dataclass(frozen=True)
class Adjusted:
    """What the camera made of the controls."""

    states: tuple[ControlState, ...]


@dataclass(frozen=True)
class RoomWanted:
    """Places for pictures of so many bytes are needed."""

    capacity: int


@dataclass(frozen=True)
class Picture:
    """The newest picture lies in a place, which is not touched before the next `Next`."""

    slot: int
    height: int
    width: int
    captured: float


@dataclass(frozen=True)
class Failed:
    """An expected failure; the child ends."""

    what: str
    advice: str


@dataclass(frozen=True)
class Broken:
    """A bug; the child ends."""

    report: str


# To the child.


@dataclass(frozen=True)
class Room:
    """Here are the places that were wanted."""

    name: str
    capacity: int


@dataclass(frozen=True)
class Next:
    """The last picture was copied; tell of the next one."""


@dataclass(frozen=True)
class Adjust:
    """Apply these controls."""

    controls: CameraControls


@dataclass(frozen=True)
class Stop:
    """Let go of the driver and end."""


def run(connection: "Connection[Any, Any]", opener: Opener) -> None:
    """The child's whole life."""
    # Ctrl+C in a terminal reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Child(connection, opener).run()


class _Child:
    def __init__(self, connection: "Connection[Any, Any]", opener: Opener) -> None:
        self._connection = connection
        self._opener = opener
        self._changed = threading.Condition()
        self._stopping = False
        self._wish = opener.controls
        self._slots: Slots | None = None
        self._wanted = 0
        self._asked = False
        self._fresh: Picture | None = None
        self._being_read: int | None = None

    def run(self) -> None:
        threading.Thread(target=self._listen, name="capture-listener", daemon=True).start()
        try:
            self._send(Started())
            capture = self._opener.open()
            try:
                self._send(Opened())
                self._stream(capture)
            finally:
                capture.release()
        except SourceError as error:
            self._send(Failed(error.what, error.advice))
        except Exception:  # noqa: BLE001 - told to the parent, which raises it as the bug it is
            self._send(Broken(traceback.format_exc()))

    def _listen(self) -> None:
        """Obey the parent, also while the driver blocks the main thread; without a parent, end at once."""
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                os._exit(0)
            with self._changed:
                if isinstance(message, Next):
                    self._asked, self._being_read = True, None
                    self._tell()
                elif isinstance(message, Room):
                    self._take_room(message)
                elif isinstance(message, Adjust):
                    self._wish = message.controls
                elif isinstance(message, Stop):
                    self._stopping = True
                self._changed.notify_all()

    def _stream(self, capture: Capture) -> None:
        while not self._stopping:
            wish, self._wish = self._wish, None
            if wish is not None:
                self._send(Adjusted(apply_controls(capture, wish)))
            found = capture.read_raw()
            if found is None:
                raise SourceError(*self._opener.lost)
            self._publish(*found)

    def _publish(self, picture: NDArray[np.uint8], captured: float) -> None:
        height, width = picture.shape[:2]
        size = height * width * 3
        if size > LARGEST_BYTES:
            raise SourceError(f"The source gives pictures of {width} × {height} pixels.", "That is more than 8K.")
        with self._changed:
            if (self._slots is None or self._slots.capacity < size) and not self._wait_for_room(size):
                return
            assert self._slots is not None
            slot = 1 if self._being_read == 0 else 0
            to_rgb(picture, out=self._slots.view(slot, height, width))
            self._fresh = Picture(slot, height, width, captured)
            self._tell()

    def _wait_for_room(self, size: int) -> bool:
        """Ask for places of this size and wait for them; False if there are none (the picture is then dropped)."""
        if self._wanted < size:
            self._wanted = size
            self._post(RoomWanted(size))
        return self._changed.wait_for(
            lambda: self._stopping or (self._slots is not None and self._slots.capacity >= size), _ROOM_SECONDS
        ) and not (self._stopping or self._slots is None)

    def _take_room(self, room: Room) -> None:
        if self._slots is not None:
            self._slots.close()
        self._slots = Slots.attach(room.name, room.capacity)
        # What was not told of lay in the old places.
        self._fresh = None

    def _tell(self) -> None:
        """Tell of the newest picture if the parent waits for one. Under the lock."""
        if self._asked and self._fresh is not None:
            self._post(self._fresh)
            self._being_read, self._fresh, self._asked = self._fresh.slot, None, False

    def _send(self, message: object) -> None:
        with self._changed:
            self._post(message)

    def _post(self, message: object) -> None:
        try:
            self._connection.send(message)
        except OSError:
            # Without a parent there is nobody left to tell.
            os._exit(0)
