"""The folder page's toolbar: what is judged, how far it is, and the buttons for it."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.folder_job import FolderJob
from weldspot_desktop.ui.folder_progress import running_words
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.widgets.elided_label import ElidedLabel


class FolderToolbar(QWidget):
    """Buttons, name and state in a row, with the progress under it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choose = QPushButton("Choose folder")
        self.again = QPushButton("Judge again")
        self.pause = QPushButton("Pause")
        self.cancel = QPushButton("Cancel")
        self.export = QPushButton("Export")
        self.place = ElidedLabel()
        self.state = QLabel()
        theme.set_text(self.place, Size.BODY, bold=True)
        theme.set_text(self.state, Size.BODY, muted=True)
        # The words of a running job must not widen the window.
        self.state.setMinimumWidth(1)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Pictures judged")
        row = QHBoxLayout()
        row.setSpacing(theme.space(2))
        row.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        for widget in (self.choose, self.again, self.place):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.state)
        for button in (self.pause, self.cancel, self.export):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.bar)
        self.dress()

    def dress(self) -> None:
        """Take the icons of the theme in force."""
        self.export.setIcon(theme.icon("file-delimited-outline"))

    def show_state(self, job: FolderJob, resting: str, *, stopped: bool) -> None:
        """Show how far the job is, or what there is to say while none runs.

        Parameters
        ----------
        stopped
            A run was stopped and can be gone on with.
        """
        running, progress = job.running, job.progress
        for button in (self.cancel, self.pause):
            button.setVisible(running)
        self.pause.setText("Go on" if job.paused else "Pause")
        for button in (self.choose, self.again):
            button.setEnabled(not running)
        self.again.setText("Go on" if stopped else "Judge again")
        look = "main" if stopped else ""
        if (self.again.property("look") or "") != look:
            theme.set_look(self.again, look)
        self.bar.setVisible(running)
        if running and progress is not None:
            total = job.run.total if job.run is not None else None
            self.state.setText(running_words(progress.done, total, job.listed, job.rate.value(), paused=job.paused))
            self.bar.setRange(0, total or 0)
            self.bar.setValue(progress.done)
        else:
            self.state.setText(resting)
