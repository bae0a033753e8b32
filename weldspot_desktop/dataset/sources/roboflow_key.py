"""The key of a Roboflow account: from the environment, a file `.env` or the system's keyring; not in the settings."""

import logging
import os
import re
from pathlib import Path
from typing import Final

from weldspot_desktop.dataset.sources.source import SourceError

VARIABLE: Final = "ROBOFLOW_API_KEY"
SERVICE: Final = "WeldSpot"
ENTRY: Final = "Roboflow"
"""Name of the entry in the keyring, in the place of a user's name."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,200}")
_LARGEST: Final = 100_000
_LOG = logging.getLogger(__name__)


class KeyMissingError(SourceError):
    """There is no key, or it cannot be one."""


def find(folders: list[Path]) -> str:
    """The key: the environment's, that of a `.env` in one of the folders, or the keyring's, in this order.

    Raises
    ------
    KeyMissingError
        If there is none, or what is there is no key. The key itself is never in the message.
    """
    for place, value in (
        (f"the environment ({VARIABLE})", os.environ.get(VARIABLE)),
        *((str(folder / ".env"), _of_file(folder / ".env")) for folder in folders),
        ("the keyring", _of_keyring()),
    ):
        if value and value.strip():
            return _checked(value.strip(), place)
    raise KeyMissingError(
        "There is no key for Roboflow.",
        f"Copy it from your account there. Keep it with weldspot dataset key, or set {VARIABLE}.",
    )


def keep(key: str) -> None:
    """Keep a key in the system's keyring; an empty one removes it.

    Raises
    ------
    KeyMissingError
        If it is no key, or there is no keyring.
    """
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        if key:
            keyring.set_password(SERVICE, ENTRY, _checked(key.strip(), "what was typed"))
        else:
            keyring.delete_password(SERVICE, ENTRY)
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise KeyMissingError(
            f"The key cannot be kept: this computer's keyring does not work ({type(error).__name__}).",
            f"Set {VARIABLE} in the environment instead.",
        ) from error


def _checked(value: str, place: str) -> str:
    if _KEY.fullmatch(value) is None:
        raise KeyMissingError(f"What {place} holds is no key of Roboflow: one has only letters, digits, - and _.")
    return value


def _of_file(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, value = line.strip().removeprefix("export ").partition("=")
        if name.strip() == VARIABLE:
            return value.strip().strip("\"'")
    return None


def _of_keyring() -> str | None:
    # Imported here: looking for the keyring of a desktop takes a while, and the environment mostly answers.
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, ENTRY)
    except KeyringError as error:
        _LOG.info("there is no keyring: %s", type(error).__name__)
        return None
