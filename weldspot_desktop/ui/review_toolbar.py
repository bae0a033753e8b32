"""The bar over the picture of the review page."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.widgets.elided_label import ElidedLabel


class ReviewToolbar(QWidget):
    """Where the upload stands in the list, what was done last, and the tools."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = QLabel()
        theme.set_text(self.place, Size.BODY, bold=True)
        self.title = ElidedLabel()
        self.done = ElidedLabel()
        theme.set_text(self.done, Size.BODY, muted=True)
        self.box = _button("Box   B", "Draw where a defect is (B)")
        self.box.setCheckable(True)
        self.undo = _button("Undo   U", "Take back the last decision of this sitting (U)")
        self.sync = _button("Sync now", "Look for new uploads now")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        row.setSpacing(theme.space(3))
        row.addWidget(self.place)
        row.addWidget(self.title, 2)
        row.addWidget(self.done, 2)
        row.addStretch(1)
        for button in (self.box, self.undo, self.sync):
            row.addWidget(button)
        self.sync.hide()
        self.dress()

    def show_place(self, place: int | None, count: int, title: str) -> None:
        """Show which upload of how many is looked at."""
        self.place.setText(f"{place + 1:,} of {count:,}" if place is not None else "")
        self.title.show_text(title)

    def show_done(self, words: str) -> None:
        """Say what was done last."""
        self.done.show_text(words)

    def dress(self) -> None:
        """Take signs of the theme in force."""
        self.box.setIcon(theme.icon("vector-square-plus"))
        self.undo.setIcon(theme.icon("undo"))
        self.sync.setIcon(theme.icon("cloud-sync-outline"))


def _button(words: str, tip: str) -> QPushButton:
    button = QPushButton(words)
    button.setToolTip(tip)
    # A click leaves the keys to the page.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
