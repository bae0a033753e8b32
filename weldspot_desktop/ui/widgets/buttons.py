"""The one main action of a panel or an empty page."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import STEP, Size


class PrimaryButton(QPushButton):
    """A wide button in the accent colour, with the key that does the same.

    Parameters
    ----------
    text
        What it does.
    key
        Shown beside the text ("Space"); the key itself belongs to an action of the page.
    """

    def __init__(self, text: str, parent: QWidget | None = None, *, key: str = "") -> None:
        super().__init__(text, parent)
        self._key = key
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if key:
            self.setAccessibleDescription(f"Key: {key}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        of = theme.colours()
        ground, ink = QColor(of.accent), QColor(of.on_accent)
        if not self.isEnabled():
            ground, ink = QColor(of.raised), QColor(of.muted)
        elif self.isDown():
            ground = ground.darker(112)
        elif self.underMouse():
            ground = ground.lighter(106)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(of.line), 1) if not self.isEnabled() else Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(area, 1.5 * STEP, 1.5 * STEP)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(ink, 2))
            painter.drawRoundedRect(area.adjusted(3, 3, -3, -3), STEP, STEP)
        words, key = QFontMetricsF(theme.font(Size.BODY, bold=True)), QFontMetricsF(theme.font(Size.BODY))
        between = 2 * STEP if self._key else 0
        whole = words.horizontalAdvance(self.text()) + between + key.horizontalAdvance(self._key)
        left = (self.width() - whole) / 2
        painter.setPen(ink)
        painter.setFont(theme.font(Size.BODY, bold=True))
        painter.drawText(QRectF(left, 0, whole, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setFont(theme.font(Size.BODY))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(left, 0, whole, self.height()), align, self._key)

    def sizeHint(self) -> QSize:
        words = QFontMetricsF(theme.font(Size.BODY, bold=True))
        wide = words.horizontalAdvance(f"{self.text()}  {self._key}") + 12 * STEP
        return QSize(round(wide), round(words.height()) + 5 * STEP)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter presses a focused button as Space does; Qt does that in dialogs alone.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.updateGeometry()
        super().changeEvent(event)
