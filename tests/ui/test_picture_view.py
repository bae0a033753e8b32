import gc
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from weldspot_desktop.pictures.marks import CLASS_MARKS
from weldspot_desktop.pictures.overlay import Box
from weldspot_desktop.settings import Theme
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.widgets.picture_view import LARGEST_ZOOM, PictureView


@pytest.fixture
def view(look, shown) -> PictureView:
    return shown(PictureView(), 400, 300)


def colour_at(view: PictureView, x: int, y: int) -> tuple[int, int, int]:
    colour = view.grab().toImage().pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


def plain(red: int, green: int, blue: int, *, width: int = 200, height: int = 200) -> np.ndarray:
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[:] = (red, green, blue)
    return pixels


def strong(class_index: int) -> np.ndarray:
    logits = np.full((8, 8, 7), -9.0, dtype=np.float32)
    logits[..., class_index] = 9.0
    return logits


def test_red_is_red_and_the_canvas_lies_beside_the_picture(view):
    view.set_pixels(plain(250, 10, 20))
    assert colour_at(view, 200, 150) == (250, 10, 20)
    canvas = theme.colours().canvas
    assert "#{:02x}{:02x}{:02x}".format(*colour_at(view, 10, 150)) == canvas


def test_the_canvas_follows_the_theme(view, look):
    look(Theme.DARK)
    assert "#{:02x}{:02x}{:02x}".format(*colour_at(view, 10, 10)) == theme.DARK.canvas


def test_the_picture_lives_as_long_as_it_is_shown(view):
    pixels = plain(1, 200, 3)
    view.set_pixels(pixels)
    del pixels
    gc.collect()
    rubbish = [np.zeros((200, 200, 3), dtype=np.uint8) for _ in range(20)]
    assert colour_at(view, 200, 150) == (1, 200, 3)
    assert len(rubbish) == 20


def test_a_slice_that_is_not_contiguous_is_shown_right(view):
    pixels = np.zeros((200, 400, 3), dtype=np.uint8)
    pixels[:, 200:] = (9, 90, 200)
    view.set_pixels(pixels[:, 200:])
    assert colour_at(view, 200, 150) == (9, 90, 200)


@pytest.mark.parametrize("pixels", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3))])
def test_other_arrays_are_refused(view, pixels):
    with pytest.raises(ValueError, match="expected"):
        view.set_pixels(pixels)


def test_no_picture_is_an_empty_canvas(view):
    view.set_pixels(plain(255, 0, 0))
    view.set_pixels(None)
    assert view.picture_size().isEmpty()
    assert "#{:02x}{:02x}{:02x}".format(*colour_at(view, 200, 150)) == theme.colours().canvas


def test_zoom_about_the_cursor_keeps_what_is_under_it(view):
    view.set_pixels(plain(9, 9, 9, width=1000, height=800))
    place = QPointF(120, 200)
    under = view.to_picture(place)
    view.zoom_by(4.0, place)
    again = view.to_picture(place)
    assert not view.is_fitted()
    assert abs(under.x() - again.x()) < 1.0
    assert abs(under.y() - again.y()) < 1.0


def test_zoom_has_ends_and_double_click_fits(view, qtbot):
    view.set_pixels(plain(9, 9, 9))
    for _ in range(60):
        view.zoom_by(1.5)
    assert view.zoom() == LARGEST_ZOOM
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton)
    assert view.is_fitted()
    view.zoom_by(0.1)
    assert view.is_fitted()


def test_keys_zoom_fit_and_move_the_zoomed_picture_alone(view, qtbot):
    view.set_pixels(plain(9, 9, 9, width=1000, height=800))
    before = view.to_picture(QPointF(0, 0))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.to_picture(QPointF(0, 0)) == before
    for _ in range(8):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    left = view.to_picture(QPointF(0, 0))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.to_picture(QPointF(0, 0)).x() > left.x()
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.is_fitted()


