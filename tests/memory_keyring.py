"""A keyring of the kind that systems have, in memory: for tests of what is remembered."""

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend

from weldspot_desktop.cloud import keyring_entry


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given until it is gone itself."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@contextmanager
def in_place(ring: KeyringBackend) -> Iterator[KeyringBackend]:
    """Put a keyring in the place of the system's, and forget what this program holds in memory."""
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        yield ring
    finally:
        keyring.set_keyring(before)
        keyring_entry._in_memory.clear()
