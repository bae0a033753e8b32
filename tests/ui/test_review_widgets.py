"""What the review page is made of: the box tool, the switches, the questions."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from weldspot_desktop.ui.fix_dialog import FixDialog, salvage
from weldspot_desktop.ui.reject_dialog import REASONS, RejectDialog
from weldspot_desktop.ui.widgets.box_tool import BoxTool, DrawnBox
from weldspot_desktop.ui.widgets.label_toggles import LabelToggles, Said
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.upload_name import UploadName
from weldspot_desktop.verdict import ThresholdSet


@pytest.fixture
def drawing(qtbot, look, shown, weld_pixels):
    """A view of 500 x 500 over a square picture, so that a picture's share is a share of the view; and its tool."""
    view = PictureView()
    tool = BoxTool(view)
    view.set_tool(tool)
    tool.changed.connect(view.tool_changed)
    shown(view, 500, 500)
    view.set_pixels(weld_pixels)
    tool.set_marked(1 << 5)
    tool.set_next_class(5)
    tool.set_active(True)
    return view, tool


def _drag(view, start, end):
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(*start))
    QTest.mouseMove(view, QPoint(*end))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(*end))


def test_a_box_is_drawn_in_shares_of_the_picture_and_ends_at_its_edge(drawing):
    view, tool = drawing
    _drag(view, (100, 150), (300, 250))
    _drag(view, (400, 400), (800, 900))
    first, second = tool.boxes()
    assert first.class_index == 5
    assert first.region == pytest.approx((0.2, 0.3, 0.6, 0.5), abs=0.005)
    assert second.region == pytest.approx((0.8, 0.8, 1.0, 1.0), abs=0.005)
    assert max(second.region) <= 1.0


def test_a_box_is_moved_resized_and_removed(drawing):
    view, tool = drawing
    _drag(view, (100, 100), (200, 200))
    _drag(view, (150, 150), (250, 150))
    assert tool.selected.region == pytest.approx((0.4, 0.2, 0.6, 0.4), abs=0.005)
    _drag(view, (300, 200), (400, 300))
    assert tool.selected.region == pytest.approx((0.4, 0.2, 0.8, 0.6), abs=0.005)
    _drag(view, (300, 200), (900, 200))
    assert tool.selected.region == pytest.approx((0.6, 0.2, 1.0, 0.6), abs=0.005)
    assert tool.remove_selected() is not None
    assert tool.boxes() == ()


def test_a_click_selects_the_smallest_box_and_beside_all_none(drawing):
    view, tool = drawing
    tool.set_boxes([DrawnBox((0.1, 0.1, 0.9, 0.9), 5), DrawnBox((0.4, 0.4, 0.6, 0.6), 5)])
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(250, 250))
    assert tool.selected.region == (0.4, 0.4, 0.6, 0.6)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert tool.selected is None
    _drag(view, (100, 100), (140, 140))
    assert len(tool.boxes()) == 3, "dragging within a box that is not selected draws another"


def test_boxes_can_be_made_without_a_mouse(drawing):
    _, tool = drawing
    tool.add_in_middle()
    tool.nudge(0.1, 0.0)
    tool.nudge(0.0, 0.1, resize=True)
    assert tool.selected.region == pytest.approx((0.5, 0.4, 0.7, 0.7))
    tool.nudge(-5.0, 0.0)
    assert tool.selected.region[0] == pytest.approx(0.0)


def test_an_unmarked_class_hides_its_boxes_and_brings_them_back(drawing):
    _, tool = drawing
    tool.set_boxes([DrawnBox((0.1, 0.1, 0.5, 0.5), 5), DrawnBox((0.4, 0.4, 0.6, 0.6), 2)])
    assert [box.class_index for box in tool.boxes()] == [5]
    tool.set_marked(1 << 2)
    assert [box.class_index for box in tool.boxes()] == [2]
    tool.set_marked(1 << 2 | 1 << 5)
    assert len(tool.boxes()) == 2


