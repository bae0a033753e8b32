"""Privacy at the door: of a picture that a phone sent, what may be kept."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from weldspot_desktop.model.faces import FaceDetector
from weldspot_desktop.pictures import PictureError, decode
from weldspot_desktop.pictures.blur import blur
from weldspot_desktop.pictures.clean_jpeg import captured, is_jpeg, written

_OTHERS: Final = (
    (b"\x89PNG", "a PNG picture"),
    (b"GIF8", "a GIF picture, which may be animated"),
    (b"RIFF", "a WebP picture or another RIFF file"),
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK", "a ZIP archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\x1f\x8b", "a compressed file"),
)


@dataclass(frozen=True)
class Cleaned:
    """A picture that may be kept.

    Attributes
    ----------
    content
        Bytes of a JPEG file: upright, without metadata, faces blurred.
    width, height
        In pixels, upright.
    faces
        How many were blurred; None if nobody looked.
    captured
        When the camera says that it was taken.
    """

    content: bytes
    width: int
    height: int
    faces: int | None
    captured: datetime | None


class Cleaner:
    """Cleans pictures; any number of threads may use it at once.

    Parameters
    ----------
    blur_faces
        Whether faces are looked for and made unrecognisable.
    largest_megapixels
        Larger pictures are refused.
    """

    def __init__(self, *, blur_faces: bool, largest_megapixels: float) -> None:
        self._blur_faces = blur_faces
        self._largest = largest_megapixels
        self._local = threading.local()

    def clean(self, content: bytes) -> Cleaned:
        """What may be kept of a picture file.

        Raises
        ------
        PictureError
            If it is no whole JPEG picture within the limit.
        """
        if not content:
            raise PictureError("The file is empty.")
        if not is_jpeg(content):
            kind = next((name for start, name in _OTHERS if content.startswith(start)), "no picture that phones send")
            raise PictureError(f"The content is {kind}, not a JPEG picture.")
        picture = decode(content, largest_megapixels=self._largest)
        pixels = picture.pixels
        faces: int | None = None
        if self._blur_faces:
            found = self._detector().find(pixels)
            faces = len(found)
            if found:
                pixels = blur(pixels, [face.box for face in found])
        time = captured(content, latest=datetime.now(UTC))
        return Cleaned(written(pixels, like=content), picture.width, picture.height, faces, time)

    def _detector(self) -> FaceDetector:
        detector: FaceDetector | None = getattr(self._local, "detector", None)
        if detector is None:
            detector = self._local.detector = FaceDetector()
        return detector
