import csv
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.folder import Target
from weldspot_desktop.inspection.folder_save import Saver
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.model import ModelFileError
from weldspot_desktop.settings import KeptPictures
from weldspot_desktop.store import StoreError, folder_table, inspections, people
from weldspot_desktop.store.folder_table import UNJUDGED, WAITING, Row
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection, KeptPicture
from weldspot_desktop.ui.folder_columns import COLUMNS, NOT_JUDGED, VERDICT
from weldspot_desktop.ui.pages.folder_page import FolderPage
from weldspot_desktop.verdict import Verdict


@pytest.fixture
def page(frame, shown) -> FolderPage:
    made = FolderPage(frame.context, frame)
    shown(made.panel, 320, 800)
    yield shown(made, 960, 800)
    made.shutdown()


def settled(page: FolderPage, qtbot) -> None:
    """The job is over, and the table shows all of it."""
    qtbot.waitUntil(lambda: not page.job.running, timeout=60_000)
    run = page.job.run
    qtbot.waitUntil(
        lambda: run is None or run.total is None or page.model.total() - page.model.verdict_count(WAITING)
        == run.judged + run.reused,
        timeout=10_000,
    )  # fmt: skip


@pytest.fixture
def judge(page, qtbot) -> Callable[[Target], None]:
    def run(target: Target) -> None:
        page.judge(target)
        settled(page, qtbot)

    return run


def rows(page: FolderPage) -> list[Row]:
    """What the table shows, read as it reads."""
    database, run_id = page.model.source
    with database.read() as session:
        return folder_table.rows(session, run_id, page.model.positions(range(page.model.rowCount())))


def place_of(page: FolderPage, name: str) -> int:
    return next(place for place, row in enumerate(rows(page)) if Path(row.path).name == name)


def select(page: FolderPage, qtbot, name: str) -> Row:
    page.table.selectRow(place_of(page, name))

    def known() -> bool:
        row = page.results.current()
        return row is not None and Path(row.path).name == name and row.inspection is not None

    qtbot.waitUntil(known)
    return page.results.current()


def kept(context: Context) -> list[Inspection]:
    with context.database.read() as session:
        return inspections.page(session, Query(newest_first=False), offset=0, limit=1000)


def slow(monkeypatch: pytest.MonkeyPatch, seconds: float = 0.05) -> None:
    """Judging takes its time."""
    real = Inspector.content

    def wait(self: Inspector, content: bytes, **more: object) -> object:
        time.sleep(seconds)
        return real(self, content, **more)

    monkeypatch.setattr(Inspector, "content", wait)


@pytest.fixture
def many(weld_folder) -> tuple[Path, ...]:
    """A hundred and twenty different pictures that look alike."""
    content = (weld_folder / "a.jpg").read_bytes()
    folder = weld_folder.parent / "many"
    folder.mkdir()
    for number in range(120):
        (folder / f"{number:03d}.jpg").write_bytes(content + str(number).encode())
    return tuple(sorted(folder.iterdir()))


def test_the_empty_page_is_one_sentence_and_one_button(page, monkeypatch, qtbot, weld_folder):
    page.activated()
    assert page.card.isVisible()
    monkeypatch.setattr(
        "weldspot_desktop.ui.pages.folder_page.QFileDialog.getExistingDirectory", lambda *_: str(weld_folder)
    )
    page.card.pressed.emit()
    settled(page, qtbot)
    assert page.model.total() == 9
    assert page.frame.memory.value("folder/last") == str(weld_folder)


def test_every_file_has_its_row_and_its_record(page, judge, weld_folder, notices):
    judge(Target(weld_folder))
    found = {Path(row.path).name: row for row in rows(page)}
    assert len(found) == 9
    for name in ("a.jpg", "Größe-ü.jpg", "焊缝.jpg", "l" * 200 + ".jpg", "c.jpg"):
        assert found[name].verdict in tuple(Verdict)
        assert found[name].inspection.uncertainty is not None
    for name, words in {"empty.jpg": "empty", "broken.jpg": "damaged", "words.png": "not a picture"}.items():
        assert words in found[name].inspection.error
    assert page.model.verdict_count(UNJUDGED) == 3
    records = kept(page.context)
    assert {record.origin for record in records} == {row.path for row in found.values()}
    assert {record.source for record in records} == {"folder"}
    assert notices[-1].text == "9 pictures done."


