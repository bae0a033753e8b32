"""Judging what is not a picture file: frames of a video, a picture or a stream behind an address."""

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import cv2
import httpx
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.inspection import sources
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.inspection.sources.address import masked
from weldspot_desktop.inspection.sources.camera import PREFIX as CAMERA
from weldspot_desktop.inspection.sources.camera import CameraSource
from weldspot_desktop.inspection.sources.source import Frame, Source, SourceError
from weldspot_desktop.pictures.decode import LARGEST_FILE

ADDRESS_STARTS: Final = ("http://", "https://", "rtsp://", "rtsps://", CAMERA)

_SECONDS: Final = 10.0
_CAMERA_SECONDS: Final = 1.0


def inspect_video(inspector: Inspector, path: Path, *, every_seconds: float = 1.0) -> Iterator[Inspected]:
    """Judge one frame of a video file for every so many seconds of it; one row with the reason if it cannot be read."""
    capture = cv2.VideoCapture(str(path))
    try:
        if not capture.isOpened():
            yield Inspected(str(path), error="The file is not a video that can be read.")
            return
        rate = capture.get(cv2.CAP_PROP_FPS)
        step = max(1, round((rate if 0 < rate < 1000 else 25.0) * every_seconds))
        number = 0
        while capture.grab():
            if number % step == 0:
                read, frame = capture.retrieve()
                if not read:
                    yield Inspected(f"{path}#{number}", error="The frame could not be decoded.")
                    return
                yield inspect_frame(inspector, np.ascontiguousarray(frame[..., ::-1]), origin=f"{path}#{number}")
            number += 1
        if number == 0:
            yield Inspected(str(path), error="The video holds no frame that can be read.")
    finally:
        capture.release()


def inspect_address(
    inspector: Inspector, address: str, *, source: Callable[[str], Source] = sources.parse
) -> Inspected:
    """Judge the picture behind an address, or the newest frame of a stream or camera; the reason if there is none.

    Parameters
    ----------
    source
        Makes the live source of an address, with what was chosen for it.
    """
    shown = address if CameraSource.accepts(address) else masked(address)
    if address.startswith(("http://", "https://")):
        content = _download(address)
        if isinstance(content, str):
            return Inspected(shown, error=content)
        if content is not None:
            return inspector.content(content, origin=shown)
    try:
        with contextlib.closing(source(address)) as opened:
            opened.open()
            frame = _settled(opened)
    except SourceError as error:
        return Inspected(shown, error=str(error))
    if frame is None:
        return Inspected(shown, error="The stream gave no picture.")
    return inspect_frame(inspector, frame.pixels, origin=shown)


def _settled(source: Source) -> Frame | None:
    """The first frame of a stream; of a camera one after its automatic exposure has had time to find the light."""
    frame = source.read()
    end = time.monotonic() + _CAMERA_SECONDS
    while frame is not None and isinstance(source, CameraSource) and time.monotonic() < end:
        frame = source.read()
    return frame


def inspect_frame(inspector: Inspector, pixels: NDArray[np.uint8], *, origin: str) -> Inspected:
    """Judge (h, w, 3) RGB pixels; the hash is that of the pixels as PNG, which is what a record would keep."""
    sha256 = hashlib.sha256(png(pixels)).hexdigest()
    return Inspected.of(inspector.pixels(pixels), origin, sha256, (pixels.shape[1], pixels.shape[0]))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """(h, w, 3) RGB pixels as a PNG file."""
    return bytes(cv2.imencode(".png", pixels[..., ::-1])[1])


def _download(address: str) -> bytes | str | None:
    """Bytes of a picture; a sentence if the server refuses; None if it is a stream."""
    try:
        with httpx.stream("GET", address, timeout=_SECONDS, follow_redirects=True) as answer:
            kind = answer.headers.get("content-type", "")
            if kind.startswith(("multipart/", "video/")):
                return None
            if answer.status_code != httpx.codes.OK:
                return f"The server answered {answer.status_code} {answer.reason_phrase}."
            content = bytearray()
            for part in answer.iter_bytes():
                content += part
                if len(content) > LARGEST_FILE:
                    return f"The file is larger than {LARGEST_FILE / 1e6:.0f} MB."
            return bytes(content) or "The server sent an empty file."
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"The address could not be read: {error or type(error).__name__}."
