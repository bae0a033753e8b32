"""The question for a measured finding."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from weldspot_desktop.store.findings import LARGEST_MM, LAST_REPAIR, LONGEST_NOTE, Disposition, Measured
from weldspot_desktop.store.imperfections import IMPERFECTIONS
from weldspot_desktop.store.schema import Finding
from weldspot_desktop.ui.question import Question

_TEXT_MARGIN: Final = 6


class FindingDialog(Question):
    """Asks what was measured.

    Parameters
    ----------
    who
        In whose name it will be entered.
    before
        The finding that is superseded; None for a new one.
    suggested
        Class of the model, 0 to 6, whose first imperfection is chosen; None for the first of all.

    Signals
    -------
    answered(Measured)
        The dialog stays open until it is closed by who could store the answer.
    """

    answered = Signal(object)

    def __init__(
        self, who: str, *, before: Finding | None = None, suggested: int | None = None, parent: QWidget | None = None
    ) -> None:
        title = "Add a finding" if before is None else f"Correct finding {before.id}"
        text = f"Entered by {who}. A finding is not changed later; a correction is added to it."
        super().__init__(title, text, "Add" if before is None else "Add the correction", parent)
        self._position = before.position if before is not None else None
        self.code = QComboBox()
        for kind in IMPERFECTIONS:
            self.code.addItem(kind.title, kind.code)
        self.code.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.code.setMinimumContentsLength(16)
        first = next((kind.code for kind in IMPERFECTIONS if kind.class_index == suggested), IMPERFECTIONS[0].code)
        self.code.setCurrentIndex(self.code.findData(before.code if before is not None else first))
        self.millimetres = QDoubleSpinBox()
        self.millimetres.setRange(0.0, LARGEST_MM)
        self.millimetres.setDecimals(2)
        self.millimetres.setSingleStep(0.1)
        self.millimetres.setSuffix(" mm")
        self.millimetres.setSpecialValueText("not measured")
        self.millimetres.setValue(before.size_mm or 0.0 if before is not None else 0.0)
        self.disposition = QComboBox()
        for which in Disposition:
            # What was never entered cannot have been entered in error.
            if before is not None or which is not Disposition.VOID:
                self.disposition.addItem(which.value.capitalize(), which.value)
        if before is not None:
            self.disposition.setCurrentIndex(max(0, self.disposition.findData(before.disposition)))
        self.repair = QSpinBox()
        self.repair.setRange(0, LAST_REPAIR)
        self.repair.setSpecialValueText("before any repair")
        self.repair.setPrefix("after repair ")
        self.repair.setValue(before.repair_cycle if before is not None else 0)
        for spin in (self.millimetres, self.repair):
            # The style sheet's padding does not reach the field inside a spin box.
            spin.lineEdit().setTextMargins(_TEXT_MARGIN, 0, 0, 0)
        self.note = QLineEdit(before.note if before is not None else "")
        self.note.setMaxLength(LONGEST_NOTE)
        for label, field in (
            ("Imperfection", self.code),
            ("Size", self.millimetres),
            ("Disposition", self.disposition),
            ("Found", self.repair),
            ("Note", self.note),
        ):
            field.setAccessibleName(label)
            self.form.addRow(label, field)
        self.code.setFocus()

    def answer(self) -> None:
        self.confirm.setEnabled(False)
        left, top, right, bottom = self._position or (0.0, 0.0, 0.0, 0.0)
        self.answered.emit(
            Measured(
                code=str(self.code.currentData()),
                size_mm=self.millimetres.value() or None,
                position=(left, top, right, bottom) if self._position is not None else None,
                disposition=Disposition(self.disposition.currentData()),
                repair_cycle=self.repair.value(),
                note=self.note.text(),
            )
        )
