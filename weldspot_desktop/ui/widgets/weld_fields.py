"""What is known of the weld, kept from picture to picture."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.shortcuts import TAKES_ENTER
from weldspot_desktop.ui.theme import STEP, Size

FIELDS: Final[dict[str, str]] = {"weld_id": "Weld ID", "part": "Part", "wps": "WPS", "welder": "Welder"}
"""Label of each field by the name it has in a record."""


class WeldFields(QWidget):
    """A small form. Enter goes to the next field and after the last to the first, so a scanner fills all of them.

    Signals
    -------
    changed
        A field has another text.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: dict[str, _Field] = {}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(3 * STEP)
        layout.setVerticalSpacing(STEP)
        heading = QLabel("Weld", self)
        theme.set_text(heading, Size.SMALL, bold=True, muted=True)
        layout.addWidget(heading, 0, 0, 1, 2)
        for row, (name, label) in enumerate(FIELDS.items(), start=1):
            field = _Field(self)
            field.setAccessibleName(label)
            field.returnPressed.connect(self._next)
            field.textChanged.connect(self.changed)
            words = QLabel(label, self)
            words.setBuddy(field)
            theme.set_text(words, Size.BODY, muted=True)
            layout.addWidget(words, row, 0)
            layout.addWidget(field, row, 1)
            self._fields[name] = field
        layout.setColumnStretch(1, 1)

    def values(self) -> dict[str, str]:
        """Texts by field name; empty fields are left out."""
        texts = {name: " ".join(field.text().split()) for name, field in self._fields.items()}
        return {name: text for name, text in texts.items() if text}

    def set_values(self, values: Mapping[str, str]) -> None:
        """Fill the form; fields that are not named become empty."""
        for name, field in self._fields.items():
            field.setText(values.get(name, ""))

    def field(self, name: str) -> QLineEdit:
        """The field of that name ("weld_id")."""
        return self._fields[name]

    def _next(self) -> None:
        fields = list(self._fields.values())
        at = next((i for i, field in enumerate(fields) if field.hasFocus()), -1)
        following = fields[(at + 1) % len(fields)]
        following.setFocus(Qt.FocusReason.TabFocusReason)
        following.selectAll()


class _Field(QLineEdit):
    """A line in which Enter is only its own, and Esc leaves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMaxLength(120)
        # Tab's next stop after the last field is a button, and a scanner would go on typing into that.
        self.setProperty(TAKES_ENTER, True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # A line edit passes Enter on, and a page would take it for a decision.
            event.accept()
        elif event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
            event.accept()
