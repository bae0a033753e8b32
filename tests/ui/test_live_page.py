import logging
import threading
import time
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.live import State
from weldspot_desktop.inspection.recording import Source
from weldspot_desktop.inspection.sources import SourceError
from weldspot_desktop.store import inspections
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.ui.address_dialog import AddressDialog
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.pages.live_page import LivePage
from weldspot_desktop.ui.workers import Lane
from weldspot_desktop.verdict import Verdict

LOST = "rtsp://me:geheim@127.0.0.1:9/stream"


@pytest.fixture
def page(window: MainWindow) -> LivePage:
    window.show_page("live")
    found = window.page("live")
    assert isinstance(found, LivePage)
    return found


def started(qtbot: QtBot, page: LivePage) -> LivePage:
    page.start_demo()
    qtbot.waitUntil(lambda: page.display.judged is not None, timeout=15000)
    return page


def state(page: LivePage) -> State | None:
    return page.session.status.state if page.session.status is not None else None


def records(page: LivePage) -> list[Inspection]:
    with page.context.database.read() as session:
        return inspections.page(session, Query(newest_first=False), offset=0, limit=100)


def test_the_first_start_explains_itself_and_starts_nothing(page: LivePage) -> None:
    assert page.session.status is None
    assert page.card.isVisible()
    assert not page.view.isVisible()
    assert "demo camera" in page.card._button.text()
    assert not page.record_button.isEnabled()
    assert page.toolbar.readout.text() == "off"
    assert page.toolbar._size.text() == ""


def test_the_button_of_the_empty_page_starts_the_demo(page: LivePage, qtbot: QtBot) -> None:
    page.card._button.click()
    qtbot.waitUntil(lambda: page.display.judged is not None, timeout=15000)
    assert state(page) is State.LIVE
    assert page.view.isVisible()
    assert page.view.pixels() is not None
    assert page.toolbar._size.text() == "1280 × 720"
    assert page.judged_panel.verdict._verdict is page.display.judged.judgement.verdict
    assert page.toolbar.choice.currentText() == "Demo camera"
    qtbot.waitUntil(lambda: "p95" in page.toolbar.readout.text(), timeout=5000)


def test_space_records_what_is_shown_with_the_weld_and_goes_on(page: LivePage, qtbot: QtBot) -> None:
    started(qtbot, page)
    page.judged_panel.weld.set_values({"weld_id": "W-009", "welder": "K-207"})
    page.setFocus()
    with qtbot.waitSignal(page.frame.records_changed, timeout=15000):
        shown = page.display.judged
        page.trigger()
    assert page.judged_panel.weld.values() == {"weld_id": "W-010", "welder": "K-207"}
    (row,) = records(page)
    assert row.source == Source.LIVE.value
    assert row.origin == "Demo camera"
    assert row.weld == {"weld_id": "W-009", "welder": "K-207", "method_standard": "ISO 17637"}
    assert row.verdict == shown.judgement.verdict.value
    assert row.scores == pytest.approx(shown.prediction.scores.tolist(), abs=1e-5)
    with page.context.database.read() as session:
        path = page.context.picture_files.path(session, row.sha256)
    kept = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.array_equal(kept, shown.frame.pixels)
    (entry,) = page.filmstrip.entries()
    assert (entry.caption, entry.verdict) == ("W-009", shown.judgement.verdict)


def test_the_key_space_is_a_trigger_but_not_while_typing(page: LivePage, qtbot: QtBot) -> None:
    started(qtbot, page)
    field = page.judged_panel.weld.field("weld_id")
    field.setFocus()
    qtbot.keyClicks(field, "W 1")
    assert field.text() == "W 1"
    assert records(page) == []
    page.view.setFocus()
    with qtbot.waitSignal(page.frame.records_changed, timeout=15000):
        qtbot.keyClick(page.view, Qt.Key.Key_Space)
    assert [row.weld["weld_id"] for row in records(page)] == ["W 1"]


def test_a_snapshot_stays_at_its_weld_and_works_while_paused(page: LivePage, qtbot: QtBot) -> None:
    started(qtbot, page)
    page.judged_panel.weld.set_values({"weld_id": "W-1"})
    page.play_or_pause()
    assert state(page) is State.PAUSED
    with qtbot.waitSignal(page.frame.records_changed, timeout=15000):
        page.snapshot()
    assert page.judged_panel.weld.values() == {"weld_id": "W-1"}
    assert len(records(page)) == 1


def test_a_pause_freezes_the_picture(page: LivePage, qtbot: QtBot) -> None:
    started(qtbot, page)
    page.play_or_pause()
    qtbot.wait(200)
    frozen = page.display.judged
    qtbot.wait(300)
    assert page.display.judged is frozen
    assert page.toolbar.play_button.text() == "Start"
    page.trigger()
    qtbot.waitUntil(lambda: page.display.judged is not frozen, timeout=5000)
    assert records(page) == []


