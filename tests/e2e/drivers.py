"""Drivers that misbehave, to be opened in the child process: it imports this file by its name."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.inspection.sources.capture import Capture
from weldspot_desktop.inspection.sources.capture_child import Opener
from weldspot_desktop.inspection.sources.source import SourceError


class Driver(Capture):
    """Numbered pictures, one every few milliseconds; after `pictures` of them it does what `then` says."""

    def __init__(self, opener: "DriverOpener") -> None:
        self._opener = opener
        self._number = 0
        self._properties: dict[int, float] = {}

    def read_raw(self) -> tuple[NDArray[np.uint8], float] | None:
        time.sleep(self._opener.period)
        self._number += 1
        if self._number > self._opener.pictures:
            if self._opener.then == "block":
                time.sleep(600)
            if self._opener.then == "bug":
                raise ZeroDivisionError("a bug")
            return None
        height, width = self._opener.sizes[self._number % len(self._opener.sizes)]
        # All of a picture has one value: a picture that was overwritten while it was read would hold two.
        return np.full((height, width, 3), self._number % 256, np.uint8), time.monotonic()

    def get(self, prop: int) -> float:
        return self._properties.get(prop, -1.0)

    def set(self, prop: int, value: float) -> bool:
        self._properties[prop] = value
        return True

    def release(self) -> None:
        if self._opener.then == "hold":
            time.sleep(600)


@dataclass(frozen=True)
class DriverOpener(Opener):
    pictures: int = 1_000_000
    period: float = 0.005
    then: str = ""
    sizes: tuple[tuple[int, int], ...] = ((120, 160),)

    def open(self) -> Capture:
        if self.then == "refuse":
            raise SourceError("It does not open.", "Never.")
        if self.then == "block at opening":
            time.sleep(600)
        return Driver(self)
