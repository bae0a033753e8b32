"""What can be chosen at a camera, beside its picture."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.inspection.sources.controls import AUTO, CameraControls, Control, ControlState, Wish
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import Size

_SIZES: Final = (
    (640, 480), (800, 600), (1024, 768), (1280, 720), (1280, 960), (1600, 1200), (1920, 1080), (2560, 1440),
    (2592, 1944), (3840, 2160),
)  # fmt: skip
_RATES: Final = (5.0, 10.0, 15.0, 20.0, 24.0, 25.0, 30.0, 50.0, 60.0, 90.0, 120.0)
_BY_HAND: Final = "by hand"

# Smallest and largest number, step, and a start where the driver does not tell what is in force.
_NUMBERS: Final = {
    Control.EXPOSURE: (-20, 100_000, 1, 100),
    Control.FOCUS: (0, 10_000, 5, 0),
    Control.WHITE_BALANCE: (1_000, 15_000, 100, 4_600),
}
_UNITS: Final = {Control.WHITE_BALANCE: " K"}
_TIPS: Final = {
    Control.EXPOSURE: "In steps of the driver: 100 µs under Linux, powers of two seconds under Windows (-6 is 1/64 s)",
    Control.FOCUS: "In steps of the driver, mostly from 0 (far) to 255 (near)",
    Control.WHITE_BALANCE: "Colour temperature of the light in kelvin",
}

_TEXT_MARGIN: Final = 6
_DELAY_MS: Final = 250
"""A camera takes its time for each value: what is turned or typed is sent when it rests."""


class CameraDialog(QDialog):
    """Size, frame rate, exposure, focus and white balance; stays open beside the live picture.

    Parameters
    ----------
    title
        The camera's name.
    controls
        What is chosen now.
    usual_size
        Width and height where none is chosen.

    Signals
    -------
    chosen(CameraControls)
        Something else was chosen, and rests.
    """

    chosen = Signal(object)

    def __init__(
        self, title: str, controls: CameraControls, usual_size: tuple[int, int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Camera: {title}")
        self._states: dict[Control, ControlState] = {}
        self._fields: dict[Control, QComboBox] = {}
        self._numbers: dict[Control, QSpinBox] = {}
        self._words: dict[Control, QLabel] = {}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_DELAY_MS)
        self._rest.timeout.connect(self._send)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.space(4))
        self._grid.setVerticalSpacing(theme.space(2))
        self._grid.setColumnStretch(3, 1)
        for control in Control:
            self._add_row(control)
        self._fill_sizes(usual_size)
        rate = self._fields[Control.FRAME_RATE]
        rate.addItem("As the camera has it", None)
        for value in _RATES:
            rate.addItem(f"{value:g}/s", value)
        note = QLabel("Kept for this camera. What is in force is read back from it.")
        theme.set_text(note, Size.SMALL, muted=True)
        self.reset_button = QPushButton("Back to the camera's own")
        self.reset_button.setToolTip("Choose nothing; the camera keeps what it has until it is plugged in again")
        self.reset_button.setAutoDefault(False)
        self.close_button = QPushButton("Close")
        theme.set_look(self.close_button, "main")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.close)
        self.reset_button.clicked.connect(self._reset)
        buttons = QHBoxLayout()
        buttons.addWidget(self.reset_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(4))
        column.addLayout(self._grid)
        column.addWidget(note)
        column.addLayout(buttons)
        self.show_controls(controls)
        self.show_states(())
        for field in self._fields.values():
            field.currentIndexChanged.connect(self._edited)
        for number in self._numbers.values():
            number.valueChanged.connect(self._edited)

    def controls(self) -> CameraControls:
        """What is chosen."""
        size = self._fields[Control.SIZE].currentData()
        width, height = size if size is not None else (None, None)
        return CameraControls(
            width=width,
            height=height,
            frame_rate=self._fields[Control.FRAME_RATE].currentData(),
            exposure=self._wish(Control.EXPOSURE),
            focus=self._wish(Control.FOCUS),
            white_balance=self._wish(Control.WHITE_BALANCE),
        )

    def show_controls(self, controls: CameraControls) -> None:
        """Show a choice without reporting it."""
        size = (controls.width, controls.height) if controls.width is not None and controls.height is not None else None
        _select(self._fields[Control.SIZE], size, f"{controls.width} × {controls.height}")
        _select(self._fields[Control.FRAME_RATE], controls.frame_rate, f"{controls.frame_rate or 0:g}/s")
        self._show_wish(Control.EXPOSURE, controls.exposure)
        self._show_wish(Control.FOCUS, controls.focus)
        self._show_wish(Control.WHITE_BALANCE, controls.white_balance)
        self._enable_numbers()

    def show_states(self, states: Sequence[ControlState]) -> None:
        """Show what the camera made of it."""
        self._states = {state.control: state for state in states}
        for control, label in self._words.items():
            state = self._states.get(control)
            label.setText(state.words() if state is not None else "not connected")

    def words(self, control: Control) -> str:
        """What is said of a control."""
        return self._words[control].text()

    def _add_row(self, control: Control) -> None:
        row = self._grid.rowCount()
        name = QLabel(control.value)
        field = QComboBox()
        field.setAccessibleName(control.value)
        field.setMinimumWidth(theme.pixels(220))
        name.setBuddy(field)
        self._fields[control] = field
        self._grid.addWidget(name, row, 0)
        if control in _NUMBERS:
            field.addItem("As the camera has it", None)
            field.addItem("Automatic", AUTO)
            field.addItem("By hand", _BY_HAND)
            field.setToolTip(_TIPS[control])
            smallest, largest, step, _ = _NUMBERS[control]
            number = QSpinBox()
            number.setRange(smallest, largest)
            number.setSingleStep(step)
            number.setSuffix(_UNITS.get(control, ""))
            number.setAccessibleName(f"{control.value}, by hand")
            number.setToolTip(_TIPS[control])
            number.setMinimumWidth(theme.pixels(110))
            # The style sheet's padding does not reach the field inside a spin box.
            number.lineEdit().setTextMargins(_TEXT_MARGIN, 0, 0, 0)
            self._numbers[control] = number
            self._grid.addWidget(field, row, 1)
            self._grid.addWidget(number, row, 2)
        else:
            self._grid.addWidget(field, row, 1, 1, 2)
        words = QLabel()
        theme.set_text(words, Size.BODY, muted=True)
        # Room for the longest sentence, so that the dialog does not change its size with each answer.
        words.setMinimumWidth(words.fontMetrics().horizontalAdvance("the camera chose 0000 × 0000"))
        self._words[control] = words
        self._grid.addWidget(words, row, 3)

    def _fill_sizes(self, usual: tuple[int, int]) -> None:
        field = self._fields[Control.SIZE]
        field.addItem(f"As in Settings ({usual[0]} × {usual[1]})", None)
        for width, height in _SIZES:
            field.addItem(f"{width} × {height}", (width, height))

    def _wish(self, control: Control) -> Wish:
        chosen = self._fields[control].currentData()
        if chosen == _BY_HAND:
            return float(self._numbers[control].value())
        return AUTO if chosen == AUTO else None

    def _show_wish(self, control: Control, wish: Wish) -> None:
        field, number = self._fields[control], self._numbers[control]
        by_hand = isinstance(wish, float | int)
        field.blockSignals(True)
        field.setCurrentIndex(field.findData(_BY_HAND if by_hand else wish))
        field.blockSignals(False)
        number.blockSignals(True)
        number.setValue(round(wish) if isinstance(wish, float | int) else _NUMBERS[control][3])
        number.blockSignals(False)

    def _edited(self) -> None:
        for control, field in self._fields.items():
            number = self._numbers.get(control)
            if number is not None and field is self.sender() and field.currentData() == _BY_HAND:
                self._begin_by_hand(control, number)
        self._enable_numbers()
        self._rest.start()

    def _begin_by_hand(self, control: Control, number: QSpinBox) -> None:
        """Begin at what is in force, so that nothing jumps."""
        state = self._states.get(control)
        if state is not None and state.values:
            number.blockSignals(True)
            number.setValue(round(state.values[0]))
            number.blockSignals(False)

    def _enable_numbers(self) -> None:
        for control, number in self._numbers.items():
            number.setEnabled(self._fields[control].currentData() == _BY_HAND)

    def _reset(self) -> None:
        self.show_controls(CameraControls())
        self._rest.start()

    def _send(self) -> None:
        self.chosen.emit(self.controls())

    def done(self, result: int) -> None:
        if self._rest.isActive():
            self._rest.stop()
            self._send()
        super().done(result)


def _select(field: QComboBox, data: object, words: str) -> None:
    field.blockSignals(True)
    # Not findData: Qt would compare tuples as lists.
    index = next((i for i in range(field.count()) if field.itemData(i) == data), -1)
    if index < 0:
        field.addItem(words, data)
        index = field.count() - 1
    field.setCurrentIndex(index)
    field.blockSignals(False)
