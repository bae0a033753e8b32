"""Asking which source is meant: a video file, a folder to watch, a network address."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from weldspot_desktop.inspection.sources.watched_folder import PREFIX as WATCHED
from weldspot_desktop.ui.address_dialog import AddressDialog
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.source_choice import video_filter

_FOLDER: Final = "live/folder"


class SourceAsking(QObject):
    """The dialogs that name a source.

    Parameters
    ----------
    frame
        For the folder that was used last.
    page
        Over which the dialogs stand.

    Signals
    -------
    named(str)
        The source, as `sources.parse` reads it; it may hold a password.
    """

    named = Signal(str)

    def __init__(self, frame: Frame, page: QWidget) -> None:
        super().__init__(page)
        self._memory = frame.memory
        self._page = page

    def file(self) -> None:
        """Ask for a video file."""
        name, _ = QFileDialog.getOpenFileName(self._page, "Open a video", self._last(), video_filter())
        if name:
            self._memory.setValue(_FOLDER, str(Path(name).parent))
            self.named.emit(name)

    def folder(self) -> None:
        """Ask for a folder into which somebody else puts pictures."""
        name = QFileDialog.getExistingDirectory(self._page, "Watch a folder", self._last())
        if name:
            self._memory.setValue(_FOLDER, name)
            self.named.emit(f"{WATCHED}{name}")

    def address(self, written: str = "") -> None:
        """Ask for a network address."""
        dialog = AddressDialog(written, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.named.emit(dialog.text()))
        dialog.open()

    def _last(self) -> str:
        return str(self._memory.value(_FOLDER, str(Path.home())))
