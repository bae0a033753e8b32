"""The override dialog and what a page does with it."""

import pytest
from PySide6.QtCore import Qt

from weldspot_desktop.store import StoreError, overrides, people
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui.overriding import Overriding
from weldspot_desktop.ui.page import Page
from weldspot_desktop.verdict import Verdict


@pytest.fixture
def judged(keep) -> int:
    keep(1)
    return 1


@pytest.fixture
def anna(context) -> Person:
    with context.database.write() as session:
        return people.add(session, name="Anna", role=Role.INSPECTOR, by="system")


@pytest.fixture
def overriding(frame, shown) -> Overriding:
    page = Page(frame.context, frame)
    shown(page)
    made = Overriding(frame, page)
    yield made
    made.close()


def held(context, judged):
    with context.database.read() as session:
        return overrides.latest(session, judged)


def test_nobody_overrides_without_a_name(overriding, judged, notices):
    overriding.ask(judged, "a.jpg", Verdict.DEFECT, [2])
    overriding.undo(judged, "a.jpg")
    assert overriding.dialog is None
    assert [notice.text for notice in notices] == ["An override needs a name, and nobody is signed in."] * 2


def test_override_and_undo(overriding, judged, anna, frame, context, notices, qtbot):
    frame.set_person(anna)
    overriding.ask(judged, "a.jpg", Verdict.DEFECT, [2])
    dialog = overriding.dialog
    dialog.confirm.click()
    assert "Choose a verdict" in dialog.fault()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClick(dialog, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: dialog.chosen() is Verdict.DEFECT)
    assert dialog.marked() == (2,)
    dialog.classes[1].setChecked(False)
    dialog.confirm.click()
    assert "imperfection" in dialog.fault()
    dialog.choose(Verdict.CLEAR)
    assert not dialog.classes[0].isEnabled()
    dialog.confirm.click()
    assert "reason" in dialog.fault()
    dialog.reason.setFocus()
    qtbot.keyClicks(dialog.reason, "only a scratch")
    with qtbot.waitSignal(overriding.changed, timeout=10_000):
        qtbot.keyClick(dialog.reason, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert overriding.dialog is None
    found = held(context, judged)
    assert (found.verdict, found.classes, found.reason, found.person.name) == ("CLEAR", [], "only a scratch", "Anna")
    with qtbot.waitSignal(overriding.changed, timeout=10_000):
        notices[-1].action()
    assert held(context, judged) is None
    overriding.undo(judged, "a.jpg")
    qtbot.waitUntil(lambda: "no override" in notices[-1].text)


def test_what_was_typed_stays_when_it_cannot_be_stored(overriding, judged, anna, frame, monkeypatch, qtbot):
    def full(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.", "Free some space.")

    monkeypatch.setattr(overrides, "add", full)
    frame.set_person(anna)
    overriding.ask(judged, "a.jpg", None, [])
    dialog = overriding.dialog
    dialog.choose(Verdict.RETAKE)
    dialog.reason.setPlainText("too dark")
    dialog.answer()
    qtbot.waitUntil(lambda: "disk is full" in dialog.fault())
    assert dialog.reason.toPlainText() == "too dark"
    assert dialog.confirm.isEnabled()
