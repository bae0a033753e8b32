"""Triggers of the page Live: the frozen picture, the scanner, HTTP, and what is shown of raw scores."""

import logging
import threading
from pathlib import Path

import httpx
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from weldspot_desktop.inspection.live import State
from weldspot_desktop.inspection.sources import Frame as Picture
from weldspot_desktop.inspection.triggers import Mode
from weldspot_desktop.store import inspections
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.ui.frame import Notice
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.pages.live_page import LivePage
from weldspot_desktop.ui.trigger_dialog import TriggerDialog

LONG = 20_000


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot) -> LivePage:
    window.show_page("live")
    found = window.page("live")
    assert isinstance(found, LivePage)
    found.start_demo()
    qtbot.waitUntil(lambda: found.display.judged is not None, timeout=LONG)
    found.view.setFocus()
    return found


def records(page: LivePage) -> list[Inspection]:
    with page.context.database.read() as session:
        return inspections.page(session, Query(newest_first=False), offset=0, limit=100)


def test_space_freezes_records_and_goes_on(page: LivePage, qtbot: QtBot) -> None:
    page.choose_trigger(Mode.MANUAL)
    page.judged_panel.weld.set_values({"weld_id": "W-009", "report_number": "VT-1"})
    with qtbot.waitSignal(page.frame.records_changed, timeout=LONG):
        qtbot.keyClick(page.view, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: page.display.frozen, timeout=5000)
    frozen = page.display.judged
    qtbot.wait(300)
    assert page.display.judged is frozen
    assert page.view.pixels() is frozen.frame.pixels
    (row,) = records(page)
    assert row.trigger == "space"
    assert row.weld["report_number"] == "VT-1"
    # What stands still is shown as it was recorded: with its own scores, not the smoothed ones.
    shown = page.judged_panel
    assert shown.verdict._verdict is frozen.judgement.verdict
    assert [bar._score for bar in shown.bars.rows()] == pytest.approx(row.scores, abs=1e-6)
    assert "W-009 is recorded as number 1" in shown.text()
    assert "frozen" in page.toolbar.readout.text()
    assert page.record_button.text() == "Go on   Space"
    qtbot.keyClick(page.view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.display.judged is not frozen, timeout=5000)
    qtbot.keyClick(page.view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.display.frozen, timeout=5000)
    qtbot.keyClick(page.view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not page.display.frozen, timeout=5000)
    qtbot.waitUntil(lambda: len(records(page)) == 2, timeout=LONG)


def test_the_trigger_is_remembered_for_its_source(page: LivePage, qtbot: QtBot, tmp_path: Path) -> None:
    page.next_trigger()
    assert page.session.station.mode is Mode.MANUAL
    assert page.toolbar.trigger_button.text() == "Manual"
    page.start(str(tmp_path / "none.avi"))
    assert page.session.station.mode is Mode.CONTINUOUS
    page.start_demo()
    assert page.session.station.mode is Mode.MANUAL
    assert page.memory.trigger("demo") is Mode.MANUAL


