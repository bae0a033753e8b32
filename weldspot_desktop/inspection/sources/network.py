"""Cameras in the network: RTSP, and HTTP with Motion JPEG or a video."""

from typing import Final

import cv2

from weldspot_desktop.inspection.sources import address
from weldspot_desktop.inspection.sources.capture import Capture
from weldspot_desktop.inspection.sources.probe import check_reachable, refusal
from weldspot_desktop.inspection.sources.source import Frame, Source, SourceError, SourceOptions

OPEN_SECONDS: Final = 5.0
"""Longest wait for a stream to begin: a camera needs a moment to its first whole picture."""

CONNECT_SECONDS: Final = 3.0
"""Longest wait for the host to answer at all."""


class NetworkSource(Source):
    """A stream by its address; the password in it is used to open and for nothing else."""

    def __init__(self, text: str, options: SourceOptions) -> None:
        super().__init__(text, options)
        try:
            address.split(text)
        except address.AddressError as error:
            raise SourceError("This is not a network address that can be opened.", str(error)) from None
        self._capture: Capture | None = None

    @staticmethod
    def accepts(text: str) -> bool:
        scheme, separator, _ = text.partition("://")
        return bool(separator) and scheme.casefold() in address.DEFAULT_PORTS

    @property
    def title(self) -> str:
        return address.masked(self._text)

    @property
    def address(self) -> str:
        return address.without_secrets(self._text)

    def open(self) -> None:
        check_reachable(self._text, CONNECT_SECONDS)
        parameters = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            round(OPEN_SECONDS * 1000),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            round(self._options.stall_seconds * 1000),
        ]
        failure = SourceError(f"{self.title} answers, but gives no video.", "Check the path at the end of the address.")
        try:
            self._capture = Capture(self._text, cv2.CAP_FFMPEG, parameters, failure)
        except SourceError as error:
            if self._interrupted.is_set():
                raise
            raise refusal(self._text, CONNECT_SECONDS) or error from None

    def read(self) -> Frame | None:
        if self._capture is None or self._interrupted.is_set():
            return None
        found = self._capture.read()
        if found is None:
            raise SourceError(f"{self.title} gives no picture.", "Check that the camera is on and its cable is in.")
        return self._frame(*found)

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
