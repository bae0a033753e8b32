"""Every page of the registry: made, opened, painted, left, in both themes and large text."""

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
)
from pytestqt.qtbot import QtBot

from weldspot_desktop.context import Context
from weldspot_desktop.settings import Theme
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.drops import Dropped
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.pages import PAGES
from weldspot_desktop.ui.self_test import self_test


def colours_seen(page: Page) -> int:
    image = page.grab().toImage()
    return len({image.pixel(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)})


@pytest.mark.parametrize("key", PAGES)
def test_a_page_opens_paints_and_is_left(window: MainWindow, qtbot: QtBot, key: str) -> None:
    window.show_page(key)
    qtbot.wait(50)
    page = window.page(key)
    assert window.current_key == key
    assert page.isVisible()
    assert PAGES[key].title in window.windowTitle()
    assert colours_seen(page) > 3
    window.show_page("log" if key != "log" else "settings")
    assert not page.isVisible()


@pytest.mark.parametrize("key", PAGES)
def test_a_page_follows_theme_and_text_size(window: MainWindow, qtbot: QtBot, key: str) -> None:
    window.show_page(key)
    before = window.page(key).grab().toImage()
    window.context.settings.appearance.theme = Theme.DARK
    window.context.settings.appearance.text_percent = 200
    window.apply_theme()
    qtbot.wait(30)
    after = window.page(key).grab().toImage()
    assert after != before
    middle = after.pixelColor(after.width() - 2, after.height() - 2)
    assert middle.lightness() < 128


@pytest.mark.parametrize("key", PAGES)
def test_words_follow_theme_and_size_that_changed_before_the_page_was_seen(
    window: MainWindow, qtbot: QtBot, key: str
) -> None:
    page = window.page(key)
    window.context.settings.appearance.theme = Theme.DARK
    window.context.settings.appearance.text_percent = 150
    window.apply_theme()
    window.show_page(key)
    qtbot.wait(30)
    assert page.panel is not None
    labels = [label for root in (page, page.panel) for label in root.findChildren(QLabel) if label.isVisible()]
    assert labels
    for label in labels:
        wanted = theme.DARK.muted if label.property("textMuted") else theme.DARK.text
        assert label.palette().windowText().color().name() == wanted, label.text()
        size = theme.Size[label.property("textSize") or "BODY"]
        assert label.font().pixelSize() == theme.pixels(size), label.text()
        assert (label.font().weight() >= 600) is bool(label.property("textBold")), label.text()


@pytest.mark.parametrize("key", PAGES)
def test_a_page_fits_a_small_screen(window: MainWindow, key: str) -> None:
    window.show_page(key)
    assert window.minimumSizeHint().width() <= 1366
    assert window.minimumSizeHint().height() <= 768


@pytest.mark.parametrize("key", PAGES)
def test_every_action_of_a_page_has_words_and_no_shared_key(window: MainWindow, key: str) -> None:
    window.show_page(key)
    keys = [
        shortcut.toString()
        for action in [*window.page(key).actions(), *window.actions()]
        for shortcut in action.shortcuts()
    ]
    assert all(action.text() for action in window.page(key).actions())
    assert sorted(keys) == sorted(set(keys))


def test_every_kind_of_drop_belongs_to_exactly_one_page() -> None:
    for kind in Dropped:
        assert len([key for key, spec in PAGES.items() if kind in spec.takes]) == 1


def test_the_self_test_finds_nothing(context: Context, qtbot: QtBot) -> None:
    assert self_test(context) == []


def test_the_self_test_names_a_page_that_fails(context: Context, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    from weldspot_desktop.ui.pages.log_page import LogPage

    def fail(self: LogPage) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(LogPage, "activated", fail)
    failures = self_test(context)
    assert len(failures) == 1
    assert "log" in failures[0]
    assert "on purpose" in failures[0]


@pytest.mark.parametrize("key", PAGES)
def test_every_visible_control_has_a_name_for_screen_readers(window: MainWindow, qtbot: QtBot, key: str) -> None:
    window.show_page(key)
    qtbot.wait(300)
    page = window.page(key)
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QSlider, QAbstractItemView, QPlainTextEdit)
    roots = [root for root in (page, page.panel) if root is not None]
    controls = [control for root in roots for kind in kinds for control in root.findChildren(kind)]
    # Parts that Qt itself puts into tables, boxes and fields are spoken for by those.
    own = [
        control
        for control in controls
        if control.isVisible()
        and not isinstance(control, QHeaderView)
        and not isinstance(control.parent(), QComboBox | QAbstractSpinBox | QLineEdit)
    ]
    assert own
    unnamed = [
        f"{type(control).__name__} in {type(control.parent()).__name__}"
        for control in own
        if not QAccessible.queryAccessibleInterface(control).text(QAccessible.Text.Name).strip()
    ]
    assert unnamed == []
