"""Questions about threshold sets: the name of a new one, and whether unsaved changes may be lost."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QMessageBox, QWidget

from weldspot_desktop.store.threshold_sets import LONGEST_NAME
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.question import Question
from weldspot_desktop.ui.theme import Size


class SaveSetDialog(Question):
    """Asks for the name of a new set.

    Parameters
    ----------
    suggested
        A name that is free.
    person
        Who makes it, as it will be logged.
    warnings
        What the data do not support; shown before it is saved.

    Signals
    -------
    answered(str, bool)
        Name, and whether it is used from now on; the dialog stays open until it is closed by who could save it.
    """

    answered = Signal(str, bool)

    def __init__(
        self, suggested: str, person: str, warnings: tuple[str, ...] = (), parent: QWidget | None = None
    ) -> None:
        about = "A set is never changed later. Every record names the set that it was judged by."
        super().__init__("Save as a new set", about, "Save", parent)
        for warning in warnings:
            label = QLabel(warning)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            theme.set_text(label, Size.BODY, bold=True)
            self.form.addRow(label)
        self.name = QLineEdit(suggested)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.selectAll()
        self.use = QCheckBox("Use it from now on")
        self.use.setChecked(True)
        self.form.addRow("Name", self.name)
        by = QLabel(person)
        by.setTextFormat(Qt.TextFormat.PlainText)
        self.form.addRow("By", by)
        self.form.addRow("", self.use)
        self.setMinimumWidth(theme.pixels(420))
        self.name.setFocus()

    def answer(self) -> None:
        self.confirm.setEnabled(False)
        self.answered.emit(self.name.text(), self.use.isChecked())


def may_lose_changes(parent: QWidget, what: str) -> bool:
    """Ask whether unsaved thresholds may be lost.

    Parameters
    ----------
    what
        Names of the classes that were changed.
    """
    answer = QMessageBox.question(
        parent,
        "Thresholds are not saved",
        f"The changes of {what} are not saved as a set. They would be lost. Go on without them?",
        QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
        QMessageBox.StandardButton.Cancel,
    )
    return answer is QMessageBox.StandardButton.Discard
