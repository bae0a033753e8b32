"""The key of a Roboflow account: from the environment, a file `.env` or the system's keyring; not in the settings."""

import os
import re
from pathlib import Path
from typing import Final

from weldspot_desktop.dataset.sources.source import SourceError

VARIABLE: Final = "ROBOFLOW_API_KEY"
ENTRY: Final = "Roboflow key"
"""Name of the entry in the keyring."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,200}")
_LARGEST: Final = 100_000


class KeyMissingError(SourceError):
    """There is no key, or it cannot be one."""


def find(folders: list[Path]) -> str:
    """The key: the environment's, that of a `.env` in one of the folders, or the keyring's, in this order.

    Raises
    ------
    KeyMissingError
        If there is none, or what is there is no key. The key itself is never in the message.
    """
    value = os.environ.get(VARIABLE, "").strip()
    if value:
        return _checked(value, f"The environment's {VARIABLE}")
    for folder in folders:
        value = _of_file(folder / ".env")
        if value:
            return _checked(value, f"{VARIABLE} in {folder / '.env'}")
    # Imported here: looking for the keyring of a desktop takes a while, and the environment mostly answers.
    from weldspot_desktop.cloud.keyring_entry import KeyringEntry

    value = KeyringEntry(ENTRY).get() or ""
    if value:
        return _checked(value, "What the keyring holds")
    raise KeyMissingError(
        "There is no key for Roboflow.",
        f"Copy it from your account there. Keep it with weldspot dataset key, or set {VARIABLE}.",
    )


def keep(key: str) -> None:
    """Keep a key in the system's keyring.

    Raises
    ------
    KeyMissingError
        If it is no key, or there is no keyring that keeps it.
    """
    from weldspot_desktop.cloud.keyring_entry import KeyringEntry

    entry = KeyringEntry(ENTRY)
    if not entry.keep(_checked(key.strip(), "What was typed")):
        entry.forget()
        raise KeyMissingError(
            "The key was not kept: this computer has no keyring that takes it.",
            f"Set {VARIABLE} in the environment instead.",
        )


def forget() -> None:
    """Take the key out of the keyring."""
    from weldspot_desktop.cloud.keyring_entry import KeyringEntry

    KeyringEntry(ENTRY).forget()


def _checked(value: str, place: str) -> str:
    if _KEY.fullmatch(value) is None:
        raise KeyMissingError(f"{place} is no key of Roboflow: one has only letters, digits, - and _.")
    return value


def _of_file(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        name, _, value = line.strip().removeprefix("export ").partition("=")
        if name.strip() == VARIABLE:
            return value.strip().strip("\"'")
    return ""