@pytest.mark.parametrize("setting", list(KeptPictures))
def test_the_setting_decides_which_pictures_are_kept(page, judge, weld_folder, context, setting):
    context.settings.folder.copy_pictures = setting
    judge(Target(weld_folder))
    verdicts = {row.inspection.sha256: row.verdict for row in rows(page) if row.verdict}
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
    settled(page, qtbot)
    assert page.model.total() == 2
    page.open_paths([weld_folder])
    settled(page, qtbot)
    assert page.model.total() == 9


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_utf_8_is_judged_shown_and_recorded(page, judge, qtbot, weld_folder):
    strange = Path(os.fsdecode(os.fsencode(weld_folder) + b"/schwei\xdf.jpg"))
    try:
        strange.write_bytes((weld_folder / "a.jpg").read_bytes())
    except OSError:
        pytest.skip("this file system takes no such names")
    judge(Target(weld_folder, (strange,)))
    assert rows(page)[0].verdict in tuple(Verdict)
    page.table.selectRow(0)
    qtbot.waitUntil(page.picture.view.heat_map_visible, timeout=10_000)
    assert page.model.data(page.model.index(0, 1)) == "schwei\\udcdf.jpg"
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


def test_cancelling_keeps_what_was_judged_and_offers_to_go_on(page, qtbot, many, monkeypatch, notices):
    slow(monkeypatch)
    page.judge(Target(many[0].parent))
    qtbot.waitUntil(lambda: 0 < page.model.verdict_count(WAITING) < 120, timeout=20_000)
    assert page.toolbar.cancel.isVisible()
    qtbot.waitUntil(lambda: "of 120" in page.toolbar.state.text() and "left" in page.toolbar.state.text())
    qtbot.mouseClick(page.toolbar.cancel, Qt.MouseButton.LeftButton)
    settled(page, qtbot)
    done = 120 - page.model.verdict_count(WAITING)
    assert 0 < done < 120
    assert len(kept(page.context)) == done == page.job.recorded
    assert notices[-1].text.startswith("Cancelled")
    qtbot.waitUntil(lambda: page.toolbar.again.text() == "Go on")
    assert f"{done} of 120 done" in page.toolbar.state.text()
    monkeypatch.undo()
    page.judge_again()
    settled(page, qtbot)
    assert page.model.verdict_count(WAITING) == 0
    assert page.job.run.reused == done
    assert len(kept(page.context)) == 120
    assert page.toolbar.again.text() == "Judge again"


def test_a_pause_saves_and_rests_until_it_ends(page, qtbot, many, monkeypatch):
    slow(monkeypatch, 0.01)
    page.judge(Target(many[0].parent))
    qtbot.waitUntil(lambda: page.job.run is not None and page.job.progress.done > 5, timeout=20_000)
    page.pause()
    assert page.toolbar.pause.text() == "Go on"
    qtbot.waitUntil(lambda: page.job.recorded == page.job.progress.done, timeout=10_000)
    done = page.job.progress.done
    qtbot.wait(300)
    assert page.job.progress.done == done < 120
    assert "paused" in page.toolbar.state.text()
    page.pause()
    settled(page, qtbot)
    assert len(kept(page.context)) == 120


def test_a_window_closed_in_the_middle_offers_to_go_on_at_the_next_start(page, frame, shown, qtbot, many, monkeypatch):
    slow(monkeypatch)
    page.judge(Target(many[0].parent))
    qtbot.waitUntil(lambda: page.job.recorded > 0, timeout=20_000)
    begun = time.monotonic()
    page.shutdown()
    assert time.monotonic() - begun < 5
    recorded = len(kept(page.context))
    assert 0 < recorded == page.job.recorded < 120
    monkeypatch.undo()
    again = shown(FolderPage(frame.context, frame), 960, 800)
    again.activated()
    said: list[str] = []

    def counted() -> bool:
        said.append(again.toolbar.state.text())
        return again.toolbar.again.text() == "Go on" and f"{recorded} of 120 done" in said[-1]

    qtbot.waitUntil(counted)
    assert not any("0 of 0" in words for words in said)
    again.toolbar.again.click()
    settled(again, qtbot)
    assert again.job.run.reused == recorded
    assert len(kept(page.context)) == 120
    again.shutdown()