def test_escape_takes_a_drag_back_and_an_idle_tool_leaves_the_mouse_to_the_picture(drawing):
    view, tool = drawing
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(view, QPoint(300, 300))
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    assert tool.boxes() == ()
    tool.set_active(False)
    _drag(view, (100, 100), (300, 300))
    assert tool.boxes() == ()


def test_switches_tell_phone_and_model_apart(qtbot, look, shown):
    toggles = LabelToggles()
    shown(toggles, 300, 400)
    thresholds = ThresholdSet(name="balanced", lower=(0.4,) * 7, upper=(0.6,) * 7)
    toggles.show_said(Said(1 << 5, (0.1,) * 7, (0.2,) * 5 + (0.7, 0.2), "weld 5", "weld 7", thresholds))
    toggles.set_labels(1 << 5)
    pores = toggles.rows()[5].accessibleName()
    assert pores == (
        "Porosity, marked; ticked by the phone; phone's score 0.10; "
        "this station's score 0.70, at or over its threshold 0.60"
    )
    assert "weld 5" in toggles.legend()
    assert "weld 7" in toggles.legend()
    with qtbot.waitSignal(toggles.switched) as told:
        toggles.rows()[2].click()
    assert told.args == [2]
    assert toggles.labels() == 1 << 2 | 1 << 5
    toggles.set_open(False)
    toggles.rows()[2].click()
    assert toggles.labels() == 1 << 2 | 1 << 5


def test_a_rejection_needs_a_reason_that_a_number_chooses(qtbot, look, shown):
    dialog = RejectDialog("W-1", "M. Inspector")
    shown(dialog, 460, 420)
    said = []
    dialog.answered.connect(said.append)
    dialog.answer()
    assert dialog.fault()
    dialog.setFocus()
    QTest.keyClick(dialog, Qt.Key.Key_2)
    dialog.words.setText("  the whole plate ")
    dialog.answer()
    assert said == [f"{REASONS[1]}: the whole plate"]


@pytest.mark.parametrize(
    ("name", "id_", "ticks", "scores"),
    [
        ("a/b/IMG 2041_1-0.9_0-0.1.jpg", "IMG-2041", (True, False, *[None] * 5), (0.9, 0.1, *[None] * 5)),
        ("A0Z_1_0_1.JPG", "A0Z", (True, False, True, *[None] * 4), (None,) * 7),
        ("é_2-0.9_0-٠.٥_1-1e999.jpg", "", (None,) * 7, (None,) * 7),
        ("..\\..\\x_1-0.5.jpg", "x", (True, *[None] * 6), (0.5, *[None] * 6)),
        ("_" * 300, "", (None,) * 7, (None,) * 7),
        ("", "", (None,) * 7, (None,) * 7),
    ],
)
def test_what_a_bad_name_still_says_is_filled_in(name, id_, ticks, scores):
    known = salvage(name)
    assert (known.id, known.ticks, known.scores) == (id_, ticks, scores)


def test_a_name_is_mended_with_or_without_scores(qtbot, look, shown):
    dialog = FixDialog("A0_1-0.9_0-0.1.jpg", "The name speaks of 2 classes, not of 7.", "M. Inspector")
    shown(dialog, 560, 560)
    made = []
    dialog.answered.connect(made.append)
    dialog.ticks[5].setChecked(True)
    dialog.answer()
    assert made == [UploadName("A0", 1 | 1 << 5, None)]
    dialog.with_scores.setChecked(True)
    dialog.answer()
    assert "missing" in dialog.fault()
    for field in dialog.scores[2:]:
        field.setValue(0.25)
    dialog.answer()
    assert made[1:] == [UploadName("A0", 1 | 1 << 5, (0.9, 0.1, *[0.25] * 5))]
    dialog.id.setText("ü")
    dialog.answer()
    assert "id" in dialog.fault()
