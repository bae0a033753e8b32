"""Boxes that a person draws on a picture to say where a class is seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.pictures.overlay import Box
from weldspot_desktop.ui.widgets import picture_marks
from weldspot_desktop.ui.widgets.picture_tool import is_large, placed, within

SMALLEST_BOX: Final = 0.01
"""Side of a box, of the picture's side; less is taken for a click."""

_GRIP: Final = 8.0
"""Pixels around an edge in which it can be taken."""

_HANDLE: Final = 4.0
_NEW_SIDE: Final = 0.2

_LEFT, _TOP, _RIGHT, _BOTTOM = 1, 2, 4, 8
_CURSORS: Final = {
    _LEFT: Qt.CursorShape.SizeHorCursor,
    _RIGHT: Qt.CursorShape.SizeHorCursor,
    _TOP: Qt.CursorShape.SizeVerCursor,
    _BOTTOM: Qt.CursorShape.SizeVerCursor,
    _LEFT | _TOP: Qt.CursorShape.SizeFDiagCursor,
    _RIGHT | _BOTTOM: Qt.CursorShape.SizeFDiagCursor,
    _RIGHT | _TOP: Qt.CursorShape.SizeBDiagCursor,
    _LEFT | _BOTTOM: Qt.CursorShape.SizeBDiagCursor,
}


@dataclass(frozen=True)
class DrawnBox:
    """A box of a person.

    Attributes
    ----------
    region
        Where, 0 to 1 of the picture.
    class_index
        What is seen there, 0 to 6; None until the person says it.
    """

    region: Region
    class_index: int | None = None


@dataclass(frozen=True)
class _Drag:
    """Attributes: `edges` are those that follow the mouse, 0 for the whole box; `start` in 0..1 of the picture."""

    start: QPointF
    edges: int
    before: Region


class BoxTool(QObject):
    """Draws, selects, moves and resizes boxes; by keys too (`nudge`, `add_in_middle`, `select_next`).

    Dragging draws. A click selects the smallest box under it. The selected box is moved by its middle and resized by
    its edges. Boxes of classes that are not marked (`set_marked`) are kept but neither shown nor given out, so that a
    class that was unmarked by mistake brings its boxes back.

    Signals
    -------
    changed
        Boxes or selection are others, or look otherwise.
    drawn(int or None)
        A box was drawn, with this class.
    """

    changed = Signal()
    drawn = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._boxes: list[DrawnBox] = []
        self._marked = 0
        self._selected: int | None = None
        self._class: int | None = None
        self._line: tuple[QPointF, QPointF] | None = None
        self._drag: _Drag | None = None
        self._active = False

    # ---------------------------------------------------------------- boxes

    @property
    def active(self) -> bool:
        return self._active

    @property
    def takes_arrows(self) -> bool:
        return self._active and self._selected is not None

    @property
    def selected(self) -> DrawnBox | None:
        """The box that is selected."""
        return self._boxes[self._selected] if self._selected is not None else None

    def set_active(self, active: bool) -> None:
        """Let the mouse draw, or leave it to the picture."""
        self._active = active
        self._line = self._drag = self._selected = None
        self.changed.emit()

    def set_boxes(self, boxes: Sequence[DrawnBox]) -> None:
        """Show these boxes and no others."""
        self._boxes = list(boxes)
        self._line = self._drag = self._selected = None
        self.changed.emit()

    def set_marked(self, bits: int) -> None:
        """Say which classes are marked, as bits."""
        self._marked = bits
        chosen = self.selected
        if chosen is not None and not self._shows(chosen):
            self._selected = None
        self.changed.emit()

    def set_next_class(self, class_index: int | None) -> None:
        """What the next box shows; None asks for it after drawing."""
        self._class = class_index

    def boxes(self) -> tuple[DrawnBox, ...]:
        """The boxes that are shown."""
        return tuple(box for box in self._boxes if self._shows(box))

    def all_boxes(self) -> tuple[DrawnBox, ...]:
        """All of them, those of unmarked classes included."""
        return tuple(self._boxes)

    def set_class(self, class_index: int) -> bool:
        """Say what the selected box shows; False if none is selected."""
        if self._selected is None:
            return False
        # The person names what is seen: it is about to be marked.
        self._marked |= 1 << class_index
        self._boxes[self._selected] = replace(self._boxes[self._selected], class_index=class_index)
        self.changed.emit()
        return True

    def select_next(self) -> None:
        """Select one box after the other."""
        shown = [place for place, box in enumerate(self._boxes) if self._shows(box)]
        if shown:
            after = [place for place in shown if self._selected is not None and place > self._selected]
            self._selected = after[0] if after else shown[0]
            self.changed.emit()

    def deselect(self) -> bool:
        """Select none; False if none was."""
        was, self._selected = self._selected, None
        self.changed.emit()
        return was is not None

    def add_in_middle(self) -> None:
        """A new box in the middle of the picture, for those who draw by keys."""
        half = _NEW_SIDE / 2
        self._add((0.5 - half, 0.5 - half, 0.5 + half, 0.5 + half))

    def nudge(self, across: float, down: float, *, resize: bool = False) -> None:
        """Move the selected box, or its lower right corner, by parts of the picture."""
        if self._selected is not None:
            edges = _RIGHT | _BOTTOM if resize else 0
            moved = _moved(self._boxes[self._selected].region, edges, across, down)
            self._boxes[self._selected] = replace(self._boxes[self._selected], region=moved)
            self.changed.emit()

    def remove_selected(self) -> DrawnBox | None:
        """Remove the selected box, and give it back."""
        if self._selected is None:
            return None
        removed = self._boxes.pop(self._selected)
        self._selected = None
        self.changed.emit()
        return removed

    # ---------------------------------------------------------------- PictureTool

    def cursor(self, place: QPointF, target: QRectF) -> Qt.CursorShape:
        edges = self._edges_at(place, target)
        if edges is None:
            return Qt.CursorShape.CrossCursor
        return _CURSORS.get(edges, Qt.CursorShape.SizeAllCursor)

    def press(self, place: QPointF, target: QRectF) -> None:
        chosen, edges = self.selected, self._edges_at(place, target)
        if chosen is not None and edges is not None:
            self._drag = _Drag(_relative(place, target), edges, chosen.region)
        else:
            self._line = (place, place)

    def move(self, place: QPointF, target: QRectF) -> None:
        if self._line is not None:
            self._line = (self._line[0], place)
        elif self._drag is not None and self._selected is not None:
            by = _relative(place, target) - self._drag.start
            region = _moved(self._drag.before, self._drag.edges, by.x(), by.y())
            self._boxes[self._selected] = replace(self._boxes[self._selected], region=region)

    def release(self, place: QPointF, target: QRectF) -> None:
        self.move(place, target)
        line, self._line = self._line, None
        dragged, self._drag = self._drag, None
        if line is not None:
            region = within(QRectF(*line).normalized(), target)
            if region is not None and is_large(region, SMALLEST_BOX):
                self._add(region)
            else:
                self._select_at(_relative(place, target))
        elif dragged is not None:
            self.changed.emit()

    def cancel(self) -> bool:
        was = self._line is not None or self._drag is not None
        if self._drag is not None and self._selected is not None:
            self._boxes[self._selected] = replace(self._boxes[self._selected], region=self._drag.before)
        self._line = self._drag = None
        return was

    def paint(self, painter: QPainter, target: QRectF, font: QFont, room: float) -> None:
        for box in self.boxes():
            place = placed(box.region, target)
            if box.class_index is None:
                picture_marks.paint_region(painter, place)
            else:
                picture_marks.paint_box(painter, Box(box.class_index, box.region), place, font, room)
        if self._line is not None:
            picture_marks.paint_region(painter, QRectF(*self._line).normalized() & target)
        chosen = self.selected
        if chosen is not None and self._active:
            _paint_handles(painter, placed(chosen.region, target))

    # ---------------------------------------------------------------- inside

    def _shows(self, box: DrawnBox) -> bool:
        return box.class_index is None or bool(self._marked >> box.class_index & 1)

    def _add(self, region: Region) -> None:
        self._boxes.append(DrawnBox(region, self._class))
        if self._class is not None:
            self._marked |= 1 << self._class
        self._selected = len(self._boxes) - 1
        self.drawn.emit(self._class)
        self.changed.emit()

    def _select_at(self, place: QPointF) -> None:
        under = [
            (_area(box.region), number)
            for number, box in enumerate(self._boxes)
            if self._shows(box) and _holds(box.region, place)
        ]
        self._selected = min(under)[1] if under else None
        self.changed.emit()

    def _edges_at(self, place: QPointF, target: QRectF) -> int | None:
        """Edges of the selected box that lie there, 0 for its middle, None beside it."""
        chosen = self.selected
        if chosen is None:
            return None
        box = placed(chosen.region, target)
        if not box.adjusted(-_GRIP, -_GRIP, _GRIP, _GRIP).contains(place):
            return None
        edges = 0
        # In a narrow box the middle third stays free to move it by.
        across, down = min(_GRIP, box.width() / 3), min(_GRIP, box.height() / 3)
        if place.x() < box.left() + across:
            edges |= _LEFT
        elif place.x() > box.right() - across:
            edges |= _RIGHT
        if place.y() < box.top() + down:
            edges |= _TOP
        elif place.y() > box.bottom() - down:
            edges |= _BOTTOM
        return edges


