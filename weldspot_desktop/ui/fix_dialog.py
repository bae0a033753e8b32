"""Giving an upload in quarantine a name that can be read."""

import re
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QLabel, QLineEdit, QWidget

from weldspot_desktop import labels, upload_name
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import mark_icon
from weldspot_desktop.ui.path_label import PathLabel
from weldspot_desktop.ui.question import Question
from weldspot_desktop.ui.review_rows import plain
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.upload_name import UploadName, UploadNameError

_PIECE: Final = re.compile(r"([01])(?:-(1(?:\.0{1,6})?|0(?:\.[0-9]{1,6})?))?")
_OTHER: Final = re.compile(r"[^A-Za-z0-9-]+")
_UNKNOWN: Final = -0.01


@dataclass(frozen=True)
class Salvaged:
    """What can still be read of a name.

    Attributes
    ----------
    id
        Without what an id cannot hold.
    ticks, scores
        In class order; None where nothing is known.
    """

    id: str
    ticks: tuple[bool | None, ...]
    scores: tuple[float | None, ...]


def salvage(name: str) -> Salvaged:
    """Read what can be read of a name that is none of the protocol: the first pairs belong to the first classes."""
    stem = name.rpartition("/")[2].rpartition("\\")[2]
    stem = stem[:-4] if stem.lower().endswith(".jpg") else stem.rpartition(".")[0] or stem
    first, *pieces = stem.split("_")
    ticks: list[bool | None] = [None] * labels.COUNT
    scores: list[float | None] = [None] * labels.COUNT
    for index, piece in enumerate(pieces[: labels.COUNT]):
        found = _PIECE.fullmatch(piece)
        if found is not None:
            ticks[index] = found[1] == "1"
            scores[index] = float(found[2]) if found[2] is not None else None
    return Salvaged(_OTHER.sub("-", first).strip("-")[: upload_name.LONGEST_ID], tuple(ticks), tuple(scores))


class FixDialog(Question):
    """Id, seven ticks and, if they are known, seven scores; what the name still says is filled in.

    Parameters
    ----------
    name
        As it came.
    reason
        What is wrong with it.
    person
        Name of who signs.

    Signals
    -------
    answered(UploadName)
        The dialog stays open until it is closed by who could store the answer.
    """

    answered = Signal(object)

    def __init__(self, name: str, reason: str, person: str, parent: QWidget | None = None) -> None:
        about = f"{plain(reason)}\nSigned by {person}. The object in the inbox keeps its own name."
        super().__init__("Fix the name", about, "Put it into the queue", parent)
        known = salvage(name)
        came = PathLabel(plain(name))
        theme.set_text(came, Size.SMALL, muted=True)
        self.id = QLineEdit(known.id)
        self.id.setMaxLength(upload_name.LONGEST_ID)
        self.id.setAccessibleName("Id of the picture")
        self.with_scores = QCheckBox("The phone's scores are known")
        self.ticks: list[QCheckBox] = []
        self.scores: list[QDoubleSpinBox] = []
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space(4))
        for index, (class_name, tick, score) in enumerate(zip(labels.CLASSES, known.ticks, known.scores, strict=True)):
            box = QCheckBox(class_name)
            box.setIcon(mark_icon(index, theme.pixels(Size.HEAD)))
            box.setChecked(bool(tick))
            note = QLabel("" if tick is not None else "not in the name")
            theme.set_text(note, Size.SMALL, muted=True)
            field = _score_field(class_name, score)
            self.ticks.append(box)
            self.scores.append(field)
            for column, widget in enumerate((box, field, note)):
                grid.addWidget(widget, index, column)
            field.setEnabled(False)
        grid.setColumnStretch(2, 1)
        self.form.addRow("Came as", came)
        self.form.addRow("&Id", self.id)
        self.form.addRow(QLabel("Ticked at the phone"))
        self.form.addRow(grid)
        self.form.addRow(self.with_scores)
        self.with_scores.toggled.connect(self._scores_switched)
        # Some known and some not cannot be stored: the person says the others, or none count.
        self.with_scores.setChecked(all(score is not None for score in known.scores))
        self.setMinimumWidth(theme.pixels(520))
        missing = [box for box, tick in zip(self.ticks, known.ticks, strict=True) if tick is None]
        (missing[0] if missing and self.id.text() else self.id).setFocus()

    def answer(self) -> None:
        """Take what was filled in, or say what is wrong."""
        ticks = sum(1 << index for index, box in enumerate(self.ticks) if box.isChecked())
        scores = tuple(field.value() for field in self.scores) if self.with_scores.isChecked() else None
        if scores is not None and min(scores) < 0:
            self.show_fault("A score is missing. Fill it in, or say that the scores are not known.")
            next(field for field in self.scores if field.value() < 0).setFocus()
            return
        try:
            made = upload_name.parse(upload_name.write(UploadName(self.id.text().strip(), ticks, scores)))
        except ValueError:
            self.show_fault(f"The id is 1 to {upload_name.LONGEST_ID} letters without accents, digits and hyphens.")
            self.id.setFocus()
        except UploadNameError as error:
            self.show_fault(error.what)
        else:
            self.show_fault("")
            self.confirm.setEnabled(False)
            self.answered.emit(made)

    def _scores_switched(self, known: bool) -> None:
        for field in self.scores:
            field.setEnabled(known)


class _ScoreField(QDoubleSpinBox):
    """Shows no more digits than the score has."""

    def textFromValue(self, value: float) -> str:
        return f"{value:.{self.decimals()}f}".rstrip("0").rstrip(".")


def _score_field(class_name: str, score: float | None) -> QDoubleSpinBox:
    field = _ScoreField()
    field.setAccessibleName(f"The phone's score of {class_name}")
    field.setDecimals(6)
    field.setSingleStep(0.01)
    field.setRange(_UNKNOWN, 1.0)
    field.setSpecialValueText("unknown")
    field.setValue(score if score is not None else _UNKNOWN)
    return field
