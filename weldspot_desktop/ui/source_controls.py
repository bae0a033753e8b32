"""What can be chosen at the source that runs: a camera's controls, whether a video is repeated."""

from dataclasses import replace

from PySide6.QtCore import QObject, Qt

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.live import State
from weldspot_desktop.inspection.source_choices import ChoicesError
from weldspot_desktop.inspection.sources import CameraSource, Source, SourceOptions, VideoFileSource
from weldspot_desktop.inspection.sources.controls import CameraControls
from weldspot_desktop.ui.camera_dialog import CameraDialog
from weldspot_desktop.ui.frame import Kind
from weldspot_desktop.ui.live_session import LiveSession
from weldspot_desktop.ui.live_toolbar import LiveToolbar
from weldspot_desktop.ui.page import Page


class SourceControls(QObject):
    """The buttons, keys and the dialog for it; keeps each choice for its source and applies it while it runs.

    Parameters
    ----------
    page
        The page Live, which gets the actions.
    session
        What runs.
    toolbar
        Where the buttons are.
    """

    def __init__(self, page: Page, session: LiveSession, toolbar: LiveToolbar) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._toolbar = toolbar
        self._source: Source | None = None
        self._options = SourceOptions()
        self._notice = ""
        self.dialog: CameraDialog | None = None
        page.add_action("Camera controls", self.open_dialog, "C", icon="tune-variant", tip="Size, exposure, focus …")
        page.add_action("Repeat the video, or play it once", self.toggle_loop, "L", icon="repeat")
        toolbar.controls_button.clicked.connect(self.open_dialog)
        toolbar.loop_button.clicked.connect(self.toggle_loop)
        session.reported.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Look what runs; several times a second, so only what is new is touched."""
        source = self._session.source
        if source is not self._source:
            # First: what was chosen and still rests belongs to the source of before.
            self._close_dialog()
            self._source = source
            self._notice = ""
            if source is not None:
                self._options = self._page.context.source_choices.options(source, self._page.context.settings)
            self._show_buttons()
        if source is None:
            return
        if self.dialog is not None:
            status = self._session.status
            live = status is not None and status.state in (State.LIVE, State.PAUSED)
            self.dialog.show_states(source.controls if live else ())
        if source.notice != self._notice:
            self._notice = source.notice
            if self._notice:
                self._page.frame.notify(self._notice, Kind.WARNING)

    def open_dialog(self) -> None:
        """Show the controls of the camera that runs."""
        if not isinstance(self._source, CameraSource):
            self._page.frame.notify("Only a camera has controls.", advice="Choose a camera as the source first.")
            return
        if self.dialog is None:
            live = self._page.context.settings.live
            self.dialog = CameraDialog(
                self._source.title, self._options.controls, (live.width, live.height), self._page.window()
            )
            self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.dialog.chosen.connect(self._choose_controls)
            self.dialog.finished.connect(self._dialog_closed)
            self.refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def toggle_loop(self) -> None:
        """Repeat the video that runs, or play it once."""
        source = self._source
        if not isinstance(source, VideoFileSource):
            self._show_buttons()
            self._page.frame.notify("Only a video can be repeated.", advice="Choose a video file as the source first.")
            return
        self._options = replace(self._options, loop=not self._options.loop)
        source.apply(self._options)
        self._show_buttons()
        try:
            self._page.context.source_choices.keep_loop(source, self._options.loop)
        except ChoicesError as error:
            self._report(error)

    def close(self) -> None:
        """The window closes."""
        self._close_dialog()

    def _choose_controls(self, controls: CameraControls) -> None:
        source = self._source
        if source is None:
            return
        self._options = replace(self._options, controls=controls)
        source.apply(self._options)
        try:
            self._page.context.source_choices.keep_controls(source, controls)
        except ChoicesError as error:
            self._report(error)

    def _report(self, error: ExpectedError) -> None:
        self._page.frame.report(error)

    def _show_buttons(self) -> None:
        self._toolbar.show_source(
            camera=isinstance(self._source, CameraSource),
            video=isinstance(self._source, VideoFileSource),
            loop=self._options.loop,
        )

    def _close_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.close()

    def _dialog_closed(self) -> None:
        self.dialog = None
