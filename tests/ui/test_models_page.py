"""The page of models: drag, presets, saving, choosing; and that every other page follows."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry.threshold_presets import CRACK, Preset
from weldspot_desktop.settings import Theme
from weldspot_desktop.store import people
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import StoredThresholds, TrailEntry
from weldspot_desktop.store.threshold_sets import AS_SHIPPED
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame, Notice
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.pages.folder_page import FolderPage
from weldspot_desktop.ui.pages.import_page import ImportPage
from weldspot_desktop.ui.pages.live_page import LivePage
from weldspot_desktop.ui.pages.models_page import ModelsPage
from weldspot_desktop.ui.threshold_draft import Bound, ThresholdDraft
from weldspot_desktop.ui.widgets.threshold_plot import ThresholdPlot, from_axis, to_axis
from weldspot_desktop.verdict import ThresholdSet

WAIT = 20_000


def opened(page: ModelsPage, qtbot: QtBot) -> ModelsPage:
    page.activated()
    qtbot.waitUntil(lambda: page.thresholds.draft is not None, timeout=WAIT)
    return page


@pytest.fixture
def page(frame: Frame, context: Context, shown: Callable[..., QWidget], qtbot: QtBot) -> ModelsPage:
    made = ModelsPage(context, frame)
    assert made.panel is not None
    qtbot.addWidget(made.panel)
    shown(made, 1000, 900)
    shown(made.panel, 320, 900)
    return opened(made, qtbot)


@pytest.fixture
def in_window(window: MainWindow, qtbot: QtBot) -> ModelsPage:
    window.show_page("models")
    made = window.page("models")
    assert isinstance(made, ModelsPage)
    qtbot.waitUntil(lambda: made.thresholds.draft is not None, timeout=WAIT)
    return made


def draft(page: ModelsPage) -> ThresholdDraft:
    assert page.thresholds.draft is not None
    return page.thresholds.draft


def drag(qtbot: QtBot, plot: ThresholdPlot, bound: Bound, to: float) -> None:
    """Press on a line, move in three steps, let go: as a hand does."""
    viewport, box = plot.view.viewport(), plot.view.getViewBox()

    def place(threshold: float) -> QPointF:
        scene = box.mapViewToScene(QPointF(to_axis(threshold), 0.3))
        return QPointF(plot.view.mapFromScene(scene))

    start, end = place(from_axis(float(plot.lines[bound].value()))), place(to)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    steps = [
        (QEvent.Type.MouseMove, start, none, none),
        (QEvent.Type.MouseButtonPress, start, left, left),
        *((QEvent.Type.MouseMove, start + (end - start) * part, none, left) for part in (0.3, 0.6, 1.0)),
        (QEvent.Type.MouseButtonRelease, end, left, none),
    ]
    for kind, at, button, buttons in steps:
        # Moves that follow too quickly are left out by the plot.
        qtbot.wait(20)
        where = QPointF(viewport.mapToGlobal(at.toPoint()))
        QApplication.sendEvent(viewport, QMouseEvent(kind, at, where, button, buttons, Qt.KeyboardModifier.NoModifier))


def save(page: ModelsPage, qtbot: QtBot, name: str, *, use: bool = True) -> None:
    page.ask_save()
    assert page.dialog is not None
    page.dialog.name.setText(name)
    page.dialog.use.setChecked(use)
    page.dialog.confirm.click()
    qtbot.waitUntil(lambda: page.dialog is None and page.model_panel.sets.count() > 1, timeout=WAIT)
    qtbot.waitUntil(lambda: not draft(page).changed, timeout=WAIT)


def actions(context: Context) -> list[tuple[str, str, str]]:
    with context.database.read() as session:
        rows = session.scalars(select(TrailEntry).order_by(TrailEntry.number))
        return [(row.person, row.action, row.subject) for row in rows if row.action.startswith("threshold")]


def test_what_is_in_force_is_shown_with_its_counts(page: ModelsPage, crack_counts: SimpleNamespace) -> None:
    n = crack_counts
    assert page.thresholds.class_index == CRACK
    assert f"{n.found} of 139 cracks found (0." in page.thresholds.counts.text()
    assert f"{n.false_alarms} of 551 others are false alarms" in page.thresholds.counts.text()
    assert f"{n.cracks_between} cracks, {n.between - n.cracks_between} others" in page.thresholds.counts.text()
    assert page.thresholds.presets.buttons[Preset.BALANCED].isChecked()
    assert f"{n.found} of 139 cracks" in page.thresholds.presets.rests_on.text()
    facts = page.model_panel.facts.text()
    assert "AUC 0.96 (0.93 to 0.98)" in facts
    assert "238 pictures" in facts
    assert "Apache-2.0" in facts
    assert page.model_panel.in_force.text() == f"In force: {AS_SHIPPED}"
    assert not page.model_panel.save_button.isEnabled()
    assert not page.model_panel.choose_button.isEnabled()


def test_a_line_is_dragged_and_the_counts_follow(page: ModelsPage, qtbot: QtBot) -> None:
    plot = page.thresholds.plot
    before = page.thresholds.counts.text()
    drag(qtbot, plot, Bound.UPPER, 0.9)
    value = draft(page).thresholds.upper[CRACK]
    assert value == pytest.approx(0.9, abs=0.03)
    assert page.thresholds.counts.text() != before
    assert page.thresholds.fields.fields[Bound.UPPER].value() == value
    assert page.thresholds.table.cells[0, next(iter(page.thresholds.table.cells))[1]].text()
    drag(qtbot, plot, Bound.LOWER, 0.97)
    assert draft(page).thresholds.lower[CRACK] == pytest.approx(value, abs=1e-4)
    assert "Not saved: Crack." in page.model_panel.draft.text()
    assert not page.thresholds.presets.buttons[Preset.BALANCED].isChecked()
    # A whole drag is one step back.
    page.thresholds.undo()
    page.thresholds.undo()
    assert not draft(page).changed
    assert page.thresholds.counts.text() == before
    page.thresholds.redo()
    assert draft(page).thresholds.upper[CRACK] == value
    page.model_panel.reset_button.click()
    assert not draft(page).changed
    page.model_panel.undo_button.click()
    assert draft(page).thresholds.upper[CRACK] == value


def test_everything_by_keyboard(in_window: ModelsPage, window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    in_window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_6)
    assert labels.CLASSES[in_window.thresholds.class_index] == "Porosity"
    lower, upper = draft(in_window).thresholds.lower[5], draft(in_window).thresholds.upper[5]
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert draft(in_window).thresholds.upper[5] > upper
    qtbot.keyClick(window, Qt.Key.Key_Down)
    qtbot.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert draft(in_window).thresholds.lower[5] < lower
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_U)
    assert not draft(in_window).changed
    field = in_window.thresholds.fields.fields[Bound.UPPER]
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.4321")
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert draft(in_window).thresholds.upper[5] == 0.4321
    assert in_window.thresholds.class_index == 5
    in_window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_5)
    assert in_window.thresholds.class_index == labels.GOOD_WELDING
    assert not in_window.thresholds.fields.fields[Bound.LOWER].isVisible()
    in_window.thresholds.reset()


def test_miss_no_crack_says_what_it_rests_on_and_what_it_cannot_promise(
    page: ModelsPage, crack_counts: SimpleNamespace
) -> None:
    panel = page.thresholds.presets
    panel.buttons[Preset.MISS_NO_CRACK].click()
    assert "139 of 139 cracks" in panel.rests_on.text()
    assert "of 551 pictures without a crack" in panel.rests_on.text()
    assert "cannot promise more than 0.947" in panel.warnings.text()
    assert panel.warnings.isVisible()
    assert draft(page).thresholds.lower[CRACK] < crack_counts.all_but_ten
    panel.allowed.setValue(10)
    assert "129 of 139 cracks" in panel.rests_on.text()
    assert draft(page).thresholds.lower[CRACK] == pytest.approx(crack_counts.all_but_ten, abs=1e-4)
    page.thresholds.set_value(Bound.LOWER, 0.05)
    assert not panel.buttons[Preset.MISS_NO_CRACK].isChecked()
    assert not panel.warnings.isVisible()


def test_costs_are_edited(page: ModelsPage) -> None:
    panel = page.thresholds.presets
    assert not panel.costs.isVisible()
    panel.buttons[Preset.COST].click()
    assert panel.costs.isVisible()
    assert panel.costs.fields[CRACK, "share"].value() == pytest.approx(20.1)
    cheap = draft(page).thresholds.lower[CRACK]
    panel.costs.fields[CRACK, "miss"].setValue(2)
    assert draft(page).thresholds.lower[CRACK] > cheap
    assert panel.buttons[Preset.COST].isChecked()
    panel.costs.fields[CRACK, "share"].setValue(1.0)
    basis = page.thresholds.basis().as_json()
    assert basis["costs"]["classes"]["Crack"] == {"miss": 2.0, "false_alarm": 1.0, "share": 0.01}


def test_a_set_is_saved_chosen_and_logged_with_a_way_back(
    page: ModelsPage, context: Context, qtbot: QtBot, notices: list[Notice]
) -> None:
    heard: list[bool] = []
    page.frame.thresholds_changed.connect(lambda: heard.append(True))
    page.thresholds.take_preset(Preset.MISS_NO_CRACK)
    page.ask_save()
    assert page.dialog is not None
    assert page.dialog.name.text().startswith("miss no crack 20")
    page.dialog.name.setText("Balanced")
    page.dialog.confirm.click()
    qtbot.waitUntil(lambda: page.dialog is not None and "ships" in page.dialog.fault(), timeout=WAIT)
    save(page, qtbot, "careful")
    assert context.inspector().thresholds.name == "careful"
    assert page.model_panel.in_force.text() == "In force: careful"
    assert page.model_panel.selected() == "careful"
    assert "139 of 139 cracks" in page.model_panel.about.text()
    with context.database.read() as session:
        row = session.scalars(select(StoredThresholds)).one()
        assert row.preset == "miss no crack"
        assert json.loads(json.dumps(row.basis))["allowed"] == 0
        assert any("0.947" in warning for warning in row.basis["warnings"])
    assert heard == [True]
    assert notices[-1].action is not None
    notices[-1].action()
    qtbot.waitUntil(lambda: page.model_panel.in_force.text() == f"In force: {AS_SHIPPED}", timeout=WAIT)
    assert context.thresholds() == context.model.card.thresholds
    assert [entry[1:] for entry in actions(context)] == [
        ("threshold set made", "threshold set careful"),
        ("threshold set chosen", "threshold set careful"),
        ("threshold set chosen", f"threshold set {AS_SHIPPED}"),
    ]


def test_a_set_may_be_saved_without_using_it(page: ModelsPage, context: Context, qtbot: QtBot) -> None:
    page.thresholds.set_value(Bound.UPPER, 0.5)
    save(page, qtbot, "later", use=False)
    assert context.thresholds() == context.model.card.thresholds
    page.model_panel.sets.setCurrentRow(1)
    assert page.model_panel.selected() == "later"
    page.model_panel.choose_button.click()
    qtbot.waitUntil(lambda: page.model_panel.in_force.text() == "In force: later", timeout=WAIT)
    assert draft(page).base.upper[CRACK] == 0.5


def test_only_who_is_signed_in_changes_sets(page: ModelsPage, context: Context, frame: Frame, qtbot: QtBot) -> None:
    with context.database.write() as session:
        ada = people.add(session, name="Ada", role=Role.INSPECTOR, by="system")
    page.read()
    qtbot.waitUntil(page.model_panel.why_not.isVisible, timeout=WAIT)
    page.thresholds.set_value(Bound.UPPER, 0.5)
    assert not page.model_panel.save_button.isEnabled()
    page.ask_save()
    assert page.dialog is None
    frame.set_person(ada)
    qtbot.waitUntil(page.model_panel.save_button.isEnabled, timeout=WAIT)
    assert draft(page).changed
    save(page, qtbot, "by Ada")
    assert [entry[0] for entry in actions(context)] == ["Ada", "Ada"]


def test_unsaved_changes_are_asked_for(
    in_window: ModelsPage, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Discard]
    asked: list[str] = []

    def ask(*arguments: object) -> QMessageBox.StandardButton:
        asked.append(str(arguments[2]))
        return answers[len(asked) - 1]

    monkeypatch.setattr("weldspot_desktop.ui.threshold_dialogs.QMessageBox.question", ask)
    in_window.thresholds.set_value(Bound.UPPER, 0.5)
    window.show_page("log")
    window.show_page("models")
    assert draft(in_window).changed
    in_window.choose(AS_SHIPPED)
    assert draft(in_window).changed
    window.close()
    assert window.isVisible()
    window.close()
    assert not window.isVisible()
    assert len(asked) == 3
    assert all("Crack" in words for words in asked)


def test_every_page_judges_by_the_new_set_at_once(
    in_window: ModelsPage, window: MainWindow, context: Context, qtbot: QtBot, weld_folder: Path
) -> None:
    live, importing, folder = window.page("live"), window.page("import"), window.page("folder")
    assert isinstance(live, LivePage)
    assert isinstance(importing, ImportPage)
    assert isinstance(folder, FolderPage)
    window.show_page("live")
    live.start_demo()
    qtbot.waitUntil(lambda: live.session.inspector is not None, timeout=WAIT)
    importing.open_file(weld_folder / "a.jpg")
    qtbot.waitUntil(lambda: importing._judged is not None, timeout=WAIT)
    folder.open_paths([weld_folder])
    qtbot.waitUntil(lambda: not folder.job.running and folder.model.total() > 0, timeout=3 * WAIT)
    heard: list[Notice] = []
    window.frame.noticed.connect(heard.append)
    window.show_page("models")
    for index in labels.DEFECTS:
        in_window.thresholds.show_class(index)
        in_window.thresholds.set_value(Bound.UPPER, 1.0)
        in_window.thresholds.set_value(Bound.LOWER, 0.0)
    save(in_window, qtbot, "all unsure")
    qtbot.waitUntil(
        lambda: importing._judged is not None and importing._judged.inspector.thresholds.name == "all unsure",
        timeout=WAIT,
    )
    assert importing._judged is not None
    assert importing._judged.inspected.judgement is not None
    assert importing._judged.inspected.judgement.verdict.value == "UNSURE"
    assert importing._judged.recordable
    qtbot.waitUntil(
        lambda: live.session.inspector is not None and live.session.inspector.thresholds.name == "all unsure",
        timeout=WAIT,
    )
    window.show_page("live")
    qtbot.waitUntil(lambda: live.display.judged is not None, timeout=WAIT)
    live.stop()
    assert "The folder's results were judged with the thresholds “balanced”." in [notice.text for notice in heard]
    assert folder.job.thresholds == "balanced"
    window.show_page("folder")
    folder.judge_again()
    qtbot.waitUntil(lambda: folder.job.thresholds == "all unsure", timeout=WAIT)
    qtbot.waitUntil(lambda: not folder.job.running, timeout=3 * WAIT)
    qtbot.waitUntil(
        lambda: folder.model.verdict_count("UNSURE") > 0 and folder.model.verdict_count("waiting") == 0, timeout=WAIT
    )
    assert folder.model.verdict_count("CLEAR") == folder.model.verdict_count("DEFECT") == 0


def test_a_set_that_another_program_chose_is_noticed(page: ModelsPage, context: Context, qtbot: QtBot) -> None:
    other = Context(context.workspace.root)
    made = draft(page).thresholds.model_copy(update={"name": "from outside", "upper": (0.9,) * 7})
    other.make_thresholds(made, preset=None, basis={}, person=None)
    other.choose_thresholds("from outside", person=None)
    other.close()
    page.thresholds.set_value(Bound.UPPER, 0.5)
    with qtbot.waitSignal(page.frame.thresholds_changed, timeout=WAIT):
        page.read()
    assert page.model_panel.in_force.text() == "In force: from outside"
    assert draft(page).base == made
    assert draft(page).thresholds.upper[CRACK] == 0.5


def test_a_set_that_was_altered_is_explained_and_can_be_left(page: ModelsPage, context: Context, qtbot: QtBot) -> None:
    page.thresholds.set_value(Bound.UPPER, 0.5)
    save(page, qtbot, "mine")
    with context.database.write() as session:
        session.connection().exec_driver_sql("UPDATE threshold_set SET digest = 'abcabcabcabc'")
    page.read()
    qtbot.waitUntil(lambda: "was altered" in page.model_panel.in_force.text(), timeout=WAIT)
    page.model_panel.sets.setCurrentRow(0)
    page.model_panel.choose_button.click()
    qtbot.waitUntil(lambda: page.model_panel.in_force.text() == f"In force: {AS_SHIPPED}", timeout=WAIT)


def test_a_foreign_model_without_scores_is_set_by_numbers(
    frame: Frame, context: Context, shown: Callable[..., QWidget], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = context.model
    card = shipped.card.model_copy(update={"companions": {}, "metrics": {}})
    monkeypatch.setattr(context._model_in_use, "_model", ModelFile(shipped.path, card, shipped.content, None))
    page = ModelsPage(context, frame)
    assert page.panel is not None
    qtbot.addWidget(page.panel)
    shown(page, 1000, 900)
    opened(page, qtbot)
    assert "can be set by numbers alone" in page.thresholds.missing.text()
    assert page.thresholds.missing.isVisible()
    assert not page.thresholds.plot.isVisible()
    assert not page.thresholds.table.isVisible()
    assert not page.thresholds.presets.buttons[Preset.MISS_NO_CRACK].isVisible()
    assert "Not measured" in page.model_panel.facts.text()
    page.thresholds.fields.fields[Bound.UPPER].setValue(0.7)
    assert draft(page).thresholds.upper[CRACK] == 0.7
    save(page, qtbot, "by numbers")
    assert "nothing could be counted" in page.model_panel.about.toolTip()


def test_the_pointer_tells_the_counts_and_curves_can_be_copied(page: ModelsPage, notices: list[Notice]) -> None:
    plot = page.thresholds.plot
    box = plot.view.getViewBox()
    plot.view.scene().sigMouseMoved.emit(box.mapViewToScene(QPointF(to_axis(0.5), 0.5)))
    assert plot.pointed.text().startswith("At 0.5000: recall ")
    page.copy_curves()
    rows = QGuiApplication.clipboard().text().strip().split("\n")
    assert rows[0].startswith("threshold\trecall")
    assert len(rows) == 691


@pytest.mark.parametrize("chosen", [Theme.LIGHT, Theme.DARK])
def test_everything_fits_and_is_named_at_150_percent(
    look: Callable[[Theme, int], None], page: ModelsPage, qtbot: QtBot, chosen: Theme
) -> None:
    look(chosen, 150)
    # What a small screen leaves between rail and panel at this text size.
    page.resize(890, 900)
    page.thresholds.take_preset(Preset.COST)
    qtbot.wait(30)
    area = page.thresholds.plot.parentWidget()
    for widget in (page.thresholds.plot, page.thresholds.fields, page.thresholds.presets, page.thresholds.table):
        assert widget.mapTo(area, widget.rect().topRight()).x() <= page.thresholds.width(), widget
        assert widget.width() >= widget.minimumSizeHint().width()
    for root in (page, page.model_panel):
        for button in root.findChildren(QAbstractButton):
            if button.isVisible():
                assert button.accessibleName() or button.text()
                assert button.width() >= button.minimumSizeHint().width()
    for field in page.thresholds.presets.costs.fields.values():
        assert field.accessibleName()
        assert field.width() >= field.fontMetrics().horizontalAdvance("100.0") + 40
    image = page.thresholds.plot.view.grab().toImage()
    assert image.height() >= theme.pixels(200)
    assert page.thresholds.plot.view.geometry().bottom() < page.thresholds.plot.pointed.geometry().top()
    seen = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    assert len(seen) > 20


def test_a_draft_keeps_its_limits_whatever_is_done_to_it() -> None:
    generator = np.random.default_rng(3)
    made = ThresholdDraft(ThresholdSet(name="x", lower=(0.3,) * 7, upper=(0.6,) * 7))
    for step in range(300):
        index, bound = int(generator.integers(7)), list(Bound)[step % 2]
        made.set_value(index, bound, float(generator.uniform(-0.5, 1.5)))
        ThresholdSet.model_validate(made.thresholds.model_dump())
    for index in (labels.BACKGROUND, labels.GOOD_WELDING):
        assert made.thresholds.lower[index] == made.thresholds.upper[index]
    while made.can_undo:
        made.undo()
    assert not made.changed
    assert made.can_redo
