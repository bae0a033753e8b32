"""Presets of the thresholds, the costs behind one of them, and what the chosen one rests on."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from weldspot_desktop import labels
from weldspot_desktop.registry.out_of_fold import OutOfFold
from weldspot_desktop.registry.threshold_basis import Basis
from weldspot_desktop.registry.threshold_presets import CRACK, ClassCost, Costs, Preset
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.flow_layout import FlowLayout
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.widgets.threshold_fields import CalmNumber, plain

_WORDS: Final = {
    Preset.BALANCED: "Balanced, as shipped",
    Preset.MISS_NO_CRACK: "Miss no crack",
    Preset.COST: "By cost",
}
_TIPS: Final = {
    Preset.BALANCED: "The thresholds of the model's card.",
    Preset.MISS_NO_CRACK: "Lowers the lower threshold of Crack until every crack of the data is at least UNSURE.",
    Preset.COST: "For each defect, the thresholds with the lowest mean cost of a picture.",
}
_MOST_COST: Final = 9999.0


class CostEditor(QWidget):
    """What a miss, a false alarm and a look cost, and how common each defect is.

    Signals
    -------
    edited
        The person changed a number.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share_in_data: dict[int, float] = {}
        self.fields: dict[tuple[int, str], CalmNumber] = {}
        start = Costs()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.space(3))
        grid.setVerticalSpacing(theme.space(1))
        for column, word in enumerate(("Cost of", "a miss", "a false alarm", "% of pictures")):
            grid.addWidget(plain(word, muted=True, size=Size.SMALL), 0, column)
        for row, index in enumerate(labels.DEFECTS, start=1):
            name, cost = labels.CLASSES[index], start.classes[index]
            grid.addWidget(QLabel(name), row, 0)
            values = {"miss": cost.miss, "false alarm": cost.false_alarm, "share": 0.0}
            for column, (what, value) in enumerate(values.items(), start=1):
                share = what == "share"
                field = CalmNumber(
                    f"{name}: percent of the pictures that show it" if share else f"{name}: cost of a {what}",
                    decimals=1,
                    most=100.0 if share else _MOST_COST,
                    step=1.0,
                )
                field.setValue(value)
                field.valueChanged.connect(self.edited)
                field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
                self.fields[index, what] = field
                grid.addWidget(field, row, column)
        self.look = CalmNumber("Cost of a look at an UNSURE picture", decimals=2, most=_MOST_COST, step=0.1)
        self.look.setValue(start.look)
        self.look.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.look.valueChanged.connect(self.edited)
        last = len(labels.DEFECTS) + 1
        grid.addWidget(QLabel("A look (UNSURE)"), last, 0)
        grid.addWidget(self.look, last, 1)
        note = plain("Any unit that is the same for all. By default the shares are those of the data.", muted=True)
        theme.set_text(note, Size.SMALL, muted=True)
        grid.addWidget(note, last, 2, 1, 2)
        for column in (1, 2, 3):
            grid.setColumnStretch(column, 1)
        self.dress()

    def show_data(self, data: OutOfFold) -> None:
        """Take the shares of these pictures, where the person entered none."""
        for index in labels.DEFECTS:
            share = float(data.truth[:, index].mean())
            field = self.fields[index, "share"]
            if field.value() == round(100 * self._share_in_data.get(index, 0.0), 1):
                blocked = field.blockSignals(True)
                field.setValue(100 * share)
                field.blockSignals(blocked)
            self._share_in_data[index] = share

    def dress(self) -> None:
        """As narrow as the text size in force allows: the names beside the numbers need the room."""
        for field in (*self.fields.values(), self.look):
            field.setMinimumWidth(theme.pixels(80))

    def costs(self) -> Costs:
        """What was entered."""
        return Costs({index: self._cost(index) for index in labels.DEFECTS}, self.look.value())

    def _cost(self, index: int) -> ClassCost:
        share = self.fields[index, "share"].value()
        of_data = share == round(100 * self._share_in_data.get(index, 0.0), 1)
        return ClassCost(
            self.fields[index, "miss"].value(),
            self.fields[index, "false alarm"].value(),
            None if of_data else share / 100,
        )


