"""A question in a window of its own: a form, a line for what is wrong, two buttons."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.style_sheet import FAULT
from weldspot_desktop.ui.theme import Size


class Question(QDialog):
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
            # Names of people and files come from anywhere.
            words.setTextFormat(Qt.TextFormat.PlainText)
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
