"""A folder or a zip of any known format."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from weldspot_desktop.dataset import archive
from weldspot_desktop.dataset.importers import FORMATS, recognise
from weldspot_desktop.dataset.importers.yolo import NAMES_FILE
from weldspot_desktop.dataset.sources.source import Opened, Report, Room, SourceError


class FilesSource:
    """What lies on a disk; it is never written to."""

    title = "a folder or zip"

    @contextmanager
    def open(self, argument: str, room: Room, *, format_name: str | None, progress: Report) -> Iterator[Opened]:
        path = Path(argument).expanduser()
        if not path.exists():
            raise SourceError(f"There is no file or folder {path}.")
        if path.is_file() and path.name == NAMES_FILE:
            path = path.parent
        if path.is_dir():
            yield opened_folder(path, path.resolve().name, format_name)
        elif archive.is_archive(path):
            with opened_archive(path, path.name, room, format_name, progress) as found:
                yield found
        else:
            raise SourceError(
                f"{path.name} is neither a folder nor a zip.",
                "Unpack archives of other kinds first and give the folder.",
            )


def opened_folder(folder: Path, name: str, format_name: str | None) -> Opened:
    """A folder as a source.

    Raises
    ------
    UnknownFormatError
        If no format was named and none recognises it.
    """
    found = format_name or recognise(folder, name)
    return Opened(name, found, FORMATS[found].read(folder))


@contextmanager
def opened_archive(path: Path, name: str, room: Room, format_name: str | None, progress: Report) -> Iterator[Opened]:
    """A zip as a source, unpacked for as long as the block lasts.

    Raises
    ------
    ArchiveError, UnknownFormatError
        If it is not unpacked, or of no known format.
    """
    with archive.unpacked(path, room.temporary, lambda done, total: progress("Unpacking", done, total)) as folder:
        found = opened_folder(folder, name, format_name)
        yield Opened(name, found.format_name, found.items, facts={"archive_sha256": sha256_of(path)})


def sha256_of(path: Path) -> str:
    """SHA-256 of a file.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"{path.name} could not be read: {error.strerror}.") from error
