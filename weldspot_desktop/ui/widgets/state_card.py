"""What a page shows where it has nothing else to show: one sentence and one button, or an explained failure."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import STEP, Size


class StateCard(QWidget):
    """An icon, what it is about, what is safe and what to do, one button; details only when asked for.

    Signals
    -------
    pressed
        The button.
    """

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = ""
        self._bad = False
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._what = self._words(Size.TITLE)
        self._advice = self._words(Size.BODY, muted=True)
        self._button = QPushButton(self)
        theme.set_look(self._button, "main")
        self._button.clicked.connect(self.pressed)
        self._more = QPushButton("Details", self)
        self._more.setCheckable(True)
        theme.set_look(self._more, "plain")
        self._details = self._words(Size.SMALL, muted=True)
        self._details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._more.toggled.connect(self._details.setVisible)
        column = QVBoxLayout()
        column.setSpacing(3 * STEP)
        column.addStretch(1)
        column.addWidget(self._icon)
        column.addWidget(self._what)
        column.addWidget(self._advice)
        column.addSpacing(STEP)
        column.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._more, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._details)
        column.addStretch(2)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(column, 8)
        layout.addStretch(1)

    def show_empty(self, icon: str, sentence: str, button: str = "", *, advice: str = "") -> None:
        """Nothing is there yet: one sentence, one button.

        Parameters
        ----------
        icon
            Name for `theme.icon`.
        """
        self._show(icon, False, sentence, advice, button, "")

    def show_failure(self, what: str, advice: str, button: str = "", *, details: str = "") -> None:
        """Something failed: what happened, what is safe and what to do, details folded."""
        self._show("alert-circle-outline", True, what, advice, button, details)

    def text(self) -> str:
        """Sentence and advice, as read out."""
        return f"{self._what.text()} {self._advice.text()}".strip()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_details"):
            self._paint_icon()
        super().changeEvent(event)

    def _show(self, icon: str, bad: bool, what: str, advice: str, button: str, details: str) -> None:
        self._icon_name, self._bad = icon, bad
        self._what.setText(what)
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._details.setText(details)
        self._more.setChecked(False)
        self._more.setVisible(bool(details))
        self._details.hide()
        self.setAccessibleName(self.text())
        self._paint_icon()

    def _paint_icon(self) -> None:
        if self._icon_name:
            of = theme.colours()
            side = theme.pixels(Size.VERDICT)
            self._icon.setPixmap(theme.icon(self._icon_name, of.warning if self._bad else of.muted).pixmap(side, side))

    def _words(self, size: Size, *, muted: bool = False) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        label.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_text(label, size, muted=muted)
        return label
