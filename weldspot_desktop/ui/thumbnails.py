"""Thumbnails of files, made beside the window when they are seen."""

from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon

from weldspot_desktop import pictures
from weldspot_desktop.pictures.thumbnail import thumbnail_of
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.widgets.filmstrip import pixmap

WIDTH: Final = 64
HEIGHT: Final = 48
"""Size in logical pixels; made at twice that, for dense screens."""

KEPT: Final = 400
"""Thumbnails held at most: some 20 MB."""

WAITING: Final = 40
"""Wishes held at most: about what one screen shows. When a table is scrolled fast the oldest are forgotten."""


class Thumbnails(QObject):
    """Gives thumbnails at once if they are held, else makes them, the newest wish first, one at a time.

    Signals
    -------
    made(str)
        A thumbnail of this path is there now.
    """

    made = Signal(str)

    def __init__(self, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._held: OrderedDict[str, QIcon | None] = OrderedDict()
        self._wishes: OrderedDict[str, None] = OrderedDict()
        self._working = False

    def get(self, path: str) -> QIcon | None:
        """The thumbnail of a file; None while it is not made, or if there is none."""
        if path in self._held:
            self._held.move_to_end(path)
            return self._held[path]
        self._wishes[path] = None
        self._wishes.move_to_end(path)
        while len(self._wishes) > WAITING:
            self._wishes.popitem(last=False)
        self._work()
        return None

    def clear(self) -> None:
        """Forget everything: the files may have changed."""
        self._held.clear()
        self._wishes.clear()

    def held(self) -> int:
        """How many are held."""
        return len(self._held)

    def _work(self) -> None:
        if self._working or not self._wishes:
            return
        self._working = True
        path, _ = self._wishes.popitem()
        self._frame.run(partial(_make, Path(path)), partial(self._made, path), owner=self)

    def _made(self, path: str, pixels: NDArray[np.uint8] | None) -> None:
        self._working = False
        self._held[path] = _icon(pixels) if pixels is not None else None
        while len(self._held) > KEPT:
            self._held.popitem(last=False)
        self.made.emit(path)
        self._work()


def _icon(pixels: NDArray[np.uint8]) -> QIcon:
    """The picture as it is, also in a selected row, where Qt would tint it."""
    made = pixmap(pixels)
    made.setDevicePixelRatio(2.0)
    icon = QIcon(made)
    icon.addPixmap(made, QIcon.Mode.Selected)
    return icon


def _make(path: Path) -> NDArray[np.uint8] | None:
    """Runs beside the window; None for a file that is no picture, which its row explains."""
    try:
        return thumbnail_of(pictures.read_file(path), width=2 * WIDTH, height=2 * HEIGHT)
    except pictures.PictureError:
        return None
