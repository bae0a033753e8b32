"""Filter chips: small buttons that stay pressed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.flow_layout import FlowLayout


class Chips(QWidget):
    """A row of chips of which any number may be on; none on means no filter.

    Parameters
    ----------
    choices
        Key and word of each chip.

    Signals
    -------
    changed
        The person pressed a chip.
    """

    changed = Signal()

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        row = FlowLayout(self, spacing=theme.space(1))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._chips: dict[str, QPushButton] = {}
        for key, word in choices:
            chip = QPushButton(word)
            chip.setCheckable(True)
            chip.setCursor(Qt.CursorShape.PointingHandCursor)
            chip.setAccessibleName(f"{name}: {word}")
            theme.set_look(chip, "chip")
            chip.clicked.connect(self.changed)
            row.addWidget(chip)
            self._chips[key] = chip

    def chip(self, key: str) -> QPushButton:
        """One chip."""
        return self._chips[key]

    def chosen(self) -> tuple[str, ...]:
        """Keys of the chips that are on, in their order."""
        return tuple(key for key, chip in self._chips.items() if chip.isChecked())

    def choose(self, keys: Sequence[str]) -> None:
        """Turn on these chips and no others, silently."""
        for key, chip in self._chips.items():
            chip.setChecked(key in keys)

    def set_icon(self, key: str, icon: QIcon) -> None:
        """Give a chip a sign."""
        self._chips[key].setIcon(icon)