def test_a_second_folder_waits_for_the_first(page, qtbot, weld_folder, monkeypatch, notices):
    slow(monkeypatch)
    page.judge(Target(weld_folder))
    page.judge(Target(weld_folder / "sub"))
    assert "being judged" in notices[-1].text
    settled(page, qtbot)
    assert page.model.total() == 9


def test_judging_again_finds_everything_known(page, judge, qtbot, weld_folder, notices):
    judge(Target(weld_folder))
    first = [row.verdict for row in rows(page)]
    page.judge_again()
    settled(page, qtbot)
    assert [row.verdict for row in rows(page)] == first
    assert len(kept(page.context)) == 9
    assert notices[-1].text == "9 pictures done, all of them known already."


def test_when_the_disk_is_full_judging_goes_on_and_the_person_is_told_once(
    page, judge, qtbot, many, monkeypatch, notices, frame, context
):
    real, tries = Saver.save, []

    def full(self: Saver, *batch: object) -> int:
        tries.append(None)
        if len(tries) == 2:
            raise StoreError("The disk is full.", "Free some space.")
        return real(self, *batch)

    with context.database.write() as session:
        frame.set_person(people.add(session, name="Anna", role=people.Role.INSPECTOR, by="system"))
    monkeypatch.setattr(Saver, "save", full)
    judge(Target(many[0].parent, many))
    qtbot.waitUntil(lambda: page.model.total() == 120 and page.model.verdict_count(WAITING) == 0)
    assert 0 < len(kept(context)) < 120
    told = [notice for notice in notices if notice.text == "The disk is full."]
    assert len(told) == 1
    assert "not kept in the log" in told[0].advice
    # The table works as ever; only what is not in the log cannot be overridden.
    page.filters.doubtful.click()
    qtbot.waitUntil(lambda: page.model.position(0) != 0 or page.model.rowCount() == 120)
    page.table.selectRow(0)

    def judged_row_is_read() -> bool:
        row = page.results.current()
        return row is not None and row.inspection is not None

    # A row that was read while its picture waited is shown until it is read again.
    qtbot.waitUntil(judged_row_is_read)
    page.override()
    qtbot.waitUntil(lambda: any("not in the log" in notice.text for notice in notices))


