"""The settings page: built from the schema, saved at once, reset with a way back, people."""

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFileDialog, QLabel, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop.context import Context
from weldspot_desktop.settings import Settings, Theme
from weldspot_desktop.store import people
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Person
from weldspot_desktop.store.trail import first_fault
from weldspot_desktop.ui.frame import Frame, Notice
from weldspot_desktop.ui.pages.settings_page import SettingsPage
from weldspot_desktop.ui.settings_schema import Choice, sections

Show = Callable[..., QWidget]


@pytest.fixture
def page(frame: Frame, context: Context, shown: Show, qtbot: QtBot) -> SettingsPage:
    made = SettingsPage(context, frame)
    panel = made.panel
    assert panel is not None
    qtbot.addWidget(panel)
    shown(made)
    with qtbot.waitSignal(made.people.shown):
        made.activated()
    return made


def stored(context: Context) -> dict[str, dict[str, object]]:
    read: dict[str, dict[str, object]] = json.loads(context.workspace.settings.read_text(encoding="utf-8"))
    return read


CHOICES = [choice for section in sections() for choice in section.choices]


def test_every_setting_of_the_schema_is_there_and_explained(page: SettingsPage) -> None:
    expected = {
        f"{section}.{key}"
        for section, field in Settings.model_fields.items()
        if section != "version"
        for key in field.annotation.model_fields  # type: ignore[union-attr]
    }
    assert set(page.list.rows) == expected
    assert all(row.choice.title and row.choice.description for row in page.list.rows.values())


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.path)
def test_each_type_has_its_editor(page: SettingsPage, choice: Choice) -> None:
    editor = page.list.rows[choice.path].editor
    field = editor.field
    if issubclass(choice.type, bool):
        assert isinstance(field, QCheckBox)
    elif issubclass(choice.type, StrEnum):
        assert isinstance(field, QComboBox)
        assert field.count() == len(choice.type)
    elif issubclass(choice.type, int | float):
        assert isinstance(field, QSpinBox | QDoubleSpinBox)
        assert (field.minimum(), field.maximum()) == (choice.minimum, choice.maximum)
    assert editor.value() == choice.default
    assert field.accessibleName() == choice.title


def test_what_is_edited_is_saved_at_once(page: SettingsPage, context: Context, qtbot: QtBot) -> None:
    field = page.list.rows["live.width"].editor.field
    assert isinstance(field, QSpinBox)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "1920")
    assert context.settings.live.width == 1280
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert context.settings.live.width == 1920
    assert stored(context)["live"] == {"width": 1920}


def test_bool_and_enum(page: SettingsPage, context: Context) -> None:
    box = page.list.rows["folder.recursive"].editor.field
    assert isinstance(box, QCheckBox)
    box.click()
    combo = page.list.rows["appearance.theme"].editor.field
    assert isinstance(combo, QComboBox)
    combo.setCurrentIndex(combo.findData(Theme.DARK))
    assert context.settings.folder.recursive is False
    assert context.settings.appearance.theme is Theme.DARK
    assert stored(context)["appearance"] == {"theme": "dark"}


def test_a_value_that_is_not_valid_is_explained_and_the_old_one_stays(page: SettingsPage, context: Context) -> None:
    page.list.set_value("live.width", 3)
    assert context.settings.live.width == 1280
    assert "1280 stays in force" in page.list.rows["live.width"].fault()
    page.list.set_value("live.width", 1920)
    assert page.list.rows["live.width"].fault() == ""


def test_reset_one_with_a_way_back(page: SettingsPage, context: Context, notices: list[Notice]) -> None:
    row = page.list.rows["appearance.text_percent"]
    assert not row.reset.isVisible()
    page.list.set_value("appearance.text_percent", 150)
    assert row.reset.isVisible()
    row.reset.click()
    assert context.settings.appearance.text_percent == 100
    assert not row.reset.isVisible()
    assert notices[-1].action is not None
    notices[-1].action()
    assert context.settings.appearance.text_percent == 150
    assert row.editor.value() == 150


