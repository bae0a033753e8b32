"""The seven classes as switches: what is really there, beside what the phone and the model said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QVBoxLayout, QWidget

from weldspot_desktop import labels
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import SHORT_NAMES, draw_mark
from weldspot_desktop.ui.theme import STEP, Size
from weldspot_desktop.ui.widgets.score_bar import paint_bar, paint_thresholds
from weldspot_desktop.verdict import ThresholdSet

_NAMES: Final = 0.42
"""Part of the width that the names have."""


@dataclass(frozen=True)
class Said:
    """What was said of one picture before the reviewer looks.

    Attributes
    ----------
    ticks
        Classes that the person at the phone marked, as bits; None if nothing is known.
    phone, own
        Seven scores, 0 to 1, of the phone's model and of this station's; None if there are none.
    phone_title, own_title
        The two models, by name and version.
    thresholds
        The set in force for this station's model.
    """

    ticks: int | None = None
    phone: Sequence[float] | None = None
    own: Sequence[float] | None = None
    phone_title: str = ""
    own_title: str = ""
    thresholds: ThresholdSet | None = None


class LabelToggles(QWidget):
    """Seven switches with two bars each, and a legend.

    Signals
    -------
    switched(int)
        The person switched this class.
    """

    switched = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What is really there")
        head = QLabel("What is really there")
        theme.set_text(head, Size.SMALL, bold=True, muted=True)
        self._legend = _Legend(self)
        self._rows = [_Row(index, self) for index in range(labels.COUNT)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addSpacing(STEP)
        column.addWidget(self._legend)
        column.addSpacing(STEP)
        for index, row in enumerate(self._rows):
            row.clicked.connect(lambda _=False, which=index: self.switched.emit(which))
            column.addWidget(row)

    def show_said(self, said: Said) -> None:
        """Show ticks and scores; the switches stay."""
        self._legend.show_titles(said.phone_title, said.own_title, said.thresholds)
        for row in self._rows:
            row.show_said(said)

    def set_labels(self, bits: int) -> None:
        """Put the switches; tells nobody."""
        for index, row in enumerate(self._rows):
            row.setChecked(bool(bits >> index & 1))

    def labels(self) -> int:
        """The switches that are on, as bits, class 0 the lowest."""
        return sum(1 << index for index, row in enumerate(self._rows) if row.isChecked())

    def set_open(self, is_open: bool) -> None:
        """Whether the switches can be used."""
        for row in self._rows:
            row.setEnabled(is_open)

    def rows(self) -> list[QAbstractButton]:
        """The seven switches in class order, each with its accessible text."""
        return list(self._rows)

    def legend(self) -> str:
        """The legend, as read out."""
        return self._legend.accessibleName()


class _Row(QAbstractButton):
    """Key, shape, name, the phone's bar over the model's, and a check box."""

    def __init__(self, class_index: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._class = class_index
        self._said = Said()
        self.setCheckable(True)
        # A click leaves the keys to the page.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.toggled.connect(self._describe)
        self._describe()

    def show_said(self, said: Said) -> None:
        self._said = said
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(240, round(theme.pixels(Size.BODY) * 1.3 + theme.pixels(Size.SMALL) * 1.2) + STEP)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        of, area = theme.colours(), QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or (self.underMouse() and self.isEnabled()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(of.selected if self.isChecked() else of.raised))
            painter.drawRoundedRect(area.adjusted(0, 1, 0, -1), 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(QColor(of.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)
        inside = area.adjusted(STEP, 0, -STEP, 0)
        inside.setLeft(self._paint_key(painter, inside) + 1.5 * STEP)
        side = theme.pixels(Size.BODY)
        draw_mark(painter, QRectF(inside.left(), inside.center().y() - side / 2, side, side), self._class)
        inside.setLeft(inside.left() + side + 1.5 * STEP)
        inside.setRight(self._paint_check(painter, inside) - 2 * STEP)
        names = area.width() * _NAMES
        self._paint_name(painter, QRectF(inside.left(), inside.top(), names, inside.height()))
        inside.setLeft(inside.left() + names + STEP)
        self._paint_scores(painter, inside)

    def _paint_key(self, painter: QPainter, area: QRectF) -> float:
        """The number of the key that switches it; gives back its right edge."""
        of = theme.colours()
        font = theme.font(Size.SMALL)
        wide = QFontMetricsF(font).horizontalAdvance("7") + 2 * STEP
        box = QRectF(area.left(), 0, wide, theme.pixels(Size.SMALL) + 1.5 * STEP)
        box.moveCenter(box.center() + area.center() - QRectF(area.left(), 0, area.width(), box.height()).center())
        box.moveLeft(area.left())
        painter.setPen(QPen(QColor(of.edge), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)
        painter.setFont(font)
        painter.setPen(QColor(of.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._class + 1))
        return box.right()

    def _paint_check(self, painter: QPainter, area: QRectF) -> float:
        """The check box; gives back its left edge."""
        of, side = theme.colours(), round(theme.pixels(Size.BODY) * 1.15)
        box = QRectF(area.right() - side, area.center().y() - side / 2, side, side)
        colour = of.accent if self.isEnabled() else of.muted
        painter.setPen(QPen(QColor(colour if self.isChecked() else of.edge), 1))
        painter.setBrush(QColor(colour if self.isChecked() else of.raised))
        painter.drawRoundedRect(box, 4, 4)
        if self.isChecked():
            pixmap = theme.icon("check-bold", of.window if not self.isEnabled() else of.on_accent).pixmap(side, side)
            painter.drawPixmap(box.toRect().topLeft(), pixmap)
        return box.left()

    def _paint_name(self, painter: QPainter, area: QRectF) -> None:
        of, name, note = theme.colours(), labels.CLASSES[self._class], self._note()
        font = theme.font(Size.BODY, bold=self.isChecked())
        metrics = QFontMetricsF(font)
        if metrics.horizontalAdvance(name) > area.width():
            name = metrics.elidedText(SHORT_NAMES.get(self._class, name), Qt.TextElideMode.ElideRight, area.width())
        small = theme.font(Size.SMALL)
        below = QFontMetricsF(small).height() if note else 0.0
        top = area.center().y() - (metrics.height() + below) / 2
        left = Qt.AlignmentFlag.AlignLeft
        painter.setFont(font)
        painter.setPen(QColor(of.text))
        painter.drawText(QRectF(area.left(), top, area.width(), metrics.height()), left, name)
        if note:
            painter.setFont(small)
            painter.setPen(QColor(of.muted))
            line = QRectF(area.left(), top + metrics.height(), area.width(), below)
            painter.drawText(
                line, left, QFontMetricsF(small).elidedText(note, Qt.TextElideMode.ElideRight, line.width())
            )

    def _paint_scores(self, painter: QPainter, area: QRectF) -> None:
        of, font = theme.colours(), theme.font(Size.SMALL)
        metrics = QFontMetricsF(font)
        number = metrics.horizontalAdvance("0.00")
        wide, high, line = area.width() - number - 1.5 * STEP, 1.5 * STEP, metrics.height()
        painter.setFont(font)
        for place, score in enumerate((self._score(self._said.phone), self._score(self._said.own))):
            row = QRectF(area.left(), area.center().y() + (place - 1) * line, area.width(), line)
            bar = QRectF(row.left(), row.center().y() - high / 2, max(wide, 1.0), high)
            paint_bar(painter, bar, self._class, score, hollow=place == 0)
            if place == 1:
                paint_thresholds(painter, bar, *self._limits())
            painter.setPen(QColor(of.muted if place == 0 else of.text))
            words = f"{score:.2f}" if score is not None else "–"
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _score(self, scores: Sequence[float] | None) -> float | None:
        return float(scores[self._class]) if scores is not None else None

    def _limits(self) -> tuple[float | None, float | None]:
        of = self._said.thresholds
        if of is None:
            return None, None
        return (of.lower[self._class] if self._class in labels.DEFECTS else None), of.upper[self._class]

    def _ticked(self) -> bool:
        return bool(self._said.ticks is not None and self._said.ticks >> self._class & 1)

    def _note(self) -> str:
        if self._ticked():
            return "phone ticked it" if self.isChecked() else "only the phone"
        return "only you" if self.isChecked() and self._said.ticks is not None else ""

    def _describe(self) -> None:
        phone, own = self._score(self._said.phone), self._score(self._said.own)
        upper = self._limits()[1]
        parts = [labels.CLASSES[self._class] + (", marked" if self.isChecked() else ", not marked")]
        parts.append("ticked by the phone" if self._ticked() else "not ticked by the phone")
        parts.append(f"phone's score {phone:.2f}" if phone is not None else "no score from the phone")
        if own is None:
            parts.append("no score from this station's model")
        elif upper is None:
            parts.append(f"this station's score {own:.2f}")
        else:
            over = "at or over" if own >= upper else "under"
            parts.append(f"this station's score {own:.2f}, {over} its threshold {upper:.2f}")
        self.setAccessibleName("; ".join(parts))
        self.setToolTip(f"{'. '.join(parts)}. Key {self._class + 1} switches it.")
        self.update()


class _Legend(QWidget):
    """Two small bars with the names of the models, and two ticks with the name of the threshold set."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._lines: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_titles("", "", None)

    def show_titles(self, phone: str, own: str, thresholds: ThresholdSet | None) -> None:
        first = f"Phone: {phone or 'unknown version'}"
        second = f"This station: {own or 'no model'}"
        third = (f"Thresholds “{thresholds.name}”",) if thresholds is not None else ()
        self._lines = (first, second, *third)
        self.setAccessibleName(". ".join((f"Outlined bar: {first}", f"Filled bar: {second}", *third)))
        self.setToolTip("\n".join(self._lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, len(self._lines) * round(theme.pixels(Size.SMALL) * 1.5))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        of, high, wide = theme.colours(), self.height() / max(1, len(self._lines)), 6.0 * STEP
        painter.setFont(theme.font(Size.SMALL))
        metrics = QFontMetricsF(painter.font())
        for place, words in enumerate(self._lines):
            row = QRectF(0, place * high, self.width(), high)
            bar = QRectF(0, row.center().y() - 0.75 * STEP, wide, 1.5 * STEP)
            if place < 2:
                paint_bar(painter, bar, labels.BACKGROUND, 0.7, hollow=place == 0)
            else:
                paint_thresholds(painter, bar, 0.35, 0.65)
            painter.setPen(QColor(of.muted))
            row.setLeft(wide + 2 * STEP)
            fitted = metrics.elidedText(words, Qt.TextElideMode.ElideRight, row.width())
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, fitted)
