"""The list of sources, with those that were used before."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from weldspot_desktop.inspection.inspector import Region
from weldspot_desktop.inspection.sources import SOURCES, CameraInfo, NetworkSource, SourceError, parse
from weldspot_desktop.inspection.sources.demo import TEXT as DEMO
from weldspot_desktop.inspection.triggers import Mode
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame

MOST_RECENT: Final = 6

_CHOSEN: Final = "live/source"
_RECENT: Final = "live/recent"
_REGIONS: Final = "live/regions"
_TRIGGERS: Final = "live/triggers"
_FILE: Final = "…file"
_FOLDER: Final = "…folder"
_ADDRESS: Final = "…address"
_ICONS: Final = {"file": "filmstrip", "folder": "folder-eye-outline"}


class SourceMemory:
    """What is remembered of sources between runs: the last one, recent ones, region of interest and trigger for each.

    Sources are written without secrets. Secrets are held until the program ends, so that an address is typed once.
    """

    def __init__(self, frame: Frame) -> None:
        self._memory = frame.memory
        self._secret: dict[str, str] = {}

    def chosen(self) -> str:
        """The last source; empty if there is none."""
        return str(self._memory.value(_CHOSEN, ""))

    def recent(self) -> list[str]:
        """Files and addresses that were used, the newest first."""
        found = self._read(_RECENT, [])
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []

    def choose(self, text: str) -> str:
        """Remember a source as the last one; returns how it is written without secrets."""
        written = parse(text).address
        self._secret[written] = text
        self._memory.setValue(_CHOSEN, written)
        if SOURCES["camera"].accepts(written) or SOURCES["demo"].accepts(written):
            return written
        recent = [written, *(known for known in self.recent() if known != written)]
        self._memory.setValue(_RECENT, json.dumps(recent[:MOST_RECENT]))
        return written

    def full(self, written: str) -> str:
        """The text with its secrets, as far as they are known."""
        return self._secret.get(written, written)

    def region(self, written: str) -> Region | None:
        """The region of interest that was last used with a source."""
        corners = self._by_source(_REGIONS).get(written)
        if not isinstance(corners, list) or len(corners) != 4 or not all(isinstance(c, float | int) for c in corners):
            return None
        left, top, right, bottom = (float(corner) for corner in corners)
        return (left, top, right, bottom) if 0 <= left < right <= 1 and 0 <= top < bottom <= 1 else None

    def set_region(self, written: str, region: Region | None) -> None:
        """Remember the region of interest of a source; None forgets it."""
        regions = self._by_source(_REGIONS)
        regions.pop(written, None)
        if region is not None:
            regions[written] = list(region)
        self._memory.setValue(_REGIONS, json.dumps(regions))

    def trigger(self, written: str) -> Mode:
        """The trigger that was last used with a source."""
        found = str(self._by_source(_TRIGGERS).get(written, ""))
        return Mode(found) if found in list(Mode) else Mode.CONTINUOUS

    def set_trigger(self, written: str, mode: Mode) -> None:
        """Remember the trigger of a source."""
        triggers = self._by_source(_TRIGGERS) | {written: mode.value}
        self._memory.setValue(_TRIGGERS, json.dumps(triggers))

    def _by_source(self, key: str) -> dict[str, object]:
        found = self._read(key, {})
        return found if isinstance(found, dict) else {}

    def _read(self, key: str, default: object) -> object:
        try:
            return json.loads(str(self._memory.value(key, "")) or json.dumps(default))
        except ValueError:
            # Written by hand or by another version: it is worth no more than a fresh beginning.
            return default


class SourceChoice(QComboBox):
    """Cameras by name, the demo camera, what was used before, and the ways to name another.

    Signals
    -------
    picked(str)
        A source, written without secrets.
    file_wanted, folder_wanted, address_wanted
        The person wants to name one.
    """

    picked = Signal(str)
    file_wanted = Signal()
    folder_wanted = Signal()
    address_wanted = Signal()

    def __init__(self, memory: SourceMemory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._memory = memory
        self._cameras: tuple[CameraInfo, ...] = ()
        self._current = ""
        self.setAccessibleName("Source")
        self.setPlaceholderText("Choose a source")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.activated.connect(self._activated)
        self._fill()

    def set_cameras(self, cameras: Sequence[CameraInfo]) -> None:
        """Show these cameras."""
        if tuple(cameras) != self._cameras:
            self._cameras = tuple(cameras)
            self._fill()

    def cameras(self) -> tuple[CameraInfo, ...]:
        """The cameras that are shown."""
        return self._cameras

    def show_current(self, written: str) -> None:
        """Show what is used; empty if nothing is."""
        self._current = written
        self._fill()

    def current(self) -> str:
        """What is shown as used."""
        return self._current

    def dress(self) -> None:
        """Take icons in the colours of the theme in force."""
        self._fill()

    def sizeHint(self) -> QSize:
        return QSize(theme.pixels(220), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.pixels(120), super().minimumSizeHint().height())

    def _fill(self) -> None:
        self.clear()
        for camera in self._cameras:
            self._add("camera-outline", camera.name, camera.address)
        self._add("creation-outline", "Demo camera", DEMO)
        recent = self._memory.recent()
        if self._current and self._current not in (*recent, DEMO, *(camera.address for camera in self._cameras)):
            # A camera that is not plugged in at the moment.
            self._add("camera-off-outline", _title(self._current), self._current)
        if recent:
            self.insertSeparator(self.count())
            for written in recent:
                kind = next((kind for kind, source in SOURCES.items() if type(parse(written)) is source), "")
                self._add(_ICONS.get(kind, "lan"), _title(written), written)
        self.insertSeparator(self.count())
        self._add("folder-open-outline", "Video file…", _FILE)
        self._add("folder-eye-outline", "Watched folder…", _FOLDER)
        self._add("plus-network-outline", "Network address…", _ADDRESS)
        self.setCurrentIndex(self.findData(self._current) if self._current else -1)
        self.setToolTip(self.currentText())

    def _add(self, icon: str, title: str, data: str) -> None:
        self.addItem(theme.icon(icon), title, data)
        self.setItemData(self.count() - 1, title, Qt.ItemDataRole.ToolTipRole)

    def _activated(self, index: int) -> None:
        data = str(self.itemData(index))
        self.setCurrentIndex(self.findData(self._current) if self._current else -1)
        if data == _FILE:
            self.file_wanted.emit()
        elif data == _FOLDER:
            self.folder_wanted.emit()
        elif data == _ADDRESS:
            self.address_wanted.emit()
        else:
            self.picked.emit(data)


def video_filter() -> str:
    """Name filter of the dialog for video files."""
    from weldspot_desktop.inspection.sources.video_file import SUFFIXES

    endings = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(SUFFIXES))
    return f"Videos ({endings});;All files (*)"


def _title(written: str) -> str:
    try:
        source = parse(written)
    except SourceError:
        return Path(written).name
    if isinstance(source, NetworkSource):
        # Scheme and user would fill the box, and leave no room for what tells cameras apart.
        return written.partition("://")[2].rpartition("@")[2]
    return source.title