def test_reset_all_with_a_way_back(page: SettingsPage, context: Context, notices: list[Notice]) -> None:
    page.list.set_value("live.width", 1920)
    page.list.set_value("folder.recursive", False)
    page.reset_all()
    assert context.settings == Settings()
    assert notices[-1].text == "2 settings reset."
    assert notices[-1].action is not None
    notices[-1].action()
    assert (context.settings.live.width, context.settings.folder.recursive) == (1920, False)
    assert stored(context)["folder"] == {"recursive": False}


def test_a_change_made_elsewhere_is_shown(page: SettingsPage, context: Context, frame: Frame) -> None:
    context.settings.appearance.theme = Theme.LIGHT
    frame.save_settings("appearance", "theme")
    assert page.list.rows["appearance.theme"].editor.value() is Theme.LIGHT


def test_what_the_environment_fixes_is_shown_and_cannot_be_changed(
    monkeypatch: pytest.MonkeyPatch, workspace: object, frame: Frame, shown: Show, qtbot: QtBot
) -> None:
    monkeypatch.setenv("WELDSPOT_LIVE__WIDTH", "640")
    context = Context()
    page = SettingsPage(context, frame)
    assert page.panel is not None
    qtbot.addWidget(page.panel)
    shown(page)
    row = page.list.rows["live.width"]
    assert row.editor.value() == 640
    assert not row.editor.field.isEnabled()
    assert not row.reset.isVisible()
    assert any("WELDSPOT_LIVE__WIDTH" in label.text() for label in row.findChildren(QLabel))
    assert page.list.changed_rows() == []
    context.close()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("width", {"live.width"}),
        ("camera pixels", {"live.width", "live.height"}),
        ("evidence", {"folder.copy_pictures"}),
        ("xyzzy", set()),
    ],
)
def test_search(page: SettingsPage, qtbot: QtBot, words: str, expected: set[str]) -> None:
    qtbot.keyClicks(page.search, words)
    assert {path for path, row in page.list.rows.items() if row.isVisible()} == expected
    assert page.nothing.isVisible() is not bool(expected)
    assert not page.people.isVisible()
    page.search.clear()
    assert all(row.isVisible() for row in page.list.rows.values())
    assert page.people.isVisible()


