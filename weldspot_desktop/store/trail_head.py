"""Signed heads of the trail: how many entries there were, and the hash of the last, kept outside the database.

A head is a line of JSON. It is appended to two files: one in the workspace, which travels with it, and one with the
station, out of reach of those who can write the workspace alone.
"""

import json
import os
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store.station_key import StationKey, is_signed, key_id

VERSION: Final = 1
_PURPOSE: Final = b"weldspot trail head\n"
_LONGEST_LINE: Final = 4096
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class HeadFileError(ExpectedError):
    """A head cannot be written or read."""


@dataclass(frozen=True)
class Head:
    """State of a trail, signed.

    Attributes
    ----------
    count, hash
        Number and hash of the last entry.
    at
        When it was signed; ISO 8601, UTC.
    occasion
        Why ("report", "export", "shutdown").
    workspace, folder
        The workspace's own number, and where it lay.
    station, public
        Number and public half of the key.
    signature
        Over all of the others; base 64.
    """

    count: int
    hash: str
    at: str
    occasion: str
    workspace: str
    folder: str
    station: str
    public: str
    signature: str = ""

    def content(self) -> bytes:
        """What is signed."""
        values = {name: value for name, value in self._values().items() if name != "signature"}
        return _PURPOSE + json.dumps(values, sort_keys=True).encode()

    def signed(self, key: StationKey) -> "Head":
        """The same with the key's name and signature."""
        named = replace(self, station=key.id, public=key.public, signature="")
        return replace(named, signature=key.sign(named.content()))

    def is_whole(self) -> bool:
        """Whether it says what its signer signed; who that is, `station` tells."""
        return is_signed(self.content(), self.signature, self.public) and key_id(self.public) == self.station

    def line(self) -> str:
        """As a line of a file, with its end."""
        return json.dumps(self._values(), sort_keys=True) + "\n"

    def when(self) -> str:
        """Time of the signature for people, in the time of this place."""
        return datetime.fromisoformat(self.at).astimezone().strftime("%Y-%m-%d %H:%M")

    def _values(self) -> dict[str, Any]:
        return {"version": VERSION} | asdict(self)

    @classmethod
    def from_line(cls, line: str) -> "Head":
        """Read a line.

        Raises
        ------
        ValueError
            If it is no head; its signature is not checked here.
        """
        values = json.loads(line)
        if not isinstance(values, dict) or values.pop("version", None) != VERSION:
            raise ValueError("no head of this version")
        count = values.pop("count", None)
        if type(count) is not int or count < 1 or not all(isinstance(value, str) for value in values.values()):
            raise ValueError("a head holds a count and texts")
        try:
            head = cls(count=count, **values)
        except TypeError as error:
            raise ValueError("a head with other fields") from error
        if _HASH.fullmatch(head.hash) is None or datetime.fromisoformat(head.at).tzinfo is None:
            raise ValueError("a head without a hash or a time")
        return head


@dataclass(frozen=True)
class ReadHeads:
    """What a file of heads holds: the heads in their order, and how many lines are none."""

    heads: tuple[Head, ...]
    damaged: int


def read(path: Path) -> ReadHeads:
    """Read a file of heads; one that is not there holds none.

    Raises
    ------
    HeadFileError
        If it is there but cannot be read.
    """
    heads, damaged = [], 0
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            while line := file.readline(_LONGEST_LINE):
                if not line.strip():
                    continue
                try:
                    heads.append(Head.from_line(line))
                except (ValueError, RecursionError):
                    damaged += 1
    except FileNotFoundError:
        return ReadHeads((), 0)
    except OSError as error:
        raise HeadFileError(
            f"The signed heads of the trail in {path} cannot be read: {error.strerror}.", "Check its rights."
        ) from error
    return ReadHeads(tuple(heads), damaged)


def append(path: Path, head: Head) -> None:
    """Add a head at the end of a file, in one write, so that two programs do not mix their lines.

    Raises
    ------
    HeadFileError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        try:
            size = os.fstat(descriptor).st_size
            # A line that a full disk cut short must not swallow the next.
            start = "\n" if size and _last_byte(descriptor, size) != b"\n" else ""
            content = (start + head.line()).encode()
            if os.write(descriptor, content) != len(content):
                raise HeadFileError(f"The disk is full: the head of the trail could not be written to {path}.")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise HeadFileError(
            f"The head of the trail could not be written to {path}: {error.strerror}.",
            "The records are safe; the end of the trail is signed the next time.",
        ) from error


def _last_byte(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1)
