"""Asking for a person's verdict in place of the program's, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from weldspot_desktop import labels
from weldspot_desktop.store.overrides import LONGEST_REASON
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import mark_icon, sign_icon
from weldspot_desktop.ui.question import Question
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


class OverrideDialog(Question):
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
        now = verdict.value if verdict is not None else "NOT JUDGED"
        names = ", ".join(labels.names(classes))
        about = f"{picture}\nNow {now}{f' ({names})' if names else ''}"
        super().__init__("Override the verdict", about, "Override", parent)
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
        self.confirm.setToolTip("Override (Ctrl+Enter)")
        enter = QAction(self)
        # In the text Enter begins a new line, so that a scanner's Enter confirms nothing.
        enter.setShortcuts([QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")])
        enter.triggered.connect(self.answer)
        self.addAction(enter)
        self.form.addRow(words)
        self.form.addRow(self._seen)
        self.form.addRow(grid)
        for widget in (why, self.reason, signed):
            self.form.addRow(widget)
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

    def _chosen(self) -> None:
        with_classes = self.chosen() in _WITH_CLASSES
        self._seen.setEnabled(with_classes)
        for box in self.classes:
            box.setEnabled(with_classes)
