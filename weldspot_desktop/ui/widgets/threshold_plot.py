"""Recall, precision and false alarms of a class over the threshold, with two lines to drag."""

from typing import Any, Final

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget
from scipy.special import expit, logit

from weldspot_desktop import labels
from weldspot_desktop.metrics.proportion import Share
from weldspot_desktop.metrics.threshold_curves import Measure, ThresholdCurve
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import STYLES
from weldspot_desktop.ui.theme import STEP, Size
from weldspot_desktop.ui.threshold_draft import Bound

STEP_LOGIT: Final = 0.05
"""One press of an arrow key, on the axis of the plot: 0.0125 at 0.5, 0.0005 at 0.01."""

_END: Final = 7.0
"""Ends of the axis: scores of 0.0009 and 0.9991. Scores crowd near both, so the axis is that of the logit."""

_TICKS: Final = (0.002, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.998)
_MORE_TICKS: Final = (
    0.005,
    0.02,
    0.05,
    0.15,
    0.2,
    0.3,
    0.35,
    0.4,
    0.45,
    0.55,
    0.6,
    0.65,
    0.7,
    0.8,
    0.85,
    0.95,
    0.98,
    0.995,
)
_NEAR_END: Final = 4.5
_HINT: Final = (
    "Drag a line, or press left and right; up and down choose it.\nThe wheel zooms, Home shows the whole curve."
)
_MOST_STEPS: Final = 1500
_SMALLEST: Final = 1e-4
_DASHES: Final = {
    Measure.RECALL: Qt.PenStyle.SolidLine,
    Measure.PRECISION: Qt.PenStyle.DashLine,
    Measure.FALSE_ALARMS: Qt.PenStyle.DotLine,
}
_LABEL_HEIGHTS: Final = {Bound.LOWER: 0.86, Bound.UPPER: 0.94}


