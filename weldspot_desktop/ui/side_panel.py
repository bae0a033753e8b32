"""The panel at the right: the same place on every page, filled by the page that is open."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QStackedWidget, QWidget

from weldspot_desktop.ui import theme


class _Stack(QStackedWidget):
    """A stack that asks for the height of the widget it shows, not of the highest it holds."""

    def sizeHint(self) -> QSize:
        current = self.currentWidget()
        return current.sizeHint() if current is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        current = self.currentWidget()
        height = current.minimumSizeHint().height() if current is not None else 0
        # The panel has one width: what is in it has to fit, and is not pushed out of sight.
        return QSize(0, height)

    def heightForWidth(self, width: int) -> int:
        # The scroll area asks this too; the layout would answer for the highest.
        current = self.currentWidget()
        if current is not None and current.hasHeightForWidth():
            return current.heightForWidth(width)
        return self.sizeHint().height()


class SidePanel(QScrollArea):
    """Shows one page's panel at a time; scrolls upright only. Its width follows the text size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Panel")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._stack = _Stack()
        self.setWidget(self._stack)
        self.fit_width()

    def show_panel(self, panel: QWidget | None) -> None:
        """Show a page's panel; None hides the whole area."""
        self.setVisible(panel is not None)
        if panel is None:
            return
        if self._stack.indexOf(panel) < 0:
            self._stack.addWidget(panel)
        self._stack.setCurrentWidget(panel)
        self._stack.updateGeometry()

    def fit_width(self) -> None:
        """Take the width that belongs to the text size in force."""
        self.setFixedWidth(theme.wider(theme.PANEL_WIDTH))
