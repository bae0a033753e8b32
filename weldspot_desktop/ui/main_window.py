"""The window: rail, page, panel, status bar; opens pages when they are first needed."""

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QSettings, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from weldspot_desktop import __version__
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.settings import Theme
from weldspot_desktop.ui import review_badge, theme
from weldspot_desktop.ui.cloud_actions import CloudActions
from weldspot_desktop.ui.command_palette import CommandPalette, Entry
from weldspot_desktop.ui.drops import classify
from weldspot_desktop.ui.frame import Frame, Kind, Slot
from weldspot_desktop.ui.help import HelpDialog
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.notices import Notices
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.pages import PAGES, PageSpec
from weldspot_desktop.ui.rail import Rail
from weldspot_desktop.ui.shortcuts import KeyRules, ShortcutSheet
from weldspot_desktop.ui.side_panel import SidePanel
from weldspot_desktop.ui.sign_in import SignIn
from weldspot_desktop.ui.status import StatusBar
from weldspot_desktop.ui.workers import Progress, Workers

_LOG = logging.getLogger(__name__)

MEMORY: Final = "window.ini"
_GEOMETRY: Final = "window/geometry"
_PAGE: Final = "window/page"
_PERCENTS: Final = (80, 90, 100, 110, 125, 150, 175, 200)


