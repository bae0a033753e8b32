"""Where dropped things belong."""

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.sources import video_file
from weldspot_desktop.pictures.decode import SUFFIXES


class Dropped(Enum):
    """Kinds of things a page can take."""

    PICTURE = auto()
    PICTURES = auto()
    FOLDER = auto()
    VIDEO = auto()


class DropError(ExpectedError):
    """Something that no page knows."""


def classify(paths: Sequence[Path]) -> Dropped:
    """What was dropped.

    Raises
    ------
    DropError
        If it is nothing the program knows, or a mixture.
    """
    folders = [path for path in paths if path.is_dir()]
    pictures = [path for path in paths if path.suffix.casefold() in SUFFIXES and path not in folders]
    videos = [path for path in paths if path.suffix.casefold() in video_file.SUFFIXES and path not in folders]
    if len(paths) == 1 and folders:
        return Dropped.FOLDER
    if len(paths) == 1 and videos:
        return Dropped.VIDEO
    if paths and len(pictures) == len(paths):
        return Dropped.PICTURE if len(paths) == 1 else Dropped.PICTURES
    name = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
    raise DropError(f"The program does not know what to do with {name}.", "Drop pictures, one folder, or one video.")
