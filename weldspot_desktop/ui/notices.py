"""Short notices over the page, lower right; they go away by themselves and are announced to screen readers."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QEnterEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Kind, Notice
from weldspot_desktop.ui.theme import Colours, Size

_SECONDS: Final = {Kind.INFO: 6, Kind.GOOD: 6, Kind.WARNING: 12, Kind.ERROR: 20}
_SECONDS_WITH_BUTTON: Final = 15
_MOST: Final = 4
_ICONS: Final = {
    Kind.INFO: "information-outline",
    Kind.GOOD: "check-circle-outline",
    Kind.WARNING: "alert-outline",
    Kind.ERROR: "close-octagon-outline",
}


def announce(widget: QWidget, text: str, *, urgent: bool = False) -> None:
    """Let a screen reader say a sentence."""
    event = QAccessibleAnnouncementEvent(widget, text)
    level = QAccessible.AnnouncementPoliteness
    event.setPoliteness(level.Assertive if urgent else level.Polite)
    QAccessible.updateAccessibility(event)


def _ink(kind: Kind, colours: Colours) -> str:
    return {Kind.INFO: colours.info, Kind.GOOD: colours.good, Kind.WARNING: colours.warning, Kind.ERROR: colours.bad}[
        kind
    ]


class NoticeCard(QWidget):
    """One notice. Stays while the pointer or the focus is on it.

    Signals
    -------
    closed
    """

    closed = Signal()

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(4), theme.space(3), theme.space(2), theme.space(3))
        row.setSpacing(theme.space(3))
        self._sign = QLabel()
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(theme.space(1))
        self._text = self._sentence(notice.text, muted=False)
        words.addWidget(self._text)
        if notice.advice:
            words.addWidget(self._sentence(notice.advice, muted=True))
        self.second: QPushButton | None = None
        if notice.also is not None:
            words.addLayout(self._second(*notice.also))
        row.addLayout(words, 1)
        self.button: QPushButton | None = None
        if notice.button and notice.action is not None:
            self.button = QPushButton(notice.button)
            self.button.clicked.connect(self._act)
            row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._close = QToolButton()
        theme.set_look(self._close, "plain")
        self._close.setToolTip("Close this notice")
        self._close.setAccessibleName("Close this notice")
        self._close.clicked.connect(self.dismiss)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(1000 * (_SECONDS_WITH_BUTTON if self.button else _SECONDS[notice.kind]))
        self._timer.timeout.connect(self._expire)
        self._timer.start()
        self.dress()

    def dress(self) -> None:
        """Take the colours of the theme in force."""
        colours = theme.colours()
        side = theme.icon_size()
        self._sign.setPixmap(theme.icon(_ICONS[self.notice.kind], _ink(self.notice.kind, colours)).pixmap(side))
        self._close.setIcon(theme.icon("close"))

    def act(self) -> None:
        """Do what the notice offers, as its button does."""
        self._act()

    def dismiss(self) -> None:
        """Close the notice."""
        self._timer.stop()
        self.closed.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours()
        ink = QColor(_ink(self.notice.kind, colours))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink, 1))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(QRectF(0, 6, 4, self.height() - 12), 2, 2)
        painter.end()

    def _second(self, words: str, action: Callable[[], object]) -> QHBoxLayout:
        """A plain button under the sentence, so that two buttons do not squeeze it."""
        button = self.second = QPushButton(words)
        theme.set_look(button, "plain")
        # The notice stays: what it tells of may be wanted in both ways.
        button.clicked.connect(lambda _checked=False: action())
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch(1)
        return row

    def _act(self) -> None:
        self.dismiss()
        if self.notice.action is not None:
            self.notice.action()

    def _expire(self) -> None:
        focused = self.window().focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self._timer.start()
        else:
            self.dismiss()

    @staticmethod
    def _sentence(text: str, *, muted: bool) -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        theme.set_text(label, Size.SMALL if muted else Size.BODY, muted=muted)
        return label


class Notices(QObject):
    """Shows notices over the lower right corner of an area, the newest lowest.

    Parameters
    ----------
    area
        The widget they float over.
    """

    def __init__(self, area: QWidget) -> None:
        super().__init__(area)
        self._area = area
        self._cards: list[NoticeCard] = []
        area.installEventFilter(self)

    @property
    def cards(self) -> tuple[NoticeCard, ...]:
        return tuple(self._cards)

    def show_notice(self, notice: Notice) -> None:
        """Show a notice and have it announced; the same words are not shown twice at once."""
        for card in self.cards:
            if (card.notice.text, card.notice.advice) == (notice.text, notice.advice):
                card.dismiss()
        while len(self._cards) >= _MOST:
            self._cards[0].dismiss()
        card = NoticeCard(notice, self._area)
        card.closed.connect(self._card_closed)
        self._cards.append(card)
        card.show()
        self.place()
        announce(self._area, f"{notice.text} {notice.advice}".strip(), urgent=notice.kind is Kind.ERROR)

    def newest_with_action(self) -> NoticeCard | None:
        """The latest notice that offers something."""
        return next((card for card in reversed(self._cards) if card.button is not None), None)

    def dismiss_all(self) -> None:
        """Close all notices."""
        for card in self.cards:
            card.dismiss()

    def dress(self) -> None:
        """Take the colours and sizes of the theme in force."""
        for card in self._cards:
            card.dress()
        self.place()

    def place(self) -> None:
        """Put the cards where they belong."""
        margin = theme.space(4)
        width = min(theme.pixels(440), self._area.width() - 2 * margin)
        bottom = self._area.height() - margin
        for card in reversed(self._cards):
            height = max(card.heightForWidth(width), card.minimumSizeHint().height())
            card.resize(QSize(width, height))
            bottom -= height
            card.move(QPoint(self._area.width() - margin - width, bottom))
            card.raise_()
            bottom -= theme.space(2)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._area and event.type() is QEvent.Type.Resize:
            self.place()
        return False

    def _card_closed(self) -> None:
        card = self.sender()
        if isinstance(card, NoticeCard) and card in self._cards:
            self._cards.remove(card)
            card.hide()
            card.deleteLater()
            self.place()