class MainWindow(QWidget):
    """The one window.

    Parameters
    ----------
    context
        The library; closed by who made it.
    pages
        What the rail shows.

    Signals
    -------
    painted
        The window was painted for the first time.
    closed
        Everything has stopped.
    """

    painted = Signal()
    closed = Signal()

    def __init__(self, context: Context, pages: Mapping[str, PageSpec] = PAGES) -> None:
        super().__init__()
        self.context = context
        self._specs = pages
        self._pages: dict[str, Page] = {}
        self._current: str | None = None
        self._was_painted = False
        self._stopped = False
        self.setWindowTitle("WeldSpot Desktop")
        self.setWindowIcon(theme.icon("radar", theme.colours().accent))
        self.setAcceptDrops(True)
        self.workers = Workers(self)
        memory = QSettings(str(context.workspace.root / MEMORY), QSettings.Format.IniFormat, self)
        self.frame = Frame(context, self.workers, memory, self)
        self._lay_out()
        self.sign_in = SignIn(self.frame, self)
        self._key_rules = KeyRules(self)
        application().installEventFilter(self._key_rules)
        self._connect()
        self._actions = self._make_actions()
        self.cloud = CloudActions(self.frame, self)
        self._actions += self.cloud.actions
        self._status.add_field(self.cloud.field)
        self.frame.set_status(Slot.CAMERA, "No camera")
        self.frame.set_status(Slot.MODEL, "Opening the model")
        self._restore_geometry()

    # ---------------------------------------------------------------- pages

    @property
    def current_key(self) -> str | None:
        """Key of the page that is open."""
        return self._current

    def page(self, key: str) -> Page:
        """A page, made now if it was not yet."""
        if key not in self._pages:
            begun = time.perf_counter()
            page = self._specs[key].make(self.context, self.frame)
            page.panel_changed.connect(self._panel_changed)
            self._pages[key] = page
            self._stack.addWidget(page)
            _LOG.info("page %s made in %.0f ms", key, (time.perf_counter() - begun) * 1000)
        return self._pages[key]

    def show_page(self, key: str) -> None:
        """Open a page of the registry."""
        if key == self._current:
            return
        page = self.page(key)
        if self._current is not None:
            self._pages[self._current].deactivated()
        self._current = key
        self._stack.setCurrentWidget(page)
        self._rail.show_current(key)
        self._panel.show_panel(page.panel)
        self._panel_line.setVisible(page.panel is not None)
        self.setWindowTitle(f"{self._specs[key].title} – WeldSpot Desktop")
        self.frame.memory.setValue(_PAGE, key)
        page.activated()
        focused = self.focusWidget()
        if focused is None or not (self._rail.isAncestorOf(focused) or page.isAncestorOf(focused)):
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def start(self, key: str | None = None) -> None:
        """Open the first page (the last one used, unless another is asked for) and begin the work beside it."""
        last = str(self.frame.memory.value(_PAGE, ""))
        wanted = next((k for k in (key, last) if k in self._specs), next(iter(self._specs)))
        assert wanted is not None
        self.show_page(wanted)
        for problem in self.context.settings_problems:
            self.frame.notify(problem, Kind.WARNING, advice="See Settings.")
        self.workers.run(self._model_title, self._model_opened, self._model_failed, owner=self)
        self.sign_in.restore()
        self.cloud.service.start()

    # ---------------------------------------------------------------- look

    def apply_theme(self) -> None:
        """Put theme and text size of the settings in force."""
        look = self.context.settings.appearance
        theme.apply(application(), look.theme, look.text_percent)
        for action in self.frame.actions():
            name = action.property("iconName")
            if name:
                action.setIcon(theme.icon(str(name)))
        self._panel.fit_width()
        self._fit()
        self.notices.dress()

    # ---------------------------------------------------------------- commands

    def open_palette(self) -> None:
        """Show every action of the program, searchable."""
        palette = CommandPalette(self._entries(), self)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.chosen.connect(self._run_entry)
        corner = self.mapToGlobal(QPoint((self.width() - palette.width()) // 2, theme.space(16)))
        palette.move(corner)
        palette.open()
        palette.search.setFocus()

    def open_shortcuts(self) -> None:
        """Show the shortcuts of the open page and of the window."""
        groups = []
        if self._current is not None:
            actions = self._pages[self._current].actions()
            groups.append((self._specs[self._current].title, actions))
        groups.append(("Everywhere", self._actions))
        sheet = ShortcutSheet(groups, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def open_help(self) -> None:
        """Explain the open page."""
        assert self._current is not None
        dialog = HelpDialog(self._specs[self._current], self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def open_paths(self, paths: list[Path]) -> None:
        """Give files to the page that knows them, and say so."""
        try:
            kind = classify(paths)
        except ExpectedError as error:
            self.frame.report(error)
            return
        for key, spec in self._specs.items():
            if kind in spec.takes:
                what = paths[0].name if len(paths) == 1 else f"{len(paths)} pictures"
                self.show_page(key)
                self.frame.notify(f"{what}: opened on the page {spec.title}.")
                self._pages[key].open_paths(paths)
                return

    # ---------------------------------------------------------------- Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        # The program that the files come from waits until this returns: the work begins after.
        QTimer.singleShot(0, self, partial(self.open_paths, paths))

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._stopped and self._status.running() and not self._may_stop_jobs():
            event.ignore()
            return
        if not self._stopped and not all(page.may_close() for page in self._pages.values()):
            event.ignore()
            return
        self.shutdown()
        event.accept()

    def shutdown(self) -> None:
        """The one way to the end: remember, stop the pages, stop the workers. May be called twice."""
        if self._stopped:
            return
        self._stopped = True
        self.frame.memory.setValue(_GEOMETRY, self.saveGeometry())
        if self._current is not None:
            self._pages[self._current].deactivated()
        for page in self._pages.values():
            page.shutdown()
        self.cloud.service.shutdown()
        self.workers.close()
        application().removeEventFilter(self._key_rules)
        self.frame.memory.sync()
        self.closed.emit()

    # ---------------------------------------------------------------- inside

    def _lay_out(self) -> None:
        self._rail = Rail(self._specs, self)
        self._stack = QStackedWidget(self)
        self._panel_line = Line(Qt.Orientation.Vertical, self)
        self._panel = SidePanel(self)
        self._status = StatusBar(self)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._rail)
        middle.addWidget(Line(Qt.Orientation.Vertical, self))
        middle.addWidget(self._stack, 1)
        middle.addWidget(self._panel_line)
        middle.addWidget(self._panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        column.addWidget(Line(Qt.Orientation.Horizontal, self))
        column.addWidget(self._status)
        self.notices = Notices(self._stack)

    def _connect(self) -> None:
        frame, status = self.frame, self._status
        self._rail.chosen.connect(self.show_page)
        frame.page_wanted.connect(self.show_page)
        frame.noticed.connect(self.notices.show_notice)
        frame.status_changed.connect(status.show_text)
        frame.badge_changed.connect(self._rail.set_badge)
        frame.job_started.connect(self._job_started)
        frame.job_ended.connect(self._job_ended)
        frame.person_changed.connect(status.show_person)
        frame.settings_changed.connect(self._setting_changed)
        status.inspector_clicked.connect(self._ask_who)
        if review_badge.PAGE in self._specs:
            badge = review_badge.ReviewBadge(frame, self)
            self.painted.connect(badge.start)
            self.closed.connect(badge.stop)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    def _make_actions(self) -> list[QAction]:
        made: list[QAction] = []

        def add(text: str, slot: Callable[[], object], keys: str = "", tip: str = "") -> None:
            action = QAction(text, self)
            if keys:
                action.setShortcuts([QKeySequence(key) for key in keys.split()])
            action.setToolTip(tip or text)
            # Qt hands over whether the action is checked; none of these slots asks.
            action.triggered.connect(lambda _checked=False: slot())
            self.addAction(action)
            self.frame.add_action(action)
            made.append(action)

        for number, (key, spec) in enumerate(self._specs.items(), start=1):
            add(f"Go to {spec.title}", partial(self._go_to, key), f"Ctrl+{number}" if number < 10 else "", spec.purpose)
        add("Find a command", self.open_palette, "Ctrl+K")
        add("Show the shortcuts", self.open_shortcuts, "? Ctrl+/")
        add("Help", self.open_help, "F1")
        add("Full screen", self.toggle_full_screen, "F11")
        add("Sign in", self._ask_who, "Ctrl+I", "Choose who works here, change the inspector")
        add("Sign out", self.sign_in.sign_out)
        add("Larger text", partial(self._change_text_size, 1), "Ctrl++ Ctrl+=", "Zoom in")
        add("Smaller text", partial(self._change_text_size, -1), "Ctrl+-", "Zoom out")
        for value, words in ((Theme.LIGHT, "Light theme"), (Theme.DARK, "Dark theme"), (Theme.SYSTEM, "System theme")):
            add(words, partial(self._choose_theme, value), "", "Colours, appearance")
        add("Do what the notice offers", self._act_on_notice, "Ctrl+Z", "Undo, the button of the latest notice")
        add("Close the notices", self.notices.dismiss_all, "Ctrl+Backspace")
        add("Open the workspace folder", self._open_workspace, "", str(self.context.workspace.root))
        add("About WeldSpot", self._about)
        add("Close the program", self.close, "Ctrl+Q", "Quit, exit")
        return made

    def _entries(self) -> list[Entry]:
        for key in self._specs:
            self.page(key)
        entries: list[Entry] = []
        for key in sorted(self._specs, key=lambda k: k != self._current):
            usable = [action for action in self._pages[key].actions() if action.isEnabled() and action.text()]
            entries.extend(Entry(self._specs[key].title, action) for action in usable)
        return entries + [Entry("", action) for action in self._actions]

    def _run_entry(self, entry: Entry) -> None:
        for key, page in self._pages.items():
            if entry.action in page.actions():
                self.show_page(key)
        entry.action.trigger()

    def _go_to(self, key: str) -> None:
        self.show_page(key)

    def _panel_changed(self) -> None:
        if self._current is not None:
            panel = self._pages[self._current].panel
            self._panel.show_panel(panel)
            self._panel_line.setVisible(panel is not None)

    def _job_started(self, title: str, progress: Progress) -> None:
        self._status.add_job(title, progress)

    def _job_ended(self, progress: Progress) -> None:
        self._status.remove_job(progress)

    def _setting_changed(self, section: str, key: str) -> None:
        if section == "appearance":
            self.apply_theme()

    def _scheme_changed(self) -> None:
        if self.context.settings.appearance.theme is Theme.SYSTEM:
            self.apply_theme()

    def _change_text_size(self, step: int) -> None:
        look = self.context.settings.appearance
        beyond = [p for p in _PERCENTS if (p - look.text_percent) * step > 0]
        if beyond:
            look.text_percent = min(beyond, key=lambda p: abs(p - look.text_percent))
            self.frame.save_settings("appearance", "text_percent")

    def _choose_theme(self, wanted: Theme) -> None:
        self.context.settings.appearance.theme = wanted
        self.frame.save_settings("appearance", "theme")

    def _ask_who(self) -> None:
        button = self._status.inspector
        self.sign_in.ask(button.mapToGlobal(QPoint(button.width(), 0)))

    def _act_on_notice(self) -> None:
        card = self.notices.newest_with_action()
        if card is not None:
            card.act()

    def _open_workspace(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.context.workspace.root)))

    def _about(self) -> None:
        self.frame.notify(
            f"WeldSpot Desktop {__version__}", advice=f"Apache-2.0. Workspace: {self.context.workspace.root}"
        )

    def _model_title(self) -> str:
        return self.context.model.title

    def _model_opened(self, title: str) -> None:
        self.frame.set_status(Slot.MODEL, f"Model {title}")

    def _model_failed(self, error: ExpectedError) -> None:
        self.frame.set_status(Slot.MODEL, "No model", Kind.ERROR)
        self.frame.report(error)

    def _may_stop_jobs(self) -> bool:
        answer = QMessageBox.question(
            self,
            "Work is still running",
            "Closing stops it, and what it has not finished is lost. Close all the same?",
            QMessageBox.StandardButton.Close | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        return answer is QMessageBox.StandardButton.Close

    def _fit(self) -> None:
        self._rail.set_compact(self.width() < theme.pixels(theme.NARROW))

    def _restore_geometry(self) -> None:
        stored = self.frame.memory.value(_GEOMETRY)
        if stored is None or not self.restoreGeometry(stored):
            self.resize(1440, 900)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange:
            self.setWindowIcon(theme.icon("radar", theme.colours().accent))
        super().changeEvent(event)


def application() -> QApplication:
    """The running application."""
    running = QApplication.instance()
    assert isinstance(running, QApplication)
    return running