def test_a_selected_row_shows_picture_heat_map_and_verdict(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    row = select(page, qtbot, "焊缝.jpg")
    assert page.picture.isVisible()
    qtbot.waitUntil(page.picture.view.heat_map_visible, timeout=10_000)
    assert page.picture.view.picture_size().width() == 256
    assert page.judged_panel.verdict.text().startswith(row.verdict)
    assert "焊缝" in page.judged_panel.text()


def test_the_keyboard_steps_enlarges_and_steps_there(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    page.table.setFocus()
    qtbot.waitUntil(page.isActiveWindow)
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    first = page.table.currentIndex().row()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.table.currentIndex().row() == first + 1
    qtbot.waitUntil(lambda: page.results.current() is not None)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert page.enlarged
    assert page.picture.isVisible()
    qtbot.waitUntil(page.picture.view.hasFocus)
    qtbot.keyClick(page.picture.view, Qt.Key.Key_Right)
    assert page.table.currentIndex().row() == first + 2
    assert page.enlarged
    qtbot.keyClick(page.picture.view, Qt.Key.Key_Left)
    assert page.table.currentIndex().row() == first + 1
    qtbot.keyClick(page.picture.view, Qt.Key.Key_Escape)
    assert not page.enlarged
    page.results.step(-100)
    assert page.table.currentIndex().row() == 0
    qtbot.keyClick(page.table, "/")
    assert page.filters.search.hasFocus()


def test_fast_stepping_ends_on_the_last_row_alone(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    for place in range(page.model.rowCount()):
        page.table.selectRow(place)
    select(page, qtbot, "b.jpg")
    qtbot.waitUntil(lambda: not page.picture.reading(), timeout=10_000)
    qtbot.waitUntil(page.picture.view.heat_map_visible, timeout=10_000)
    assert page.picture.wanted().path.endswith("b.jpg")


def test_a_broken_row_explains_itself(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    select(page, qtbot, "broken.jpg")
    qtbot.waitUntil(lambda: "damaged" in page.picture.card.text())
    assert page.picture.card.isVisible()
    assert page.judged_panel.verdict.text().startswith("NOT JUDGED")


def test_a_file_that_changed_or_went_away_is_told_unless_it_is_kept(page, judge, qtbot, weld_folder, notices, context):
    context.settings.folder.copy_pictures = KeptPictures.NONE
    judge(Target(weld_folder))
    content = (weld_folder / "a.jpg").read_bytes()
    (weld_folder / "a.jpg").write_bytes((weld_folder / "b.jpg").read_bytes())
    select(page, qtbot, "a.jpg")
    qtbot.waitUntil(lambda: any("another picture now" in notice.text for notice in notices))
    assert not page.picture.view.heat_map_visible()
    gone = select(page, qtbot, "焊缝.jpg")
    (weld_folder / "焊缝.jpg").unlink()
    select(page, qtbot, "b.jpg")
    qtbot.waitUntil(lambda: not page.picture.reading())
    select(page, qtbot, "焊缝.jpg")
    qtbot.waitUntil(lambda: "could not be read" in page.picture.card.text())
    with context.database.write() as session:
        session.get(Inspection, gone.inspection.id).sha256 = context.picture_files.keep(
            session, content, width=256, height=256
        )
    select(page, qtbot, "b.jpg")
    page.model.refresh()
    qtbot.waitUntil(lambda: not page.picture.reading())
    page.table.selectRow(place_of(page, "焊缝.jpg"))
    qtbot.waitUntil(page.picture.view.heat_map_visible, timeout=10_000)


def test_filters_by_chip_class_score_and_text_and_the_selection_stays(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    select(page, qtbot, "broken.jpg")
    page.filters.verdicts.chip(UNJUDGED).click()
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)
    qtbot.waitUntil(lambda: page.results.current() is not None)
    assert page.results.current().path.endswith("broken.jpg")
    assert "3 of 9" in page.toolbar.state.text()
    assert page.filters.verdicts.chip(UNJUDGED).text() == f"{NOT_JUDGED}  3"
    page.filters.search.setText("EMPTY")
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.filters.clear()
    qtbot.waitUntil(lambda: page.model.rowCount() == 9)
    choose(page.filters.classes, 2)
    qtbot.waitUntil(lambda: all(2 in row.classes for row in rows(page)))
    choose(page.filters.classes, -1)
    choose(page.filters.score, 5)
    assert page.filters.low.isVisible()
    page.filters.high.setValue(0.5)
    qtbot.waitUntil(lambda: page.model.question.score_to == 0.5)
    qtbot.waitUntil(lambda: all(row.inspection.scores[5] < 0.505 for row in rows(page)))
    page.filters.clear()
    assert not page.filters.low.isVisible()


def choose(box, data: int) -> None:
    index = box.findData(data)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_heads_sort_and_a_chip_puts_the_most_uncertain_first(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    listed = [row.path for row in rows(page)]
    header = page.table.horizontalHeader()
    x = header.sectionViewportPosition(VERDICT) + 10

    def click(expected) -> list[str]:
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header.rect().topLeft() + QPoint(x, 10))
        qtbot.waitUntil(lambda: expected([row.verdict for row in rows(page)]))

    urgency = list(folder_table.URGENCY).index
    click(lambda words: words == sorted(words, key=urgency))
    click(lambda words: words == sorted(words, key=urgency, reverse=True))
    click(lambda words: [row.path for row in rows(page)] == listed)
    page.filters.doubtful.click()
    qtbot.waitUntil(lambda: [row.path for row in rows(page)] != listed)
    doubts = [row.inspection.uncertainty for row in rows(page) if row.inspection.uncertainty is not None]
    assert doubts == sorted(doubts, reverse=True)
    page.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    qtbot.waitUntil(lambda: rows(page)[0].path.endswith("a.jpg"))
    assert not page.filters.doubtful.isChecked()


def test_an_override_is_shown_with_the_programs_verdict_and_undone(page, judge, qtbot, weld_folder, context, frame):
    judge(Target(weld_folder))
    with context.database.write() as session:
        frame.set_person(people.add(session, name="Anna", role=people.Role.INSPECTOR, by="system"))
    program = select(page, qtbot, "a.jpg").verdict
    page.override()
    dialog = page.judged_panel.overriding.dialog
    dialog.choose(Verdict.RETAKE)
    dialog.reason.setPlainText("too dark")
    dialog.answer()
    qtbot.waitUntil(lambda: page.results.current().verdict == "RETAKE", timeout=10_000)
    qtbot.waitUntil(lambda: "too dark" in page.judged_panel.text())
    assert f"The program said {program}" in page.judged_panel.text()
    place = place_of(page, "a.jpg")
    assert page.model.data(page.model.index(place, VERDICT)) == "RETAKE"
    page.filters.verdicts.chip("overridden").click()
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.table.selectRow(0)
    qtbot.waitUntil(lambda: page.results.current() is not None)
    page.undo_override()
    qtbot.waitUntil(lambda: page.model.rowCount() == 0)
    page.filters.clear()
    qtbot.waitUntil(lambda: page.model.rowCount() == 9)
    assert rows(page)[place].verdict == program


def test_copy_gives_the_visible_columns_of_the_selected_rows(page, judge, qtbot, weld_folder, notices):
    judge(Target(weld_folder))
    page.results.copy_selected()
    assert "No row" in notices[-1].text
    page.table.selectAll()
    page.results.copy_selected()
    qtbot.waitUntil(lambda: notices[-1].text == "9 rows copied.")
    lines = QGuiApplication.clipboard().text().split("\n")
    titles = [column.title for column in COLUMNS if column.shown and column.key != "picture"]
    assert lines[0].split("\t") == titles
    assert len(lines) == 10
    assert all(len(line.split("\t")) == len(titles) for line in lines)


def test_columns_are_chosen_and_remembered(page, frame, shown):
    place = next(i for i, column in enumerate(COLUMNS) if column.key == "size")
    action = next(action for action in page.results.columns.menu().actions() if action.text() == "Size")
    assert page.table.isColumnHidden(place)
    action.trigger()
    page.table.setColumnWidth(place, 77)
    page.deactivated()
    again = shown(FolderPage(frame.context, frame), 960, 800)
    assert not again.table.isColumnHidden(place)
    assert again.table.columnWidth(place) == 77


def test_export_all_and_filtered(page, judge, qtbot, weld_folder, tmp_path, notices):
    judge(Target(weld_folder))
    page.export.export(tmp_path / "all.csv", all_rows=True)
    qtbot.waitUntil(lambda: "9 rows written" in notices[-1].text)
    qtbot.waitUntil(lambda: page.toolbar.export.isEnabled())
    page.filters.verdicts.chip(UNJUDGED).click()
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)
    menu = page.export.menu("x")
    assert [action.text() for action in menu.actions()] == [
        "CSV of all rows (9)",
        "CSV of filtered rows (3)",
        "Report of filtered rows (3) …",
    ]
    page.export.export(tmp_path / "some.csv", all_rows=False)
    qtbot.waitUntil(lambda: "3 rows written" in notices[-1].text)
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    page.filters.clear()
    qtbot.waitUntil(lambda: page.model.rowCount() == 9)
    assert [row["path"] for row in written] == [row.path for row in rows(page)]
    assert all(row["model"] for row in written if row["verdict"])


def test_an_export_that_fails_is_told(page, judge, qtbot, weld_folder, tmp_path, notices):
    judge(Target(weld_folder))
    page.export.export(tmp_path / "missing" / "all.csv", all_rows=True)
    qtbot.waitUntil(lambda: "cannot be written" in notices[-1].text)
    qtbot.waitUntil(lambda: page.toolbar.export.isEnabled())


def test_a_report_is_about_what_the_filters_leave(page, judge, qtbot, weld_folder):
    judge(Target(weld_folder))
    page.filters.verdicts.chip(UNJUDGED).click()
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)
    page.export.ask_report()
    qtbot.waitUntil(lambda: page.export.reports.dialog is not None)
    dialog = page.export.reports.dialog
    assert dialog.about.itemText(0) == "3 pictures of this folder"
    database, run = page.model.source
    with database.read() as session:
        numbers = folder_table.inspections(session, run, page.model.question)
        assert [inspections.get(session, number).verdict for number in numbers] == [None] * 3
    dialog.reject()
    qtbot.waitUntil(lambda: page.export.reports.dialog is None)
