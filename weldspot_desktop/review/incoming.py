"""Half-fetched files: each sync has a folder of its own for them, and clears away those of syncs that died."""

import contextlib
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from weldspot_desktop.store import StoreError

NAME: Final = ".incoming"
"""Folder within that of the kept pictures: a finished file is then only renamed, never copied to another disk."""

_SAME: Final = 2.0
"""Seconds by which two reports of a process's start may differ."""


@contextmanager
def folder(pictures: Path) -> Iterator[Path]:
    """A new folder for one sync, removed at the end; leftovers of dead syncs of this computer are removed before.

    Parameters
    ----------
    pictures
        Folder of the kept pictures.

    Raises
    ------
    StoreError
        If it cannot be made.
    """
    place = pictures / NAME
    try:
        place.mkdir(parents=True, exist_ok=True)
        clear(pictures)
        made = place / f"{_host()}.{os.getpid()}.{psutil.Process().create_time():.3f}.{secrets.token_hex(4)}"
        made.mkdir()
    except OSError as error:
        raise StoreError(
            f"Nothing can be fetched: {error.strerror}.", "Nothing is lost. Free some space or check the rights."
        ) from error
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def clear(pictures: Path) -> None:
    """Remove what syncs of this computer left behind when they were killed; those that run keep theirs."""
    place = pictures / NAME
    if not place.is_dir():
        return
    for left in place.iterdir():
        if not _is_used(left.name):
            # Another sync may clear at the same moment.
            shutil.rmtree(left, ignore_errors=True)


def _is_used(name: str) -> bool:
    """Whether the folder belongs to a process that runs, or to another computer, whose processes are not seen."""
    host, *rest = name.rsplit(".", 4)
    if len(rest) != 4 or host != _host():
        return len(rest) == 4
    pid, seconds, parts, _ = rest
    with contextlib.suppress(ValueError, psutil.Error):
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(f"{seconds}.{parts}")) < _SAME
        return same and process.status() != psutil.STATUS_ZOMBIE
    return False


def _host() -> str:
    # The name is part of a file's name, and of our own separators.
    return "".join(sign if sign.isalnum() else "-" for sign in socket.gethostname())[:60] or "host"
