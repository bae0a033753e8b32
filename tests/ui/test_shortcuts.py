"""Single keys, text fields, Enter and Esc."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop.ui.shortcuts import TAKES_ENTER, KeyRules


class Form(QWidget):
    """Two text fields, a number, a list, a button, and actions on keys."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.number = QLineEdit(), QLineEdit(), QSpinBox()
        self.editable = QComboBox()
        self.editable.setEditable(True)
        self.button = QPushButton("Press")
        column = QVBoxLayout(self)
        for widget in (self.first, self.second, self.number, self.editable, self.button):
            column.addWidget(widget)
        self.done: list[str] = []
        self.pressed = 0
        self.button.clicked.connect(self._count)
        for keys in ("Space", "H", "1", "Ctrl+E", "F5", "Return"):
            action = QAction(keys, self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _=False, keys=keys: self.done.append(keys))
            self.addAction(action)

    def _count(self) -> None:
        self.pressed += 1


@pytest.fixture
def form(qtbot: QtBot, qapp: QApplication) -> Iterator[Form]:
    rules = KeyRules()
    qapp.installEventFilter(rules)
    made = Form()
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
    yield made
    qapp.removeEventFilter(rules)


def test_single_keys_work_outside_text_fields(form: Form, qtbot: QtBot) -> None:
    form.setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_H, Qt.Key.Key_1):
        qtbot.keyClick(form, key)
    assert form.done == ["Space", "H", "1"]


def test_single_keys_are_typed_in_a_text_field(form: Form, qtbot: QtBot) -> None:
    form.first.setFocus()
    qtbot.keyClicks(form.first, "h 1")
    assert form.first.text() == "h 1"
    assert form.done == []


def test_other_keys_still_work_in_a_text_field(form: Form, qtbot: QtBot) -> None:
    form.first.setFocus()
    qtbot.keyClick(form.first, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(form.first, Qt.Key.Key_F5)
    assert form.done == ["Ctrl+E", "F5"]


def test_enter_of_a_scanner_goes_to_the_next_field_and_confirms_nothing(form: Form, qtbot: QtBot) -> None:
    form.first.setFocus()
    qtbot.keyClicks(form.first, "W-119")
    qtbot.keyClick(form.first, Qt.Key.Key_Return)
    assert form.second.hasFocus()
    assert form.done == []
    qtbot.keyClick(form.second, Qt.Key.Key_Enter)
    assert form.number.hasFocus()
    qtbot.keyClick(form.number, Qt.Key.Key_Return)
    assert form.editable.hasFocus()
    assert form.done == []


def test_a_field_may_ask_for_enter(form: Form, qtbot: QtBot) -> None:
    entered: list[bool] = []
    form.first.setProperty(TAKES_ENTER, True)
    form.first.returnPressed.connect(lambda: entered.append(True))
    form.first.setFocus()
    qtbot.keyClick(form.first, Qt.Key.Key_Return)
    assert entered == [True]
    assert form.first.hasFocus()


def test_escape_leaves_the_field(form: Form, qtbot: QtBot) -> None:
    form.first.setFocus()
    qtbot.keyClick(form.first, Qt.Key.Key_Escape)
    assert not form.first.hasFocus()
    qtbot.keyClick(form, Qt.Key.Key_H)
    assert form.done == ["H"]


def test_a_button_keeps_space_only_if_tab_led_there(form: Form, qtbot: QtBot) -> None:
    form.button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(form.button, Qt.Key.Key_Space)
    assert form.pressed == 1
    assert form.done == []
    form.setFocus()
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)
    assert form.pressed == 2
    form.button.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.keyClick(form.button, Qt.Key.Key_Space)
    assert form.pressed == 2
    assert form.done == ["Space"]
