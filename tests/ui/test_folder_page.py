import csv
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.inspection.recording import Recorder
from weldspot_desktop.model import ModelFileError
from weldspot_desktop.settings import KeptPictures
from weldspot_desktop.store import StoreError, inspections
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection, KeptPicture
from weldspot_desktop.ui.folder_job import Target
from weldspot_desktop.ui.pages.folder_page import FolderPage
from weldspot_desktop.ui.results_model import COLUMNS, NOT_JUDGED, VERDICT


@pytest.fixture
def page(frame, shown) -> FolderPage:
    made = FolderPage(frame.context, frame)
    shown(made.panel, 320, 800)
    yield shown(made, 960, 800)
    made.shutdown()


@pytest.fixture
def judge(page, qtbot) -> Callable[[Target], None]:
    def run(target: Target) -> None:
        page.judge(target)
        qtbot.waitUntil(lambda: not page.job.running, timeout=30_000)

    return run


def kept(context: Context) -> list[Inspection]:
    with context.database.read() as session:
        return inspections.page(session, Query(newest_first=False), offset=0, limit=1000)


def slow(monkeypatch: pytest.MonkeyPatch, seconds: float = 0.05) -> None:
    """Judging takes its time."""
    real = Inspector.file

    def wait(self: Inspector, path: Path, **more: object) -> object:
        time.sleep(seconds)
        return real(self, path, **more)

    monkeypatch.setattr(Inspector, "file", wait)


def test_the_empty_page_is_one_sentence_and_one_button(page, monkeypatch, qtbot, weld_folder):
    assert page.card.isVisible()
    monkeypatch.setattr(
        "weldspot_desktop.ui.pages.folder_page.QFileDialog.getExistingDirectory", lambda *_: str(weld_folder)
    )
    page.card.pressed.emit()
    qtbot.waitUntil(lambda: page.model.total() == 9 and not page.job.running, timeout=30_000)
    assert page.frame.memory.value("folder/last") == str(weld_folder)


def test_every_file_has_its_row_and_its_record(page, judge, weld_folder, notices):
    judge(Target(weld_folder))
    rows = {Path(row.origin).name: row for row in page.model.all_rows()}
    assert len(rows) == 9
    for name in ("a.jpg", "Größe-ü.jpg", "焊缝.jpg", "l" * 200 + ".jpg", "c.jpg"):
        assert rows[name].judgement is not None
        assert rows[name].prediction.heatmap.size == 0
    for name, words in {"empty.jpg": "empty", "broken.jpg": "damaged", "words.png": "not a picture"}.items():
        assert words in rows[name].error
    assert page.model.verdict_count(NOT_JUDGED) == 3
    records = kept(page.context)
    assert [record.origin for record in records] == [row.origin for row in page.model.all_rows()]
    assert {record.source for record in records} == {"folder"}
    assert sum(record.error is not None for record in records) == 3
    assert notices[-1].text.startswith("9 pictures done")


@pytest.mark.parametrize("setting", list(KeptPictures))
def test_the_setting_decides_which_pictures_are_kept(page, judge, weld_folder, context, setting):
    context.settings.folder.copy_pictures = setting
    judge(Target(weld_folder))
    verdicts = {row.sha256: row.judgement.verdict for row in page.model.all_rows() if row.judgement is not None}
    expected = {
        KeptPictures.NONE: set(),
        KeptPictures.DOUBTFUL: {sha for sha, verdict in verdicts.items() if verdict in ("DEFECT", "UNSURE")},
        KeptPictures.ALL: set(verdicts),
    }[setting]
    with context.database.read() as session:
        assert {picture.sha256 for picture in session.query(KeptPicture)} == expected


def test_subfolders_as_the_setting_says(page, judge, weld_folder, context):
    context.settings.folder.recursive = False
    judge(Target(weld_folder))
    assert page.model.total() == 8


def test_dropped_files_are_judged_alone(page, qtbot, weld_folder):
    page.open_paths([weld_folder / "a.jpg", weld_folder / "焊缝.jpg"])
    qtbot.waitUntil(lambda: page.model.total() == 2 and not page.job.running, timeout=30_000)
    page.open_paths([weld_folder])
    qtbot.waitUntil(lambda: page.model.total() == 9 and not page.job.running, timeout=30_000)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_utf_8_is_judged_shown_and_recorded(page, judge, weld_folder):
    strange = Path(os.fsdecode(os.fsencode(weld_folder) + b"/schwei\xdf.jpg"))
    try:
        strange.write_bytes((weld_folder / "a.jpg").read_bytes())
    except OSError:
        pytest.skip("this file system takes no such names")
    judge(Target(weld_folder, (strange,)))
    row = page.model.all_rows()[0]
    assert row.judgement is not None
    assert page.model.data(page.model.index(0, 1)) == "schwei\\udcdf.jpg"
    page.table.selectRow(0)
    assert kept(page.context)[0].origin.endswith("schwei\\udcdf.jpg")