class PresetPanel(QWidget):
    """Buttons of the presets with their parameters, and the basis of what is shown.

    Signals
    -------
    wanted(Preset)
        The person asked for this preset, or changed a parameter of the one that is on.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on: Preset | None = None
        self.buttons = {preset: QPushButton(word) for preset, word in _WORDS.items()}
        self.costs = CostEditor()
        self.allowed = QSpinBox()
        self.allowed.setAccessibleName("Cracks that may be missed")
        self.allowed.lineEdit().setTextMargins(6, 0, 0, 0)
        self.allowed.setKeyboardTracking(False)
        self._buttons = QWidget()
        row = FlowLayout(self._buttons, spacing=theme.space(2))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._buttons.setSizePolicy(policy)
        for preset, button in self.buttons.items():
            button.setCheckable(True)
            button.setToolTip(_TIPS[preset])
            button.setAccessibleName(f"Preset: {_WORDS[preset]}")
            button.setAccessibleDescription(_TIPS[preset])
            button.clicked.connect(partial(self._clicked, preset))
            row.addWidget(button)
        self._allowance = QWidget()
        beside = QHBoxLayout(self._allowance)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.space(2))
        words = QLabel("Cracks that may be missed")
        words.setBuddy(self.allowed)
        beside.addWidget(words)
        beside.addWidget(self.allowed)
        beside.addStretch(1)
        self.rests_on = plain()
        self.warnings = plain(bold=True)
        self._warning_icon = QLabel()
        self._warning_icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        warned = QHBoxLayout()
        warned.setSpacing(theme.space(2))
        warned.addWidget(self._warning_icon)
        warned.addWidget(self.warnings, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        column.addWidget(self._buttons)
        column.addWidget(self._allowance)
        column.addWidget(self.costs)
        column.addWidget(self.rests_on)
        column.addLayout(warned)
        self.allowed.valueChanged.connect(partial(self._parameter_changed, Preset.MISS_NO_CRACK))
        self.costs.edited.connect(partial(self._parameter_changed, Preset.COST))
        self.dress()
        self.show_preset(None, None)

    def show_data(self, data: OutOfFold | None, *, is_balanced: bool) -> None:
        """Offer what these scores allow; without scores only the shipped set.

        Parameters
        ----------
        is_balanced
            Whether the card calls its set balanced; nobody else may.
        """
        self.buttons[Preset.BALANCED].setText("Balanced, as shipped" if is_balanced else "As shipped")
        for preset, button in self.buttons.items():
            button.setVisible(data is not None or preset is Preset.BALANCED)
        if data is not None:
            blocked = self.allowed.blockSignals(True)
            self.allowed.setMaximum(max(data.curves[CRACK].positives - 1, 0))
            self.allowed.blockSignals(blocked)
            self.costs.show_data(data)

    def show_preset(self, preset: Preset | None, basis: Basis | None) -> None:
        """Show which preset is on and what it rests on."""
        self._on = preset
        for key, button in self.buttons.items():
            button.setChecked(key is preset)
        self._allowance.setVisible(preset is Preset.MISS_NO_CRACK)
        self.costs.setVisible(preset is Preset.COST)
        self.rests_on.setText("\n".join(basis.rests_on) if basis is not None else "")
        self.rests_on.setVisible(basis is not None and bool(basis.rests_on))
        warnings = basis.warnings if basis is not None else ()
        self.warnings.setText("\n".join(warnings))
        self.warnings.setVisible(bool(warnings))
        self._warning_icon.setVisible(bool(warnings))

    def dress(self) -> None:
        """Draw the warning sign in the theme in force."""
        self.costs.dress()
        side = theme.pixels(Size.HEAD)
        self._warning_icon.setPixmap(theme.icon("alert", theme.colours().warning).pixmap(side, side))

    def _clicked(self, preset: Preset, _checked: bool = False) -> None:
        self.buttons[preset].setChecked(self._on is preset)
        self.wanted.emit(preset)

    def _parameter_changed(self, preset: Preset, _value: float = 0.0) -> None:
        if self._on is preset:
            self.wanted.emit(preset)
