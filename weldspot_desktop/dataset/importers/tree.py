"""Files below a source: found without leaving it, and read as text without trusting them."""

import codecs
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from weldspot_desktop.dataset.labelled import Problem
from weldspot_desktop.paths import printable
from weldspot_desktop.pictures.decode import SUFFIXES

SKIPPED_FOLDERS: Final = frozenset({"__macosx"})
"""What macOS adds to archives; folders and files whose name begins with a point are skipped too."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class AnnotationError(ValueError):
    """An annotation file that cannot be read; the message is the end of a sentence that begins with its name."""


def files(source: Path, suffixes: Collection[str]) -> Iterator[Path | Problem]:
    """Files with these endings (lower case, with point) in the folder and below, in the order of their names.

    Links are followed only within the source; others are problems.
    """
    home = source.resolve()
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not _skipped(name))
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix.casefold() not in suffixes or _skipped(name):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(home):
                yield Problem(place(path, source), "is a link that leads out of the source; left out")
            elif path.is_file():
                yield path


def pictures(source: Path) -> Iterator[Path | Problem]:
    """Picture files, by their endings; see `files`."""
    return files(source, SUFFIXES)


def holds_picture(source: Path) -> bool:
    """Whether there is any picture in the folder or below."""
    return any(isinstance(found, Path) for found in pictures(source))


def place(path: Path, source: Path) -> str:
    """Where a file is, within the source, as text that any file can hold."""
    inside = path.relative_to(source) if path.is_relative_to(source) else Path(path.name)
    return printable(inside.as_posix())


def read_text(path: Path, largest: int) -> str:
    """An annotation file as text: UTF-8, or UTF-16 with a mark.

    Parameters
    ----------
    largest
        Bytes; a larger file is refused before it is read.

    Raises
    ------
    FileNotFoundError
        If it is missing.
    AnnotationError
        If it is too large, unreadable or in another encoding.
    """
    return decoded(read_bytes(path, largest))


def read_bytes(path: Path, largest: int) -> bytes:
    """An annotation file's bytes; raises as `read_text`."""
    try:
        if not path.is_file() and path.exists():
            raise AnnotationError("is no ordinary file")
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise AnnotationError(f"cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if len(content) > largest:
        raise AnnotationError(f"holds more than {largest} bytes")
    return content


def decoded(content: bytes) -> str:
    """Text of an annotation file.

    Raises
    ------
    AnnotationError
        If it is neither UTF-8 nor UTF-16 with a mark.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise AnnotationError("is not in UTF-8") from error


def _skipped(name: str) -> bool:
    return name.startswith(".") or name.casefold() in SKIPPED_FOLDERS
