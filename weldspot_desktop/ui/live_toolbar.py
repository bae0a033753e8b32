"""The toolbar of the page Live."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from weldspot_desktop.inspection.triggers import Mode
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.source_choice import SourceChoice, SourceMemory
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.trigger_button import TriggerButton
from weldspot_desktop.ui.widgets.live_readout import LiveReadout


class LiveToolbar(QWidget):
    """Source, size, start and pause, trigger, snapshot, region of interest, controls; speed and state at the right.

    Where words and buttons have no room side by side, the buttons show their icons alone.

    Parameters
    ----------
    memory
        What is remembered of sources.
    """

    def __init__(self, memory: SourceMemory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = SourceChoice(memory)
        self.play_button = _button("Start", "Start or pause (P)")
        self.trigger_button = TriggerButton()
        self.snapshot_button = _button("Snapshot", "Record this picture and stay at this weld (S)")
        self.region_button = _button("Region", "Draw the region of interest: only that is judged (R)")
        self.region_button.setCheckable(True)
        self.clear_button = _button("Whole picture", "Clear the region of interest (Shift+R)")
        self.controls_button = _button("Camera", "Size, frame rate, exposure, focus and white balance (C)")
        self.loop_button = _button("Repeat", "Play the video again and again, or once (L)")
        self.loop_button.setCheckable(True)
        self.readout = LiveReadout()
        self._icons: dict[QToolButton, str] = {
            self.play_button: "play",
            self.trigger_button: self.trigger_button.icon_name,
            self.snapshot_button: "camera-outline",
            self.region_button: "crop",
            self.clear_button: "crop-free",
            self.controls_button: "tune-variant",
            self.loop_button: "repeat",
        }
        self._size = QLabel()
        theme.set_text(self._size, Size.BODY, muted=True)
        self._size.setToolTip("Size of the picture in pixels")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        row.setSpacing(theme.space(2))
        row.addWidget(self.choice)
        row.addWidget(self._size)
        for button in self._icons:
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.readout)
        self.show_running(False, False)
        self.show_region(False)
        self.show_size(0, 0)
        self.show_source(camera=False, video=False, loop=False)
        self.dress()

    def show_running(self, running: bool, picture: bool) -> None:
        """Whether a source runs (the button then pauses), and whether a picture is there to be recorded."""
        word = "Pause" if running else "Start"
        self._icons[self.play_button] = "pause" if running else "play"
        self.play_button.setText(word)
        self.play_button.setAccessibleName(word)
        self.snapshot_button.setEnabled(picture)
        self.region_button.setEnabled(picture)
        self.play_button.setIcon(theme.icon(self._icons[self.play_button]))
        self.fit(self.width())

    def show_trigger(self, mode: Mode) -> None:
        """Show what triggers."""
        self.trigger_button.show_mode(mode)
        self._icons[self.trigger_button] = self.trigger_button.icon_name
        self.fit(self.width())

    def show_region(self, there: bool) -> None:
        """Whether a region of interest is set."""
        self.clear_button.setVisible(there)
        self.fit(self.width())

    def show_source(self, *, camera: bool, video: bool, loop: bool) -> None:
        """What kind of source runs, and whether it is a video that is repeated."""
        self.controls_button.setVisible(camera)
        self.loop_button.setVisible(video)
        self.loop_button.setChecked(loop)
        self.fit(self.width())

    def show_size(self, width: int, height: int) -> None:
        """Size of the picture in pixels; nothing where there is none."""
        there = width > 0 and height > 0
        self._size.setText(f"{width} × {height}" if there else "")
        self._size.setVisible(there)
        self.fit(self.width())

    def dress(self) -> None:
        """Take icons in the colours and the size of the theme in force."""
        for button, name in self._icons.items():
            button.setIcon(theme.icon(name))
            button.setIconSize(theme.icon_size(Size.HEAD))
        self.choice.dress()
        self.fit(self.width())

    def fit(self, width: int) -> None:
        """Show words on the buttons if everything then fits into this width."""
        self._style(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        if self.sizeHint().width() > width:
            self._style(Qt.ToolButtonStyle.ToolButtonIconOnly)

    def _style(self, style: Qt.ToolButtonStyle) -> None:
        for button in self._icons:
            if button is not self.clear_button:
                button.setToolButtonStyle(style)


def _button(word: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(word)
    button.setToolTip(tip)
    button.setAccessibleName(word)
    return button