def _moved(region: Region, edges: int, across: float, down: float) -> Region:
    """A region with some edges moved (all for 0), within the picture and not smaller than the smallest."""
    left, top, right, bottom = region
    if not edges:
        across = min(max(across, -left), 1.0 - right)
        down = min(max(down, -top), 1.0 - bottom)
        # Adding and subtracting leaves rests: the edge of the picture is exactly 1.
        return left + across, top + down, min(1.0, right + across), min(1.0, bottom + down)
    if edges & _LEFT:
        left = max(0.0, min(left + across, right - SMALLEST_BOX))
    if edges & _RIGHT:
        right = min(1.0, max(right + across, left + SMALLEST_BOX))
    if edges & _TOP:
        top = max(0.0, min(top + down, bottom - SMALLEST_BOX))
    if edges & _BOTTOM:
        bottom = min(1.0, max(bottom + down, top + SMALLEST_BOX))
    return left, top, right, bottom


def _relative(place: QPointF, target: QRectF) -> QPointF:
    return QPointF(
        (place.x() - target.left()) / max(target.width(), 1.0), (place.y() - target.top()) / max(target.height(), 1.0)
    )


def _holds(region: Region, place: QPointF) -> bool:
    left, top, right, bottom = region
    return left <= place.x() <= right and top <= place.y() <= bottom


def _area(region: Region) -> float:
    return (region[2] - region[0]) * (region[3] - region[1])


def _paint_handles(painter: QPainter, place: QRectF) -> None:
    painter.setPen(QPen(QColor(0, 0, 0), 1))
    painter.setBrush(QColor(255, 255, 255))
    middle = place.center()
    for x in (place.left(), middle.x(), place.right()):
        for y in (place.top(), middle.y(), place.bottom()):
            if (x, y) != (middle.x(), middle.y()):
                painter.drawRect(QRectF(x - _HANDLE, y - _HANDLE, 2 * _HANDLE, 2 * _HANDLE))
