"""All settings as a list: heading, title, explanation, editor, reset."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.settings import Settings
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.setting_editors import SettingEditor, range_words
from weldspot_desktop.ui.settings_schema import Choice, SectionOfChoices, sections
from weldspot_desktop.ui.style_sheet import FAULT
from weldspot_desktop.ui.theme import Size


class SettingRow(QWidget):
    """One setting.

    Signals
    -------
    edited(object), reset_wanted
    """

    edited = Signal(object)
    reset_wanted = Signal()

    def __init__(self, choice: Choice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = choice
        self.editor = SettingEditor(choice)
        self.editor.edited.connect(self.edited)
        self.reset = QToolButton()
        self.reset.setText("Reset")
        self.reset.setToolTip(f"Back to {_shown(choice.default)}")
        self.reset.setAccessibleName(f"Reset {choice.title} to {_shown(choice.default)}")
        self.reset.clicked.connect(self.reset_wanted)
        # The place stays when the button goes, so that nothing jumps.
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self._fault = QLabel()
        self._fault.setProperty(FAULT, True)
        self._fault.setWordWrap(True)
        self._fault.hide()
        title = QLabel(choice.title)
        title.setBuddy(self.editor.field)
        words = " ".join(part for part in (choice.description, self._limits()) if part)
        about = QLabel(words)
        about.setWordWrap(True)
        theme.set_text(about, Size.SMALL, muted=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, theme.space(2), 0, theme.space(2))
        grid.setHorizontalSpacing(theme.space(4))
        grid.setVerticalSpacing(theme.space(1))
        grid.addWidget(title, 0, 0)
        grid.addWidget(about, 1, 0)
        grid.addWidget(self._fault, 2, 0)
        grid.addWidget(self.editor, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.reset, 0, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(0, 1)
        self.fit()

    def show_value(self, value: Any) -> None:
        """Show what is in force."""
        self.editor.show_value(value)
        self.reset.setVisible(value != self.choice.default and not self.choice.fixed)
        self.show_fault("")

    def show_fault(self, text: str) -> None:
        """Say why a value was not taken."""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))

    def fault(self) -> str:
        """What was said to be wrong."""
        return self._fault.text()

    def fit(self) -> None:
        """Take the width that belongs to the text size."""
        self.editor.setFixedWidth(theme.pixels(200))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.FontChange and hasattr(self, "editor"):
            self.fit()
        super().changeEvent(event)

    def _limits(self) -> str:
        if self.choice.fixed:
            return f"Fixed by the environment variable {self.choice.variable}."
        limits = range_words(self.choice)
        return f"{limits}." if limits else ""


class SettingsList(QWidget):
    """All settings, by section.

    Parameters
    ----------
    settings
        Changed in place.
    adopt
        By "section.key": turns what was chosen into what is stored, as a copy in the workspace; raises an
        ExpectedError for what cannot be taken.

    Signals
    -------
    changed(section, key)
        A valid value was taken.
    was_reset(path, title, old value)
        The reset button of one setting was pressed.
    """

    changed = Signal(str, str)
    was_reset = Signal(str, str, object)

    def __init__(
        self,
        settings: Settings,
        parent: QWidget | None = None,
        *,
        adopt: Mapping[str, Callable[[str], str]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._adopt = dict(adopt or {})
        self.rows: dict[str, SettingRow] = {}
        self._sections: list[tuple[QWidget, list[SettingRow]]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(6))
        for section in sections():
            column.addWidget(self._section(section))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.refresh()

    def refresh(self) -> None:
        """Show what is in force."""
        for row in self.rows.values():
            row.show_value(row.choice.value(self._settings))

    def filter(self, words: str) -> int:
        """Show only the settings that hold all words; returns how many there are."""
        shown = 0
        for box, rows in self._sections:
            fitting = [row for row in rows if row.choice.matches(words)]
            for row in rows:
                row.setVisible(row in fitting)
            box.setVisible(bool(fitting))
            shown += len(fitting)
        return shown

    def changed_rows(self) -> list[SettingRow]:
        """Settings that differ from their default and are not fixed."""
        return [
            row
            for row in self.rows.values()
            if row.choice.value(self._settings) != row.choice.default and not row.choice.fixed
        ]

    def set_value(self, path: str, value: Any) -> None:
        """Take a value as if it had been edited; "section.key" names the setting."""
        row = self.rows[path]
        old = row.choice.value(self._settings)
        if value == old:
            row.show_fault("")
            return
        try:
            if path in self._adopt:
                value = self._adopt[path](value)
            row.choice.set(self._settings, value)
        except ExpectedError as error:
            row.show_fault(f"Not taken: {error}")
            return
        except ValidationError as error:
            row.show_fault(f"Not taken: {error.errors()[0]['msg']}. {_shown(old)} stays in force.")
            return
        row.show_value(row.choice.value(self._settings))
        self.changed.emit(row.choice.section, row.choice.key)

    def _reset(self, choice: Choice) -> None:
        old = choice.value(self._settings)
        self.set_value(choice.path, choice.default)
        self.was_reset.emit(choice.path, choice.title, old)

    def _section(self, section: SectionOfChoices) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        title = QLabel(section.title)
        theme.set_text(title, Size.HEAD, bold=True)
        head.addWidget(title)
        head.addStretch(1)
        column.addLayout(head)
        rows = []
        for choice in section.choices:
            row = SettingRow(choice)
            row.edited.connect(partial(self.set_value, choice.path))
            row.reset_wanted.connect(partial(self._reset, choice))
            self.rows[choice.path] = row
            rows.append(row)
            column.addWidget(row)
            column.addWidget(Line(Qt.Orientation.Horizontal))
        self._sections.append((box, rows))
        return box


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value == "":
        return "nothing"
    return f"“{value}”" if isinstance(value, str) else f"{value:g}"
