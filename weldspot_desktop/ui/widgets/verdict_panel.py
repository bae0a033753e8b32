"""The verdict, large enough to be read from two metres."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import VERDICTS, draw_sign
from weldspot_desktop.ui.theme import STEP, Size
from weldspot_desktop.verdict import Judgement, Verdict
from weldspot_desktop.verdict.guidance import reason_line

_REASON_LINES = 2


class VerdictPanel(QWidget):
    """Sign, word and one line of reason on the verdict's colour; or a neutral sentence before there is one.

    Its height does not depend on what it says, so that nothing below it jumps from picture to picture.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._verdict: Verdict | None = None
        self._word = ""
        self._line = ""
        self.clear()

    def set_judgement(self, judgement: Judgement) -> None:
        """Show a verdict."""
        self._show(judgement.verdict, judgement.verdict.value, reason_line(judgement))

    def set_not_judged(self, reason: str) -> None:
        """Say that there is no verdict, and why."""
        self._show(None, "NOT JUDGED", reason)

    def clear(self, line: str = "No picture yet") -> None:
        """Show a neutral sentence."""
        self._show(None, "", line)

    def text(self) -> str:
        """All that it says, in one line."""
        return f"{self._word}: {self._line}" if self._word else self._line

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        of = theme.colours()
        style = VERDICTS[self._verdict] if self._verdict is not None else None
        painter.setPen(QPen(QColor(style.edge.now if style is not None else of.line), 1))
        painter.setBrush(QColor(style.fill if style is not None else of.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2 * STEP, 2 * STEP)
        ink = style.ink if style is not None else of.muted
        inside = QRectF(self.rect()).adjusted(3 * STEP, 2 * STEP, -3 * STEP, -2 * STEP)
        if self._word:
            self._paint_word(painter, QRectF(inside.topLeft(), inside.size()), ink)
            inside.setTop(inside.top() + self._word_height())
        painter.setPen(QColor(ink))
        painter.setFont(theme.font(Size.HEAD))
        align = Qt.AlignmentFlag.AlignLeft | (
            Qt.AlignmentFlag.AlignTop if self._word else Qt.AlignmentFlag.AlignVCenter
        )
        painter.drawText(inside, align | Qt.TextFlag.TextWordWrap, self._fitted(inside.width()))

    def sizeHint(self) -> QSize:
        lines = QFontMetricsF(theme.font(Size.HEAD)).lineSpacing() * _REASON_LINES
        return QSize(theme.PANEL_WIDTH - 8 * STEP, round(self._word_height() + lines + 4 * STEP))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.updateGeometry()
        super().changeEvent(event)

    def _show(self, verdict: Verdict | None, word: str, line: str) -> None:
        if (verdict, word, line) == (self._verdict, self._word, self._line):
            return
        self._verdict, self._word, self._line = verdict, word, line
        self.setAccessibleName(f"Verdict {self.text()}" if word else line)
        self.setToolTip(self.text())
        self.update()

    def _paint_word(self, painter: QPainter, place: QRectF, ink: str) -> None:
        """As large as the width allows, 28 to 56 pixels at 100 %."""
        high = self._word_height()
        font = theme.font(Size.VERDICT, bold=True)
        room = place.width()
        for side in range(theme.pixels(Size.VERDICT), theme.pixels(Size.BIG) - 1, -2):
            font.setPixelSize(side)
            if QFontMetricsF(font).horizontalAdvance(self._word) + self._sign_width(side) <= room:
                break
        sign = self._sign_width(font.pixelSize())
        if self._verdict is not None:
            across = sign * 0.72
            square = QRectF(place.left(), place.top() + (high - across) / 2, across, across)
            draw_sign(painter, square, self._verdict, ink)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        words = QRectF(place.left() + sign, place.top(), place.width() - sign, high)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._word)

    def _sign_width(self, side: int) -> float:
        return side * 0.95 if self._verdict is not None else 0.0

    @staticmethod
    def _word_height() -> float:
        return theme.pixels(Size.VERDICT) * 1.1

    def _fitted(self, width: float) -> str:
        """The line of reason, cut where it does not fit into its two rows; the tooltip has all of it."""
        metrics = QFontMetricsF(theme.font(Size.HEAD))
        high = metrics.lineSpacing() * (_REASON_LINES if self._word else _REASON_LINES + 2) + 1
        room = QRectF(0, 0, width, 10_000)
        text = self._line
        while text and metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height() > high:
            text = text.removesuffix("…")[:-1].rstrip() + "…"
        return text