def test_a_folder_without_pictures_is_explained_and_another_can_be_judged(page, judge, tmp_path, weld_folder):
    empty = tmp_path / "nothing"
    empty.mkdir()
    judge(Target(empty))
    assert "no pictures in “nothing”" in page.card.text()
    assert page.card.isVisible()
    judge(Target(weld_folder))
    assert not page.card.isVisible()
    assert page.table.isVisible()


def test_a_model_that_cannot_be_used_is_explained(page, judge, weld_folder, monkeypatch):
    def broken(self: Context, **_: object) -> None:
        raise ModelFileError("The model x has no card.", "Put x.card.json beside it.")

    monkeypatch.setattr(Context, "inspector", broken)
    judge(Target(weld_folder))
    assert "model cannot be used" in page.card.text()
    assert "Put x.card.json" in page.card.text()


def test_cancelling_keeps_and_records_what_was_judged(page, qtbot, weld_folder, monkeypatch, notices):
    slow(monkeypatch)
    many = Target(weld_folder, (weld_folder / "a.jpg",) * 300)
    page.judge(many)
    qtbot.waitUntil(lambda: page.model.total() >= 3, timeout=20_000)
    assert page.cancel_button.isVisible()
    assert "of 300" in page.state.text()
    assert "left" in page.state.text()
    qtbot.mouseClick(page.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.job.running, timeout=20_000)
    assert 3 <= page.model.total() < 300
    assert len(kept(page.context)) == page.model.total() == page.job.recorded
    assert notices[-1].text.startswith("Cancelled")
    assert "cancelled" in page.state.text()
    assert not page.cancel_button.isVisible()


def test_a_second_folder_waits_for_the_first(page, qtbot, weld_folder, monkeypatch, notices):
    slow(monkeypatch)
    page.judge(Target(weld_folder))
    page.judge(Target(weld_folder / "sub"))
    assert "being judged" in notices[-1].text
    qtbot.waitUntil(lambda: not page.job.running, timeout=30_000)
    assert page.model.total() == 9


