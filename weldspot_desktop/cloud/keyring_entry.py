"""A secret in the keyring of the operating system; never in a file of ours, a setting or a log."""

import logging
import threading
from collections.abc import Callable
from typing import Final, TypeVar

import keyring
from keyring.backend import KeyringBackend

_LOG = logging.getLogger(__name__)

Result = TypeVar("Result")

SERVICE: Final = "WeldSpot Desktop"

ONLY_THIS_RUN: Final = (
    "This computer has no keyring that takes it, so the sign-in ends with the program and is asked for again then."
)

_LEAST_PRIORITY: Final = 1
"""Below this a keyring is no safe place by its own account: files of plain text, or nothing at all."""

_in_memory: dict[str, str] = {}
_lock = threading.Lock()


class KeyringEntry:
    """One secret under a name. Where no keyring works, it is held in memory until the program ends.

    Parameters
    ----------
    name
        What distinguishes it from other secrets of this program; it is stored readable.

    Notes
    -----
    Every method may take long: the system may ask the person to unlock the keyring.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self) -> str | None:
        """The secret; None if there is none, or the keyring does not open."""
        with _lock:
            held = _in_memory.get(self._name)
        return held if held is not None else _ask(lambda ring: ring.get_password(SERVICE, self._name)) or None

    def keep(self, secret: str) -> bool:
        """Keep it; False if it holds only until the program ends (`ONLY_THIS_RUN` says so to people)."""

        def write(ring: KeyringBackend) -> bool:
            ring.set_password(SERVICE, self._name, secret)
            # There are keyrings that take everything and keep nothing.
            return ring.get_password(SERVICE, self._name) == secret

        kept = _ask(write) or False
        with _lock:
            if kept:
                _in_memory.pop(self._name, None)
            else:
                _in_memory[self._name] = secret
        return kept

    def forget(self) -> None:
        """Remove it everywhere."""

        def remove(ring: KeyringBackend) -> None:
            if ring.get_password(SERVICE, self._name) is not None:
                ring.delete_password(SERVICE, self._name)

        with _lock:
            _in_memory.pop(self._name, None)
        _ask(remove)


def system_keyring() -> KeyringBackend | None:
    """The keyring of the operating system; None where there is none, or only one that is no safe place."""
    return _safe(keyring.get_keyring())


def _ask(what: Callable[[KeyringBackend], Result]) -> Result | None:
    """Do something with the system's keyring; None if there is none that is safe, or it does not work."""
    try:
        ring = system_keyring()
        return what(ring) if ring is not None else None
    except Exception as error:  # noqa: BLE001 - each system's keyring raises kinds of its own: pywintypes.error, D-Bus
        _LOG.warning("the keyring does not work: %s", type(error).__name__)
        return None


def _safe(found: KeyringBackend) -> KeyringBackend | None:
    """The keyring itself, or the first of a chain, which may end in a file of plain text."""
    chain = getattr(found, "backends", None)
    first = found if chain is None else next(iter(chain), None)
    if first is None or type(first).__module__.startswith("keyrings.alt"):
        return None
    return first if first.priority >= _LEAST_PRIORITY else None
