"""The region of interest of the page Live: drawn, shown, remembered for its source, cleared."""

from PySide6.QtCore import QObject, Qt

from weldspot_desktop.inspection.inspector import Region
from weldspot_desktop.ui.live_display import LiveDisplay
from weldspot_desktop.ui.live_session import LiveSession
from weldspot_desktop.ui.live_toolbar import LiveToolbar
from weldspot_desktop.ui.source_choice import SourceMemory


class LiveRegion(QObject):
    """Connects the view in which it is drawn, the toolbar, and the session that judges it.

    Parameters
    ----------
    display, toolbar, session, memory
        Of the page.
    """

    def __init__(
        self, display: LiveDisplay, toolbar: LiveToolbar, session: LiveSession, memory: SourceMemory, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._display, self._toolbar, self._session, self._memory = display, toolbar, session, memory
        toolbar.region_button.toggled.connect(self.draw)
        toolbar.clear_button.clicked.connect(self.clear)
        display.view.region_changed.connect(self._drawn)

    def draw(self, on: bool) -> None:
        """While on, dragging over the picture draws the region."""
        on = on and self._display.judged is not None
        self._display.view.set_region_editing(on)
        self._toolbar.region_button.setChecked(on)
        if on:
            self._display.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def toggle(self) -> None:
        """Begin to draw, or stop."""
        self.draw(not self._toolbar.region_button.isChecked())

    def clear(self) -> None:
        """Judge the whole picture again."""
        if self._display.recalled is None:
            self.draw(False)
            self._display.view.clear_region()

    def show(self, region: Region | None) -> None:
        """Show the region in force."""
        self._display.view.set_region(region)
        self._toolbar.show_region(region is not None)

    def _drawn(self, region: Region | None) -> None:
        self.draw(False)
        self._toolbar.show_region(region is not None)
        self._session.set_region(region)
        if self._toolbar.choice.current():
            self._memory.set_region(self._toolbar.choice.current(), region)