def test_dragging_moves_but_never_beyond_the_picture(view, qtbot):
    view.set_pixels(plain(9, 9, 9, width=1000, height=800))
    view.zoom_by(4.0)
    left = view.to_picture(QPointF(0, 0))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    qtbot.mouseMove(view, QPoint(150, 150))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 150))
    assert view.to_picture(QPointF(0, 0)).x() > left.x()
    for _ in range(20):
        qtbot.keyClick(view, Qt.Key.Key_Left)
        qtbot.keyClick(view, Qt.Key.Key_Up)
    corner = view.to_picture(QPointF(0, 0))
    assert corner.x() == pytest.approx(0, abs=1e-6)
    assert corner.y() == pytest.approx(0, abs=1e-6)


def test_zoom_stays_for_pictures_of_the_same_size_alone(view):
    view.set_pixels(plain(9, 9, 9))
    view.zoom_by(6.0)
    view.set_pixels(plain(8, 8, 8))
    assert not view.is_fitted()
    view.set_pixels(plain(8, 8, 8, width=100))
    assert view.is_fitted()


def test_the_heat_map_covers_by_opacity_and_can_be_hidden(view):
    view.set_pixels(plain(0, 0, 255))
    view.set_heat_map(strong(5), 5)
    view.set_heat_map_opacity(0.5)
    assert view.heat_map_visible()
    assert colour_at(view, 200, 150)[0] > 60
    view.set_heat_map_opacity(0.0)
    assert colour_at(view, 200, 150) == (0, 0, 255)
    view.set_heat_map_opacity(0.5)
    view.set_heat_map_shown(False)
    assert not view.heat_map_visible()
    assert colour_at(view, 200, 150) == (0, 0, 255)
    view.set_heat_map_shown(True)
    view.set_heat_map(strong(5), 4)
    assert colour_at(view, 200, 150) == (0, 0, 255)


def test_the_heat_map_of_a_region_lies_on_the_region(view):
    view.set_pixels(plain(0, 0, 255))
    view.set_heat_map(strong(5), 5, region=(0.5, 0.0, 1.0, 1.0))
    view.set_heat_map_opacity(1.0)
    assert colour_at(view, 120, 150) == (0, 0, 255)
    assert colour_at(view, 280, 150)[0] > 100


def test_boxes_have_the_colour_of_their_class(view):
    view.set_pixels(plain(0, 0, 0))
    view.set_boxes([Box(2, (0.25, 0.25, 0.75, 0.75), 0.9)])
    image: QImage = view.grab().toImage()
    found = {image.pixelColor(x, 225).getRgb()[:3] for x in range(150, 250)}
    assert CLASS_MARKS[2].colour in found


def test_a_region_is_drawn_cleared_and_told(view, qtbot):
    view.set_pixels(plain(9, 9, 9, width=400, height=300))
    view.set_region_editing(True)
    told = []
    view.region_changed.connect(told.append)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 60))
    qtbot.mouseMove(view, QPoint(300, 240))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 240))
    assert told[0] == pytest.approx((0.25, 0.2, 0.75, 0.8), abs=0.01)
    assert view.region() == told[0]
    view.clear_region()
    assert told[-1] is None
    assert view.region() is None


def test_a_slip_of_the_hand_draws_no_region_and_one_beyond_the_edge_ends_there(view, qtbot):
    view.set_pixels(plain(9, 9, 9, width=400, height=300))
    view.set_region_editing(True)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 60))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(101, 61))
    assert view.region() is None
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    qtbot.mouseMove(view, QPoint(900, 900))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(900, 900))
    left, top, right, bottom = view.region()
    assert (right, bottom) == (1.0, 1.0)
    assert left == pytest.approx(0.5, abs=0.01)
    assert top == pytest.approx(0.5, abs=0.01)


def test_a_camera_picture_costs_far_less_than_a_frame_of_30_a_second(view):
    view.resize(960, 640)
    frames = [plain(shade, 90, 20, width=1280, height=720) for shade in range(20)]
    view.set_pixels(frames[0])
    view.set_heat_map(strong(5), 5)
    QTest.qWait(50)
    times = []
    for frame in frames:
        begun = time.perf_counter()
        view.set_pixels(frame)
        view.repaint()
        times.append(time.perf_counter() - begun)
    assert sorted(times)[len(times) // 2] < 0.025