class ThresholdPlot(QWidget):
    """The curves of one class. Dragging a line changes a threshold; the wheel zooms, dragging beside a line pans.

    Signals
    -------
    moved(Bound, float)
        A line was dragged to this threshold.
    released
        The drag has ended.
    """

    moved = Signal(object, float)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve: ThresholdCurve | None = None
        self._class = 0
        self._values = {Bound.LOWER: 0.5, Bound.UPPER: 0.5}
        self._selected = Bound.UPPER
        self.view = pyqtgraph.PlotWidget(background=None)
        self.view.setMenuEnabled(False)
        self.view.hideButtons()
        self.view.setMouseEnabled(x=True, y=False)
        self.view.setYRange(0, 1, padding=0.06)
        self.view.setLimits(xMin=-_END, xMax=_END)
        self.view.setFrameShape(self.view.Shape.NoFrame)
        # Its own wish is a large window; here it takes what the words below leave.
        self.view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.view.setAccessibleName("Curves over the threshold")
        self.view.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._band = pyqtgraph.LinearRegionItem(movable=False, brush=(0, 0, 0, 0))
        self.view.addItem(self._band)
        self._items: dict[Measure, tuple[Any, Any, Any, Any]] = {}
        for measure in reversed(Measure):
            low, high, value = (pyqtgraph.PlotCurveItem() for _ in range(3))
            fill = pyqtgraph.FillBetweenItem(low, high)
            for item in (low, high, fill, value):
                self.view.addItem(item)
            self._items[measure] = (value, low, high, fill)
        self.lines: dict[Bound, Any] = {bound: self._line(bound) for bound in Bound}
        self.key = CurveKey()
        self.pointed = QLabel(_HINT)
        self.pointed.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.set_text(self.pointed, Size.SMALL, muted=True)
        self.pointed.setAccessibleName("At the pointer")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.key)
        column.addWidget(self.view, 1)
        column.addWidget(self.pointed)
        self.view.scene().sigMouseMoved.connect(self._point)
        self.show_all()
        self.dress()

    @property
    def selected(self) -> Bound:
        """The line that the arrow keys move."""
        return self._selected

    def show_curve(self, curve: ThresholdCurve, class_index: int) -> None:
        """Show the curves of a class."""
        if curve is self._curve:
            return
        self._curve, self._class = curve, class_index
        places = _thinned(curve.thresholds)
        for measure, (value, low, high, _) in self._items.items():
            band = curve.band(measure)
            # Over all scores nothing is flagged, and precision is not defined.
            last = len(places) - 1 if measure is Measure.PRECISION else len(places)
            x = _edges(curve.thresholds, places[:last])
            for item, ends in ((value, band.value), (low, band.low), (high, band.high)):
                item.setData(x, np.repeat(ends[places[:last]], 2))
        if class_index not in labels.DEFECTS:
            self._selected = Bound.UPPER
        self._point_nowhere()
        self.dress()

    def show_values(self, lower: float, upper: float) -> None:
        """Put the lines where the thresholds are."""
        self._values = {Bound.LOWER: lower, Bound.UPPER: upper}
        for bound, line in self.lines.items():
            x = to_axis(self._values[bound])
            blocked = line.blockSignals(True)
            line.setBounds((-_END, to_axis(upper)) if bound is Bound.LOWER else (to_axis(lower), _END))
            if self._class not in labels.DEFECTS:
                line.setBounds((-_END, _END))
            line.setValue(x)
            line.blockSignals(blocked)
            self._write(bound)
        self._band.setRegion((to_axis(lower), to_axis(upper)))

    def select(self, bound: Bound) -> None:
        """Choose the line that the arrow keys move."""
        self._selected = bound if self._class in labels.DEFECTS else Bound.UPPER
        self._dress_lines()

    def step(self, steps: float) -> None:
        """Move the chosen line by so many steps of the axis, as a drag of its own."""
        value = self._values[self._selected]
        target = from_axis(to_axis(value) + steps * STEP_LOGIT)
        if abs(target - value) < _SMALLEST:
            target = min(max(value + np.sign(steps) * _SMALLEST, 0.0), 1.0)
        self.moved.emit(self._selected, target)
        self.released.emit()

    def show_all(self) -> None:
        """Show the whole axis again."""
        self.view.setXRange(-_END, _END, padding=0)

    def dress(self) -> None:
        """Put the colours and text sizes of the theme on."""
        of = theme.colours()
        colours = curve_colours(self._class)
        for measure, (value, low, high, fill) in self._items.items():
            colour = QColor(colours[measure])
            value.setPen(_pen(colour, 2, _DASHES[measure]))
            for item in (low, high):
                item.setPen(QPen(Qt.PenStyle.NoPen))
            colour.setAlpha(46)
            fill.setBrush(colour)
        font = theme.font(Size.SMALL)
        for side in ("left", "bottom"):
            axis = self.view.getAxis(side)
            axis.setPen(_pen(QColor(of.edge), 1))
            axis.setTextPen(QColor(of.text))
            axis.setTickFont(font)
        self.view.getAxis("bottom").setTicks([_named(_TICKS), _named(_MORE_TICKS)])
        self.view.getAxis("left").setTicks([[(t / 4, f"{t / 4:.2f}") for t in range(5)]])
        self.view.getAxis("left").setWidth(QFontMetricsF(font).horizontalAdvance("0.00") + 4 * STEP)
        self.view.getAxis("bottom").setHeight(QFontMetricsF(font).height() + 2 * STEP)
        self.view.showGrid(x=True, y=True, alpha=0.15)
        unsure = QColor(of.warning)
        unsure.setAlpha(30)
        self._band.setBrush(unsure)
        self._band.setVisible(self._class in labels.DEFECTS)
        for edge in self._band.lines:
            edge.setPen(QPen(Qt.PenStyle.NoPen))
        self.view.setMinimumHeight(theme.pixels(200))
        self.key.show_class(self._class)
        self._dress_lines()

    def table(self) -> list[list[str]]:
        """The curves as rows of text: head, then one for each distinct score."""
        rows = [["threshold"]]
        for measure in Measure:
            rows[0] += [measure.value, f"{measure.value} low", f"{measure.value} high"]
        if self._curve is None:
            return rows
        bands = [self._curve.band(measure) for measure in Measure]
        for place, threshold in enumerate(self._curve.thresholds):
            row = [f"{threshold:.6g}"]
            for band in bands:
                row += [f"{ends[place]:.4f}" for ends in (band.value, band.low, band.high)]
            rows.append(row)
        return rows

    def sizeHint(self) -> QSize:
        return QSize(theme.pixels(520), self.minimumSizeHint().height() + theme.pixels(40))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.pixels(260), super().minimumSizeHint().height())

    def _line(self, bound: Bound) -> Any:
        options = {"position": _LABEL_HEIGHTS[bound], "movable": False, "rotateAxis": None}
        line = pyqtgraph.InfiniteLine(angle=90, movable=True, label="", labelOpts=options)
        line.setZValue(10 if bound is Bound.LOWER else 11)
        line.sigDragged.connect(lambda dragged: self._dragged(bound, dragged))
        line.sigPositionChangeFinished.connect(lambda _: self.released.emit())
        self.view.addItem(line)
        return line

    def _dragged(self, bound: Bound, line: Any) -> None:
        self.select(bound)
        self.moved.emit(bound, from_axis(float(line.value())))

    def _dress_lines(self) -> None:
        of = theme.colours()
        for bound, line in self.lines.items():
            line.setVisible(bound is Bound.UPPER or self._class in labels.DEFECTS)
            chosen = bound is self._selected
            style = Qt.PenStyle.SolidLine if bound is Bound.UPPER else Qt.PenStyle.DashLine
            line.setPen(_pen(QColor(of.accent if chosen else of.text), 3 if chosen else 2, style))
            line.setHoverPen(_pen(QColor(of.accent), 4, style))
            line.label.setColor(QColor(of.text))
            line.label.textItem.setFont(theme.font(Size.SMALL, bold=chosen))
            line.label.fill = pyqtgraph.mkBrush(QColor(of.window))
            self._write(bound)

    def _write(self, bound: Bound) -> None:
        line, value = self.lines[bound], self._values[bound]
        word = bound.value if self._class in labels.DEFECTS else "threshold"
        line.label.setFormat(f"{word} {value:.4f}")
        # Each on its outer side of the pair, unless the axis ends there.
        x = to_axis(value)
        side = float(x > -_NEAR_END) if bound is Bound.LOWER else float(x > _NEAR_END)
        line.label.anchors = [(side, 0.5), (side, 0.5)]
        line.label.updatePosition()

    def _point(self, position: QPointF) -> None:
        if self._curve is None or not self.view.sceneBoundingRect().contains(position):
            self._point_nowhere()
            return
        x = float(self.view.getViewBox().mapSceneToView(position).x())
        if not -_END <= x <= _END:
            self._point_nowhere()
            return
        counted = self._curve.at(from_axis(x))
        self.pointed.setText(
            f"At {counted.threshold:.4f}: recall {_words(counted.recall)}\n"
            f"precision {_words(counted.precision)}; false alarms {_words(counted.false_alarms)}"
        )

    def _point_nowhere(self) -> None:
        self.pointed.setText(_HINT)


