"""USB and built-in cameras."""

import sys
from dataclasses import dataclass
from typing import Final

import cv2
from cv2_enumerate_cameras import enumerate_cameras

from weldspot_desktop.inspection.sources.capture import Capture
from weldspot_desktop.inspection.sources.capture_child import Opener
from weldspot_desktop.inspection.sources.capture_process import CaptureProcess
from weldspot_desktop.inspection.sources.controls import CameraControls, ControlState
from weldspot_desktop.inspection.sources.source import Frame, Source, SourceError, SourceOptions

PREFIX: Final = "camera:"

OPEN_SECONDS: Final = 15.0
"""Longest wait for a driver to open: some webcams take more than five seconds."""

_BACKEND: Final[int] = {"win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}.get(sys.platform, cv2.CAP_V4L2)
# DirectShow opens in a tenth of the time that Media Foundation takes on Windows.


@dataclass(frozen=True)
class CameraInfo:
    """A camera that is plugged in.

    Attributes
    ----------
    index
        Number that the operating system gave it; another after replugging.
    name
        Its own name.
    address
        Text that `parse` turns into it: by name, so that replugging does not matter, or by index where two
        cameras share a name.
    """

    index: int
    name: str
    address: str


def cameras() -> list[CameraInfo]:
    """Cameras that are plugged in, by index; an empty list if there are none."""
    found = sorted({(int(info.index), str(info.name).strip()) for info in enumerate_cameras(_BACKEND)})
    names = [name for _, name in found]
    return [
        CameraInfo(index, name or f"Camera {index}", f"{PREFIX}{name if _usable(name, names) else index}")
        for index, name in found
    ]


@dataclass(frozen=True)
class CameraOpener(Opener):
    """Opens a camera in the child process.

    Attributes
    ----------
    index, backend : what OpenCV opens
    title : the camera's name
    """

    index: int
    backend: int
    title: str

    def open(self) -> Capture:
        failure = SourceError(
            f"The camera “{self.title}” does not open.",
            "Another program may be using it: close that program, or plug the camera in again.",
        )
        return Capture(self.index, self.backend, (), failure)


class CameraSource(Source):
    """A camera by index (`camera:0`) or by name (`camera:HD Pro Webcam C920`)."""

    def __init__(self, text: str, options: SourceOptions) -> None:
        super().__init__(text, options)
        self._wanted = text.removeprefix(PREFIX).strip()
        if not self._wanted:
            raise SourceError("No camera was named.", "Write camera:0 for the first one.")
        self._capture: CaptureProcess | None = None
        self._states: tuple[ControlState, ...] = ()

    @staticmethod
    def accepts(text: str) -> bool:
        return text.startswith(PREFIX)

    @property
    def title(self) -> str:
        return f"Camera {self._wanted}" if self._wanted.isdecimal() else self._wanted

    @property
    def controls(self) -> tuple[ControlState, ...]:
        capture = self._capture
        self._states = capture.states if capture is not None and capture.states else self._states
        return self._states

    def apply(self, options: SourceOptions) -> None:
        super().apply(options)
        capture = self._capture
        if capture is not None:
            capture.adjust(self._wanted_controls())

    def open(self) -> None:
        opener = CameraOpener(
            lost=(f"The camera “{self.title}” gives no picture.", "Check its cable."),
            controls=self._wanted_controls(),
            index=self._index(),
            backend=_BACKEND,
            title=self.title,
        )
        self._capture = CaptureProcess(opener, f"the camera “{self.title}”", self._interrupted)
        self._capture.open(OPEN_SECONDS)

    def read(self) -> Frame | None:
        found = self._capture.read(self._options.stall_seconds) if self._capture is not None else None
        return self._frame(*found) if found is not None else None

    def close(self) -> None:
        if self._capture is not None:
            self._capture.close()
            self._capture = None

    def _wanted_controls(self) -> CameraControls:
        return self._options.controls.sized(self._options.width, self._options.height)

    def _index(self) -> int:
        there = cameras()
        wanted = int(self._wanted) if self._wanted.isdecimal() else None
        for info in there:
            if info.index == wanted or (wanted is None and info.name == self._wanted):
                return info.index
        known = ", ".join(f"“{info.name}”" for info in there)
        raise SourceError(
            f"There is no camera “{self.title}”." if there else "No camera is connected.",
            f"Connected: {known}." if there else "Plug one in.",
        )


def _usable(name: str, names: list[str]) -> bool:
    """Whether a name tells a camera from the others and from an index."""
    return bool(name) and not name.isdecimal() and names.count(name) == 1
