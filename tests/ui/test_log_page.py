"""The log page: rows read when seen, filters, copies, columns, export, the selected picture."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.reports.inspection_table import COLUMNS as CSV_COLUMNS
from weldspot_desktop.store.found_picture import find_picture
from weldspot_desktop.store.inspections import UNJUDGED
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.ui.frame import Frame, Notice
from weldspot_desktop.ui.inspection_details import facts
from weldspot_desktop.ui.inspection_model import COLUMNS, TIME, VERDICT, InspectionModel
from weldspot_desktop.ui.pages.log_page import LogPage

Show = Callable[..., QWidget]
Keep = Callable[[int], None]


def opened(context: Context, frame: Frame, shown: Show, qtbot: QtBot) -> LogPage:
    page = LogPage(context, frame)
    assert page.panel is not None
    qtbot.addWidget(page.panel)
    shown(page)
    with qtbot.waitSignal(page.model.counted):
        page.activated()
    return page


@pytest.fixture
def page(context: Context, frame: Frame, keep: Keep, shown: Show, qtbot: QtBot) -> LogPage:
    keep(240)
    made = opened(context, frame, shown, qtbot)
    qtbot.waitUntil(lambda: made.model.inspection(0) is not None)
    return made


def text(page: LogPage, row: int, key: str) -> str:
    column = next(i for i, column in enumerate(COLUMNS) if column.key == key)
    return str(page.model.index(row, column).data())


def test_an_empty_log_says_so_and_leads_on(context: Context, frame: Frame, shown: Show, qtbot: QtBot) -> None:
    page = opened(context, frame, shown, qtbot)
    assert page.empty.isVisible()
    assert page.empty.text() == "No inspection is kept yet."
    assert not page.export_button.isEnabled()
    with qtbot.waitSignal(frame.page_wanted) as wanted:
        page.empty.pressed.emit()
    assert wanted.args == ["import"]


def test_rows_newest_first_with_sign_and_colour(page: LogPage) -> None:
    assert page.model.rowCount() == 240
    assert page.found.text() == "240 inspections"
    assert text(page, 0, "picture") == "part-00239.jpg"
    assert text(page, 0, "verdict") == "NOT JUDGED"
    assert text(page, 0, "reason") == "The picture is damaged or cut off."
    assert text(page, 3, "verdict") == "DEFECT"
    cell = page.model.index(3, VERDICT)
    assert not cell.data(Qt.ItemDataRole.DecorationRole).isNull()
    assert cell.data(Qt.ItemDataRole.ForegroundRole).isValid()
    assert text(page, 3, "score_2") == "0.90"


def test_rows_are_read_when_they_are_seen(page: LogPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    original = InspectionModel._read_page
    monkeypatch.setattr(
        InspectionModel,
        "_read_page",
        lambda self, query, number: (read.append(number), original(self, query, number))[1],
    )
    assert page.model.index(239, TIME).data() is None
    assert page.model.index(238, TIME).data() is None
    qtbot.waitUntil(lambda: page.model.inspection(239) is not None)
    assert read == [2]
    assert text(page, 239, "picture") == "part-00000.jpg"


def test_a_large_log_keeps_few_rows_in_memory(
    context: Context, frame: Frame, keep: Keep, shown: Show, qtbot: QtBot
) -> None:
    keep(9_000)
    page = opened(context, frame, shown, qtbot)
    assert page.model.rowCount() == 9_000
    for row in range(0, 9_000, 100):
        qtbot.waitUntil(lambda row=row: page.model.inspection(row) is not None)
    assert len(page.model._pages) == 60


def test_chips_search_and_source_filter(page: LogPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.model.counted):
        page.verdicts.chip("DEFECT").click()
    assert page.model.rowCount() == 60
    with qtbot.waitSignal(page.model.counted):
        page.verdicts.chip(UNJUDGED).click()
    assert page.model.rowCount() == 120
    with qtbot.waitSignal(page.model.counted):
        page.source.setCurrentIndex(page.source.findData("live"))
        page.source.activated.emit(page.source.currentIndex())
    assert page.model.rowCount() == 40
    with qtbot.waitSignal(page.model.counted):
        qtbot.keyClicks(page.search, "part-00003")
    assert page.model.rowCount() == 1
    with qtbot.waitSignal(page.model.counted):
        qtbot.keyClicks(page.search, "xyz")
    assert page.empty.text() == "No inspection matches."
    with qtbot.waitSignal(page.model.counted):
        page.empty.pressed.emit()
    assert page.model.rowCount() == 240
    assert page.search.text() == ""
    assert page.table.isVisible()


def test_the_time_column_turns_the_order(page: LogPage, qtbot: QtBot) -> None:
    header = page.table.horizontalHeader()
    assert header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
    with qtbot.waitSignal(page.model.counted):
        header.sectionClicked.emit(TIME)
    assert header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
    qtbot.waitUntil(lambda: page.model.inspection(0) is not None)
    assert text(page, 0, "picture") == "part-00000.jpg"
    header.sectionClicked.emit(VERDICT)
    assert header.sortIndicatorSection() == TIME


def test_copy_gives_tsv_of_the_shown_columns(page: LogPage, qtbot: QtBot, notices: list[Notice]) -> None:
    page.table.selectRow(3)
    selection = page.table.selectionModel()
    selection.select(page.model.index(2, 0), selection.SelectionFlag.Select | selection.SelectionFlag.Rows)
    qtbot.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, first, second = QGuiApplication.clipboard().text().split("\n")
    assert head.split("\t")[:3] == ["Time", "Verdict", "Reason"]
    assert first.split("\t")[1] == "CLEAR"
    assert second.split("\t")[1] == "DEFECT"
    assert notices[-1].text == "2 rows copied."


def test_columns_are_chosen_and_remembered(
    page: LogPage, context: Context, frame: Frame, shown: Show, qtbot: QtBot
) -> None:
    score = next(i for i, column in enumerate(COLUMNS) if column.key == "score_2")
    assert page.table.isColumnHidden(score)
    menu = page.columns_menu()
    actions = {action.text(): action for action in menu.actions()}
    actions["Crack"].trigger()
    actions["Source"].trigger()
    assert not page.table.isColumnHidden(score)
    page.table.setColumnWidth(score, 77)
    with qtbot.waitSignal(page.model.counted):
        page.verdicts.chip("CLEAR").click()
    page.deactivated()
    again = opened(context, frame, shown, qtbot)
    assert not again.table.isColumnHidden(score)
    assert again.table.columnWidth(score) == 77
    assert again.verdicts.chosen() == ("CLEAR",)
    assert again.model.rowCount() == 60


def test_a_new_record_appears(page: LogPage, frame: Frame, keep: Keep, qtbot: QtBot) -> None:
    keep(4)
    with qtbot.waitSignal(page.model.counted):
        frame.records_changed.emit()
    assert page.model.rowCount() == 244


def test_export_of_what_the_filters_leave(
    page: LogPage, qtbot: QtBot, tmp_path: Path, notices: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), "CSV (*.csv)"))
    with qtbot.waitSignal(page.model.counted):
        page.verdicts.chip("DEFECT").click()
    page.ask_export()
    assert not page.export_button.isEnabled()
    qtbot.waitUntil(lambda: bool(notices))
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == 61
    assert {row[CSV_COLUMNS.index("verdict")] for row in rows[1:]} == {"DEFECT"}
    assert "60 inspections" in notices[-1].text
    qtbot.waitUntil(page.export_button.isEnabled)


def test_an_export_that_cannot_be_written_is_explained(
    page: LogPage, qtbot: QtBot, tmp_path: Path, notices: list[Notice]
) -> None:
    page.export(tmp_path / "no such folder" / "out.csv")
    qtbot.waitUntil(lambda: bool(notices))
    assert "cannot be written" in notices[-1].text
    qtbot.waitUntil(page.export_button.isEnabled)


@pytest.fixture
def recorded(context: Context, weld_pixels: NDArray[np.uint8], tmp_path: Path) -> tuple[Path, Path]:
    """Two records of real inspections: a picture that is kept, and one that stays where it is."""
    inspector = context.inspector()
    recorder = context.recorder(inspector)
    paths = tmp_path / "kept.png", tmp_path / "left.png"
    for number, path in enumerate(paths):
        Image.fromarray(np.roll(weld_pixels, number * 10, axis=0)).save(path)
        content = path.read_bytes()
        found = inspector.content(content, origin=str(path))
        kept = content if number == 0 else None
        recorder.record([ToRecord(found, kept, weld={"weld_id": f"W-{number}"})], source=Source.IMPORT, person=None)
    return paths


def select(page: LogPage, qtbot: QtBot, row: int) -> None:
    qtbot.waitUntil(lambda: page.model.inspection(row) is not None)
    # Qt still believes in the modifiers of the last key that a test pressed.
    page.table.clearSelection()
    page.table.selectRow(row)


def test_the_panel_shows_picture_verdict_and_facts(
    context: Context, frame: Frame, shown: Show, qtbot: QtBot, recorded: tuple[Path, Path]
) -> None:
    page = opened(context, frame, shown, qtbot)
    assert page.panel is not None
    page.panel.show()
    details = page.details
    recorded[0].unlink()
    select(page, qtbot, 1)
    qtbot.waitUntil(lambda: details.picture.pixels() is not None)
    assert details.sentence.text() == "Kept in the workspace."
    row = page.model.inspection(1)
    assert row is not None
    assert row.verdict is not None
    assert row.verdict in details.judged.verdict.text()
    select(page, qtbot, 0)
    qtbot.waitUntil(lambda: "old place, where it is unchanged" in details.sentence.text())
    page.table.clearSelection()
    assert details.shown is None
    page.panel.close()


def test_a_picture_that_changed_or_went_is_not_shown(
    context: Context, frame: Frame, recorded: tuple[Path, Path]
) -> None:
    left = recorded[1]
    with context.database.read() as session:
        row = session.get(Inspection, 2)
        assert row is not None
        assert find_picture(None, row).pixels is not None
        Image.new("RGB", (64, 64)).save(left)
        assert "another one now" in find_picture(None, row).sentence
        left.unlink()
        assert "not at its old place" in find_picture(None, row).sentence
        assert find_picture(None, row).pixels is None


def test_facts_name_model_and_thresholds(page: LogPage) -> None:
    row = page.model.inspection(3)
    assert row is not None
    known = dict(facts(row))
    assert known["Model"] == "weld 1 (abababababab)"
    assert known["Thresholds"].startswith("balanced (")
    assert known["Weld ID"] == "W-236"
    assert known["Inspector"] == "system"


def test_several_rows_are_counted_in_the_panel(page: LogPage) -> None:
    page.table.selectAll()
    assert page.details.judged.verdict.text() == "240 rows selected"


def test_the_selected_record_stays_selected_when_newer_ones_arrive(
    page: LogPage, frame: Frame, keep: Keep, qtbot: QtBot
) -> None:
    page.table.selectRow(2)
    assert page.details.shown is not None
    chosen = page.details.shown.id
    keep(2)
    frame.records_changed.emit()
    qtbot.waitUntil(lambda: page.model.rowCount() == 242)
    qtbot.waitUntil(lambda: page.model.inspection(4) is not None)
    assert page.selected_rows() == [4]
    assert page.details.shown is not None
    assert page.details.shown.id == chosen