class CurveKey(QWidget):
    """Which line is which."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._class = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Solid: recall; dashed: precision; dotted: false alarms; bands: 95 % intervals")

    def show_class(self, class_index: int) -> None:
        """Take the colours of a class."""
        self._class = class_index
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, round(theme.pixels(Size.SMALL) * 1.4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(Size.SMALL))
        metrics = QFontMetricsF(painter.font())
        colours, of, x = curve_colours(self._class), theme.colours(), 0.0
        middle = self.height() / 2
        for measure in Measure:
            painter.setPen(_pen(QColor(colours[measure]), 2, _DASHES[measure]))
            sample = 7.0 * STEP
            painter.drawLine(QPointF(x, middle), QPointF(x + sample, middle))
            x += sample + STEP
            painter.setPen(QColor(of.text))
            width = metrics.horizontalAdvance(measure.value)
            painter.drawText(QRectF(x, 0, width + STEP, self.height()), Qt.AlignmentFlag.AlignVCenter, measure.value)
            x += width + 4 * STEP
        painter.setPen(QColor(of.muted))
        rest = QRectF(x, 0, max(self.width() - x, 0), self.height())
        words = metrics.elidedText("bands: 95 %; shaded: UNSURE", Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


def curve_colours(class_index: int) -> dict[Measure, str]:
    """Colours of the three curves in the theme in force: recall in the class's own, 3:1 on the window."""
    of = theme.colours()
    return {
        Measure.RECALL: STYLES[class_index].edge.now,
        Measure.PRECISION: of.text,
        Measure.FALSE_ALARMS: of.muted,
    }


def to_axis(threshold: float) -> float:
    """Where a threshold lies on the axis."""
    return float(logit(np.clip(threshold, expit(-_END), expit(_END))))


def from_axis(x: float) -> float:
    """The threshold at a place of the axis; its ends stand for 0 and 1."""
    if abs(x) >= _END:
        return 0.0 if x < 0 else 1.0
    return float(expit(x))


def _words(share: Share) -> str:
    return f"{share.value:.2f} ({share.low:.2f} to {share.high:.2f})" if share.count else "–"


def _edges(thresholds: NDArray[np.float64], places: NDArray[np.intp]) -> NDArray[np.float64]:
    """Both ends of each step: a value holds from the threshold before it to its own."""
    ends = np.append(logit(np.clip(thresholds, expit(-_END), expit(_END))), _END)[places]
    return np.column_stack((np.concatenate(([-_END], ends[:-1])), ends)).ravel()


def _thinned(thresholds: NDArray[np.float64]) -> NDArray[np.intp]:
    """Places of the curve that are drawn: all, or so many as a screen can show."""
    count = len(thresholds)
    if count <= _MOST_STEPS:
        return np.arange(count + 1)
    grid = np.searchsorted(thresholds, expit(np.linspace(-_END, _END, _MOST_STEPS)))
    return np.unique(np.concatenate((grid, [count - 1, count])))


def _named(ticks: tuple[float, ...]) -> list[tuple[float, str]]:
    return [(to_axis(tick), f"{tick:g}") for tick in ticks]


def _pen(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(colour, width, style)
    pen.setCosmetic(True)
    return pen
