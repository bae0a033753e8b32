"""Unpacking a zip from a stranger: into a temporary folder, only what an importer reads, or a sentence why not.

Refused are names that lead out of the folder, links and devices, encrypted and damaged entries, two files of one name,
and archives that unfold to more than a dataset can be ("bombs": D. Fifield, "A better zip bomb", WOOT 2019).
"""

import errno
import lzma
import os
import shutil
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

from weldspot_desktop import labels
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.paths import printable
from weldspot_desktop.pictures.decode import LARGEST_FILE, SUFFIXES

READ: Final = SUFFIXES | {".csv", ".json", ".txt", ".xml", ".yaml", ".yml"}
"""Endings that are unpacked; programs and archives within the archive are not."""

MOST_ENTRIES: Final = 1_000_000
LARGEST_RATIO: Final = 100
"""How many times its own size an archive may unfold to; pictures hardly shrink, rows of numbers tenfold."""

ROOM_LEFT: Final = 500_000_000
"""Bytes that must stay free on the disk."""

_SMALL: Final = 50_000_000
"""An archive that unfolds to less is no bomb, whatever the ratio."""

_PART: Final = 1 << 20
_LONGEST_NAME: Final = 255
_NOT_ON_WINDOWS: Final = frozenset('<>"|?*')
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)
"""What Python's reader raises on strangers' archives."""

_UTF8_NAMES: Final = 0x800
_ENCRYPTED: Final = 0x1


class ArchiveError(ExpectedError):
    """An archive that is not unpacked."""


def is_archive(path: Path) -> bool:
    """Whether a file is a zip, by its content."""
    return path.is_file() and zipfile.is_zipfile(path)


