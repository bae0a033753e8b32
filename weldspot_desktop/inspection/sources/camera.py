"""USB and built-in cameras."""

import sys
from dataclasses import dataclass
from typing import Final

import cv2
from cv2_enumerate_cameras import enumerate_cameras

from weldspot_desktop.inspection.sources.capture import Capture
from weldspot_desktop.inspection.sources.source import Frame, Source, SourceError, SourceOptions

PREFIX: Final = "camera:"

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


class CameraSource(Source):
    """A camera by index (`camera:0`) or by name (`camera:HD Pro Webcam C920`)."""

    def __init__(self, text: str, options: SourceOptions) -> None:
        super().__init__(text, options)
        self._wanted = text.removeprefix(PREFIX).strip()
        if not self._wanted:
            raise SourceError("No camera was named.", "Write camera:0 for the first one.")
        self._capture: Capture | None = None

    @staticmethod
    def accepts(text: str) -> bool:
        return text.startswith(PREFIX)

    @property
    def title(self) -> str:
        return f"Camera {self._wanted}" if self._wanted.isdecimal() else self._wanted

    def open(self) -> None:
        index = self._index()
        failure = SourceError(
            f"The camera “{self.title}” does not open.",
            "Another program may be using it: close that program, or plug the camera in again.",
        )
        self._capture = Capture(index, _BACKEND, (), failure)
        # Uncompressed pictures of this size exceed what USB 2 carries at 30 frames/s; a camera that knows no
        # Motion JPEG declines and keeps its own format.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._options.width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._options.height)

    def read(self) -> Frame | None:
        if self._capture is None or self._interrupted.is_set():
            return None
        found = self._capture.read()
        if found is None:
            raise SourceError(f"The camera “{self.title}” gives no picture.", "Check its cable.")
        return self._frame(*found)

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

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
