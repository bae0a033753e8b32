"""Asking why an upload is of no use."""

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QButtonGroup, QLabel, QLineEdit, QRadioButton, QWidget

from weldspot_desktop.store.decisions import LONGEST_REASON
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.question import Question
from weldspot_desktop.ui.shortcuts import is_text_field

REASONS: Final = (
    "Blurred or out of focus",
    "Too dark, too bright or glare",
    "The weld cannot be seen well enough",
    "Taken twice",
    "A screenshot, drawing or print",
    "Shows people or something private",
)
"""What is usually wrong; a picture without a weld is no such case, it is Background."""


class RejectDialog(Question):
    """A usual reason, chosen by its number, and words of one's own.

    Parameters
    ----------
    title
        What is rejected, by name.
    person
        Name of who signs.

    Signals
    -------
    answered(str)
        The reason; the dialog stays open until it is closed by who takes it.
    """

    answered = Signal(str)

    def __init__(self, title: str, person: str, parent: QWidget | None = None) -> None:
        about = f"{title}\nSigned by {person}. The picture is kept, but neither trained on nor counted."
        super().__init__("Reject the upload", about, "Reject", parent)
        self._group = QButtonGroup(self)
        self.reasons: list[QRadioButton] = []
        for number, reason in enumerate(REASONS, start=1):
            button = QRadioButton(f"{number}   {reason}")
            button.setAccessibleName(reason)
            self._group.addButton(button)
            self.reasons.append(button)
            self.form.addRow(button)
            key = QAction(reason, self)
            key.setShortcut(QKeySequence(str(number)))
            key.triggered.connect(partial(self._choose, number - 1))
            self.addAction(key)
        self.words = QLineEdit()
        self.words.setPlaceholderText("Another reason, or more about it")
        self.words.setAccessibleName("Reason in your own words")
        self.words.setMaxLength(LONGEST_REASON - max(len(reason) for reason in REASONS) - 2)
        own = QLabel("In your own &words")
        own.setBuddy(self.words)
        self.form.addRow(own)
        self.form.addRow(self.words)
        self.confirm.setToolTip("Reject (Enter)")
        self.setMinimumWidth(theme.pixels(440))
        # The first number pressed chooses; nothing is chosen for the person.
        self.setFocus()

    def reason(self) -> str:
        """What was chosen and written; empty if nothing was."""
        chosen = [reason for reason, button in zip(REASONS, self.reasons, strict=True) if button.isChecked()]
        return ": ".join([*chosen, *filter(None, [self.words.text().strip()])])

    def answer(self) -> None:
        """Take the reason, or say that one is missing."""
        if not self.reason():
            self.show_fault("Choose a reason, or write one.")
            self.reasons[0].setFocus()
            return
        self.show_fault("")
        self.confirm.setEnabled(False)
        self.answered.emit(self.reason())

    def _choose(self, place: int) -> None:
        if not is_text_field(self.focusWidget()):
            self.reasons[place].setChecked(True)
            self.confirm.setFocus()
