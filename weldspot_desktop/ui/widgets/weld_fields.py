"""What is known of the weld, kept from picture to picture."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from weldspot_desktop.store import weld_identity
from weldspot_desktop.store.weld_identity import From
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.shortcuts import TAKES_ENTER
from weldspot_desktop.ui.theme import STEP, Size

ALWAYS: Final = ("report_number", "weld_id", "part", "joint", "wps", "welder", "station")
"""Keys that are asked for at every weld; the others are behind a button."""

FIELDS: Final[dict[str, str]] = {
    field.key: field.label for field in weld_identity.FIELDS if field.source is From.WELD or field.key in ALWAYS
}
"""Label of each field by its key in a record, in the order of the form."""


class WeldFields(QWidget):
    """A form. Enter goes to the next field and after the last to the first, so a scanner fills all of them.

    Signals
    -------
    changed
        A field has another text.
    committed
        A field was left, or Enter was pressed in it: `take` has what is new.
    expanded(bool)
        The person asked for more fields, or for fewer.
    """

    changed = Signal()
    committed = Signal()
    expanded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: dict[str, _Field] = {}
        self._words: dict[str, QLabel] = {}
        self._told: dict[str, str] = dict.fromkeys(FIELDS, "")
        # "e.g." keeps an example from being taken for a value.
        examples = {field.key: f"e.g. {field.example}" for field in weld_identity.FIELDS if field.example}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(3 * STEP)
        layout.setVerticalSpacing(STEP)
        layout.setColumnStretch(1, 1)
        layout.addLayout(self._heading(), 0, 0, 1, 2)
        for row, (name, label) in enumerate(FIELDS.items(), start=1):
            field = _Field(self)
            field.setAccessibleName(label)
            field.setPlaceholderText(examples.get(name, ""))
            field.returnPressed.connect(self._next)
            field.editingFinished.connect(self.committed)
            field.textChanged.connect(self.changed)
            words = QLabel(label, self)
            words.setBuddy(field)
            words.setWordWrap(True)
            theme.set_text(words, Size.BODY, muted=True)
            layout.addWidget(words, row, 0)
            layout.addWidget(field, row, 1)
            self._fields[name], self._words[name] = field, words
        self._inspector_label, self._inspector = QLabel("Inspector", self), QLabel(self)
        self._inspector.setTextFormat(Qt.TextFormat.PlainText)
        self._inspector.setWordWrap(True)
        for text in (self._inspector_label, self._inspector):
            theme.set_text(text, Size.BODY, muted=True)
        layout.addWidget(self._inspector_label, len(FIELDS) + 1, 0)
        layout.addWidget(self._inspector, len(FIELDS) + 1, 1)
        self.show_inspector(None)
        self.set_expanded(False)

    def values(self) -> dict[str, str]:
        """Texts by key; empty fields are left out."""
        return weld_identity.cleaned({name: field.text() for name, field in self._fields.items()})

    def set_values(self, values: Mapping[str, str]) -> None:
        """Fill the form as a person would; fields that are not named become empty. `take` then has them."""
        for name, field in self._fields.items():
            field.setText(values.get(name, ""))

    def take(self) -> dict[str, str]:
        """What was typed since the last `take` or `show_values`, by key; "" for what was deleted."""
        now = {name: " ".join(field.text().split()) for name, field in self._fields.items()}
        typed = {name: text for name, text in now.items() if text != self._told[name]}
        self._told.update(typed)
        return typed

    def show_values(self, values: Mapping[str, str]) -> None:
        """Show what is kept by now; a field in which somebody types is left alone."""
        for name, field in self._fields.items():
            typing = field.hasFocus() and " ".join(field.text().split()) != self._told[name]
            text = values.get(name, "")
            if not typing and field.text() != text:
                field.setText(text)
            if not typing:
                self._told[name] = text

    def show_inspector(self, name: str | None) -> None:
        """Show who is signed in; None leaves the line out."""
        self._inspector.setText(name or "")
        self._inspector.setVisible(name is not None)
        self._inspector_label.setVisible(name is not None)

    def show_usual(self, values: Mapping[str, str]) -> None:
        """Show in empty fields what a record takes where nothing is typed, by key."""
        for name, text in values.items():
            if name in self._fields:
                self._fields[name].setPlaceholderText(text)

    def set_expanded(self, expanded: bool) -> None:
        """Show all fields, or those that are asked for at every weld and those that hold something."""
        self._more.setChecked(expanded)
        self._more.setText("Fewer fields" if expanded else "More fields")
        for name, field in self._fields.items():
            shown = expanded or name in ALWAYS or bool(field.text())
            field.setVisible(shown)
            self._words[name].setVisible(shown)

    def field(self, name: str) -> QLineEdit:
        """The field of that key ("weld_id")."""
        return self._fields[name]

    def _heading(self) -> QHBoxLayout:
        heading = QLabel("Weld", self)
        theme.set_text(heading, Size.SMALL, bold=True, muted=True)
        self._more = QToolButton(self)
        self._more.setCheckable(True)
        self._more.setAutoRaise(True)
        self._more.setToolTip("Project, drawing, location, material and more")
        self._more.clicked.connect(self._more_clicked)
        row = QHBoxLayout()
        row.addWidget(heading)
        row.addStretch(1)
        row.addWidget(self._more)
        return row

    def _more_clicked(self, expanded: bool) -> None:
        self.set_expanded(expanded)
        self.expanded.emit(expanded)

    def _next(self) -> None:
        fields = [field for field in self._fields.values() if not field.isHidden()]
        at = next((i for i, field in enumerate(fields) if field.hasFocus()), -1)
        following = fields[(at + 1) % len(fields)]
        following.setFocus(Qt.FocusReason.TabFocusReason)
        following.selectAll()


class _Field(QLineEdit):
    """A line in which Enter is only its own, and Esc leaves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMaxLength(weld_identity.LONGEST)
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
