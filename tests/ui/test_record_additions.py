"""The log's panel: the kept heat map, overrides, and findings that people add."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.store import findings, overrides, people
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Override
from weldspot_desktop.ui.frame import Frame, Notice
from weldspot_desktop.ui.pages.log_page import LogPage
from weldspot_desktop.verdict import Verdict


@pytest.fixture
def page(
    context: Context,
    frame: Frame,
    shown: Callable[..., QWidget],
    qtbot: QtBot,
    weld_pixels: NDArray[np.uint8],
    tmp_path: Path,
) -> Iterator[LogPage]:
    """The log with one record of a kept picture, selected; Åsa is signed in."""
    path = tmp_path / "weld.png"
    Image.fromarray(weld_pixels).save(path)
    with context.database.write() as session:
        asa = people.add(session, name="Åsa", role=Role.INSPECTOR, certificate="VT 2, ISO 9712", by="system")
    inspector = context.inspector()
    found = inspector.content(path.read_bytes(), origin=str(path))
    item = ToRecord(found, path.read_bytes(), weld={"weld_id": "W-1"})
    context.recorder(inspector).record([item], source=Source.IMPORT, person=asa)
    frame.set_person(asa)
    made = LogPage(context, frame)
    shown(made)
    assert made.panel is not None
    shown(made.panel, 380, 900)
    made.activated()
    qtbot.waitUntil(lambda: made.model.inspection(0) is not None)
    made.table.selectRow(0)
    yield made
    made.deactivated()


def lines(page: LogPage) -> list[str]:
    labels = page.details.additions.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisibleTo(page.details.additions)]


def test_the_kept_heat_map_lies_over_the_picture_and_can_be_put_away(page: LogPage, qtbot: QtBot) -> None:
    view, switch = page.details.picture, page.details.heat_map
    qtbot.waitUntil(view.heat_map_visible)
    assert switch.text().startswith("Heat map of ")
    switch.click()
    assert not view.heat_map_visible()
    page.details.judged.class_clicked.emit(5)
    assert switch.text() == "Heat map of Porosity"
    assert not view.heat_map_visible()
    switch.click()
    assert view.heat_map_visible()


def test_a_finding_is_added_and_corrected_in_the_name_of_who_is_signed_in(page: LogPage, qtbot: QtBot) -> None:
    additions = page.details.additions
    additions.add_button.click()
    dialog = additions.dialog
    assert dialog is not None
    dialog.code.setCurrentIndex(dialog.code.findData("2017"))
    dialog.millimetres.setValue(1.2)
    with qtbot.waitSignal(additions.changed, timeout=10_000):
        dialog.confirm.click()
    qtbot.waitUntil(lambda: len(lines(page)) == 1)
    assert lines(page)[0].startswith("2017 Surface pore, 1.2 mm, open. Åsa, ")
    correct = next(button for button in additions.findChildren(QPushButton) if button.text() == "Correct")
    correct.click()
    again = additions.dialog
    assert again is not None
    assert (again.code.currentData(), again.millimetres.value()) == ("2017", 1.2)
    again.disposition.setCurrentIndex(again.disposition.findData("repair"))
    again.repair.setValue(1)
    with qtbot.waitSignal(additions.changed, timeout=10_000):
        again.confirm.click()
    qtbot.waitUntil(lambda: len(lines(page)) == 2)
    assert lines(page)[0].endswith("(corrected later)")
    assert lines(page)[1].startswith("2017 Surface pore, 1.2 mm, repair, after repair 1. Åsa, ")
    with page.context.database.read() as session:
        assert len(findings.holding_of(session, [1])[1]) == 1


def test_nobody_adds_nothing(page: LogPage, frame: Frame, notices: list[Notice]) -> None:
    frame.set_person(None)
    page.details.additions.add_button.click()
    assert page.details.additions.dialog is None
    assert notices[-1].text == "Nobody is signed in."


def test_what_another_program_added_meanwhile_is_refused_in_the_dialog(page: LogPage, qtbot: QtBot) -> None:
    additions, person = page.details.additions, page.frame.person()
    with page.context.database.write() as session:
        findings.add(session, 1, findings.Measured("2017"), person=person)
    row = page.details.shown
    assert row is not None
    additions.show_of(row)
    qtbot.waitUntil(lambda: len(lines(page)) == 1)
    with page.context.database.write() as session:
        findings.add(session, 1, findings.Measured("2013"), person=person, supersedes=1)
    next(button for button in additions.findChildren(QPushButton) if button.text() == "Correct").click()
    dialog = additions.dialog
    assert dialog is not None
    dialog.confirm.click()
    qtbot.waitUntil(lambda: "meanwhile" in dialog.fault())
    dialog.reject()


def test_an_override_is_shown_with_who_and_why(page: LogPage, qtbot: QtBot) -> None:
    with page.context.database.write() as session:
        said = datetime.now(UTC)
        session.add(
            Override(inspection_id=1, at=said, person_id=1, verdict="DEFECT", classes=[2], reason="Crater crack seen.")
        )
    row = page.details.shown
    assert row is not None
    page.details.additions.show_of(row)
    qtbot.waitUntil(lambda: lines(page) == ["Åsa: DEFECT (Crack). Crater crack seen."])


def test_a_verdict_is_overridden_and_taken_back_from_the_log(page: LogPage, qtbot: QtBot, context: Context) -> None:
    additions = page.details.additions
    additions.override()
    dialog = additions.overriding.dialog
    assert dialog is not None
    dialog.choose(Verdict.CLEAR)
    dialog.reason.setPlainText("A reflection, seen on the part")
    with qtbot.waitSignal(additions.changed, timeout=10_000):
        dialog.confirm.click()
    qtbot.waitUntil(lambda: lines(page) == ["Åsa: CLEAR. A reflection, seen on the part"])
    with qtbot.waitSignal(additions.changed, timeout=10_000):
        additions.undo_override()
    qtbot.waitUntil(lambda: len(lines(page)) == 2)
    with context.database.read() as session:
        assert overrides.latest(session, 1) is None


def test_without_an_override_there_is_nothing_to_undo(page: LogPage, notices: list[Notice]) -> None:
    page.details.additions.undo_override()
    assert notices[-1].text == "There is no override to undo."