def test_it_can_be_judged_again(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    first = [row.judgement for row in page.model.all_rows()]
    page.judge_again()
    qtbot.waitUntil(lambda: not page.job.running, timeout=30_000)
    assert [row.judgement for row in page.model.all_rows()] == first
    assert len(kept(page.context)) == 18


def test_closing_in_the_middle_stops_and_records(page, qtbot, weld_folder, monkeypatch):
    slow(monkeypatch)
    page.judge(Target(weld_folder, (weld_folder / "a.jpg",) * 500))
    qtbot.waitUntil(lambda: page.model.total() >= 2, timeout=20_000)
    begun = time.monotonic()
    page.shutdown()
    page.frame.workers.close()
    assert time.monotonic() - begun < 5
    recorded = len(kept(page.context))
    assert 2 <= recorded < 500
    assert recorded == page.job.recorded


def test_when_the_disk_is_full_judging_goes_on_and_the_person_is_told_once(
    page, judge, weld_folder, monkeypatch, notices
):
    def full(*_: object, **__: object) -> list[int]:
        raise StoreError("The disk is full.", "Free some space.")

    monkeypatch.setattr(Recorder, "record", full)
    judge(Target(weld_folder, (weld_folder / "b.jpg",) * 120))
    assert page.model.total() == 120
    told = [notice for notice in notices if notice.text == "The disk is full."]
    assert len(told) == 1
    assert "not kept in the log" in told[0].advice


def test_results_come_in_batches_and_not_one_by_one(page, judge, weld_folder):
    batches = []
    page.job.rows.connect(lambda rows: batches.append(len(rows)))
    judge(Target(weld_folder, (weld_folder / "b.jpg",) * 200))
    assert sum(batches) == 200
    assert len(batches) < 100


def test_a_selected_row_shows_picture_heat_map_and_verdict(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    place = page.model.place_of(str(weld_folder / "焊缝.jpg"))
    page.table.selectRow(place)
    assert page.picture.isVisible()
    qtbot.waitUntil(page.picture.view.heat_map_visible, timeout=10_000)
    assert page.picture.view.picture_size().width() == 256
    verdict = page.model.row(place).judgement.verdict
    assert page.judged_panel.verdict.text().startswith(verdict.value)
    assert "焊缝" in page.judged_panel.text()


def test_the_keyboard_steps_through_the_rows(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    first = page.table.currentIndex().row()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.table.currentIndex().row() == first + 1
    page.step(1)
    assert page.selected_rows() == [first + 2]
    page.step(-100)
    assert page.selected_rows() == [0]


def test_fast_stepping_ends_on_the_last_row_alone(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    for place in range(page.model.rowCount()):
        page.table.selectRow(place)
    last = page.model.place_of(str(weld_folder / "b.jpg"))
    page.table.selectRow(last)
    qtbot.waitUntil(lambda: not page.picture._reading, timeout=10_000)
    qtbot.waitUntil(page.picture.view.heat_map_visible, timeout=10_000)
    assert page.picture._wanted[0].origin.endswith("b.jpg")


def test_a_broken_row_explains_itself(page, judge, weld_folder):
    judge(Target(weld_folder))
    page.table.selectRow(page.model.place_of(str(weld_folder / "broken.jpg")))
    assert "damaged" in page.picture.card.text()
    assert page.picture.card.isVisible()
    assert page.judged_panel.verdict.text().startswith("NOT JUDGED")


def test_a_file_that_changed_or_went_away_is_told(page, judge, qtbot, weld_folder, notices):
    judge(Target(weld_folder))
    (weld_folder / "a.jpg").write_bytes((weld_folder / "b.jpg").read_bytes())
    page.table.selectRow(page.model.place_of(str(weld_folder / "a.jpg")))
    qtbot.waitUntil(lambda: any("another picture now" in notice.text for notice in notices))
    assert not page.picture.view.heat_map_visible()
    (weld_folder / "焊缝.jpg").unlink()
    page.table.selectRow(page.model.place_of(str(weld_folder / "焊缝.jpg")))
    qtbot.waitUntil(lambda: "could not be read" in page.picture.card.text())


def test_filters_by_chip_class_and_text_and_the_selection_stays(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    page.table.selectRow(page.model.place_of(str(weld_folder / "broken.jpg")))
    page.verdicts.chip(NOT_JUDGED).click()
    assert page.model.rowCount() == 3
    assert page.model.row(page.selected_rows()[0]).origin.endswith("broken.jpg")
    assert "3 of 9" in page.state.text()
    page.search.setText("EMPTY")
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.clear_filters()
    assert page.model.rowCount() == 9
    index = page.classes.findData(2)
    page.classes.setCurrentIndex(index)
    page.classes.activated.emit(index)
    assert all(2 in row.judgement.classes for row in page.model.shown_rows())


def test_a_click_on_the_head_sorts_and_a_third_brings_the_order_of_arrival_back(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    arrival = [row.origin for row in page.model.shown_rows()]
    header = page.table.horizontalHeader()
    x = header.sectionViewportPosition(VERDICT) + 10

    def click() -> list[str]:
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header.rect().topLeft() + QPoint(x, 10))
        return [page.model.data(page.model.index(place, VERDICT)) for place in range(page.model.rowCount())]

    ascending = click()
    assert ascending == sorted(ascending, key=["DEFECT", "UNSURE", "RETAKE", NOT_JUDGED, "CLEAR", "NO WELD"].index)
    descending = click()
    assert descending[0] == ascending[-1] != ascending[0]
    click()
    assert [row.origin for row in page.model.shown_rows()] == arrival


def test_copy_gives_the_visible_columns_of_the_selected_rows(page, judge, weld_folder, notices):
    judge(Target(weld_folder))
    page.copy_selected()
    assert "No row" in notices[-1].text
    page.table.selectAll()
    page.copy_selected()
    lines = QGuiApplication.clipboard().text().split("\n")
    titles = [column.title for column in COLUMNS if column.shown and column.key != "picture"]
    assert lines[0].split("\t") == titles
    assert len(lines) == 10
    assert all(len(line.split("\t")) == len(titles) for line in lines)


def test_columns_are_chosen_and_remembered(page, frame, shown):
    place = next(i for i, column in enumerate(COLUMNS) if column.key == "size")
    action = next(action for action in page.columns.menu().actions() if action.text() == "Size")
    assert page.table.isColumnHidden(place)
    action.trigger()
    page.table.setColumnWidth(place, 77)
    page.deactivated()
    again = shown(FolderPage(frame.context, frame), 960, 800)
    assert not again.table.isColumnHidden(place)
    assert again.table.columnWidth(place) == 77


def test_export_all_and_filtered(page, judge, qtbot, weld_folder, tmp_path, notices):
    judge(Target(weld_folder))
    page.export(tmp_path / "all.csv", all_rows=True)
    qtbot.waitUntil(lambda: (tmp_path / "all.csv").exists())
    qtbot.waitUntil(lambda: page.export_button.isEnabled())
    page.verdicts.chip(NOT_JUDGED).click()
    menu = page.export_menu()
    assert [action.text() for action in menu.actions()] == ["All rows (9)", "Filtered rows (3)"]
    page.export(tmp_path / "some.csv", all_rows=False)
    qtbot.waitUntil(lambda: "3 rows written" in notices[-1].text)
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == [row.origin for row in page.model.all_rows()]
    assert {row["model"] for row in rows if row["verdict"]} == {page._inspector.model.title}


def test_an_export_that_fails_is_told(page, judge, qtbot, weld_folder, tmp_path, notices):
    judge(Target(weld_folder))
    page.export(tmp_path / "missing" / "all.csv", all_rows=True)
    qtbot.waitUntil(lambda: "cannot be written" in notices[-1].text)
    qtbot.waitUntil(lambda: page.export_button.isEnabled())


def test_sort_order_holds_while_rows_arrive(page, qtbot, weld_folder, monkeypatch):
    slow(monkeypatch, 0.03)
    page.judge(Target(weld_folder, tuple(weld_folder / f"{name}.jpg" for name in ("焊缝", "b", "a") * 20)))
    page.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    qtbot.waitUntil(lambda: not page.job.running, timeout=30_000)
    names = [page.model.data(page.model.index(place, 1)) for place in range(page.model.rowCount(QModelIndex()))]
    assert names == sorted(names)
    assert len(names) == 60
