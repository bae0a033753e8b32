"""What it costs to read pictures in a child process: the copy out of shared memory, and the age of a picture.

    python tests/bench/capture_process.py [--pictures 300] [--rate 30]

Prints milliseconds for pictures of several sizes: the copy alone, and from the moment the driver had the picture to
the moment the parent has it. The driver is a stand-in that draws at a steady rate.
"""

import argparse
import statistics
import threading
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.inspection.sources.capture import Capture
from weldspot_desktop.inspection.sources.capture_child import Opener
from weldspot_desktop.inspection.sources.capture_process import CaptureProcess
from weldspot_desktop.inspection.sources.source import Metronome

SIZES = ((640, 480), (1280, 720), (1920, 1080), (3840, 2160))


class Driver(Capture):
    """Gives the same picture at a steady rate."""

    def __init__(self, opener: "DriverOpener") -> None:
        self._metronome = Metronome(opener.rate, threading.Event())
        self._picture = np.random.default_rng(0).integers(0, 256, (opener.height, opener.width, 3), np.uint8)

    def read_raw(self) -> tuple[NDArray[np.uint8], float] | None:
        self._metronome.wait()
        return self._picture, time.monotonic()

    def release(self) -> None:
        pass


@dataclass(frozen=True)
class DriverOpener(Opener):
    """Opens the stand-in."""

    width: int
    height: int
    rate: float

    def open(self) -> Capture:
        """The driver."""
        return Driver(self)


class Timed(CaptureProcess):
    """Notes how long each copy takes."""

    def __init__(self, opener: Opener) -> None:
        super().__init__(opener, "the stand-in", threading.Event())
        self.copies: list[float] = []

    def _take(self, *arguments: object) -> tuple[NDArray[np.uint8], float]:
        start = time.perf_counter()
        found = super()._take(*arguments)  # type: ignore[arg-type]
        self.copies.append((time.perf_counter() - start) * 1000)
        return found


def main() -> None:
    """Measure each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--rate", type=float, default=30.0)
    chosen = parser.parse_args()
    print(f"{'size':>11} {'copy p50':>9} {'copy p95':>9} {'age p50':>9} {'age p95':>9}  ms")
    for width, height in SIZES:
        process = Timed(DriverOpener(("lost", ""), None, width, height, chosen.rate))
        process.open(30)
        ages = []
        for _ in range(chosen.pictures):
            found = process.read(10)
            assert found is not None
            ages.append((time.monotonic() - found[1]) * 1000)
        process.close()
        columns = [figure for values in (process.copies, ages) for figure in (statistics.median(values), p95(values))]
        print(f"{f'{width}x{height}':>11} " + " ".join(f"{figure:9.2f}" for figure in columns))


def p95(values: list[float]) -> float:
    """The value that 95 % do not exceed."""
    return sorted(values)[int(len(values) * 0.95)]


if __name__ == "__main__":
    main()
