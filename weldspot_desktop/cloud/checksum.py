"""The checksum that clouds keep of their objects: CRC-32C, as base 64 of its four bytes, most significant first."""

import base64
from pathlib import Path
from typing import Final

from google_crc32c import Checksum

_CHUNK: Final = 1 << 20


def crc32c(path: Path) -> str:
    """The checksum of a file.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    found = Checksum()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return base64.b64encode(found.digest()).decode()
