"""Asks what a report is about, what it is called and where it goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from weldspot_desktop.reports.records import Selection
from weldspot_desktop.reports.report import Kind
from weldspot_desktop.reports.sources import DEFAULT_TITLE, Details, suggested_number
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.question import Question
from weldspot_desktop.ui.theme import Size

_KIND: Final = "report/kind"
_FOLDER: Final = "report/folder"
_TITLE: Final = "report/title"
_PROJECT: Final = "report/project"

_KINDS: Final[dict[Kind, str]] = {
    Kind.PDF: "PDF with pictures, to sign",
    Kind.XLSX: "Excel workbook",
    Kind.CSV: "CSV table",
}
_NOT_IN_NAMES: Final = '<>:"/\\|?*'


@dataclass(frozen=True)
class ReportChoice:
    """Something that a report can be about.

    Attributes
    ----------
    label
        "3 selected inspections".
    selection
        Which ones.
    """

    label: str
    selection: Selection


@dataclass(frozen=True)
class ReportWish:
    """What was filled in."""

    kind: Kind
    selection: Selection
    path: Path
    details: Details


class ReportDialog(Question):
    """A form with what a report needs; what was chosen last is there again.

    Parameters
    ----------
    choices
        What it can be about, the likeliest first.
    memory
        Where choices are remembered.
    person
        Who writes it.

    Signals
    -------
    answered(ReportWish)
    """

    answered = Signal(object)

    def __init__(
        self, choices: Sequence[ReportChoice], memory: QSettings, person: str, parent: QWidget | None = None
    ) -> None:
        super().__init__("Write a report", "", "Write", parent)
        self._memory = memory
        self._choices = tuple(choices)
        self._details = Details(DEFAULT_TITLE, suggested_number(now := datetime.now(UTC)), now, person=person)
        self.about = QComboBox()
        for choice in choices:
            self.about.addItem(choice.label)
        self.kind = QComboBox()
        for kind, words in _KINDS.items():
            self.kind.addItem(words, kind)
        self.title = QLineEdit(str(memory.value(_TITLE, "")) or DEFAULT_TITLE)
        self.number = QLineEdit(self._details.number)
        self.project = QLineEdit(str(memory.value(_PROJECT, "")))
        self.project.setPlaceholderText("as the welds name it")
        for field in (self.title, self.number, self.project):
            field.setMaxLength(120)
        self.file = QLineEdit()
        self.file.setMinimumWidth(theme.pixels(300))
        self.choose = QPushButton("Choose …")
        self.choose.setAutoDefault(False)
        self.choose.setAccessibleName("Choose the file")
        place = QHBoxLayout()
        place.setSpacing(theme.space(2))
        place.addWidget(self.file, 1)
        place.addWidget(self.choose)
        self.note = QLabel()
        self.note.setWordWrap(True)
        theme.set_text(self.note, Size.SMALL, muted=True)
        for words, widget in (
            ("About", self.about),
            ("Kind", self.kind),
            ("Title", self.title),
            ("Number", self.number),
            ("Project", self.project),
        ):
            widget.setAccessibleName(words)
            self.form.addRow(words, widget)
        self.file.setAccessibleName("File")
        self.form.addRow("File", place)
        self.form.addRow("", self.note)
        self.setMinimumWidth(theme.pixels(520))
        self._folder = Path(str(memory.value(_FOLDER, str(Path.home()))))
        self._own_name = False
        self.kind.setCurrentIndex(max(0, self.kind.findData(str(memory.value(_KIND, Kind.PDF.value)))))
        self._propose()
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.number.textChanged.connect(self._propose)
        self.file.textEdited.connect(self._named)
        self.file.textChanged.connect(self._look)
        self.choose.clicked.connect(self._ask_file)
        self._look()

    def chosen_kind(self) -> Kind:
        """The kind that is chosen; Qt keeps a plain string of what was given."""
        return Kind(self.kind.currentData())

    def path(self) -> Path:
        """The file, with the ending of the kind if it has none; without a folder it lies in the one used last."""
        typed = Path(self.file.text().strip()).expanduser()
        path = typed if typed.is_absolute() else self._folder / typed
        return path if path.suffix else path.with_suffix(f".{self.chosen_kind().value}")

    def answer(self) -> None:
        """Check the answer, remember it and pass it on."""
        if not self.file.text().strip():
            self.show_fault("Name a file.")
            return
        path = self.path()
        if path.is_dir():
            self.show_fault(f"{path} is a folder.")
            return
        if not path.parent.is_dir():
            self.show_fault(f"The folder {path.parent} is not there.")
            return
        title = " ".join(self.title.text().split())
        number = " ".join(self.number.text().split())
        project = " ".join(self.project.text().split())
        details = replace(
            self._details, title=title or DEFAULT_TITLE, number=number or self._details.number, project=project
        )
        self._memory.setValue(_KIND, self.chosen_kind().value)
        self._memory.setValue(_FOLDER, str(path.parent))
        self._memory.setValue(_TITLE, title if title != DEFAULT_TITLE else "")
        self._memory.setValue(_PROJECT, project)
        wish = ReportWish(self.chosen_kind(), self._choices[self.about.currentIndex()].selection, path, details)
        self.accept()
        self.answered.emit(wish)

    def _propose(self) -> None:
        if not self._own_name:
            name = "".join("-" if c in _NOT_IN_NAMES or not c.isprintable() else c for c in self.number.text().strip())
            self.file.setText(str(self._folder / f"{name or 'report'}.{self.chosen_kind().value}"))

    def _kind_changed(self) -> None:
        if not self._own_name:
            self._propose()
        elif self.file.text().strip():
            self.file.setText(str(self.path().with_suffix(f".{self.chosen_kind().value}")))

    def _named(self) -> None:
        self._own_name = True

    def _look(self) -> None:
        """Say what is lost before it is."""
        exists = bool(self.file.text().strip()) and self.path().is_file()
        self.note.setText("This file exists and will be replaced." if exists else "")

    def _ask_file(self) -> None:
        ending = self.chosen_kind().value
        name, _ = QFileDialog.getSaveFileName(
            self, "Where to write the report", str(self.path()), f"{ending.upper()} (*.{ending})"
        )
        if name:
            self._own_name = True
            self.file.setText(name)
