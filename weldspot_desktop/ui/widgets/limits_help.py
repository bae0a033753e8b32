"""What to measure a suspicion against: the limits of the standards, folded away until they are wanted."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from weldspot_desktop import labels
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import STEP, Size
from weldspot_desktop.verdict.guidance import GUIDANCE, LIMITS_SOURCE, SUSPECT


class LimitsHelp(QWidget):
    """A line that unfolds into the limits of the suspected classes. It stays unfolded from picture to picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = QToolButton(self)
        self.toggle.setCheckable(True)
        self.toggle.setText(SUSPECT)
        self.toggle.setAccessibleName(f"{SUSPECT}: limits of the standards")
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme.set_look(self.toggle, "plain")
        # As wide as the panel, whatever the text size: words must not push it wider.
        self.toggle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.toggle.toggled.connect(self._fold)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.set_text(self._words, Size.SMALL)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.toggle)
        column.addWidget(self._words)
        self._fold(False)
        self.hide()

    def show_classes(self, classes: Sequence[int]) -> None:
        """Show the limits of these imperfections; hidden for none."""
        text = limits_text(classes)
        if self._words.text() != text:
            self._words.setText(text)
        self.setVisible(bool(text))

    def text(self) -> str:
        """What is unfolded."""
        return self._words.text() if self._words.isVisibleTo(self) and not self.isHidden() else ""

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_words"):
            self._dress()
        super().changeEvent(event)

    def _fold(self, unfolded: bool) -> None:
        self._words.setVisible(unfolded)
        self.toggle.setToolTip("Hide the limits" if unfolded else "Show the limits of ISO 5817 and AWS D1.1")
        self._dress()

    def _dress(self) -> None:
        self.toggle.setIcon(theme.icon("chevron-down" if self.toggle.isChecked() else "chevron-right"))


def limits_text(classes: Sequence[int]) -> str:
    """The row of the limits table for each class, and where the figures are from; empty for no classes."""
    parts = [
        f"{labels.CLASSES[index]}\nISO 5817, t over 3 mm: {GUIDANCE[index].iso_5817}.\n"
        f"AWS D1.1, visual: {GUIDANCE[index].aws_d1_1}."
        for index in classes
        if GUIDANCE[index].iso_5817
    ]
    return "\n\n".join([*parts, LIMITS_SOURCE]) if parts else ""
