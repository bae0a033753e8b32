"""The status bar: camera, model, cloud, job, inspector."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QToolButton, QWidget

from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Kind, Slot
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.workers import Progress

_REFRESH_MS = 200

_STATE_WORDS = {Kind.GOOD: "in order", Kind.WARNING: "needs attention", Kind.ERROR: "fault"}


def duration(seconds: float) -> str:
    """A time left, as people say it: "40 s", "3 min", "2 h 5 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class _Dot(QWidget):
    """State of a place as a dot: filled when in order, a ring when not, so that colour does not speak alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = Kind.INFO
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_state(self, state: Kind) -> None:
        self._state = state
        self.setVisible(state is not Kind.INFO)
        self.update()

    def sizeHint(self) -> QSize:
        side = theme.pixels(10)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours()
        colour = {Kind.GOOD: colours.good, Kind.WARNING: colours.warning, Kind.ERROR: colours.bad}.get(
            self._state, colours.muted
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = painter.pen()
        pen.setColor(QColor(colour))
        pen.setWidthF(2.0)
        painter.setPen(pen)
        painter.setBrush(QColor(colour) if self._state is Kind.GOOD else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        painter.end()


class _Place(QWidget):
    """One text of the bar with its state."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(1))
        self._dot = _Dot(self)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_text(self._label, Size.SMALL, muted=True)
        row.addWidget(self._dot)
        row.addWidget(self._label)
        self.show_text("", Kind.INFO)

    def show_text(self, text: str, state: Kind) -> None:
        self._label.setText(text)
        self._dot.set_state(state)
        self.setAccessibleName(f"{text}, {_STATE_WORDS[state]}" if state in _STATE_WORDS else text)
        self.setVisible(bool(text))

    def text(self) -> str:
        return self._label.text()


class _Job(QWidget):
    """A running job: title, percent, rest, and a way to cancel."""

    def __init__(self, title: str, progress: Progress, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = progress
        self._title = title
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(2))
        self._label = QLabel(self)
        theme.set_text(self._label, Size.SMALL, muted=True)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(96)
        self._cancel = QToolButton(self)
        theme.set_look(self._cancel, "plain")
        self._cancel.setIcon(theme.icon("close"))
        self._cancel.setToolTip(f"Cancel: {title}")
        self._cancel.setAccessibleName(f"Cancel {title}")
        self._cancel.clicked.connect(self._stop)
        for widget in (self._label, self._bar, self._cancel):
            row.addWidget(widget)
        self.refresh()

    def refresh(self) -> None:
        """Show where the job stands now."""
        fraction, left = self.progress.fraction, self.progress.seconds_left
        words = [self._title]
        if self.progress.cancelled:
            words.append("stopping")
        elif fraction is not None:
            words.append(f"{fraction:.0%}".replace("%", " %"))
            if left is not None and fraction < 1:
                words.append(f"{duration(left)} left")
        elif self.progress.done:
            words.append(str(self.progress.done))
        self._label.setText(" · ".join(words))
        self._bar.setRange(0, 1000)
        self._bar.setValue(round((fraction or 0.0) * 1000))
        self._bar.setAccessibleName(self._title)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_cancel"):
            self._cancel.setIcon(theme.icon("close"))
        super().changeEvent(event)

    def _stop(self) -> None:
        self.progress.cancel()
        self._cancel.setEnabled(False)
        self.refresh()


class StatusBar(QWidget):
    """The bar at the lower edge.

    Signals
    -------
    inspector_clicked
        The person wants to sign in, or to change who is.
    """

    inspector_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Status")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(4), theme.space(1), theme.space(3), theme.space(1))
        row.setSpacing(theme.space(6))
        self._places = {slot: _Place(self) for slot in Slot}
        for place in self._places.values():
            row.addWidget(place)
        self._fields_row = QHBoxLayout()
        row.addLayout(self._fields_row)
        self._jobs: list[_Job] = []
        self._jobs_row = QHBoxLayout()
        self._jobs_row.setSpacing(theme.space(6))
        row.addLayout(self._jobs_row)
        row.addStretch(1)
        self.inspector = QToolButton(self)
        theme.set_look(self.inspector, "plain")
        theme.set_text(self.inspector, Size.SMALL)
        self.inspector.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.inspector.setToolTip("Who is signed in: press to choose somebody")
        self.inspector.clicked.connect(self.inspector_clicked)
        row.addWidget(self.inspector)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._refresh_jobs)
        self.show_person(None)

    def add_field(self, field: QWidget) -> None:
        """Put a field of its own behind the places."""
        self._fields_row.addWidget(field)

    def show_text(self, slot: str, text: str, state: str) -> None:
        """Write into a place."""
        self._places[Slot(slot)].show_text(text, Kind(state))

    def text(self, slot: Slot) -> str:
        """What a place says."""
        return self._places[slot].text()

    def show_person(self, person: Person | None) -> None:
        """Show who is signed in."""
        self.inspector.setText(person.name if person is not None else "Sign in")
        self.inspector.setAccessibleName(
            f"Signed in: {person.name}" if person is not None else "Nobody is signed in; sign in"
        )
        self._dress()

    def add_job(self, title: str, progress: Progress) -> None:
        """Show a job until `remove_job`."""
        job = _Job(title, progress, self)
        self._jobs.append(job)
        self._jobs_row.addWidget(job)
        self._timer.start()

    def remove_job(self, progress: Progress) -> None:
        """A job has ended."""
        for job in [job for job in self._jobs if job.progress is progress]:
            self._jobs.remove(job)
            self._jobs_row.removeWidget(job)
            job.hide()
            job.deleteLater()
        if not self._jobs:
            self._timer.stop()

    def running(self) -> int:
        """How many jobs run."""
        return len(self._jobs)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "inspector"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self.inspector.setIconSize(theme.icon_size(Size.BODY))
        self.inspector.setIcon(theme.icon("account-outline", theme.colours().muted))

    def _refresh_jobs(self) -> None:
        for job in self._jobs:
            job.refresh()
