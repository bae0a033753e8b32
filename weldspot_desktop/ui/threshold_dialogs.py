"""Questions about threshold sets: the name of a new one, and whether unsaved changes may be lost."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.store.threshold_sets import LONGEST_NAME
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.style_sheet import FAULT
from weldspot_desktop.ui.theme import Size


class SaveSetDialog(QDialog):
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
        super().__init__(parent)
        self.setWindowTitle("Save as a new set")
        title = QLabel("Save as a new set")
        theme.set_text(title, Size.TITLE, bold=True)
        about = QLabel("A set is never changed later. Every record names the set that it was judged by.")
        about.setWordWrap(True)
        self.name = QLineEdit(suggested)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.selectAll()
        self.use = QCheckBox("Use it from now on")
        self.use.setChecked(True)
        form = QFormLayout()
        form.setSpacing(theme.space(2))
        form.addRow("Name", self.name)
        form.addRow("By", QLabel(person))
        form.addRow("", self.use)
        self._fault = QLabel()
        self._fault.setProperty(FAULT, True)
        self._fault.setWordWrap(True)
        self._fault.hide()
        self.confirm = QPushButton("Save")
        theme.set_look(self.confirm, "main")
        self.confirm.setAutoDefault(True)
        self.confirm.clicked.connect(self._answer)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.confirm)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(3))
        column.addWidget(title)
        column.addWidget(about)
        for warning in warnings:
            label = QLabel(warning)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            theme.set_text(label, Size.BODY, bold=True)
            column.addWidget(label)
        column.addLayout(form)
        column.addWidget(self._fault)
        column.addLayout(foot)
        self.setMinimumWidth(theme.pixels(420))
        self.name.setFocus()

    def show_fault(self, text: str) -> None:
        """Say why it was not saved; the dialog stays open."""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))
        self.confirm.setEnabled(True)
        # Without more room the fields would be squeezed.
        self.adjustSize()

    def fault(self) -> str:
        """Why it was not saved."""
        return self._fault.text()

    def _answer(self) -> None:
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