def test_another_page_holds_the_judging_and_coming_back_goes_on(
    page: LivePage, window: MainWindow, qtbot: QtBot
) -> None:
    started(qtbot, page)
    window.show_page("log")
    live = page.session._live
    assert live is not None
    qtbot.wait(200)
    live.results.take()
    qtbot.wait(200)
    assert live.results.take() is None
    assert not page.session._timer.isActive()
    window.show_page("live")
    before = page.display.judged
    qtbot.waitUntil(lambda: page.display.judged is not before, timeout=5000)
    assert page.session._live is live


def test_a_pause_outlives_a_visit_to_another_page(page: LivePage, window: MainWindow, qtbot: QtBot) -> None:
    started(qtbot, page)
    page.play_or_pause()
    window.show_page("log")
    window.show_page("live")
    assert state(page) is State.PAUSED


def test_a_region_is_drawn_judged_kept_for_its_source_and_cleared(page: LivePage, qtbot: QtBot) -> None:
    started(qtbot, page)
    page.toolbar.region_button.click()
    place = page.view._target()
    at = [(place.topLeft() + QPointF(place.width(), place.height()) * share).toPoint() for share in (0.25, 0.75)]
    qtbot.mousePress(page.view, Qt.MouseButton.LeftButton, pos=at[0])
    qtbot.mouseMove(page.view, at[1])
    qtbot.mouseRelease(page.view, Qt.MouseButton.LeftButton, pos=at[1])
    region = page.view.region()
    assert region == pytest.approx((0.25, 0.25, 0.75, 0.75), abs=0.01)
    assert not page.toolbar.region_button.isChecked()
    qtbot.waitUntil(lambda: page.display.judged.region == region, timeout=5000)
    page.start_demo()
    qtbot.waitUntil(lambda: page.display.judged is not None and page.display.judged.region == region, timeout=15000)
    page.region.clear()
    qtbot.waitUntil(lambda: page.display.judged.region is None, timeout=5000)
    assert page.memory.region("demo") is None


