"""Asking for a person's verdict in place of the program's, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop import labels
from weldspot_desktop.store.overrides import LONGEST_REASON
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import mark_icon, sign_icon
from weldspot_desktop.ui.style_sheet import FAULT
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.verdict import Verdict

_WITH_CLASSES: Final = (Verdict.DEFECT, Verdict.UNSURE)


@dataclass(frozen=True)
class OverrideAnswer:
    """What was filled in.

    Attributes
    ----------
    verdict, classes
        The person's word and the classes that were marked.
    reason
        Why, not empty.
    """

    verdict: Verdict
    classes: tuple[int, ...]
    reason: str


class OverrideDialog(QDialog):
    """Verdict, classes and reason; who signs is shown.

    Parameters
    ----------
    picture
        What is overridden, by name.
    verdict, classes
        What holds now; None for a picture that could not be judged.
    person
        Name of who signs.

    Signals
    -------
    answered(OverrideAnswer)
        The dialog stays open until it is closed by who could store the answer.
    """

    answered = Signal(object)

    def __init__(
        self,
        picture: str,
        verdict: Verdict | None,
        classes: Sequence[int],
        person: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Override the verdict")
        now = verdict.value if verdict is not None else "NOT JUDGED"
        names = ", ".join(labels.names(classes))
        about = QLabel(f"{picture}\nNow {now}{f' ({names})' if names else ''}")
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        theme.set_text(about, Size.BODY, muted=True)
        self._group = QButtonGroup(self)
        self.verdicts: dict[Verdict, QPushButton] = {}
        words = QHBoxLayout()
        words.setSpacing(theme.space(1))
        for number, choice in enumerate(
            (Verdict.CLEAR, Verdict.DEFECT, Verdict.UNSURE, Verdict.RETAKE, Verdict.NO_WELD)
        ):
            button = QPushButton(choice.value)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setIcon(sign_icon(choice, theme.pixels(Size.HEAD)))
            button.setAccessibleName(f"Verdict {choice.value}")
            button.setToolTip(f"{choice.value} (Alt+{number + 1})")
            theme.set_look(button, "chip")
            button.setShortcut(QKeySequence(f"Alt+{number + 1}"))
            self._group.addButton(button)
            self.verdicts[choice] = button
            words.addWidget(button)
        words.addStretch(1)
        self.classes: list[QCheckBox] = []
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space(4))
        for place, index in enumerate(labels.DEFECTS):
            box = QCheckBox(labels.CLASSES[index])
            box.setIcon(mark_icon(index, theme.pixels(Size.HEAD)))
            box.setChecked(index in classes)
            box.setProperty("classIndex", index)
            self.classes.append(box)
            grid.addWidget(box, place // 2, place % 2)
        self._seen = QLabel("Imperfections seen")
        self._seen.setBuddy(self.classes[0])
        self.reason = QPlainTextEdit()
        self.reason.setPlaceholderText("Why the verdict is another one")
        self.reason.setAccessibleName("Reason")
        self.reason.setTabChangesFocus(True)
        self.reason.setFixedHeight(theme.pixels(84))
        why = QLabel("&Reason")
        why.setBuddy(self.reason)
        signed = QLabel(f"Signed by {person}. The program's verdict stays in the record.")
        signed.setTextFormat(Qt.TextFormat.PlainText)
        signed.setWordWrap(True)
        theme.set_text(signed, Size.SMALL, muted=True)
        self._fault = QLabel()
        self._fault.setProperty(FAULT, True)
        self._fault.setWordWrap(True)
        self._fault.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.confirm = buttons.addButton("Override", QDialogButtonBox.ButtonRole.AcceptRole)
        self.confirm.setToolTip("Override (Ctrl+Enter)")
        theme.set_look(self.confirm, "main")
        buttons.accepted.connect(self.answer)
        buttons.rejected.connect(self.reject)
        enter = QAction(self)
        # In the text Enter begins a new line, so that a scanner's Enter confirms nothing.
        enter.setShortcuts([QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")])
        enter.triggered.connect(self.answer)
        self.addAction(enter)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(3))
        head = QLabel("Override the verdict")
        theme.set_text(head, Size.TITLE, bold=True)
        column.addWidget(head)
        column.addWidget(about)
        column.addLayout(words)
        column.addWidget(self._seen)
        column.addLayout(grid)
        for widget in (why, self.reason, signed, self._fault, buttons):
            column.addWidget(widget)
        self.setMinimumWidth(theme.pixels(590))
        self._group.buttonClicked.connect(self._chosen)
        self._chosen()
        self.verdicts[Verdict.CLEAR].setFocus()

    def chosen(self) -> Verdict | None:
        """The verdict that is pressed."""
        return next((verdict for verdict, button in self.verdicts.items() if button.isChecked()), None)

    def choose(self, verdict: Verdict) -> None:
        """Press a verdict, as the person does."""
        self.verdicts[verdict].click()

    def marked(self) -> tuple[int, ...]:
        """Classes that are marked; none for a verdict that has none."""
        if self.chosen() not in _WITH_CLASSES:
            return ()
        return tuple(int(box.property("classIndex")) for box in self.classes if box.isChecked())

    def answer(self) -> None:
        """Take what was filled in, or say what is missing."""
        verdict, reason = self.chosen(), self.reason.toPlainText().strip()
        if verdict is None:
            self.show_fault("Choose a verdict.")
            self.verdicts[Verdict.CLEAR].setFocus()
        elif verdict is Verdict.DEFECT and not self.marked():
            self.show_fault("Mark at least one imperfection.")
            self.classes[0].setFocus()
        elif not reason:
            self.show_fault("Write down the reason.")
            self.reason.setFocus()
        elif len(reason) > LONGEST_REASON:
            self.show_fault(f"The reason is longer than {LONGEST_REASON} characters.")
            self.reason.setFocus()
        else:
            self.show_fault("")
            self.confirm.setEnabled(False)
            self.answered.emit(OverrideAnswer(verdict, self.marked(), reason))

    def show_fault(self, text: str) -> None:
        """Say what is wrong; the dialog stays open."""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))
        self.confirm.setEnabled(True)
        self.adjustSize()

    def fault(self) -> str:
        """What was said to be wrong."""
        return self._fault.text()

    def _chosen(self) -> None:
        with_classes = self.chosen() in _WITH_CLASSES
        self._seen.setEnabled(with_classes)
        for box in self.classes:
            box.setEnabled(with_classes)