@contextmanager
def unpacked(
    path: Path, temporary: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Path]:
    """The archive's pictures and annotations in a new folder below `temporary`, which is gone afterwards.

    Parameters
    ----------
    path
        A zip.
    temporary
        Made if missing.
    progress
        Called with the bytes unpacked so far and their number; may raise to stop.

    Yields
    ------
    Path
        The folder; if all lies in one folder of the archive, that one.

    Raises
    ------
    ArchiveError
        If it is not unpacked, and why. Nothing stays of it.
    """
    try:
        temporary.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="import-", dir=temporary))
    except OSError as error:
        raise _cannot_write(error) from error
    try:
        _unpack(path, folder, progress)
        yield _only_folder(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(path: Path, folder: Path, progress: Callable[[int, int], None]) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _checked(archive.infolist(), path.stat().st_size)
            total = sum(entry.file_size for entry, _ in entries)
            if total + ROOM_LEFT > shutil.disk_usage(folder).free:
                raise ArchiveError(
                    f"The archive needs {total / 1e6:.0f} MB for a while, more than the disk has.",
                    "Nothing was changed. Free some space and try again.",
                )
            done = 0
            for entry, name in entries:
                done = _unpack_one(archive, entry, folder.joinpath(*name.parts), done, total, progress)
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    except OSError as error:
        # A broken directory makes Python seek to where no file can be.
        raise (_damaged(path, error) if error.errno == errno.EINVAL else _cannot_write(error)) from error


def _unpack_one(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    target: Path,
    done: int,
    total: int,
    progress: Callable[[int, int], None],
) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    source: IO[bytes]
    with archive.open(entry) as source, target.open("xb") as file:
        while part := source.read(_PART):
            left -= len(part)
            if left < 0:
                raise ArchiveError(f"{target.name} in the archive is larger than the archive says.", _SAFE)
            file.write(part)
            done += len(part)
            progress(done, total)
    return done


_SAFE: Final = "Nothing was changed. Do not use an archive that you do not know where it comes from."


def _checked(entries: list[zipfile.ZipInfo], size: int) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Entries to unpack with their names.

    Raises
    ------
    ArchiveError
        If one of all entries, unpacked or not, is not what an honest archive holds.
    """
    if len(entries) > MOST_ENTRIES:
        raise ArchiveError(f"The archive holds {len(entries)} files, more than a dataset can have.", _SAFE)
    found: list[tuple[zipfile.ZipInfo, PurePosixPath]] = []
    names: set[str] = set()
    for entry in entries:
        name = safe_name(entry)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind == stat.S_IFLNK:
            raise ArchiveError(f"The archive holds a link ({_shown(name)}) in place of a file.", _SAFE)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ArchiveError(f"The archive holds a device ({_shown(name)}) in place of a file.", _SAFE)
        if entry.is_dir() or name.suffix.casefold() not in READ or _is_rubbish(name):
            continue
        if entry.flag_bits & _ENCRYPTED:
            raise ArchiveError(
                f"The archive is encrypted ({_shown(name)}).",
                "Nothing was changed. Unpack it with its password and give the folder.",
            )
        if entry.file_size > LARGEST_FILE:
            raise ArchiveError(f"{_shown(name)} in the archive is {entry.file_size / 1e9:.0f} GB large.", _SAFE)
        folded = str(name).casefold()
        if folded in names:
            raise ArchiveError(f"The archive holds two files of the name {_shown(name)}.", _SAFE)
        names.add(folded)
        found.append((entry, name))
    total = sum(entry.file_size for entry, _ in found)
    if total > max(_SMALL, LARGEST_RATIO * size):
        raise ArchiveError(f"The archive of {size / 1e6:.1f} MB would unfold to {total / 1e6:.0f} MB.", _SAFE)
    return found


def safe_name(entry: zipfile.ZipInfo) -> PurePosixPath:
    """The name of an entry, as a path that stays within any folder.

    Raises
    ------
    ArchiveError
        If it would lead out of it, or is no name that every system can hold.
    """
    text = entry.orig_filename
    if not entry.flag_bits & _UTF8_NAMES:
        try:
            # Python took the bytes for the alphabet of old PCs; macOS writes UTF-8 without saying so.
            text = text.encode("cp437").decode("utf-8")
        except UnicodeError:
            text = entry.orig_filename
    text = text.replace("\\", "/")
    if os.name == "nt":
        text = "".join("_" if character in _NOT_ON_WINDOWS else character for character in text)
    name = PurePosixPath(text)
    if name.is_absolute() or ".." in name.parts or text[1:2] == ":":
        raise ArchiveError(
            f"The archive holds a file that would be written outside of its folder ({_shown(name)}).", _SAFE
        )
    if not name.parts or any(len(part.encode("utf-8", "surrogatepass")) > _LONGEST_NAME for part in name.parts):
        raise ArchiveError("The archive holds a file whose name is empty or too long.", _SAFE)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ArchiveError(f"The archive holds a file whose name no system can hold ({_shown(name)}).", _SAFE)
    return name


def _shown(name: PurePosixPath) -> str:
    return "".join(c if c.isprintable() else "�" for c in printable(str(name)))[:120]


def _is_rubbish(name: PurePosixPath) -> bool:
    return any(part.startswith(".") or part.casefold() == "__macosx" for part in name.parts)


def _only_folder(folder: Path) -> Path:
    """Where the content begins: archives often hold everything in one folder."""
    while True:
        inside = list(folder.iterdir())
        if len(inside) != 1 or not inside[0].is_dir() or _says_something(inside[0].name):
            return folder
        folder = inside[0]


def _says_something(name: str) -> bool:
    """Whether a folder's name belongs to the format: an importer must see it."""
    try:
        labels.class_index(name)
    except labels.UnknownClassError:
        return name.casefold() in ("images", "train", "valid", "val", "test")
    return True


def _damaged(path: Path, error: Exception) -> ArchiveError:
    return ArchiveError(
        f"The archive {printable(path.name)} is damaged or of a kind that is not known ({error}).",
        "Nothing was changed. Download or copy it again, or unpack it yourself and give the folder.",
    )


def _cannot_write(error: OSError) -> ArchiveError:
    return ArchiveError(
        f"The archive could not be unpacked: {error.strerror or error}.",
        "Nothing was changed. Check that it can be read and that there is room in the workspace.",
    )
