"""Pictures of the review page: decoded beside the window, those that come next before they are asked for."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from weldspot_desktop import pictures
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.looking import ENOUGH

KEPT_BYTES: Final = 160_000_000
"""Pixels held at most beside the pictures that are wanted just now; about ten of twelve megapixels reduced."""


class PicturesAhead(QObject):
    """Decoded pictures, by path. Only the newest wishes are read.

    Signals
    -------
    ready(str)
        The picture of this path is there.
    failed(str, ExpectedError)
        It cannot be read.
    """

    ready = Signal(str)
    failed = Signal(str, object)

    def __init__(self, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._held: OrderedDict[str, NDArray[np.uint8]] = OrderedDict()
        self._wanted: list[str] = []
        self._reading: set[str] = set()
        self._broken: dict[str, ExpectedError] = {}

    def get(self, path: Path) -> NDArray[np.uint8] | None:
        """(h, w, 3) uint8 RGB; None while it is not decoded."""
        found = self._held.get(str(path))
        if found is not None:
            self._held.move_to_end(str(path))
        return found

    def want(self, paths: Sequence[Path]) -> None:
        """Read these: the first at once, the others after it; what was wanted before is not."""
        self._wanted = [str(path) for path in paths]
        for path in self._wanted[:1]:
            # A picture that failed is tried again when somebody looks at it again.
            self._broken.pop(path, None)
            if path not in self._held and path not in self._reading:
                self._read(path)
        self._read_next()

    def clear(self) -> None:
        """Let go of all pictures."""
        self._wanted.clear()
        self._held.clear()
        self._broken.clear()

    def held_bytes(self) -> int:
        """Bytes of the pixels that are held."""
        return sum(pixels.nbytes for pixels in self._held.values())

    def _read_next(self) -> None:
        if self._reading:
            return
        for path in self._wanted:
            if path not in self._held and path not in self._broken:
                self._read(path)
                return

    def _read(self, path: str) -> None:
        self._reading.add(path)
        limit = self._frame.context.settings.inspection.largest_megapixels
        self._frame.run(
            partial(_decode, Path(path), limit), partial(self._came, path), partial(self._broke, path), owner=self
        )

    def _came(self, path: str, pixels: NDArray[np.uint8]) -> None:
        self._reading.discard(path)
        self._held[path] = pixels
        spare = [old for old in self._held if old not in self._wanted]
        while spare and self.held_bytes() > KEPT_BYTES:
            del self._held[spare.pop(0)]
        self.ready.emit(path)
        self._read_next()

    def _broke(self, path: str, error: ExpectedError) -> None:
        self._reading.discard(path)
        if path in self._wanted:
            self._broken[path] = error
        self.failed.emit(path, error)
        self._read_next()


def _decode(path: Path, largest_megapixels: float) -> NDArray[np.uint8]:
    """Runs beside the window."""
    content = pictures.read_file(path)
    return pictures.decode(content, at_least=ENOUGH, largest_megapixels=largest_megapixels).pixels
