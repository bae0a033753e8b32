from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.recording import Recorder
from weldspot_desktop.model import ModelFileError
from weldspot_desktop.store import StoreError, inspections
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.ui.pages.import_page import ImportPage


@pytest.fixture
def page(frame, shown) -> ImportPage:
    made = ImportPage(frame.context, frame)
    shown(made.panel, 320, 800)
    return shown(made, 960, 800)


@pytest.fixture
def judge(page, qtbot) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        page.open_file(path)
        qtbot.waitUntil(lambda: page._judged is not None, timeout=20_000)

    return run


def kept(context: Context) -> list[Inspection]:
    with context.database.read() as session:
        return inspections.page(session, Query(newest_first=False), offset=0, limit=100)


def test_the_empty_page_is_one_sentence_and_one_button(page, monkeypatch, qtbot, weld_folder):
    assert page.card.isVisible()
    assert not page.record_button.isEnabled()
    monkeypatch.setattr(
        "weldspot_desktop.ui.pages.import_page.QFileDialog.getOpenFileName",
        lambda *_: (str(weld_folder / "a.jpg"), ""),
    )
    page.card.pressed.emit()
    qtbot.waitUntil(lambda: page._judged is not None, timeout=20_000)
    assert page.view.isVisible()
    assert page.frame.memory.value("import/folder") == str(weld_folder)


@pytest.mark.parametrize("name", ["a", "Größe-ü", "焊缝", "l" * 200])
def test_a_picture_is_judged_and_shown_with_its_heat_map_and_verdict(page, judge, weld_folder, name):
    judge(weld_folder / f"{name}.jpg")
    verdict = page._judged.inspected.judgement.verdict
    assert page.judged_panel.verdict.text().startswith(verdict.value)
    assert page.view.picture_size().width() == 256
    assert page.heat_map.shown_class() is not None
    assert page.record_button.isEnabled()
    assert [entry.verdict for entry in page.filmstrip.entries()] == [verdict]
    assert kept(page.context) == []


@pytest.mark.parametrize(
    ("name", "sentence"), [("empty.jpg", "empty"), ("broken.jpg", "damaged"), ("words.png", "not a picture")]
)
def test_an_unreadable_file_is_explained_in_the_page(page, judge, weld_folder, name, sentence):
    judge(weld_folder / "a.jpg")
    judge(weld_folder / name)
    assert sentence in page.card.text()
    assert "not changed" in page.card.text()
    assert page.card.isVisible()
    assert page.judged_panel.verdict.text().startswith("NOT JUDGED")
    assert not page.record_button.isEnabled()
    page.record()
    assert kept(page.context) == []
    judge(weld_folder / "b.jpg")
    assert page.view.isVisible()


def test_a_missing_file_is_explained(page, judge, tmp_path):
    judge(tmp_path / "gone.jpg")
    assert "could not be read" in page.card.text()


def test_recording_keeps_the_picture_and_the_weld(page, judge, qtbot, weld_folder, notices):
    judge(weld_folder / "a.jpg")
    page.judged_panel.weld.set_values({"weld_id": "W-119", "welder": "K-207"})
    qtbot.keyClick(page, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page._judged.number is not None)
    record = kept(page.context)[0]
    assert record.source == "import"
    assert record.weld == {"weld_id": "W-119", "welder": "K-207", "method_standard": "ISO 17637"}
    assert record.origin == str(weld_folder / "a.jpg")
    with page.context.database.read() as session:
        path = page.context.picture_files.path(session, record.sha256)
    assert path.read_bytes() == (weld_folder / "a.jpg").read_bytes()
    assert page.filmstrip.entries()[0].recorded
    assert "number 1" in notices[-1].text
    assert not page.record_button.isEnabled()
    qtbot.keyClick(page, Qt.Key.Key_Return)
    page.record()
    qtbot.wait(50)
    assert len(kept(page.context)) == 1
    judge(weld_folder / "b.jpg")
    assert page.judged_panel.weld.values()["weld_id"] == "W-119"


def test_the_same_picture_opened_again_is_known_as_recorded(page, judge, qtbot, weld_folder):
    judge(weld_folder / "a.jpg")
    page.record()
    qtbot.waitUntil(lambda: page._judged.number is not None)
    judge(weld_folder / "b.jpg")
    assert page.record_button.isEnabled()
    judge(weld_folder / "a.jpg")
    assert page._judged.number == 1
    assert not page.record_button.isEnabled()


