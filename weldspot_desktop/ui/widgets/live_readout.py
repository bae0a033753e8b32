"""How fast live pictures are judged, and what the source does."""

from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from weldspot_desktop.inspection.live import State
from weldspot_desktop.inspection.pace import PaceSummary
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import Size

WORDS: Final[dict[State, str]] = {
    State.CONNECTING: "connecting",
    State.LIVE: "live",
    State.PAUSED: "paused",
    State.LOST: "lost",
    State.ENDED: "stopped",
}


class LiveReadout(QWidget):
    """The right end of the toolbar: `29.9/s  p95 31 ms  ● live`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rate = QLabel(self)
        self._latency = QLabel(self)
        self._word = QLabel(self)
        self._dot = _Dot(self)
        for label in (self._rate, self._latency):
            theme.set_text(label, Size.BODY, muted=True)
        theme.set_text(self._word, Size.BODY)
        self._rate.setToolTip("Pictures judged per second")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(3))
        layout.addWidget(self._rate)
        layout.addWidget(self._latency)
        state = QHBoxLayout()
        state.setSpacing(theme.space(1))
        state.addWidget(self._dot)
        state.addWidget(self._word)
        layout.addLayout(state)
        self.show_state(None, "")
        self.show_pace(PaceSummary(0.0, None, None, 0))

    def show_state(self, state: State | None, sentence: str, addition: str = "") -> None:
        """Show a state's word, with the sentence as tooltip; None shows that nothing is started.

        The addition says in a word or two what a trigger waits for ("moving").
        """
        self._dot.set_state(state)
        word = WORDS[state] if state is not None else "off"
        self._word.setText(f"{word}, {addition}" if addition else word)
        self._word.setToolTip(sentence)
        self.setAccessibleName(sentence or "No source is running.")

    def show_pace(self, pace: PaceSummary) -> None:
        """Show frames per second and the latency; nothing while nothing is judged."""
        self._rate.setText(f"{pace.per_second:.1f}/s" if pace.count else "")
        self._latency.setText(f"p95 {pace.p95_ms:.0f} ms" if pace.p95_ms is not None else "")
        if pace.p50_ms is not None:
            self._latency.setToolTip(
                f"From capture to verdict: half within {pace.p50_ms:.0f} ms, 95 % within {pace.p95_ms:.0f} ms "
                f"({pace.count} pictures of the last seconds)"
            )

    def text(self) -> str:
        """What it says."""
        return "  ".join(label.text() for label in (self._rate, self._latency, self._word) if label.text())


class _Dot(QWidget):
    """Filled while pictures come, else a ring: colour does not speak alone."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._state: State | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_state(self, state: State | None) -> None:
        if state is not self._state:
            self._state = state
            self.update()

    def sizeHint(self) -> QSize:
        side = theme.pixels(12)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        of = theme.colours()
        colour = {State.LIVE: of.good, State.CONNECTING: of.warning, State.PAUSED: of.info, State.LOST: of.bad}.get(
            self._state or State.ENDED, of.muted
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = painter.pen()
        pen.setColor(QColor(colour))
        pen.setWidthF(2.0)
        painter.setPen(pen)
        if self._state is State.LIVE:
            painter.setBrush(QColor(colour))
        painter.drawEllipse(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        painter.end()
