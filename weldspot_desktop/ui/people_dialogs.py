"""Questions about people: a PIN, and who somebody is. They ask; the store does."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.style_sheet import FAULT
from weldspot_desktop.ui.theme import Size


@dataclass(frozen=True)
class PersonAnswer:
    """What was filled in.

    Attributes
    ----------
    name, role
        Who it is.
    pin
        A new PIN, or None for none.
    keep_pin
        The PIN stays as it is.
    """

    name: str
    role: Role
    pin: str | None
    keep_pin: bool


class _Question(QDialog):
    """A question with a form, a line for what is wrong, and two buttons."""

    def __init__(self, title: str, text: str, button: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(3))
        head = QLabel(title)
        theme.set_text(head, Size.TITLE, bold=True)
        column.addWidget(head)
        if text:
            words = QLabel(text)
            words.setWordWrap(True)
            column.addWidget(words)
        self.form = QFormLayout()
        self.form.setSpacing(theme.space(2))
        column.addLayout(self.form)
        self._fault = QLabel()
        self._fault.setProperty(FAULT, True)
        self._fault.setWordWrap(True)
        self._fault.hide()
        column.addWidget(self._fault)
        self.confirm = QPushButton(button)
        theme.set_look(self.confirm, "main")
        self.confirm.setAutoDefault(True)
        self.confirm.clicked.connect(self.answer)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.confirm)
        column.addLayout(row)
        self.setMinimumWidth(theme.pixels(380))

    def show_fault(self, text: str) -> None:
        """Say what is wrong with the answer; the dialog stays open."""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))
        self.confirm.setEnabled(True)
        # Without more room the fields would be squeezed.
        self.adjustSize()

    def fault(self) -> str:
        """What was said to be wrong."""
        return self._fault.text()

    def answer(self) -> None:
        """Take what was filled in."""
        raise NotImplementedError


class PinDialog(_Question):
    """Asks for the PIN of a person.

    Signals
    -------
    entered(str)
        A PIN to try; the dialog stays open until it is closed by who knows whether it is right.
    """

    entered = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__("Sign in", f"{name} has a PIN.", "Sign in", parent)
        self.pin = _pin_field()
        self.form.addRow("PIN", self.pin)
        self.pin.setFocus()

    def answer(self) -> None:
        self.confirm.setEnabled(False)
        self.entered.emit(self.pin.text())

    def refuse(self) -> None:
        """The PIN was wrong."""
        self.show_fault("That is not the PIN. Nobody was signed in.")
        self.pin.clear()
        self.pin.setFocus()


class PersonDialog(_Question):
    """Asks for name, role and PIN.

    Parameters
    ----------
    person
        Who is changed; None for somebody new.

    Signals
    -------
    answered(PersonAnswer)
        The dialog stays open until it is closed by who could store the answer.
    """

    answered = Signal(object)

    def __init__(self, person: Person | None = None, parent: QWidget | None = None) -> None:
        title = "Add a person" if person is None else f"Change {person.name}"
        super().__init__(title, "", "Add" if person is None else "Save", parent)
        self._has_pin = person is not None and person.pin_hash is not None
        self.name = QLineEdit(person.name if person is not None else "")
        self.name.setMaxLength(120)
        # Entries of the trail carry the name: it stays what it is.
        self.name.setEnabled(person is None)
        self.role = QComboBox()
        for role in Role:
            self.role.addItem(role.value.capitalize(), role)
        if person is not None:
            self.role.setCurrentIndex(self.role.findData(Role(person.role)))
        self.with_pin = QCheckBox("Ask for a PIN at sign-in")
        self.with_pin.setChecked(self._has_pin)
        self.pin = _pin_field()
        self.pin.setPlaceholderText("unchanged" if self._has_pin else "4 to 12 digits")
        self.pin.setEnabled(self.with_pin.isChecked())
        self.with_pin.toggled.connect(self.pin.setEnabled)
        self.form.addRow("Name", self.name)
        self.form.addRow("Role", self.role)
        self.form.addRow("", self.with_pin)
        self.form.addRow("PIN", self.pin)
        (self.name if self.name.isEnabled() else self.role).setFocus()

    def answer(self) -> None:
        wanted, pin = self.with_pin.isChecked(), self.pin.text()
        if wanted and not pin and not self._has_pin:
            self.show_fault("Enter a PIN of four to twelve digits, or do not ask for one.")
            return
        keep = wanted and not pin
        # Qt keeps a plain string of what was given.
        role = Role(self.role.currentData())
        self.answered.emit(PersonAnswer(self.name.text(), role, pin if wanted and pin else None, keep))


def _pin_field() -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly | Qt.InputMethodHint.ImhSensitiveData)
    field.setValidator(QRegularExpressionValidator("[0-9]{0,12}", field))
    return field
