"""What every page of the window is."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from weldspot_desktop.context import Context
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame


class Page(QWidget):
    """One page. A page makes its widgets in its constructor and starts nothing before `activated`.

    Parameters
    ----------
    context
        The library.
    frame
        The window's services.

    Signals
    -------
    panel_changed
        The page has another panel.
    """

    panel_changed = Signal()

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__()
        self.context = context
        self.frame = frame
        self._panel: QWidget | None = None
        # A click beside everything takes the focus out of a text field.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    @property
    def panel(self) -> QWidget | None:
        """What the panel at the right shows while this page is open; None hides the panel."""
        return self._panel

    def set_panel(self, panel: QWidget | None) -> None:
        """Choose the content of the panel: what is selected, and what can be done with it.

        The window takes the widget over; it is as wide as the panel and scrolls if it is too high.
        """
        self._panel = panel
        self.panel_changed.emit()

    def activated(self) -> None:
        """The page was opened: read what is shown, start what runs only while it is seen."""

    def deactivated(self) -> None:
        """Another page was opened: stop what needs no longer run."""

    def may_close(self) -> bool:
        """Whether the window may close; a page with something unsaved asks."""
        return True

    def shutdown(self) -> None:
        """The window closes: stop everything, and wait for it."""

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Take what was dropped anywhere on the window and belongs here (`PageSpec.takes`)."""

    def add_action(
        self,
        text: str,
        slot: Callable[[], object],
        shortcut: str | QKeySequence.StandardKey | None = None,
        *,
        icon: str | None = None,
        tip: str = "",
    ) -> QAction:
        """Make an action that works while the page is open, and that palette and shortcut sheet list.

        Parameters
        ----------
        text
            What it does: "Open picture".
        slot
            A bound method without arguments.
        shortcut
            "Space", "Ctrl+O"; single keys are off while a text field has the focus.
        icon
            Name for `theme.icon`.
        tip
            A longer explanation.
        """
        action = QAction(text, self)
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        # Qt ignores the shortcuts of hidden widgets: the action is silent while another page is open.
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        if icon is not None:
            action.setIcon(theme.icon(icon))
            action.setProperty("iconName", icon)
        action.setToolTip(tip or text)
        action.triggered.connect(lambda _checked=False: slot())
        self.addAction(action)
        self.frame.add_action(action)
        return action
