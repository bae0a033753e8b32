"""Files that get their name when all of them is written, and leave nothing behind if that fails."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from weldspot_desktop.errors import ExpectedError


class ReportFileError(ExpectedError):
    """A report or table cannot be written to its place."""


@contextmanager
def whole_path(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, which the file loses for its own when the block ends without an error.

    Raises
    ------
    ReportFileError
        If the file cannot be written; an older one of that name is then untouched.
    """
    # Not `tempfile`: its files are for their owner alone, and the renamed one would stay so.
    temporary = path.with_name(f".weldspot-{secrets.token_hex(6)}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ReportFileError(
            f"{path} cannot be written: {error.strerror or error}.",
            "Nothing was changed. Close the file if another program has it open, or choose another folder.",
        ) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A table of text, whole or not at all.

    Raises
    ------
    ReportFileError
        If the file cannot be written; an older one of that name is then untouched.
    """
    # The mark at the start tells spreadsheets that the file is UTF-8.
    with whole_path(path) as temporary, temporary.open("x", encoding="utf-8-sig", newline="") as file:
        yield file
