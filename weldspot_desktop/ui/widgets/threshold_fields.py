"""Choosing a class, and its two thresholds as numbers."""

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from weldspot_desktop import labels
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import mark_icon
from weldspot_desktop.ui.flow_layout import FlowLayout
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.threshold_draft import Bound, ThresholdDraft

_TEXT_MARGIN = 6


class ClassChooser(QWidget):
    """Seven chips of which one is on.

    Signals
    -------
    chosen(int)
        The person chose this class.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Class")
        row = FlowLayout(self, spacing=theme.space(1))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._group = QButtonGroup(self)
        for index, name in enumerate(labels.CLASSES):
            chip = QPushButton(name)
            chip.setCheckable(True)
            chip.setToolTip(f"{name}   {index + 1}")
            chip.setAccessibleName(f"Class: {name}")
            theme.set_look(chip, "chip")
            row.addWidget(chip)
            self._group.addButton(chip, index)
        self._group.idClicked.connect(self.chosen)
        self.dress()

    def show_class(self, class_index: int, changed: list[str]) -> None:
        """Show which class is open, and which were changed."""
        for index, name in enumerate(labels.CLASSES):
            chip = self._group.button(index)
            chip.setChecked(index == class_index)
            text = f"{name} *" if name in changed else name
            if chip.text() != text:
                chip.setText(text)
                chip.setAccessibleName(f"Class: {name}{', changed' if name in changed else ''}")

    def dress(self) -> None:
        """Draw the marks in the theme in force."""
        side = theme.pixels(Size.BODY)
        for index in range(labels.COUNT):
            self._group.button(index).setIcon(mark_icon(index, side))
            self._group.button(index).setIconSize(QSize(side, side))


class CalmNumber(QDoubleSpinBox):
    """A number that the wheel leaves alone, so that the page can be scrolled over it."""

    def __init__(self, name: str, *, decimals: int = 4, most: float = 1.0, step: float = 0.01) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setDecimals(decimals)
        self.setRange(0.0, most)
        self.setSingleStep(step)
        # A value is taken when it is finished, not while 0.35 is still 0.3.
        self.setKeyboardTracking(False)
        # The style sheet's padding does not reach the field inside a spin box.
        self.lineEdit().setTextMargins(_TEXT_MARGIN, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ThresholdFields(QWidget):
    """Lower and upper threshold of a class as numbers.

    Signals
    -------
    edited(Bound, float)
        The person entered a value.
    """

    edited = Signal(object, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields = {bound: CalmNumber("") for bound in Bound}
        self._labels = {bound: QLabel() for bound in Bound}
        self._pairs = {bound: QWidget() for bound in Bound}
        row = FlowLayout(self, spacing=theme.space(4))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        for bound, field in self.fields.items():
            self._labels[bound].setBuddy(field)
            pair = QHBoxLayout(self._pairs[bound])
            pair.setContentsMargins(0, 0, 0, 0)
            pair.setSpacing(theme.space(2))
            pair.addWidget(self._labels[bound])
            pair.addWidget(field)
            row.addWidget(self._pairs[bound])
            field.valueChanged.connect(partial(self._report, bound))

    def show_draft(self, draft: ThresholdDraft, class_index: int) -> None:
        """Show the values of a class, with the limits that they have beside each other."""
        name, two = labels.CLASSES[class_index], class_index in labels.DEFECTS
        values = {Bound.LOWER: draft.thresholds.lower, Bound.UPPER: draft.thresholds.upper}
        for bound, field in self.fields.items():
            word = f"{bound.value.capitalize()} threshold" if two else "Threshold"
            shown = two or bound is Bound.UPPER
            self._pairs[bound].setVisible(shown)
            self._labels[bound].setText(word)
            field.setAccessibleName(f"{word} of {name}")
            blocked = field.blockSignals(True)
            field.setRange(*draft.limits(class_index, bound))
            field.setValue(values[bound][class_index])
            field.blockSignals(blocked)

    def _report(self, bound: Bound, value: float) -> None:
        self.edited.emit(bound, value)


def plain(text: str = "", *, muted: bool = False, bold: bool = False, size: Size = Size.BODY) -> QLabel:
    """A label of plain text that wraps and can be copied."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    theme.set_text(label, size, muted=muted, bold=bold)
    return label