def test_a_lost_source_is_a_state_that_shows_no_old_verdict(
    page: LivePage, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    started(qtbot, page)
    with caplog.at_level(logging.DEBUG):
        page.start(LOST)
        qtbot.waitUntil(lambda: state(page) is State.LOST and page.card.isVisible(), timeout=15000)
        qtbot.waitUntil(lambda: "refuses the connection" in page.card.text(), timeout=5000)
    assert "opened again by itself" in page.card.text()
    assert page.judged_panel.verdict._verdict is None
    assert not page.record_button.isEnabled()
    page.trigger()
    page.snapshot()
    assert records(page) == []
    shown = [label.text() for label in page.window().findChildren(QLabel)]
    page.frame.memory.sync()
    written = (page.context.workspace.root / "window.ini").read_text()
    for text in (*shown, page.toolbar.choice.currentText(), page.card.text(), caplog.text, written):
        assert "geheim" not in text
    assert page.memory.recent() == ["rtsp://me@127.0.0.1:9/stream"]


def test_a_verdict_does_not_outlive_its_source(page: LivePage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    started(qtbot, page)
    assert page.session.source is not None

    def lost() -> None:
        raise SourceError("The cable is out.", "Put it in.")

    monkeypatch.setattr(page.session.source, "read", lost)
    # On a busy computer the card may say first that no picture comes.
    qtbot.waitUntil(lambda: page.card.text().startswith("The cable is out. Put it in."), timeout=15000)
    assert page.card.isVisible()
    assert page.display.judged is None
    assert page.view.pixels() is None
    assert page.judged_panel.verdict._verdict is None
    assert page.toolbar.readout.text() == "lost"
    monkeypatch.undo()
    page.card._button.click()
    qtbot.waitUntil(lambda: page.display.judged is not None, timeout=5000)
    assert page.view.isVisible()


def test_a_film_dropped_on_the_window_is_played(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "Naht.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (320, 240))
    for number in range(10):
        writer.write(np.full((240, 320, 3), number * 20, np.uint8))
    writer.release()
    window.open_paths([path])
    page = window.page("live")
    assert isinstance(page, LivePage)
    qtbot.waitUntil(lambda: page.display.judged is not None, timeout=15000)
    assert page.toolbar._size.text() == "320 × 240"
    assert page.toolbar.choice.currentText() == "Naht.avi"


def test_a_file_that_is_no_film_is_explained_in_the_page(page: LivePage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "weld.mp4"
    path.write_bytes(b"no film")
    page.start(str(path))
    qtbot.waitUntil(lambda: "not a video" in page.card.text(), timeout=15000)
    assert state(page) is State.LOST


def test_source_weld_and_records_are_there_again_after_a_restart(workspace: Path, qtbot: QtBot) -> None:
    for run in range(2):
        context = Context(workspace)
        window = MainWindow(context)
        qtbot.addWidget(window)
        window.show()
        window.show_page("live")
        page = window.page("live")
        assert isinstance(page, LivePage)
        if run == 0:
            started(qtbot, page)
            page.judged_panel.weld.set_values({"weld_id": "W-7", "part": "Frame"})
            # The database is busy: when the window closes, writing the record has not even begun.
            page.frame.run(partial(time.sleep, 0.5), lane=Lane.DATABASE)
            page.trigger()
        else:
            qtbot.waitUntil(lambda page=page: page.display.judged is not None, timeout=15000)
            assert page.judged_panel.weld.values() == {"weld_id": "W-8", "part": "Frame"}
            qtbot.waitUntil(lambda page=page: len(page.filmstrip.entries()) == 1, timeout=5000)
            assert page.filmstrip.entries()[0].caption == "W-7"
            assert page.filmstrip.entries()[0].thumbnail is not None
        window.shutdown()
        context.close()


def test_a_record_is_shown_with_its_own_region_and_space_goes_back(page: LivePage, qtbot: QtBot) -> None:
    started(qtbot, page)
    with qtbot.waitSignal(page.frame.records_changed, timeout=15000):
        page.trigger()
    region = (0.1, 0.1, 0.5, 0.5)
    page.view.set_region(region)
    page.view.region_changed.emit(region)
    page.filmstrip.step(1)
    qtbot.waitUntil(lambda: page.display.recalled is not None, timeout=15000)
    (row,) = records(page)
    assert page.judged_panel.verdict._verdict is Verdict(row.verdict)
    assert page.view.region() is None
    assert not page.record_button.isEnabled()
    assert state(page) is State.PAUSED
    page.trigger()
    qtbot.waitUntil(lambda: page.display.judged is not None, timeout=5000)
    assert page.view.region() == region
    assert len(records(page)) == 1
    assert not page.filmstrip.currentIndex().isValid()


def test_stopping_lets_go_of_the_source(page: LivePage, qtbot: QtBot) -> None:
    started(qtbot, page)
    page.stop()
    qtbot.waitUntil(
        lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("live-")], timeout=5000
    )
    assert page.session.status is None
    assert page.card.isVisible()


def test_changing_the_source_quickly_ends_with_the_last_one(page: LivePage, qtbot: QtBot) -> None:
    for _ in range(5):
        page.start(LOST)
        page.start_demo()
    qtbot.waitUntil(lambda: page.display.judged is not None, timeout=15000)
    qtbot.waitUntil(lambda: len([t for t in threading.enumerate() if t.name.startswith("live-")]) == 2, timeout=10000)
    assert page.session.source is not None
    assert page.session.source.title == "Demo camera"


def test_a_bug_in_a_thread_reaches_the_window_once(
    context: Context, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A window of its own: the shared one fails the test for any bug that reaches it.
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    window.show_page("live")
    page = window.page("live")
    assert isinstance(page, LivePage)
    started(qtbot, page)
    assert page.session.inspector is not None
    broken = ZeroDivisionError("a bug")
    reached: list[BaseException] = []
    window.workers.broke.connect(reached.append)

    def fail(*_: object, **__: object) -> None:
        raise broken

    monkeypatch.setattr(page.session.inspector, "pixels", fail)
    qtbot.waitUntil(lambda: bool(reached), timeout=5000)
    qtbot.wait(600)
    assert reached == [broken]
    assert state(page) is State.ENDED
    assert page.card.isVisible()
    window.shutdown()


def test_the_toolbar_gives_up_its_words_before_it_is_cut_off(page: LivePage, qtbot: QtBot) -> None:
    started(qtbot, page)
    bar = page.toolbar
    bar.fit(2000)
    assert bar.play_button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    bar.fit(500)
    assert bar.play_button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly
    for button in (bar.play_button, bar.snapshot_button, bar.region_button, bar.clear_button):
        assert button.accessibleName()
        assert button.toolTip()


def test_a_pasted_login_moves_into_fields_that_hide_it(qtbot: QtBot) -> None:
    dialog = AddressDialog()
    qtbot.addWidget(dialog)
    assert not dialog._connect.isEnabled()
    dialog.address.setText("rtsp://me:a%2Fb@camera:554/s")
    assert dialog.address.text() == "rtsp://camera:554/s"
    assert dialog.user.text() == "me"
    assert dialog.password.text() == "a/b"
    assert dialog.password.displayText() != "a/b"
    assert dialog.text() == "rtsp://me:a%2Fb@camera:554/s"
    assert dialog._connect.isEnabled()
    dialog.address.setText("no address")
    assert not dialog._connect.isEnabled()
    assert dialog._fault.text()
