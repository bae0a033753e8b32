"""The picture of a record: the kept one, else the original as long as it is still the same file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import pictures
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store.schema import Inspection

LARGEST_SIDE: Final = 1600


@dataclass(frozen=True)
class FoundPicture:
    """The picture of an inspection, or a sentence that says why there is none."""

    pixels: NDArray[np.uint8] | None
    sentence: str


def find_picture(kept: Path | None, inspection: Inspection, *, side: int = LARGEST_SIDE) -> FoundPicture:
    """The kept picture, else the original if it is still the same file.

    Parameters
    ----------
    kept
        Where the workspace keeps it; None if it does not.
    inspection
        Whose picture.
    side
        Pixels in each direction that are enough; a JPEG may then be decoded at a reduced scale.
    """
    if inspection.sha256 is None:
        return FoundPicture(None, "The picture could not be read when it was inspected.")
    if kept is not None:
        return _decoded(kept, side, "Kept in the workspace.", "The kept picture is missing or damaged.")
    path = Path(inspection.origin)
    if not path.is_file():
        return FoundPicture(None, "The picture was not kept, and it is not at its old place any more.")
    try:
        content = pictures.read_file(path)
    except ExpectedError as error:
        return FoundPicture(None, f"The picture was not kept. {error.what}")
    if hashlib.sha256(content).hexdigest() != inspection.sha256:
        return FoundPicture(None, "The picture was not kept, and the file at its old place is another one now.")
    return _decoded(path, side, "Not kept: shown from its old place, where it is unchanged.", "The picture is damaged.")


def _decoded(path: Path, side: int, good: str, bad: str) -> FoundPicture:
    try:
        content = pictures.read_file(path)
        picture = pictures.decode(content, at_least=(side, side))
    except ExpectedError as error:
        return FoundPicture(None, f"{bad} {error.what}")
    return FoundPicture(picture.pixels, good)
