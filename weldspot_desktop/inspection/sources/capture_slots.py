"""Two places for pictures in memory that two processes share."""

import contextlib
from multiprocessing.shared_memory import SharedMemory
from typing import Final

import numpy as np
from numpy.typing import NDArray

LARGEST_BYTES: Final = 7680 * 4320 * 3
"""The largest picture that is taken from a driver: 8K."""

COUNT: Final = 2


class Slots:
    """Shared memory for two RGB pictures: one that is read, one that is written.

    Parameters
    ----------
    memory
        At least twice `capacity` bytes.
    capacity
        Bytes of the largest picture that fits into one place.
    """

    def __init__(self, memory: SharedMemory, capacity: int) -> None:
        self._memory = memory
        self._named = True
        self.capacity = capacity

    @classmethod
    def make(cls, capacity: int) -> "Slots":
        """New memory, for the reader.

        Nothing is written into it: where the system has not enough after all, the writer's process ends, not this.

        Raises
        ------
        OSError
            If the system has no room.
        """
        return cls(SharedMemory(create=True, size=COUNT * capacity), capacity)

    @classmethod
    def attach(cls, name: str, capacity: int) -> "Slots":
        """The reader's memory, for the writer."""
        return cls(SharedMemory(name=name), capacity)

    @property
    def name(self) -> str:
        return self._memory.name

    def view(self, slot: int, height: int, width: int) -> NDArray[np.uint8]:
        """One place as (h, w, 3); to be let go of before `close`."""
        return np.ndarray((height, width, 3), np.uint8, self._memory.buf, offset=slot * self.capacity)

    def forget_name(self) -> None:
        """Both sides have it: nobody else needs the name, and nothing can stay behind. For the reader."""
        if not self._named:
            return
        self._named = False
        with contextlib.suppress(FileNotFoundError):
            self._memory.unlink()

    def close(self) -> None:
        """Let go of the memory; it is freed when the other side has, too."""
        self._memory.close()
