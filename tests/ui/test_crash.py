"""Faults nobody expected: logged, shown once, from any thread."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from weldspot_desktop.ui import log_file
from weldspot_desktop.ui.crash import CrashReporter


@pytest.fixture
def reporter(qtbot: QtBot, tmp_path: Path) -> Iterator[CrashReporter]:
    made = CrashReporter(tmp_path / "window.log")
    made.install()
    yield made
    made.uninstall()
    if made._dialog is not None:
        made._dialog.accept()


def test_a_fault_in_the_window_is_logged_and_shown(
    reporter: CrashReporter, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    error = ZeroDivisionError("on purpose")
    with qtbot.waitSignal(reporter.reported) as seen:
        sys.excepthook(type(error), error, None)
    assert "ZeroDivisionError: on purpose" in seen.args[0]
    assert "on purpose" in caplog.text
    dialog = reporter._dialog
    assert dialog is not None
    assert not dialog.text.isVisible()
    dialog.more.click()
    assert dialog.text.isVisible()
    assert "on purpose" in dialog.text.toPlainText()
    dialog._copy()
    assert "on purpose" in QGuiApplication.clipboard().text()


def test_a_fault_in_a_thread_arrives_in_the_windows_thread(reporter: CrashReporter, qtbot: QtBot) -> None:
    where: list[int] = []
    reporter.reported.connect(lambda _: where.append(threading.get_ident()))

    def work() -> None:
        raise ZeroDivisionError("in a thread")

    with qtbot.waitSignal(reporter.reported):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert where == [threading.get_ident()]


def test_many_faults_make_one_dialog(reporter: CrashReporter, qtbot: QtBot) -> None:
    count: list[str] = []
    reporter.reported.connect(count.append)
    for number in range(3):
        reporter.report(ValueError(str(number)))
    qtbot.waitUntil(lambda: len(count) == 3)
    dialog = reporter._dialog
    assert dialog is not None
    assert "ValueError: 0" in dialog.details


@pytest.mark.qt_no_exception_capture
def test_the_hooks_come_back(qtbot: QtBot, tmp_path: Path) -> None:
    before = (sys.excepthook, threading.excepthook)
    reporter = CrashReporter(tmp_path / "window.log")
    reporter.install()
    assert sys.excepthook != before[0]
    reporter.uninstall()
    assert (sys.excepthook, threading.excepthook) == before


@pytest.mark.no_qt_log
def test_the_log_file_holds_python_and_qt(tmp_path: Path) -> None:
    handler = log_file.start(tmp_path / "logs")
    try:
        logging.getLogger("weldspot_desktop.test").info("from Python")
        qWarning("from Qt")
    finally:
        log_file.stop(handler)
    text = (tmp_path / "logs" / log_file.NAME).read_text(encoding="utf-8")
    assert "from Python" in text
    assert "WARNING MainThread qt: from Qt" in text
