"""What dragging on a picture does instead of moving it."""

from collections.abc import Callable
from typing import Final, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.ui.widgets import picture_marks

SMALLEST_REGION: Final = 0.02
"""Side of a drawn region, of the picture's side; less is taken for a slip of the hand."""


class PictureTool(Protocol):
    """A tool of a `PictureView`. Places are the widget's; `target` is where the picture lies in it."""

    @property
    def active(self) -> bool:
        """Whether it wants the mouse; an idle tool only paints."""

    @property
    def takes_arrows(self) -> bool:
        """Whether arrow keys belong to it, though the picture is zoomed."""

    def cursor(self, place: QPointF, target: QRectF) -> Qt.CursorShape:
        """What the cursor looks like there, while the tool is active."""

    def press(self, place: QPointF, target: QRectF) -> None:
        """The left button went down."""

    def move(self, place: QPointF, target: QRectF) -> None:
        """The mouse moves, with the button down."""

    def release(self, place: QPointF, target: QRectF) -> None:
        """The button went up."""

    def cancel(self) -> bool:
        """Let go of what is being dragged; False if nothing is."""

    def paint(self, painter: QPainter, target: QRectF, font: QFont, room: float) -> None:
        """Paint over the picture; `font` and `room` as `picture_marks.paint_box` takes them."""


class RegionTool:
    """Draws the region of interest.

    Parameters
    ----------
    drawn
        Takes what was drawn.
    """

    takes_arrows = False

    def __init__(self, drawn: Callable[[Region], object]) -> None:
        self._tell = drawn
        self._line: tuple[QPointF, QPointF] | None = None
        self.active = False

    @property
    def drawing(self) -> bool:
        """Whether a region is being drawn at this moment."""
        return self._line is not None

    def cursor(self, place: QPointF, target: QRectF) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def press(self, place: QPointF, target: QRectF) -> None:
        self._line = (place, place)

    def move(self, place: QPointF, target: QRectF) -> None:
        if self._line is not None:
            self._line = (self._line[0], place)

    def release(self, place: QPointF, target: QRectF) -> None:
        if self._line is None:
            return
        region = within(QRectF(*self._line).normalized(), target)
        self._line = None
        if region is not None and is_large(region, SMALLEST_REGION):
            self._tell(region)

    def cancel(self) -> bool:
        was, self._line = self._line, None
        return was is not None

    def paint(self, painter: QPainter, target: QRectF, font: QFont, room: float) -> None:
        if self._line is not None:
            picture_marks.paint_region(painter, QRectF(*self._line).normalized() & target)


def within(area: QRectF, target: QRectF) -> Region | None:
    """An area of the widget as 0..1 of the picture, cut at its edges; None beside the picture."""
    cut = area & target
    if cut.isEmpty() or target.isEmpty():
        return None
    across, down = target.width(), target.height()
    return (
        max(0.0, (cut.left() - target.left()) / across),
        max(0.0, (cut.top() - target.top()) / down),
        min(1.0, (cut.right() - target.left()) / across),
        min(1.0, (cut.bottom() - target.top()) / down),
    )


def is_large(region: Region, side: float) -> bool:
    """Whether both sides are at least so much of the picture's."""
    left, top, right, bottom = region
    return right - left >= side and bottom - top >= side


def placed(region: Region | None, target: QRectF) -> QRectF:
    """Where a region of the picture lies in the widget; None is the whole picture."""
    if region is None:
        return target
    left, top, right, bottom = region
    return QRectF(
        target.left() + left * target.width(),
        target.top() + top * target.height(),
        (right - left) * target.width(),
        (bottom - top) * target.height(),
    )