def test_a_part_that_comes_to_rest_is_recorded_by_itself(
    page: LivePage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.context.settings.live.rest_seconds = 0.2
    page.context.settings.live.rest_records_no_weld = True
    page.frame.save_settings("live", "rest_seconds")
    page.choose_trigger(Mode.REST)
    qtbot.waitUntil(lambda: "moving" in page.toolbar.readout.text(), timeout=LONG)
    still = page.display.judged.frame.pixels
    source = page.session.source
    assert source is not None
    read = source.read

    def at_rest() -> Picture | None:
        found = read()
        return Picture(found.number, still, found.captured) if found is not None else None

    with qtbot.waitSignal(page.frame.records_changed, timeout=LONG):
        monkeypatch.setattr(source, "read", at_rest)
    qtbot.wait(600)
    (row,) = records(page)
    assert row.trigger == "rest"
    assert "Came to rest." in page.judged_panel.text()


def test_a_scan_without_focus_goes_to_the_weld_id_and_sets_nothing_off(page: LivePage, qtbot: QtBot) -> None:
    shown = page.heat_map._classes.currentIndex()
    QTest.keyClicks(page.view, "1S 27P-45")
    QTest.keyClick(page.view, Qt.Key.Key_Return)
    assert page.judged_panel.weld.values()["weld_id"] == "1S 27P-45"
    qtbot.wait(150)
    assert page.session.status.state is State.LIVE
    assert page.heat_map._classes.currentIndex() == shown
    assert records(page) == []
    assert "Scanned: 1S 27P-45" in page.judged_panel.text()
    # With the focus on the list of sources, which would jump to what is typed.
    page.toolbar.choice.setFocus()
    QTest.keyClicks(page.toolbar.choice, "DEMO 7")
    QTest.keyClick(page.toolbar.choice, Qt.Key.Key_Enter)
    assert page.judged_panel.weld.values()["weld_id"] == "DEMO 7"


def test_keys_of_a_person_do_what_they_always_do(page: LivePage, qtbot: QtBot) -> None:
    qtbot.keyClick(page.view, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: page.heat_map.shown_class() == 2, timeout=2000)
    qtbot.keyClick(page.view, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: page.session.paused, timeout=2000)
    qtbot.keyClick(page.view, Qt.Key.Key_Plus, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: not page.view.is_fitted(), timeout=2000)
    assert page.judged_panel.weld.values() == {}
    field = page.judged_panel.weld.field("weld_id")
    field.setFocus()
    QTest.keyClicks(field, "W-1 2")
    assert field.text() == "W-1 2"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert page.judged_panel.weld.field("part").hasFocus()


def test_raw_scores_are_shown_on_demand_and_that_is_remembered(page: LivePage, qtbot: QtBot) -> None:
    bars = page.judged_panel.bars
    assert all(bar._raw is None for bar in bars.rows())
    qtbot.keyClick(page.view, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: all(bar._raw is not None for bar in bars.rows()), timeout=LONG)
    judged = page.display.judged
    assert [bar._raw for bar in bars.rows()] == pytest.approx(judged.prediction.scores.tolist())
    assert [bar._score for bar in bars.rows()] == pytest.approx(list(judged.steady.scores))
    assert "newest picture alone" in bars.rows()[0].accessibleName()
    assert page.context.settings.live.show_raw
    assert bars.raw_switch.isChecked()
    page.play_or_pause()
    assert all(bar._raw is None for bar in bars.rows())
    assert [bar._score for bar in bars.rows()] == pytest.approx(page.display.judged.prediction.scores.tolist())


def test_a_failure_to_write_is_shown_and_nothing_is_called_saved(
    page: LivePage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Notice] = []
    page.frame.noticed.connect(seen.append)
    assert records(page) == []
    folder = page.context.workspace.pictures
    folder.rmdir()
    folder.write_text("in the way")
    page.judged_panel.weld.set_values({"weld_id": "W-5"})
    page.trigger()
    qtbot.waitUntil(lambda: bool(seen), timeout=LONG)
    assert "could not be kept" in seen[0].text
    assert "Nothing was recorded" in seen[0].advice
    assert "not recorded" in page.judged_panel.text()
    assert page.judged_panel.weld.values() == {"weld_id": "W-5"}
    assert page.filmstrip.entries() == []
    folder.unlink()
    folder.mkdir()
    with qtbot.waitSignal(page.frame.records_changed, timeout=LONG):
        page.trigger()
    assert records(page)[0].weld["weld_id"] == "W-5"


def test_another_program_triggers_while_another_page_is_open_and_the_window_is_busy(
    page: LivePage, window: MainWindow, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    page.context.settings.live.http_port = 18753
    with caplog.at_level(logging.DEBUG):
        page.service.switch(True)
        qtbot.waitUntil(lambda: page.service.url is not None, timeout=LONG)
        window.show_page("log")
        headers = {"Authorization": f"Bearer {page.service.token.value()}"}
        answers: list[httpx.Response] = []

        def ask() -> None:
            answers.append(httpx.post(f"{page.service.url}/trigger", headers=headers, timeout=20))

        client = threading.Thread(target=ask)
        client.start()
        # The window does nothing meanwhile: no event is handled.
        client.join(30)
    assert answers[0].status_code == 200
    assert answers[0].json()["record"] == 1
    qtbot.waitUntil(lambda: len(page.filmstrip.entries()) == 1, timeout=5000)
    assert records(page)[0].trigger == "http"
    assert page.service.token.value() not in caplog.text
    page.service.switch(False)
    qtbot.waitUntil(lambda: page.service.url is None, timeout=LONG)


def test_a_port_in_use_is_told_and_the_window_goes_on(page: LivePage, qtbot: QtBot) -> None:
    import socket

    seen: list[Notice] = []
    page.frame.noticed.connect(seen.append)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        page.context.settings.live.http_port = other.getsockname()[1]
        page.service.switch(True)
        qtbot.waitUntil(lambda: page.service.failure is not None, timeout=LONG)
    assert "cannot listen" in seen[0].text
    assert page.service.url is None
    before = page.display.judged
    qtbot.waitUntil(lambda: page.display.judged is not before, timeout=5000)


def test_the_dialog_shows_hides_copies_and_renews_the_token(page: LivePage, qtbot: QtBot) -> None:
    dialog = TriggerDialog(page.service, page.frame, page)
    token = page.service.token.value()
    assert dialog.token.displayText() != token
    qtbot.mouseClick(dialog.shown, Qt.MouseButton.LeftButton, pos=QPoint(8, dialog.shown.height() // 2))
    assert dialog.token.displayText() == token
    dialog.copy_token.click()
    assert QApplication.clipboard().text() == token
    dialog.renew()
    assert dialog.token.text() != token
    assert not page.service.token.matches(token)
    dialog.deleteLater()


def test_the_shown_verdict_is_the_smoothed_one_over_the_newest_picture(page: LivePage) -> None:
    judged = page.display.judged
    assert np.array_equal(page.view.pixels(), judged.frame.pixels)
    assert page.judged_panel.verdict._verdict is judged.steady.judgement.verdict
