"""Settings: everything that can be chosen, and the people of the station."""

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from weldspot_desktop import __version__
from weldspot_desktop.context import Context
from weldspot_desktop.reports import logo, templates
from weldspot_desktop.ui import cloud_wizard, theme
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.path_label import PathLabel
from weldspot_desktop.ui.people_section import PeopleSection
from weldspot_desktop.ui.settings_list import SettingsList
from weldspot_desktop.ui.theme import Size

_WIDEST = 840


class SettingsPage(Page):
    """A search field over all settings and the people; what is chosen is saved at once."""

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__(context, frame)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search settings")
        self.search.setAccessibleName("Search settings")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.list = SettingsList(
            context.settings,
            adopt={
                "company.logo": partial(logo.adopt, context.workspace.company),
                "report.template_folder": templates.checked_folder,
            },
        )
        self.list.changed.connect(frame.save_settings)
        self.list.was_reset.connect(self._offer_back)
        self.people = PeopleSection(frame)
        self.nothing = QLabel("No setting matches.")
        theme.set_text(self.nothing, Size.BODY, muted=True)
        self.nothing.hide()
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.space(6), theme.space(2), theme.space(6), theme.space(2))
        row.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self._scrolled(), 1)
        self.set_panel(self._make_panel())
        self.add_action("Search settings", self._search, "Ctrl+F", icon="magnify")
        self.add_action("Reset all settings", self.reset_all, icon="restore")
        self.add_action("Add a person", self.people.ask_new, icon="account-plus-outline")
        frame.settings_changed.connect(self._refresh)
        self._refresh()

    def activated(self) -> None:
        self._refresh()
        self.people.read()

    def reset_all(self) -> None:
        """Put every setting back to its default, with a way back."""
        before = {row.choice.path: row.choice.value(self.context.settings) for row in self.list.changed_rows()}
        if not before:
            self.frame.notify("Every setting has its default already.")
            return
        for path in before:
            self.list.set_value(path, self.list.rows[path].choice.default)
        count = f"{len(before)} settings" if len(before) > 1 else "One setting"
        self.frame.notify(f"{count} reset.", Kind.GOOD, button="Undo", action=partial(self._restore, before))

    def _restore(self, before: dict[str, Any]) -> None:
        for path, value in before.items():
            self.list.set_value(path, value)

    def _offer_back(self, path: str, title: str, old: object) -> None:
        self.frame.notify(f"{title} reset.", Kind.GOOD, button="Undo", action=partial(self.list.set_value, path, old))

    def _refresh(self) -> None:
        self.list.refresh()
        changed = len(self.list.changed_rows())
        self.reset_button.setEnabled(changed > 0)
        self._state.setText("Every setting has its default." if not changed else f"{changed} changed from the default.")

    def _filter(self, words: str) -> None:
        shown = self.list.filter(words)
        people = all(word in "people name role pin inspector sign in" for word in words.casefold().split())
        self.people.setVisible(people)
        self.nothing.setVisible(not shown and not people)

    def _search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _scrolled(self) -> QScrollArea:
        content = QWidget()
        content.setMaximumWidth(theme.pixels(_WIDEST))
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.space(6), theme.space(5), theme.space(6), theme.space(6))
        column.setSpacing(theme.space(6))
        column.addWidget(self.list)
        column.addWidget(self.people)
        column.addWidget(self.nothing)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        return area

    def _make_panel(self) -> QWidget:
        panel = QWidget()
        column = QVBoxLayout(panel)
        column.setContentsMargins(*(theme.space(4),) * 4)
        column.setSpacing(theme.space(3))
        self._state = _words("")
        column.addWidget(_heading("Settings"))
        column.addWidget(self._state)
        for problem in self.context.settings_problems:
            column.addWidget(_words(problem))
        column.addWidget(_heading("This station"))
        column.addWidget(_words(f"WeldSpot Desktop {__version__}"))
        column.addWidget(_words("Everything is kept in one folder, the workspace:"))
        column.addWidget(PathLabel(str(self.context.workspace.root)))
        show = QPushButton("Open the folder")
        show.clicked.connect(self._open_workspace)
        column.addWidget(show)
        column.addWidget(_heading("Phones' pictures"))
        column.addWidget(_words("Where they arrive, how this computer signs in, and whether it works:"))
        self.connect_button = QPushButton("Connect")
        self.connect_button.setAccessibleName(cloud_wizard.TITLE)
        self.connect_button.clicked.connect(self._connect_cloud)
        column.addWidget(self.connect_button)
        column.addStretch(1)
        self.reset_button = QPushButton("Reset all settings")
        self.reset_button.clicked.connect(self.reset_all)
        column.addWidget(self.reset_button)
        return panel

    def _connect_cloud(self) -> None:
        cloud_wizard.open_cloud_wizard(self.frame, self)

    def _open_workspace(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.context.workspace.root)))


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    theme.set_text(label, Size.BODY, bold=True)
    return label


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    theme.set_text(label, Size.BODY, muted=True)
    return label
