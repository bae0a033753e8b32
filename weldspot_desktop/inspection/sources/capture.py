"""OpenCV's video capture, quiet and with its pictures in RGB."""

import os
import time
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.inspection.sources.source import SourceError

_QUIET: Final = {
    # FFmpeg writes addresses, passwords included, to stderr; -8 is its AV_LOG_QUIET.
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    # Seconds that Video4Linux waits for a picture (OpenCV's default: 10).
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",
}


class Capture:
    """One open `cv2.VideoCapture`.

    Parameters
    ----------
    target
        Device index, address or path.
    backend
        `cv2.CAP_…`.
    parameters
        Pairs of property and value that are given while opening.
    failure
        What to raise if it does not open.

    Raises
    ------
    SourceError
        `failure`.
    """

    def __init__(self, target: int | str, backend: int, parameters: Sequence[int], failure: SourceError) -> None:
        self._capture = cv2.VideoCapture()
        try:
            opened = self._capture.open(target, backend, parameters)
        except cv2.error as error:
            raise failure from error
        if not opened:
            raise failure

    def read(self) -> tuple[NDArray[np.uint8], float] | None:
        """The next picture, (h, w, 3) RGB, and the monotonic time at which it was there; None if there is none."""
        found = self.read_raw()
        return None if found is None else (to_rgb(found[0]), found[1])

    def read_raw(self) -> tuple[NDArray[np.uint8], float] | None:
        """The same as the driver gives it, for `to_rgb`: grey (h, w), BGR or BGRA."""
        try:
            if not self._capture.grab():
                return None
            captured = time.monotonic()
            there, picture = self._capture.retrieve()
            if not there or picture is None or picture.size == 0:
                return None
            return np.asarray(picture, dtype=np.uint8), captured
        except cv2.error as error:
            raise SourceError("The source gave a picture that could not be read.") from error

    def skip(self, count: int) -> None:
        """Pass over pictures without decoding what can be left out."""
        for _ in range(count):
            if not self._capture.grab():
                return

    def get(self, prop: int) -> float:
        """A property of the driver; 0 if it has none."""
        return float(self._capture.get(prop))

    def set(self, prop: int, value: float) -> bool:
        """Ask the driver for a value; False if it declines."""
        return bool(self._capture.set(prop, value))

    def release(self) -> None:
        """Let go of the device, connection or file. Not while another thread reads: OpenCV would crash."""
        self._capture.release()


def quiet() -> None:
    """Keep OpenCV and FFmpeg off stderr: what fails is told by our own errors, once and in words."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


# FFmpeg reads its level once, when the process opens its first capture, whoever does that.
quiet()


def to_rgb(picture: NDArray[np.uint8], out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """A driver's picture as (h, w, 3) RGB, written into `out` where one is given."""
    code = {2: cv2.COLOR_GRAY2RGB, 4: cv2.COLOR_BGRA2RGB}.get(
        picture.ndim if picture.ndim == 2 else picture.shape[2], cv2.COLOR_BGR2RGB
    )
    return np.asarray(cv2.cvtColor(picture, code, dst=out), dtype=np.uint8)
