"""The rail at the left: one button a page, with icon, word and badge."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.pages import PageSpec
from weldspot_desktop.ui.theme import Size


class RailButton(QAbstractButton):
    """One page in the rail."""

    def __init__(self, spec: PageSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self._compact = False
        self._badge = 0
        self.setCheckable(True)
        self.setText(spec.title)
        self.setToolTip(spec.purpose)
        self.setAccessibleDescription(spec.purpose)
        # A click opens the page and leaves the keys to it.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def badge(self) -> int:
        return self._badge

    def set_badge(self, count: int) -> None:
        """Show how much waits on the page; 0 shows nothing."""
        self._badge = count
        self.setAccessibleName(f"{self._spec.title}, {count} waiting" if count else self._spec.title)
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Show the icon alone."""
        self._compact = compact
        self.setToolTip(f"{self._spec.title}: {self._spec.purpose}" if compact else self._spec.purpose)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        height = theme.pixels(Size.BODY) + theme.space(5)
        if self._compact:
            return QSize(theme.pixels(Size.TITLE) + theme.space(6), height)
        words = self.fontMetrics().horizontalAdvance(self._spec.title)
        badge = theme.pixels(Size.SMALL) * 2 + theme.space(2)
        return QSize(theme.pixels(Size.TITLE) + words + badge + theme.space(8), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.raised))
            painter.drawRoundedRect(box, 6, 6)
        if self.isChecked():
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(box.left(), box.top() + 6, 3, box.height() - 12), 1.5, 1.5)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 6, 6)
        ink = colours.text if self.isChecked() else colours.muted
        side = theme.pixels(Size.HEAD) + 2
        left = (self.width() - side) // 2 if self._compact else theme.space(3)
        pixmap = theme.icon(self._spec.icon, ink).pixmap(QSize(side, side), self.devicePixelRatio())
        painter.drawPixmap(left, (self.height() - side) // 2, pixmap)
        if not self._compact:
            painter.setFont(theme.font(Size.BODY, bold=self.isChecked()))
            painter.setPen(QColor(ink))
            words = self.rect().adjusted(left + side + theme.space(2), 0, -theme.space(2), 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._spec.title)
        if self._badge:
            self._paint_badge(painter)
        painter.end()

    def _paint_badge(self, painter: QPainter) -> None:
        colours = theme.colours()
        words = str(self._badge) if self._badge < 1000 else "999+"
        painter.setFont(theme.font(Size.SMALL, bold=True))
        height = theme.pixels(Size.SMALL) + 6
        width = max(height, painter.fontMetrics().horizontalAdvance(words) + 10)
        top = 2 if self._compact else (self.height() - height) // 2
        box = QRectF(self.width() - width - (2 if self._compact else theme.space(2)), top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(box, height / 2, height / 2)
        painter.setPen(QColor(colours.on_accent))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


class Rail(QWidget):
    """All pages, one below the other; up and down move between them.

    Signals
    -------
    chosen(page key)
    """

    chosen = Signal(str)

    def __init__(self, pages: Mapping[str, PageSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pages")
        self._buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        self._compact = False
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(2), theme.space(3), theme.space(2), theme.space(3))
        column.setSpacing(2)
        foot = False
        for key, spec in pages.items():
            if spec.at_foot and not foot:
                column.addStretch(1)
                foot = True
            button = RailButton(spec, self)
            button.clicked.connect(self._clicked)
            self._buttons[key] = button
            self._group.addButton(button)
            column.addWidget(button)
        if not foot:
            column.addStretch(1)

    @property
    def compact(self) -> bool:
        return self._compact

    def button(self, key: str) -> RailButton:
        """The button of a page."""
        return self._buttons[key]

    def show_current(self, key: str) -> None:
        """Mark the page that is open."""
        self._buttons[key].setChecked(True)

    def set_badge(self, key: str, count: int) -> None:
        """Show how much waits on a page."""
        self._buttons[key].set_badge(count)

    def set_compact(self, compact: bool) -> None:
        """Icons alone, for narrow windows."""
        if compact != self._compact:
            self._compact = compact
            for button in self._buttons.values():
                button.set_compact(compact)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return hint if self._compact else QSize(max(hint.width(), theme.RAIL_WIDTH), hint.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        keys = list(self._buttons)
        current = next((i for i, key in enumerate(keys) if self._buttons[key].hasFocus()), 0)
        self._buttons[keys[(current + step) % len(keys)]].setFocus(Qt.FocusReason.TabFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange):
            self.updateGeometry()
        super().changeEvent(event)

    def _clicked(self) -> None:
        for key, button in self._buttons.items():
            if button is self.sender():
                self.chosen.emit(key)
