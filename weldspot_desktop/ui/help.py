"""What F1 shows: what the open page is for, what the verdicts mean, where to find the rest."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import VERDICTS, draw_sign
from weldspot_desktop.ui.pages import PageSpec
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.verdict import Verdict

MEANINGS: Final[dict[Verdict, str]] = {
    Verdict.NO_WELD: "No weld is in the picture.",
    Verdict.CLEAR: "No visible imperfection was found. This is not an acceptance.",
    Verdict.DEFECT: "At least one imperfection is suspected and named. Measure it.",
    Verdict.UNSURE: "Near a threshold, contradictory, or unlike the pictures the model learned from. Look yourself.",
    Verdict.RETAKE: "Too dark, too bright, blurred or glaring. Take the picture again.",
}


class _Sign(QWidget):
    """The sign of a verdict."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self._verdict = verdict

    def sizeHint(self) -> QSize:
        return theme.icon_size()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = theme.icon_size().width()
        painter = QPainter(self)
        draw_sign(painter, QRectF(2, 2, side - 4, side - 4), self._verdict, VERDICTS[self._verdict].text.now)
        painter.end()


class HelpDialog(QDialog):
    """Help for a page."""

    def __init__(self, spec: PageSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Help")
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(3))
        column.addWidget(_words(spec.title, Size.TITLE, bold=True))
        column.addWidget(_words(spec.purpose))
        column.addWidget(_words("What the verdicts mean", Size.HEAD, bold=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space(3))
        grid.setVerticalSpacing(theme.space(2))
        grid.setColumnStretch(2, 1)
        for row, (verdict, meaning) in enumerate(MEANINGS.items()):
            grid.addWidget(_Sign(verdict), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_words(verdict.value, bold=True), row, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_words(meaning), row, 2)
        column.addLayout(grid)
        column.addWidget(_words("Find your way", Size.HEAD, bold=True))
        column.addWidget(
            _words(
                "Ctrl+K finds every action by its name. ? lists the shortcuts of this page. Drop pictures, a folder or "
                "a video anywhere on the window: the right page opens. Press the name at the lower right to sign in."
            )
        )
        column.addStretch(1)
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column.addLayout(foot)
        self.resize(theme.pixels(560), theme.pixels(480))


def _words(text: str, size: Size = Size.BODY, *, bold: bool = False) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(size is Size.BODY and not bold)
    theme.set_text(label, size, bold=bold)
    return label
