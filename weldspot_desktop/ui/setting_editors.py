"""One editor for each type of setting."""

from enum import StrEnum
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from weldspot_desktop.pictures.decode import SUFFIXES
from weldspot_desktop.ui.settings_schema import Choice

_LARGEST: Final = 2_000_000_000
_TEXT_MARGIN: Final = 6


class _CalmSpinBox(QSpinBox):
    """A spin box that lets the page scroll: the wheel must not change a setting in passing."""

    def __init__(self) -> None:
        super().__init__()
        # The style sheet's padding does not reach the field inside a spin box.
        self.lineEdit().setTextMargins(_TEXT_MARGIN, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _CalmDoubleSpinBox(QDoubleSpinBox):
    """The same for fractions."""

    def __init__(self) -> None:
        super().__init__()
        self.lineEdit().setTextMargins(_TEXT_MARGIN, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _CalmComboBox(QComboBox):
    """The same for a list."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SettingEditor(QWidget):
    """Shows and changes one setting.

    Parameters
    ----------
    choice
        The setting.

    Signals
    -------
    edited(object)
        A new value, of the setting's type; not yet checked.
    """

    edited = Signal(object)

    def __init__(self, choice: Choice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.field = self._make(choice)
        self.field.setAccessibleName(choice.title)
        self.field.setAccessibleDescription(choice.description)
        self.field.setEnabled(not choice.fixed)
        self.setFocusProxy(self.field)
        row.addWidget(self.field)
        self.choose: QToolButton | None = None
        if choice.editor:
            self.choose = self._make_choose(choice)
            row.addWidget(self.choose)
        if isinstance(self.field, QCheckBox):
            row.addStretch(1)

    def show_value(self, value: Any) -> None:
        """Show a value without reporting it as edited."""
        blocked = self.field.blockSignals(True)
        field = self.field
        if isinstance(field, QCheckBox):
            field.setChecked(bool(value))
        elif isinstance(field, QComboBox):
            field.setCurrentIndex(field.findData(value))
        elif isinstance(field, QSpinBox):
            field.setValue(int(value))
        elif isinstance(field, QDoubleSpinBox):
            field.setValue(float(value))
        elif isinstance(field, QLineEdit):
            field.setText(str(value))
        field.blockSignals(blocked)

    def value(self) -> Any:
        """What is shown."""
        field = self.field
        if isinstance(field, QCheckBox):
            return field.isChecked()
        if isinstance(field, QComboBox):
            # Qt keeps a plain string of what was given.
            return self._choice.type(field.currentData())
        if isinstance(field, QSpinBox | QDoubleSpinBox):
            return field.value()
        assert isinstance(field, QLineEdit)
        return field.text()

    def _make(self, choice: Choice) -> QWidget:
        if issubclass(choice.type, bool):
            box = QCheckBox("On")
            box.toggled.connect(self._report)
            return box
        if issubclass(choice.type, StrEnum):
            combo = _CalmComboBox()
            for member in choice.type:
                combo.addItem(member.value[:1].upper() + member.value[1:], member)
            combo.currentIndexChanged.connect(self._report)
            return combo
        if issubclass(choice.type, int):
            whole = _CalmSpinBox()
            whole.setRange(int(_or(choice.minimum, -_LARGEST)), int(_or(choice.maximum, _LARGEST)))
            whole.setSingleStep(10 if whole.maximum() - whole.minimum() >= 100 else 1)
            # A value is taken when it is finished, not while 1280 is still 12.
            whole.setKeyboardTracking(False)
            whole.valueChanged.connect(self._report)
            return whole
        if issubclass(choice.type, float):
            part = _CalmDoubleSpinBox()
            part.setDecimals(2)
            part.setRange(_or(choice.minimum, -_LARGEST), _or(choice.maximum, _LARGEST))
            part.setSingleStep(0.5)
            part.setKeyboardTracking(False)
            part.valueChanged.connect(self._report)
            return part
        line = QLineEdit()
        line.editingFinished.connect(self._report)
        return line

    def _make_choose(self, choice: Choice) -> QToolButton:
        """A button that asks for the file or folder instead of typing its path."""
        button = QToolButton()
        button.setText("…")
        button.setToolTip(f"Choose a {choice.editor}")
        button.setAccessibleName(f"Choose the {choice.title.lower()}")
        button.setEnabled(not choice.fixed)
        button.clicked.connect(self._ask_path)
        return button

    def _ask_path(self) -> None:
        title = f"Choose: {self._choice.title}"
        if self._choice.editor == "folder":
            chosen = QFileDialog.getExistingDirectory(self, title, str(self.value()))
        else:
            endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
            chosen, _ = QFileDialog.getOpenFileName(self, title, "", f"Pictures ({endings})")
        if chosen:
            self.edited.emit(chosen)

    def _report(self) -> None:
        self.edited.emit(self.value())


def range_words(choice: Choice) -> str:
    """The limits of a number as words: "80 to 200"; empty for anything else."""
    if choice.minimum is None or choice.maximum is None:
        return ""
    return f"{choice.minimum:g} to {choice.maximum:g}"


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
