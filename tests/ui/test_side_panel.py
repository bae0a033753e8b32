"""The panel at the right takes its height from what it shows."""

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop.ui.side_panel import SidePanel


def panel(words: int) -> QWidget:
    made = QWidget()
    label = QLabel("word " * words)
    label.setWordWrap(True)
    QVBoxLayout(made).addWidget(label)
    return made


def test_a_short_panel_needs_no_scroll_bar_after_a_long_one(qtbot: QtBot) -> None:
    side = SidePanel()
    qtbot.addWidget(side)
    side.resize(side.width(), 300)
    side.show()
    side.show_panel(panel(2000))
    qtbot.waitUntil(side.verticalScrollBar().isVisible)
    side.show_panel(panel(5))
    qtbot.waitUntil(lambda: not side.verticalScrollBar().isVisible())
