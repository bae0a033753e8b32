"""The command palette, the shortcut sheet and the help."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from weldspot_desktop.ui.command_palette import CommandPalette
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.pages import PAGES


def opened(kind: type[QDialog]) -> QDialog:
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, kind)
    return dialog


def open_palette(window: MainWindow, qtbot: QtBot) -> CommandPalette:
    page = window.page(window.current_key or "")
    qtbot.keyClick(page, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = opened(CommandPalette)
    assert isinstance(palette, CommandPalette)
    return palette


def lines(palette: CommandPalette) -> list[str]:
    return [palette.list.item(row).text() for row in range(palette.list.count())]


def test_every_action_is_listed(window: MainWindow, qtbot: QtBot) -> None:
    palette = open_palette(window, qtbot)
    shown = lines(palette)
    for key, spec in PAGES.items():
        assert f"Go to {spec.title}" in shown
        for action in window.page(key).actions():
            if action.isEnabled():
                assert f"{spec.title}: {action.text()}" in shown
    for action in window.actions():
        assert action.text() in shown
    assert shown[0].startswith("Settings: ")
    palette.reject()


def test_typing_finds_enter_runs_on_the_right_page(window: MainWindow, qtbot: QtBot) -> None:
    palette = open_palette(window, qtbot)
    qtbot.keyClicks(palette.search, "search log")
    assert lines(palette)[0] == "Log: Search the log"
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert window.current_key == "log"
    assert window.page("log").search.hasFocus()  # type: ignore[attr-defined]


def test_explanations_are_searched_too(window: MainWindow, qtbot: QtBot) -> None:
    palette = open_palette(window, qtbot)
    qtbot.keyClicks(palette.search, "quit")
    assert lines(palette) == ["Close the program"]
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_arrows_move_and_nothing_found_is_said(window: MainWindow, qtbot: QtBot) -> None:
    palette = open_palette(window, qtbot)
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    qtbot.keyClick(palette.search, Qt.Key.Key_Up)
    qtbot.keyClick(palette.search, Qt.Key.Key_Up)
    assert palette.list.currentRow() == 0
    qtbot.keyClicks(palette.search, "xyzzy")
    assert palette.nothing.isVisible()
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.reject()


def test_the_sheet_lists_keys_of_page_and_window(window: MainWindow, qtbot: QtBot) -> None:
    window.show_page("log")
    qtbot.keyClicks(window.page("log"), "?")
    sheet = opened(QDialog)
    words = [label.text() for label in sheet.findChildren(QLabel)]
    for text in ("Log", "Everywhere", "Ctrl+K", "Search the log", "F11", "Copy the selected rows"):
        assert text in words
    sheet.reject()


def test_help_explains_page_and_verdicts(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window.page("settings"), Qt.Key.Key_F1)
    dialog = opened(QDialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert PAGES["settings"].purpose in words
    assert "This is not an acceptance." in words
    dialog.reject()
