"""Cameras in the network: RTSP, and HTTP with Motion JPEG or a video."""

from dataclasses import dataclass, field
from typing import Final

import cv2

from weldspot_desktop.inspection.sources import address
from weldspot_desktop.inspection.sources.capture import Capture
from weldspot_desktop.inspection.sources.capture_child import Opener
from weldspot_desktop.inspection.sources.capture_process import CaptureProcess
from weldspot_desktop.inspection.sources.probe import check_reachable, refusal
from weldspot_desktop.inspection.sources.source import Frame, Source, SourceError, SourceOptions

OPEN_SECONDS: Final = 5.0
"""Longest wait for a stream to begin: a camera needs a moment to its first whole picture."""

CONNECT_SECONDS: Final = 3.0
"""Longest wait for the host to answer at all."""


_ALL_SECONDS: Final = OPEN_SECONDS + 3 * CONNECT_SECONDS
"""Longest wait for the child that does all of it: reaching the host, opening, and asking why not."""


@dataclass(frozen=True)
class NetworkOpener(Opener):
    """Opens a stream in the child process: even looking up a host's name may block for minutes.

    Attributes
    ----------
    address : with its password
    read_seconds : time-out of a read inside FFmpeg
    """

    address: str = field(repr=False)
    read_seconds: float

    def open(self) -> Capture:
        check_reachable(self.address, CONNECT_SECONDS)
        parameters = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            round(OPEN_SECONDS * 1000),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            round(self.read_seconds * 1000),
        ]
        shown = address.masked(self.address)
        failure = SourceError(f"{shown} answers, but gives no video.", "Check the path at the end of the address.")
        try:
            return Capture(self.address, cv2.CAP_FFMPEG, parameters, failure)
        except SourceError as error:
            raise refusal(self.address, CONNECT_SECONDS) or error from None


class NetworkSource(Source):
    """A stream by its address; the password in it is used to open and for nothing else."""

    def __init__(self, text: str, options: SourceOptions) -> None:
        super().__init__(text, options)
        try:
            address.split(text)
        except address.AddressError as error:
            raise SourceError("This is not a network address that can be opened.", str(error)) from None
        self._capture: CaptureProcess | None = None

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
        opener = NetworkOpener(
            lost=(f"{self.title} gives no picture.", "Check that the camera is on and its cable is in."),
            controls=None,
            address=self._text,
            read_seconds=self._options.stall_seconds,
        )
        self._capture = CaptureProcess(opener, self.title, self._interrupted)
        self._capture.open(_ALL_SECONDS)

    def read(self) -> Frame | None:
        found = self._capture.read(self._options.stall_seconds) if self._capture is not None else None
        return self._frame(*found) if found is not None else None

    def close(self) -> None:
        if self._capture is not None:
            self._capture.close()
            self._capture = None
