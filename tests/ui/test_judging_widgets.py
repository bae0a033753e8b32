import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from weldspot_desktop import labels
from weldspot_desktop.pictures.marks import contrast
from weldspot_desktop.pictures.overlay import Box
from weldspot_desktop.settings import Theme
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.class_style import STYLES, VERDICTS
from weldspot_desktop.ui.widgets.class_bars import ClassBars
from weldspot_desktop.ui.widgets.elided_label import ElidedLabel
from weldspot_desktop.ui.widgets.filmstrip import MOST, Filmstrip, FilmstripEntry
from weldspot_desktop.ui.widgets.heat_map_control import SAVE_AFTER_MS, HeatMapControl
from weldspot_desktop.ui.widgets.inspection_panel import InspectionPanel
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.ui.widgets.state_card import StateCard
from weldspot_desktop.ui.widgets.verdict_panel import VerdictPanel
from weldspot_desktop.ui.widgets.weld_fields import ALWAYS, WeldFields
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict

SET = ThresholdSet(name="miss no crack", lower=(0.3,) * 7, upper=(0.5, 0.6, 0.4, 0.5, 0.5, 0.5, 0.5))
PORES = Judgement(Verdict.DEFECT, (5,), "Suspect: Porosity")
SCORES = (0.01, 0.45, 0.04, 0.09, 0.12, 0.94, 0.31)


def rgb(text: str) -> tuple[int, int, int]:
    return QColor(text).getRgb()[:3]


# ---------------------------------------------------------------- verdict