def test_a_full_disk_is_told_and_recording_can_be_tried_again(page, judge, qtbot, weld_folder, notices, monkeypatch):
    def full(*_: object, **__: object) -> list[int]:
        raise StoreError("The disk is full.", "Free some space.")

    judge(weld_folder / "a.jpg")
    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "record", full)
        page.record()
        qtbot.waitUntil(lambda: bool(notices))
    assert notices[0].text == "The disk is full."
    assert page.record_button.isEnabled()
    page.record()
    qtbot.waitUntil(lambda: page._judged.number is not None)


def test_a_model_that_cannot_be_used_is_explained(page, qtbot, weld_folder, monkeypatch):
    def broken(self: Context, **_: object) -> None:
        raise ModelFileError("The model x has no card.", "Put x.card.json beside it.")

    monkeypatch.setattr(Context, "inspector", broken)
    page.open_file(weld_folder / "a.jpg")
    qtbot.waitUntil(lambda: "model cannot be used" in page.card.text())
    assert "Put x.card.json beside it." in page.card.text()


def test_pasted_picture_data_is_judged_and_recorded_as_png(page, qtbot, weld_pixels):
    height, width = weld_pixels.shape[:2]
    pixels = np.ascontiguousarray(weld_pixels)
    QGuiApplication.clipboard().setImage(
        QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888).copy()
    )
    qtbot.keyClick(page, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page._judged is not None, timeout=20_000)
    shown: NDArray[np.uint8] = page.view.pixels()
    np.testing.assert_array_equal(shown, pixels)
    page.record()
    qtbot.waitUntil(lambda: page._judged.number is not None)
    record = kept(page.context)[0]
    assert record.origin.startswith("pasted ")
    with page.context.database.read() as session:
        path = page.context.picture_files.path(session, record.sha256)
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels)


def test_a_copied_file_is_opened_itself(page, qtbot, weld_folder):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(weld_folder / "焊缝.jpg"))])
    QGuiApplication.clipboard().setMimeData(mime)
    page.paste()
    qtbot.waitUntil(lambda: page._judged is not None, timeout=20_000)
    assert page._judged.inspected.origin == str(weld_folder / "焊缝.jpg")


def test_a_clipboard_without_a_picture_is_told(page, notices):
    QGuiApplication.clipboard().setText("no picture")
    page.paste()
    assert "no picture" in notices[0].text
    assert page.card.isVisible()


def test_of_two_pictures_opened_at_once_the_last_is_shown(page, qtbot, weld_folder):
    page.open_file(weld_folder / "a.jpg")
    page.open_file(weld_folder / "b.jpg")
    qtbot.waitUntil(lambda: page._judged is not None, timeout=20_000)
    qtbot.wait(200)
    assert page._judged.inspected.origin == str(weld_folder / "b.jpg")
    assert len(page.filmstrip.entries()) == 1


def test_the_strip_and_the_arrows_go_back_to_earlier_pictures(page, judge, qtbot, weld_folder):
    judge(weld_folder / "a.jpg")
    judge(weld_folder / "b.jpg")
    qtbot.keyClick(page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: page._judged is not None and page._judged.inspected.origin.endswith("a.jpg"))
    qtbot.keyClick(page, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: page._judged is not None and page._judged.inspected.origin.endswith("b.jpg"))
    assert [entry.caption for entry in page.filmstrip.entries()] == ["b", "a"]


def test_keys_for_heat_map_and_class(page, judge, qtbot, weld_folder):
    judge(weld_folder / "a.jpg")
    assert page.view.heat_map_visible()
    qtbot.keyClick(page, Qt.Key.Key_H)
    assert not page.view.heat_map_visible()
    qtbot.keyClick(page, Qt.Key.Key_3)
    assert page.view.heat_map_visible()
    assert page.heat_map.shown_class() == 2
    page.judged_panel.class_clicked.emit(6)
    assert page.heat_map.shown_class() == 6


def test_the_heat_map_is_that_of_the_judged_picture(page, judge, weld_folder):
    judge(weld_folder / "a.jpg")
    again = page.context.inspector().file(weld_folder / "a.jpg")
    shown = page.heat_map._shown
    np.testing.assert_array_equal(shown.heatmap, again.prediction.heatmap)
    assert shown.judgement == again.judgement
