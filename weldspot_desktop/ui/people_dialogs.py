"""Questions about people: a PIN, and who somebody is. They ask; the store does."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QWidget,
)

from weldspot_desktop.store.people import LONGEST_CERTIFICATE, Role
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui.question import Question


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
    certificate
        Number, scheme and expiry of the certificate; may be empty.
    """

    name: str
    role: Role
    pin: str | None
    keep_pin: bool
    certificate: str = ""


class PinDialog(Question):
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


class PersonDialog(Question):
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
        self.certificate = QLineEdit((person.certificate or "") if person is not None else "")
        self.certificate.setMaxLength(LONGEST_CERTIFICATE)
        self.certificate.setPlaceholderText("VT 2, EN ISO 9712, until 2028-05")
        self.with_pin = QCheckBox("Ask for a PIN at sign-in")
        self.with_pin.setChecked(self._has_pin)
        self.pin = _pin_field()
        self.pin.setPlaceholderText("unchanged" if self._has_pin else "4 to 12 digits")
        self.pin.setEnabled(self.with_pin.isChecked())
        self.with_pin.toggled.connect(self.pin.setEnabled)
        self.form.addRow("Name", self.name)
        self.form.addRow("Role", self.role)
        self.form.addRow("Certificate", self.certificate)
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
        new_pin = pin if wanted and pin else None
        self.answered.emit(PersonAnswer(self.name.text(), role, new_pin, keep, self.certificate.text()))


def _pin_field() -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly | Qt.InputMethodHint.ImhSensitiveData)
    field.setValidator(QRegularExpressionValidator("[0-9]{0,12}", field))
    return field