def test_a_settings_file_that_cannot_be_written_is_told(
    page: SettingsPage, context: Context, notices: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("weldspot_desktop.settings.save", full)
    page.list.set_value("live.width", 1920)
    assert "No space left on device" in notices[-1].text
    assert context.settings.live.width == 1920


# ------------------------------------------------------------------ people


def names(page: SettingsPage) -> list[str]:
    table = page.people.table
    return [table.item(row, 0).text() for row in range(table.rowCount())]


def add(page: SettingsPage, qtbot: QtBot, name: str, role: Role, pin: str = "") -> None:
    page.people.ask_new()
    dialog = page.people.dialog
    assert dialog is not None
    assert dialog.focusWidget() is dialog.name
    qtbot.keyClicks(dialog.name, name)
    dialog.role.setCurrentIndex(dialog.role.findData(role))
    dialog.with_pin.setChecked(bool(pin))
    qtbot.keyClicks(dialog.pin, pin)
    with qtbot.waitSignal(page.people.shown):
        dialog.confirm.click()


def person(context: Context, name: str) -> Person:
    found = context.person(name)
    assert found is not None
    return found


def test_people_are_added_with_role_and_pin(page: SettingsPage, context: Context, qtbot: QtBot) -> None:
    assert page.people.empty.isVisible()
    add(page, qtbot, "Ada", Role.INSPECTOR)
    add(page, qtbot, "Max", Role.MANAGER, "2468")
    assert names(page) == ["Ada", "Max"]
    assert not page.people.empty.isVisible()
    assert person(context, "Max").role == Role.MANAGER
    assert people.pin_matches(person(context, "Max"), "2468")
    with context.database.read() as session:
        assert first_fault(session) is None


def test_what_is_wrong_is_said_in_the_question(page: SettingsPage, qtbot: QtBot) -> None:
    add(page, qtbot, "Ada", Role.INSPECTOR)
    page.people.ask_new()
    dialog = page.people.dialog
    assert dialog is not None
    qtbot.keyClicks(dialog.name, "Ada")
    dialog.with_pin.setChecked(True)
    dialog.confirm.click()
    assert "four to twelve digits" in dialog.fault()
    assert dialog.pin.height() >= dialog.pin.sizeHint().height()
    qtbot.keyClicks(dialog.pin, "12")
    dialog.confirm.click()
    qtbot.waitUntil(lambda: "on the list already" in dialog.fault() or "four to twelve" in dialog.fault())
    assert page.people.dialog is dialog
    dialog.reject()
    assert page.people.dialog is None


def test_leaving_and_coming_back(
    page: SettingsPage, context: Context, frame: Frame, qtbot: QtBot, notices: list[Notice]
) -> None:
    add(page, qtbot, "Ada", Role.INSPECTOR)
    frame.set_person(person(context, "Ada"))
    page.people.table.selectRow(0)
    with qtbot.waitSignal(page.people.shown):
        page.people.leave_button.click()
    assert names(page) == []
    assert frame.person() is None
    with qtbot.waitSignal(page.people.shown):
        page.people.former.click()
    assert names(page) == ["Ada"]
    page.people.table.selectRow(0)
    assert page.people.leave_button.text() == "Is back"
    assert notices[-1].action is not None
    with qtbot.waitSignal(page.people.shown):
        notices[-1].action()
    assert person(context, "Ada").active


def test_role_and_pin_are_changed_only_by_who_may(
    page: SettingsPage, context: Context, frame: Frame, qtbot: QtBot
) -> None:
    add(page, qtbot, "Max", Role.INSPECTOR, "2468")
    page.people.table.selectRow(0)
    assert not page.people.change_button.isEnabled()
    assert "sign in as Max" in page.people.change_button.toolTip()
    frame.set_person(person(context, "Max"))
    assert page.people.change_button.isEnabled()
    page.people.change_button.click()
    dialog = page.people.dialog
    assert dialog is not None
    assert not dialog.name.isEnabled()
    dialog.role.setCurrentIndex(dialog.role.findData(Role.REVIEWER))
    with qtbot.waitSignal(page.people.shown):
        dialog.confirm.click()
    assert person(context, "Max").role == Role.REVIEWER
    assert people.pin_matches(person(context, "Max"), "2468")
    page.people.ask_change(person(context, "Max"))
    dialog = page.people.dialog
    assert dialog is not None
    dialog.with_pin.setChecked(False)
    with qtbot.waitSignal(page.people.shown):
        dialog.confirm.click()
    assert person(context, "Max").pin_hash is None


def test_a_logo_is_checked_and_copied_so_that_the_original_may_vanish(
    page: SettingsPage, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = page.list.rows["company.logo"]
    words, original = tmp_path / "words.png", tmp_path / "Größe.png"
    words.write_text("no picture")
    Image.new("RGB", (2400, 600), "navy").save(original)
    page.list.set_value("company.logo", str(words))
    assert "cannot be the logo" in row.fault()
    assert context.settings.company.logo == ""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(original), ""))
    assert row.editor.choose is not None
    row.editor.choose.click()
    original.unlink()
    name = context.settings.company.logo
    assert row.fault() == ""
    with Image.open(context.workspace.company / name) as copy:
        assert copy.size == (1000, 250)
    row.reset.click()
    assert context.settings.company.logo == ""
    page.list.set_value("company.logo", name)
    assert context.settings.company.logo == name


def test_a_template_folder_with_a_fault_is_refused_with_file_and_line(
    page: SettingsPage, context: Context, tmp_path: Path
) -> None:
    (tmp_path / "cover.xml").write_text("<section>\n{% if %}</section>")
    page.list.set_value("report.template_folder", str(tmp_path))
    assert "cover.xml, line 2" in page.list.rows["report.template_folder"].fault()
    assert context.settings.report.template_folder == ""
    (tmp_path / "cover.xml").write_text("<section/>")
    page.list.set_value("report.template_folder", str(tmp_path))
    assert context.settings.report.template_folder == str(tmp_path)