@pytest.mark.parametrize("which", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_painted_on_its_own_colour_and_can_be_read(look, shown, which, verdict):
    look(which)
    panel = shown(VerdictPanel(), 288, 120)
    panel.set_judgement(Judgement(verdict, (2,), "Because"))
    style = VERDICTS[verdict]
    assert contrast(rgb(style.fill), rgb(style.ink)) >= 4.5
    assert panel.grab().toImage().pixelColor(280, 100).name() == QColor(style.fill).name()
    assert verdict.value in panel.accessibleName()


def test_a_defect_says_measure_and_the_height_never_jumps(look, shown):
    panel = shown(VerdictPanel(), 288, 120)
    heights = {panel.sizeHint().height()}
    panel.set_judgement(PORES)
    assert panel.text() == "DEFECT: Porosity – suspect: measure"
    heights.add(panel.sizeHint().height())
    panel.set_judgement(Judgement(Verdict.DEFECT, labels.DEFECTS, ""))
    heights.add(panel.sizeHint().height())
    panel.set_not_judged("The picture is damaged or cut off. " * 9)
    heights.add(panel.sizeHint().height())
    assert len(heights) == 1
    panel.grab()


@pytest.mark.parametrize("width", [40, 160, 288, 900])
@pytest.mark.parametrize("percent", [80, 100, 150, 200])
def test_any_width_and_text_size_can_be_painted(look, shown, width, percent):
    look(Theme.LIGHT, percent)
    panel = shown(VerdictPanel(), width, 120)
    panel.set_judgement(Judgement(Verdict.NO_WELD, (0,), "No weld in the picture"))
    panel.grab()


# ---------------------------------------------------------------- bars


def test_bars_say_scores_and_thresholds_to_a_screen_reader(look, shown):
    bars = shown(ClassBars(), 288, 260)
    bars.set_thresholds(SET)
    bars.set_scores(SCORES, deciding=(5,))
    names = [row.accessibleName() for row in bars.rows()]
    assert bars.legend() == "Scores, with thresholds “miss no crack”"
    assert names[0] == "Background: 0.01, under its threshold 0.50"
    assert names[1] == "Bad Welding: 0.45, between its thresholds 0.30 and 0.60"
    assert names[5] == "Porosity: 0.94, at or over its threshold 0.50"
    bars.set_scores(None)
    assert bars.rows()[5].accessibleName() == "Porosity: no score"


@pytest.mark.parametrize("which", [Theme.LIGHT, Theme.DARK])
def test_the_bar_is_as_long_as_its_score(look, shown, which):
    look(which)
    bars = shown(ClassBars(), 400, 260)
    row = bars.rows()[2]
    lengths = []
    for score in (0.0, 0.25, 0.5, 1.0):
        bars.set_scores([score] * 7)
        image = row.grab().toImage()
        fill = QColor(STYLES[2].fill).rgb()
        right_half = range(image.width() // 2, image.width())
        lengths.append(sum(image.pixel(x, image.height() // 2) == fill for x in right_half))
    assert lengths[0] == 0
    assert lengths[1] < lengths[2] < lengths[3]
    assert lengths[3] == pytest.approx(2 * lengths[2], rel=0.1)


def test_a_click_on_a_row_names_its_class(look, shown, qtbot):
    bars = shown(ClassBars(), 288, 260)
    with qtbot.waitSignal(bars.class_clicked) as clicked:
        qtbot.mouseClick(bars.rows()[3], Qt.MouseButton.LeftButton)
    assert clicked.args == [3]


@pytest.mark.parametrize("which", [theme.LIGHT, theme.DARK])
def test_ticks_and_edges_stand_out(which):
    assert contrast(rgb(which.text), rgb(which.window)) >= 4.5
    for style in STYLES:
        edge = style.edge.dark if which.dark else style.edge.light
        assert contrast(rgb(edge), rgb(which.window)) >= 3.0


# ---------------------------------------------------------------- weld


def test_enter_goes_round_the_fields_and_never_further(look, shown, qtbot):
    fields = shown(WeldFields(), 288, 200)
    order = [fields.field(name) for name in ALWAYS]
    order[0].setFocus()
    for field in order:
        qtbot.waitUntil(field.hasFocus)
        qtbot.keyClicks(field, f"  {order.index(field)}  x ")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert order[0].hasFocus()
    assert order[0].selectedText() == order[0].text()
    assert fields.values() == {name: f"{number} x" for number, name in enumerate(ALWAYS)}
    qtbot.keyClick(order[0], Qt.Key.Key_Escape)
    assert not order[0].hasFocus()


def test_empty_fields_are_left_out_and_values_can_be_set(look, shown):
    fields = shown(WeldFields(), 288, 200)
    fields.set_values({"part": "Frame 4412-B", "welder": "   "})
    assert fields.values() == {"part": "Frame 4412-B"}
    fields.set_values({})
    assert fields.values() == {}


def test_more_fields_are_asked_for_on_demand_and_filled_ones_stay(look, shown, qtbot):
    fields = shown(WeldFields(), 288, 700)
    assert fields.field("welder").isVisible()
    assert not fields.field("material").isVisible()
    with qtbot.waitSignal(fields.expanded):
        qtbot.mouseClick(fields._more, Qt.MouseButton.LeftButton)
    assert fields.field("material").isVisible()
    fields.field("material").setText("S355J2")
    fields.set_expanded(False)
    assert fields.field("material").isVisible()
    assert not fields.field("drawing").isVisible()


def test_a_field_in_which_somebody_types_is_left_alone(look, shown, qtbot):
    fields = shown(WeldFields(), 288, 400)
    fields.show_values({"weld_id": "W-1", "part": "P"})
    field = fields.field("weld_id")
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.selectAll()
    qtbot.keyClicks(field, "X-")
    fields.show_values({"weld_id": "W-2", "part": "Q"})
    assert (field.text(), fields.field("part").text()) == ("X-", "Q")
    assert fields.take() == {"weld_id": "X-"}
    assert fields.take() == {}
    fields.show_values({"weld_id": "W-3"})
    assert fields.values() == {"weld_id": "W-3"}


# ---------------------------------------------------------------- heat map


@pytest.fixture
def control(frame, shown) -> HeatMapControl:
    view = shown(PictureView(), 400, 300)
    view.set_pixels(np.zeros((50, 50, 3), dtype=np.uint8))
    made = HeatMapControl(view, frame)
    made.view_for_test = view
    return shown(made, 600, 50)


def test_the_control_drives_the_view(control):
    view = control.view_for_test
    logits = np.full((4, 4, 7), 5.0, dtype=np.float32)
    assert control.shown_class() is None
    control.set_result(logits, SCORES, PORES)
    assert control.shown_class() == 5
    assert view.heat_map_visible()
    control.toggle()
    assert not view.heat_map_visible()
    control.show_class(2)
    assert control.is_on()
    assert control.shown_class() == 2
    control.show_deciding_class()
    assert control.shown_class() == 5
    control.clear()
    assert not view.heat_map_visible()


def test_the_opacity_is_remembered_once_the_slider_rests(control, context, frame, qtbot):
    saved = []
    frame.settings_changed.connect(lambda section, key: saved.append((section, key)))
    for percent in (50, 60, 70):
        control.set_opacity(percent)
    assert saved == []
    qtbot.waitUntil(lambda: saved == [("inspection", "heat_map_opacity")], timeout=SAVE_AFTER_MS + 2000)
    assert context.settings.inspection.heat_map_opacity == 70
    assert '"heat_map_opacity": 70' in context.workspace.settings.read_text()


def test_a_second_control_takes_the_opacity_of_the_first(control, frame, context, shown):
    other = shown(HeatMapControl(PictureView(control), frame), 600, 50)
    context.settings.inspection.heat_map_opacity = 15
    frame.save_settings("inspection", "heat_map_opacity")
    assert control.opacity() == other.opacity() == 15


def test_boxes_follow_the_shown_class_and_the_choice_is_remembered(control, context, frame, shown):
    view = control.view_for_test
    asked = []

    def boxes(index):
        asked.append(index)
        return [Box(index, (0.1, 0.2, 0.5, 0.6), 0.8)]

    control.set_result(np.full((4, 4, 7), 5.0, dtype=np.float32), SCORES, PORES, boxes=boxes)
    assert [box.class_index for box in view.boxes()] == [5]
    control.show_class(2)
    assert [box.class_index for box in view.boxes()] == [2]
    control.toggle_boxes()
    assert view.boxes() == ()
    assert context.settings.inspection.show_boxes is False
    assert '"show_boxes": false' in context.workspace.settings.read_text()
    control.show_class(3)
    assert asked == [5, 2], "boxes that nobody sees are not derived"
    other = shown(HeatMapControl(PictureView(control), frame), 600, 50)
    context.settings.inspection.show_boxes = True
    frame.save_settings("inspection", "show_boxes")
    assert other.boxes_are_on()
    assert [box.class_index for box in view.boxes()] == [3]
    control.clear()
    assert view.boxes() == ()


# ---------------------------------------------------------------- panel


def test_the_panel_shows_code_cause_and_remedy_of_a_suspicion(look, shown):
    panel = shown(InspectionPanel(), 320, 800)
    panel.show_judgement(PORES, SCORES, SET)
    assert "2017" in panel.text()
    assert "draught" in panel.text()
    assert "shorten the arc" in panel.text()
    panel.show_judgement(
        Judgement(Verdict.CLEAR, (4,), "No visible imperfection found; not an acceptance"), SCORES, SET
    )
    assert "2017" not in panel.text()
    assert "not an acceptance" in panel.text()
    panel.show_not_judged("The file is empty.")
    assert panel.text().startswith("NOT JUDGED: The file is empty.")


def test_the_limits_unfold_under_their_head_and_stay_unfolded(shown):
    panel = shown(InspectionPanel(), 320, 800)
    limits = panel.limits
    assert limits.isHidden()
    panel.show_judgement(PORES, SCORES, SET)
    assert limits.isVisible()
    assert limits.toggle.text() == "Suspect: measure"
    assert "0.2 s" not in panel.text()
    limits.toggle.click()
    assert "0.2 s" in panel.text()
    assert "secondary sources" in panel.text()
    panel.show_judgement(Judgement(Verdict.CLEAR, (4,), "No visible imperfection found"), SCORES, SET)
    assert limits.isHidden()
    panel.show_judgement(Judgement(Verdict.UNSURE, (2,), "Near"), SCORES, SET)
    assert "any crack is rejected" in panel.text()


@pytest.mark.parametrize("percent", [100, 150, 200])
def test_no_text_makes_the_panel_wider_than_its_place(look, shown, percent):
    look(Theme.LIGHT, percent)
    panel = shown(InspectionPanel(), 320, 800)
    panel.show_judgement(Judgement(Verdict.DEFECT, labels.DEFECTS, ""), SCORES, SET)
    panel.set_note("x" * 250 + ".jpg")
    assert panel.minimumSizeHint().width() <= 320


# ---------------------------------------------------------------- strip, card, label


def entry(key: object, verdict: Verdict | None = Verdict.CLEAR, *, recorded: bool = False) -> FilmstripEntry:
    thumbnail = np.zeros((72, 96, 3), dtype=np.uint8) if verdict is not None else None
    return FilmstripEntry(key, thumbnail, verdict, str(key), recorded)


def test_the_strip_has_the_newest_first_replaces_in_place_and_is_bounded(look, shown):
    strip = shown(Filmstrip(), 600, 120)
    for number in range(MOST + 5):
        strip.put(entry(number))
    assert [e.key for e in strip.entries()] == list(range(MOST + 4, 4, -1))
    strip.put(entry(50, recorded=True))
    assert len(strip.entries()) == MOST
    assert [e.recorded for e in strip.entries() if e.key == 50] == [True]
    strip.put(entry("broken", None))
    strip.grab()


def test_only_the_person_chooses_in_the_strip(look, shown, qtbot):
    strip = shown(Filmstrip(), 600, 120)
    chosen = []
    strip.chosen.connect(chosen.append)
    for number in range(3):
        strip.put(entry(number))
    assert chosen == []
    strip.step(1)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    strip.step(1)
    assert chosen == [1, 0]


def test_a_card_is_one_sentence_and_one_button_and_folds_its_details(look, shown, qtbot):
    card = shown(StateCard(), 600, 400)
    card.show_empty("image-outline", "Open a picture.", "Open")
    assert card.text() == "Open a picture."
    button, more = card.findChildren(type(card._button))[:2]
    assert button.isVisible()
    assert not more.isVisible()
    with qtbot.waitSignal(card.pressed):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    card.show_failure("It broke.", "Nothing was lost.", details="code 7")
    assert card.text() == "It broke. Nothing was lost."
    assert not button.isVisible()
    assert not card._details.isVisible()
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert card._details.isVisible()


def test_a_long_name_is_cut_and_the_tooltip_has_all_of_it(look, shown):
    label = shown(ElidedLabel(), 80, 30)
    label.show_text("l" * 300)
    assert label.minimumSizeHint().width() < 40
    assert label.toolTip() == "l" * 300
    label.grab()
