"""What people add to a record after it was made: another verdict, measured findings. Nothing is ever changed."""

from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from sqlalchemy import select

from weldspot_desktop import labels
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import findings
from weldspot_desktop.store.findings import Measured
from weldspot_desktop.store.schema import Finding, Inspection, Override
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.finding_dialog import FindingDialog
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.overriding import Overriding
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.workers import Lane
from weldspot_desktop.verdict import Verdict


@dataclass(frozen=True)
class Added:
    """What was added to one record, the oldest first."""

    overrides: tuple[Override, ...]
    findings: tuple[Finding, ...]


class RecordAdditions(QWidget):
    """Lists the overrides and findings of a record, and takes new ones.

    Signals
    -------
    changed(int)
        Something was added to this inspection.
    """

    changed = Signal(int)

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._shown: Inspection | None = None
        self._held: Override | None = None
        self.dialog: FindingDialog | None = None
        self.overriding = Overriding(frame, self)
        self.overriding.changed.connect(self._added)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.space(1))
        self.override_button = QPushButton("Override")
        self.override_button.setToolTip("Give another verdict, with a reason (O)")
        self.override_button.clicked.connect(self.override)
        self.add_button = QPushButton("Add finding")
        self.add_button.setToolTip("Enter an imperfection that was measured on the weld")
        self.add_button.clicked.connect(self.ask)
        foot = QHBoxLayout()
        foot.addWidget(self.override_button)
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(4), 0, theme.space(4), theme.space(4))
        column.setSpacing(theme.space(2))
        column.addLayout(self._rows)
        column.addLayout(foot)
        self.hide()

    def clear(self) -> None:
        """No single record is shown."""
        self._shown = None
        self.hide()

    def show_of(self, row: Inspection) -> None:
        """Show what was added to a record; it follows when it is read."""
        self._shown = row
        self._held = None
        self.override_button.setEnabled(row.verdict is not None)
        self._fill(Added((), ()))
        self.show()
        self._read(row)

    def ask(self) -> None:
        """Ask for a new finding."""
        self._ask(None)

    def override(self) -> None:
        """Ask for a verdict in place of the one that holds."""
        row, held = self._shown, self._held
        if row is None or row.verdict is None:
            self._frame.notify("Select one picture that was judged.")
            return
        verdict, classes = (held.verdict, held.classes) if held is not None else (row.verdict, row.classes)
        self.overriding.ask(row.id, _name(row), Verdict(verdict), classes)

    def undo_override(self) -> None:
        """Take back the override that holds."""
        if self._shown is None or self._held is None:
            self._frame.notify("There is no override to undo.")
            return
        self.overriding.undo(self._shown.id, _name(self._shown))

    def _ask(self, before: Finding | None) -> None:
        row, person = self._shown, self._frame.person()
        if row is None:
            self._frame.notify("No single inspection is selected.")
            return
        if person is None:
            self._frame.notify(
                "Nobody is signed in.", Kind.WARNING, advice="A finding needs a name: sign in at the lower right."
            )
            return
        suggested = next((index for index in row.classes if index in labels.DEFECTS), None)
        dialog = FindingDialog(person.name, before=before, suggested=suggested, parent=self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog = dialog
        number = before.id if before is not None else None

        def write(measured: Measured) -> None:
            with self._frame.context.database.write() as session:
                findings.add(session, row.id, measured, person=person, supersedes=number)

        def answered(measured: Measured) -> None:
            self._frame.run(
                partial(write, measured),
                lambda _: self._stored(row, dialog),
                partial(_refused, dialog),
                lane=Lane.DATABASE,
                owner=dialog,
            )

        dialog.answered.connect(answered)
        dialog.open()

    def _stored(self, row: Inspection, dialog: FindingDialog) -> None:
        dialog.accept()
        self._frame.notify("The finding was added.", Kind.GOOD)
        self._added(row.id)

    def _added(self, number: int) -> None:
        if self._shown is not None and self._shown.id == number:
            self._read(self._shown)
        self.changed.emit(number)

    def _read(self, row: Inspection) -> None:
        def read() -> Added:
            with self._frame.context.database.read() as session:
                wanted = select(Override).where(Override.inspection_id == row.id).order_by(Override.id)
                return Added(tuple(session.scalars(wanted)), tuple(findings.history(session, row.id)))

        self._frame.run(read, partial(self._known, row), lane=Lane.DATABASE, owner=self)

    def _known(self, row: Inspection, added: Added) -> None:
        # Another row may have been selected meanwhile.
        if self._shown is row:
            last = added.overrides[-1] if added.overrides else None
            # One without a verdict takes back what was said before.
            self._held = last if last is not None and last.verdict else None
            self._fill(added)

    def _fill(self, added: Added) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        superseded = {row.supersedes for row in added.findings}
        for override in added.overrides:
            self._rows.addWidget(_line(override_words(override)))
        for finding in added.findings:
            self._rows.addWidget(self._finding(finding, holds=finding.id not in superseded))

    def _finding(self, finding: Finding, *, holds: bool) -> QWidget:
        line = _line(finding_words(finding, holds=holds), muted=not holds)
        if not holds:
            return line
        correct = QPushButton("Correct")
        correct.setAccessibleName(f"Correct finding {finding.id}")
        correct.clicked.connect(partial(self._ask, finding))
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(line, 1)
        row.addWidget(correct, 0, Qt.AlignmentFlag.AlignTop)
        return both


def override_words(row: Override) -> str:
    """An override as a sentence."""
    said = row.verdict or "the program's verdict holds again"
    classes = f" ({', '.join(labels.names(row.classes))})" if row.classes else ""
    return f"{row.person.name}: {said}{classes}. {row.reason}"


def finding_words(row: Finding, *, holds: bool) -> str:
    """A finding as a sentence, with who entered it."""
    note = f" {row.note}" if row.note else ""
    state = "" if holds else " (corrected later)"
    when = row.at.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{findings.words([row])[0]}.{note} {row.person.name}, {when}{state}"


def _line(text: str, *, muted: bool = False) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    theme.set_text(label, Size.SMALL, muted=muted)
    return label


def _name(row: Inspection) -> str:
    """What people call the picture: its weld, else its file."""
    return str(row.weld.get("weld_id") or PurePath(row.origin).name or f"Inspection {row.id}")


def _refused(dialog: FindingDialog, error: ExpectedError) -> None:
    dialog.show_fault(str(error))
