"""Video files, played as if they were a camera."""

from pathlib import Path
from typing import Final

import cv2

from weldspot_desktop.inspection.sources.capture import Capture
from weldspot_desktop.inspection.sources.source import Frame, Metronome, Source, SourceError, SourceOptions

SUFFIXES: Final = frozenset(
    {".avi", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ts", ".webm", ".wmv"}
)
"""File name endings offered in dialogs; the content decides what a file is."""

_SLOWEST, _USUAL, _FASTEST = 1.0, 25.0, 240.0


class VideoFileSource(Source):
    """A file, played at its own frame rate; from the start again and again unless `SourceOptions.loop` is off.

    Parameters
    ----------
    text
        Its path.
    options
        The user's settings.
    real_time
        Wait for the moment of each picture, and pass over pictures for which the reader was too slow; otherwise
        every picture is given at once.
    """

    held_by_pause = True

    def __init__(self, text: str, options: SourceOptions, *, real_time: bool = True) -> None:
        super().__init__(text, options)
        if "://" in text:
            # Not repeated: it may hold a password.
            raise SourceError(
                "This kind of address is not known.", "Use rtsp://, rtsps://, rtmp://, http:// or https://."
            )
        self._path = Path(text).expanduser().absolute()
        self._real_time = real_time
        self._capture: Capture | None = None
        self._metronome: Metronome | None = None

    @staticmethod
    def accepts(text: str) -> bool:
        return bool(text)

    @property
    def title(self) -> str:
        return self._path.name or str(self._path)

    @property
    def address(self) -> str:
        return str(self._path)

    def open(self) -> None:
        if self._path.is_dir():
            raise SourceError(f"“{self.title}” is a folder, not a video.", "Watch it with folder: before its path.")
        if not self._path.exists():
            raise SourceError(f"There is no file “{self._path}”.", "Choose the video again.")
        failure = SourceError(f"“{self.title}” is not a video that can be read.", "Choose another file.")
        self._capture = Capture(str(self._path), cv2.CAP_FFMPEG, (), failure)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        rate = min(max(rate, _SLOWEST), _FASTEST) if rate > 0 else _USUAL
        self._metronome = Metronome(rate, self._interrupted)

    def read(self) -> Frame | None:
        if self._capture is None or self._metronome is None:
            return None
        if self._real_time:
            due = self._metronome.wait()
            self._capture.skip(due - 1)
        if self._interrupted.is_set():
            return None
        found = self._capture.read()
        if found is None and self._options.loop:
            found = self._begin_again().read()
            if found is None:
                raise SourceError(f"“{self.title}” holds no picture.", "Choose another file.")
        return self._frame(*found) if found is not None else None

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _begin_again(self) -> Capture:
        # Opened anew: seeking to the start fails for streams without an index.
        self.close()
        failure = SourceError(f"“{self.title}” cannot be read any more.", "Check that the file is still there.")
        self._capture = Capture(str(self._path), cv2.CAP_FFMPEG, (), failure)
        return self._capture
