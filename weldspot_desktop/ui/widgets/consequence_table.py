"""What the whole verdict rule says of the pictures with and without defects."""

from typing import Final

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from weldspot_desktop.registry.threshold_basis import Consequence
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import sign_icon
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.verdict import Verdict

_SHOWN: Final = (Verdict.DEFECT, Verdict.UNSURE, Verdict.CLEAR, Verdict.NO_WELD)


class ConsequenceTable(QWidget):
    """Counts by verdict, with the difference to the set in force."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Verdicts on the out-of-fold pictures")
        self._signs = {verdict: QLabel() for verdict in _SHOWN}
        self._heads = [QLabel(), QLabel()]
        self.cells: dict[tuple[int, Verdict], QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.space(3))
        grid.setVerticalSpacing(theme.space(1))
        for column, head in enumerate(self._heads):
            theme.set_text(head, Size.SMALL, muted=True)
            grid.addWidget(head, 0, column + 2)
            grid.setColumnStretch(column + 2, 1)
        for row, verdict in enumerate(_SHOWN, start=1):
            grid.addWidget(self._signs[verdict], row, 0)
            grid.addWidget(QLabel(verdict.value), row, 1)
            for column in range(2):
                cell = QLabel("–")
                self.cells[column, verdict] = cell
                grid.addWidget(cell, row, column + 2)
        self.dress()

    def show_counts(self, now: Consequence, in_force: Consequence) -> None:
        """Show counts, and what changes against the set in force."""
        both = ((now.with_defects, in_force.with_defects), (now.without_defects, in_force.without_defects))
        for column, (counts, before) in enumerate(both):
            kind = "with a defect" if column == 0 else "without a defect"
            _put(self._heads[column], f"{sum(counts.values())} {kind}")
            for verdict in _SHOWN:
                difference = counts[verdict] - before[verdict]
                words = str(counts[verdict])
                if difference:
                    words += f"  ({'+' if difference > 0 else '−'}{abs(difference)})"
                cell = self.cells[column, verdict]
                _put(cell, words)
                cell.setAccessibleName(f"{verdict.value}, pictures {kind}: {words}")

    def dress(self) -> None:
        """Draw the signs in the theme in force."""
        side = theme.pixels(Size.BODY)
        for verdict, label in self._signs.items():
            label.setPixmap(sign_icon(verdict, side).pixmap(side, side))


def _put(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
