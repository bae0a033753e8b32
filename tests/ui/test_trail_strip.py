"""The line under the log: verifying beside the window, what it says, and what it remembers."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop.context import Context
from weldspot_desktop.store import people
from weldspot_desktop.store.people import Role
from weldspot_desktop.ui.frame import Frame, Kind, Notice
from weldspot_desktop.ui.pages.log_page import LogPage
from weldspot_desktop.ui.trail_strip import TrailStrip


@pytest.fixture
def page(context: Context, frame: Frame, shown: Callable[..., QWidget]) -> Iterator[LogPage]:
    with context.database.write() as session:
        for number in range(3):
            people.add(session, name=f"Person {number}", role=Role.INSPECTOR, by="system")
    context.seal_trail("report")
    made = LogPage(context, frame)
    shown(made)
    yield made
    made.deactivated()


def verify(page: LogPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.trail.verified, timeout=20_000):
        page.trail.verify_button.click()
    qtbot.waitUntil(lambda: not page.trail.running)


def test_a_sound_trail_is_said_and_remembered(page: LogPage, frame: Frame, qtbot: QtBot, notices: list[Notice]) -> None:
    assert page.trail.sentence.text() == "The trail was not verified on this computer yet."
    verify(page, qtbot)
    assert "the trail is whole: 3 entries, 0 records compared." in page.trail.sentence.text()
    assert page.trail.sentence.text().startswith("Verified 20")
    assert notices == []
    assert page.trail.verify_button.isEnabled()
    again = TrailStrip(frame)
    qtbot.addWidget(again)
    assert again.sentence.text() == page.trail.sentence.text()


def test_a_fault_is_named_and_stays_to_be_read(
    page: LogPage, context: Context, qtbot: QtBot, notices: list[Notice], workspace: Path
) -> None:
    with closing(sqlite3.connect(context.workspace.database)) as connection:
        connection.execute("DELETE FROM trail WHERE number = 3")
        connection.commit()
    verify(page, qtbot)
    assert "entry 3 was cut off: the chain was signed at 3 entries on" in page.trail.sentence.text()
    assert notices[-1].kind is Kind.ERROR
    assert notices[-1].action is not None
    notices[-1].action()
    dialog = page.window().findChild(QDialog)
    assert dialog is not None
    assert dialog.findChild(QPlainTextEdit).toPlainText().startswith("Entry 3 was cut off")
    dialog.reject()


def test_the_action_is_in_the_palette(page: LogPage, frame: Frame) -> None:
    assert "Verify the trail" in [action.text() for action in frame.actions()]


def test_an_export_signs_the_trail(page: LogPage, context: Context, qtbot: QtBot, tmp_path: Path) -> None:
    with context.database.write() as session:
        people.add(session, name="Åsa", role=Role.INSPECTOR, by="system")
    page.export(tmp_path / "log.csv")
    qtbot.waitUntil(lambda: (tmp_path / "log.csv").exists() and page.export_button.isEnabled() is not None)
    qtbot.waitUntil(lambda: '"occasion": "export"' in context.seal_places.beside_database.read_text(), timeout=10_000)
    qtbot.waitUntil(lambda: page._export is None, timeout=10_000)
