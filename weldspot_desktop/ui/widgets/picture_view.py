"""The picture itself: fitted or zoomed, with heat map, boxes and region of interest over it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from weldspot_desktop.pictures import heatmap
from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.pictures.overlay import Box
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.widgets import picture_marks
from weldspot_desktop.ui.widgets.picture_tool import PictureTool, RegionTool, placed

LARGEST_ZOOM = 32.0
"""Widget pixels for one picture pixel."""

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class PictureView(QWidget):
    """Shows one picture. The wheel zooms about the cursor, dragging or arrow keys pan, a double click fits.

    While the whole picture is in view the arrow keys are left to the page, which steps with them.

    Signals
    -------
    region_changed(object)
        The person drew or cleared the region of interest: four floats (`heatmap.Region`) or None.
    zoom_changed(float)
        Widget pixels for one picture pixel.
    """

    region_changed = Signal(object)
    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Picture")
        self.setAccessibleDescription("Wheel or plus and minus zoom, arrow keys move, 0 or a double click fits.")
        self._pixels: NDArray[np.uint8] | None = None
        self._image: QImage | None = None
        self._reduced: tuple[int, QImage, NDArray[np.uint8]] | None = None
        self._heat: QImage | None = None
        self._heat_pixels: NDArray[np.uint8] | None = None
        self._heat_region: Region | None = None
        self._heat_opacity = 0.45
        self._heat_shown = True
        self._boxes: tuple[Box, ...] = ()
        self._tile: Region | None = None
        self._region: Region | None = None
        self._region_tool = RegionTool(self._region_drawn)
        self._tool: PictureTool = self._region_tool
        self._scale: float | None = None
        self._centre = QPointF()
        self._grip: QPointF | None = None
        self._held = False

    # What is shown

    def set_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show (h, w, 3) uint8 RGB pixels; None shows nothing. Zoom stays while the size stays.

        The array is not copied and must not be changed afterwards.
        """
        before = self.picture_size()
        self._reduced = None
        if pixels is None:
            self._pixels = self._image = None
        else:
            if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
                raise ValueError(f"expected (h, w, 3) uint8, got {pixels.shape} {pixels.dtype}")
            self._pixels = np.ascontiguousarray(pixels)
            self._image = _rgb_image(self._pixels)
        if self.picture_size() != before:
            self.fit()
        self.update()

    def pixels(self) -> NDArray[np.uint8] | None:
        """What `set_pixels` was given."""
        return self._pixels

    def picture_size(self) -> QSize:
        """Size of the picture in pixels; empty if there is none."""
        return self._image.size() if self._image is not None else QSize()

    def set_heat_map(
        self, logits: NDArray[np.float32] | None, class_index: int | None, *, region: Region | None = None
    ) -> None:
        """Lay the heat map of one class over the picture, or over the region of it that was judged.

        Parameters
        ----------
        logits
            (h, w, 7) evidence as the model gives it; None removes the heat map.
        class_index
            0 to 6; None removes the heat map.
        region
            What was judged; None for the whole picture.
        """
        if logits is None or class_index is None or self._image is None:
            self._heat = self._heat_pixels = None
        else:
            left, top, right, bottom = heatmap.corners(region, self._image.width(), self._image.height())
            self._heat_pixels = heatmap.rgba(logits, class_index, right - left, bottom - top)
            rows, columns = self._heat_pixels.shape[:2]
            image = QImage(self._heat_pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGBA8888)
            self._heat = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            self._heat_region = region
        self.update()

    def set_heat_map_opacity(self, opacity: float) -> None:
        """0 hides the heat map, 1 covers the picture where evidence is strong."""
        self._heat_opacity = min(1.0, max(0.0, opacity))
        self.update()

    def set_heat_map_shown(self, shown: bool) -> None:
        """Show or hide the heat map without forgetting it."""
        self._heat_shown = shown
        self.update()

    def heat_map_visible(self) -> bool:
        """Whether a heat map is drawn at this moment."""
        return self._heat is not None and self._heat_shown and self._heat_opacity > 0

    def set_boxes(self, boxes: Sequence[Box]) -> None:
        """Show these boxes with class name and shape."""
        self._boxes = tuple(boxes)
        self.update()

    def boxes(self) -> tuple[Box, ...]:
        """What `set_boxes` was given."""
        return self._boxes

    def set_tile(self, tile: Region | None) -> None:
        """Mark the corners of the part of the picture that decided the verdict; None marks nothing."""
        self._tile = tile
        self.update()

    def tile(self) -> Region | None:
        """What `set_tile` was given."""
        return self._tile

    def set_region(self, region: Region | None) -> None:
        """Show a region of interest; None clears it. Emits nothing."""
        self._region = region
        self.update()

    def region(self) -> Region | None:
        """The region of interest, None for the whole picture."""
        return self._region

    def set_region_editing(self, editing: bool) -> None:
        """While on, dragging draws the region of interest instead of moving the picture."""
        self._region_tool.active = editing
        self._region_tool.cancel()
        self._show_cursor()
        self.update()

    def set_tool(self, tool: PictureTool) -> None:
        """Let another tool paint over the picture, and take the mouse while it is active."""
        self._tool = tool
        self.tool_changed()

    def tool_changed(self) -> None:
        """The tool paints or behaves in another way now."""
        self._show_cursor()
        self.update()

    def clear_region(self) -> None:
        """Forget the region of interest, as the person asks; emits `region_changed`."""
        if self._region is not None:
            self._region = None
            self.region_changed.emit(None)
            self.update()

    # Zoom

    def fit(self) -> None:
        """Show the whole picture as large as it goes."""
        self._scale = None
        self._after_zoom()

    def is_fitted(self) -> bool:
        """Whether the whole picture is in view."""
        return self._scale is None

    def zoom(self) -> float:
        """Widget pixels for one picture pixel."""
        return self._scale if self._scale is not None else self._fitting_scale()

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom about a place of the widget, its middle by default; at or below fitting it fits."""
        if self._image is None:
            return
        about = about if about is not None else QRectF(self.rect()).center()
        still = self.to_picture(about)
        wanted = min(self.zoom() * factor, LARGEST_ZOOM)
        if wanted <= self._fitting_scale() * 1.001:
            self.fit()
            return
        self._scale = wanted
        self._centre = still + (QRectF(self.rect()).center() - about) / wanted
        self._after_zoom()

    def to_picture(self, place: QPointF) -> QPointF:
        """Picture coordinates, in its pixels, of a place of the widget."""
        target = self._target()
        return (place - target.topLeft()) / self.zoom()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.colours().canvas))
        if self._image is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom() < 4)
        target = self._target()
        painter.drawImage(target, self._image_for(self.zoom() * self.devicePixelRatioF()))
        if self._heat is not None and self.heat_map_visible():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setOpacity(self._heat_opacity)
            painter.drawImage(placed(self._heat_region, target), self._heat)
            painter.setOpacity(1.0)
        # Named ones last: no line of another box crosses their words.
        for box in sorted(self._boxes, key=lambda box: box.named):
            picture_marks.paint_box(painter, box, placed(box.region, target), self.font(), self.width())
        if self._tile is not None:
            picture_marks.paint_tile(painter, placed(self._tile, target))
        if self._region is not None and not self._region_tool.drawing:
            picture_marks.paint_region(painter, placed(self._region, target), outside=target)
        self._tool.paint(painter, target, self.font(), self.width())
        if self.hasFocus():
            painter.setPen(QPen(self.palette().highlight().color(), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def sizeHint(self) -> QSize:
        return QSize(800, 600)

    # Keys and mouse

    def event(self, event: QEvent) -> bool:
        # A zoomed picture takes the arrow keys before a page's shortcuts do.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _ARROWS
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            and not self.is_fitted()
            and not self._tool.takes_arrows
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _ARROWS and not self.is_fitted():
            x, y = _ARROWS[Qt.Key(key)]
            self._pan(QPointF(-x * self.width(), -y * self.height()) / 8)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(1.25)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(0.8)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_Escape and self._tool.cancel():
            self.update()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        self.zoom_by(1.2**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._image is None:
            super().mousePressEvent(event)
            return
        if self._tool.active:
            self._tool.press(event.position(), self._target())
            self._held = True
            self.update()
        else:
            self._grip = event.position()
        self._show_cursor(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held:
            self._tool.move(event.position(), self._target())
            self.update()
        elif self._grip is not None and not self.is_fitted():
            self._pan(event.position() - self._grip)
            self._grip = event.position()
        elif self._tool.active:
            self._show_cursor(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = None
            if self._held:
                self._held = False
                self._tool.release(event.position(), self._target())
                self.update()
            self._show_cursor(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._tool.active:
            self.fit()

    # Inner parts

    def _target(self) -> QRectF:
        """Where the picture lies in the widget."""
        scale, size = self.zoom(), self.picture_size()
        area = QRectF(0, 0, size.width() * scale, size.height() * scale)
        middle = QRectF(self.rect()).center()
        if self._scale is None:
            area.moveCenter(middle)
        else:
            area.moveTopLeft(middle - self._centre * scale)
        return area

    def _fitting_scale(self) -> float:
        """Fitting, but small pictures are not blown up beyond 4 to 1."""
        size = self.picture_size()
        if size.isEmpty():
            return 1.0
        return min(self.width() / size.width(), self.height() / size.height(), 4.0)

    def _after_zoom(self) -> None:
        if self._scale is not None:
            size = self.picture_size()
            half = QPointF(self.width(), self.height()) / (2 * self._scale)
            self._centre = QPointF(
                _kept(self._centre.x(), half.x(), size.width()), _kept(self._centre.y(), half.y(), size.height())
            )
        self._show_cursor()
        self.zoom_changed.emit(self.zoom())
        self.update()

    def _pan(self, by: QPointF) -> None:
        self._centre -= by / self.zoom()
        self._after_zoom()

    def _image_for(self, scale: float) -> QImage:
        """The picture, reduced by area where it is shown at less than half its size: bilinear would flicker."""
        assert self._image is not None
        assert self._pixels is not None
        step = 1
        while scale * step * 2 <= 1.0:
            step *= 2
        if step == 1:
            return self._image
        if self._reduced is None or self._reduced[0] != step:
            rows, columns = self._pixels.shape[:2]
            size = max(1, columns // step), max(1, rows // step)
            pixels = np.asarray(cv2.resize(self._pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
            self._reduced = step, _rgb_image(pixels), pixels
        return self._reduced[1]

    def _region_drawn(self, region: Region) -> None:
        self._region = region
        self.region_changed.emit(region)

    def _show_cursor(self, place: QPointF | None = None) -> None:
        if self._tool.active:
            where = place if place is not None else QPointF(self.mapFromGlobal(QCursor.pos()))
            self.setCursor(self._tool.cursor(where, self._target()))
        elif not self.is_fitted():
            held = self._grip is not None
            self.setCursor(Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()


def _rgb_image(pixels: NDArray[np.uint8]) -> QImage:
    """An image over the array's memory: whoever holds the image holds the array beside it."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)


def _kept(middle: float, half: float, size: float) -> float:
    """The middle of the view such that the view shows nothing beside the picture."""
    return size / 2 if half * 2 >= size else min(max(middle, half), size - half)
