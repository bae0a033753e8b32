"""The seven scores as bars with their thresholds."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from weldspot_desktop import labels
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import SHORT_NAMES, draw_mark
from weldspot_desktop.ui.theme import STEP, Size
from weldspot_desktop.ui.widgets.score_bar import paint_bar, paint_thresholds
from weldspot_desktop.verdict import ThresholdSet

_NAMES = 0.41
"""Part of the width that the names have; the bars need the rest."""


class ClassBars(QWidget):
    """Seven rows: shape, class name, bar with threshold ticks, score; and a line that names the threshold set.

    Signals
    -------
    class_clicked(int)
        A row was clicked: the class to show the heat map of.
    """

    class_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scores of the seven classes")
        self._legend = QLabel("Scores", self)
        self._legend.setWordWrap(True)
        theme.set_text(self._legend, Size.SMALL, bold=True, muted=True)
        self.raw_switch = QCheckBox("Raw", self)
        self.raw_switch.setToolTip("Show the score of the newest picture alone beside the smoothed one (Shift+S)")
        self.raw_switch.setAccessibleName("Show raw scores")
        self.raw_switch.hide()
        self._rows = [_ClassBar(index, self) for index in range(labels.COUNT)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(self._legend, 1)
        head.addWidget(self.raw_switch)
        layout.addLayout(head)
        layout.addSpacing(STEP)
        for row in self._rows:
            row.clicked.connect(self.class_clicked)
            layout.addWidget(row)

    def set_thresholds(self, thresholds: ThresholdSet | None) -> None:
        """Draw the ticks of a threshold set and name it."""
        text = f"Scores, with thresholds “{thresholds.name}”" if thresholds is not None else "Scores"
        if self._legend.text() != text:
            self._legend.setText(text)
        for row in self._rows:
            row.set_thresholds(thresholds)

    def set_scores(
        self, scores: Sequence[float] | None, *, deciding: Sequence[int] = (), raw: Sequence[float] | None = None
    ) -> None:
        """Show seven scores, 0 to 1 in class order, or none.

        Parameters
        ----------
        scores
            The bars and the numbers beside them.
        deciding
            Classes that decided the verdict: in bold.
        raw
            Scores of the newest picture alone, where `scores` are smoothed: a ring on each bar and a second number.
        """
        for index, row in enumerate(self._rows):
            row.set_score(
                float(scores[index]) if scores is not None else None,
                float(raw[index]) if raw is not None else None,
                index in deciding,
            )

    def offer_raw(self, shown: bool) -> None:
        """Put a switch for the raw scores above the bars."""
        self.raw_switch.setVisible(True)
        self.raw_switch.setChecked(shown)

    def legend(self) -> str:
        """The line above the bars."""
        return self._legend.text()

    def rows(self) -> list[QWidget]:
        """The seven rows in class order, each with its accessible text."""
        return list(self._rows)


class _ClassBar(QWidget):
    """One row. Painted as a whole: thirty times a second a layout of labels would be work."""

    clicked = Signal(int)

    def __init__(self, class_index: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._class = class_index
        self._score: float | None = None
        self._raw: float | None = None
        self._deciding = False
        self._lower: float | None = None
        self._upper: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._describe()

    def set_thresholds(self, thresholds: ThresholdSet | None) -> None:
        doubled = thresholds is not None and self._class in labels.DEFECTS
        lower = thresholds.lower[self._class] if thresholds is not None and doubled else None
        upper = thresholds.upper[self._class] if thresholds is not None else None
        if (lower, upper) != (self._lower, self._upper):
            self._lower, self._upper = lower, upper
            self._describe()

    def set_score(self, score: float | None, raw: float | None, deciding: bool) -> None:
        if (score, raw, deciding) != (self._score, self._raw, self._deciding):
            self._score, self._raw, self._deciding = score, raw, deciding
            self._describe()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        of, area = theme.colours(), QRectF(self.rect())
        mark = theme.pixels(Size.BODY)
        draw_mark(painter, QRectF(0, (area.height() - mark) / 2, mark, mark), self._class)
        font = theme.font(Size.BODY, bold=self._deciding)
        metrics = QFontMetricsF(font)
        number = QFontMetricsF(theme.font(Size.BODY, bold=True)).horizontalAdvance("0.00")
        start = mark + 2 * STEP
        names = area.width() * _NAMES
        painter.setFont(font)
        painter.setPen(QColor(of.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        name = labels.CLASSES[self._class]
        short = SHORT_NAMES.get(self._class, name)
        if metrics.horizontalAdvance(short) > names:
            # Bold is for emphasis, the whole word for reading.
            font = theme.font(Size.BODY)
            metrics = QFontMetricsF(font)
            painter.setFont(font)
        if metrics.horizontalAdvance(name) > names:
            name = metrics.elidedText(short, Qt.TextElideMode.ElideRight, names)
        painter.drawText(QRectF(start, 0, names, area.height()), middle | Qt.AlignmentFlag.AlignLeft, name)
        text = f"{self._score:.2f}" if self._score is not None else "–"
        if self._raw is not None:
            painter.setFont(theme.font(Size.BODY))
            painter.setPen(QColor(of.muted))
            painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, f"{self._raw:.2f}")
            painter.setFont(font)
            painter.setPen(QColor(of.text))
            area.setRight(area.right() - number - STEP)
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, text)
        left = start + names + 2 * STEP
        self._paint_bar(painter, QRectF(left, 0, area.width() - left - number - 2 * STEP, area.height()))

    def sizeHint(self) -> QSize:
        return QSize(240, round(theme.pixels(Size.BODY) * 1.3) + 2 * STEP)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.updateGeometry()
        super().changeEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit(self._class)

    def _paint_bar(self, painter: QPainter, place: QRectF) -> None:
        high = 2.5 * STEP
        bar = QRectF(place.left(), place.center().y() - high / 2, max(place.width(), 1.0), high)
        paint_bar(painter, bar, self._class, self._score)
        paint_thresholds(painter, bar, self._lower, self._upper)
        if self._raw is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.colours().text), 1.5))
            painter.setBrush(QColor(theme.colours().window))
            centre = QPointF(bar.left() + self._raw * bar.width(), bar.center().y())
            painter.drawEllipse(centre, STEP * 0.75, STEP * 0.75)

    def _describe(self) -> None:
        name = labels.CLASSES[self._class]
        if self._score is None:
            said = "no score"
        elif self._upper is None:
            said = f"{self._score:.2f}"
        elif self._score >= self._upper:
            said = f"{self._score:.2f}, at or over its threshold {self._upper:.2f}"
        elif self._lower is not None and self._score >= self._lower:
            said = f"{self._score:.2f}, between its thresholds {self._lower:.2f} and {self._upper:.2f}"
        else:
            under = self._lower if self._lower is not None else self._upper
            said = f"{self._score:.2f}, under its threshold {under:.2f}"
        raw = f"; the newest picture alone {self._raw:.2f}" if self._raw is not None else ""
        self.setAccessibleName(f"{name}: {said}{raw}")
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(f"{self.accessibleName()}. Click to see where.")
        return super().event(event)
