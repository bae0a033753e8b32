"""A report from the log: the question, the writing beside the window, the notice."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop.context import Context
from weldspot_desktop.reports import report
from weldspot_desktop.reports.report import Kind as ReportKind
from weldspot_desktop.settings import Theme
from weldspot_desktop.ui.frame import Frame, Kind, Notice
from weldspot_desktop.ui.notices import NoticeCard
from weldspot_desktop.ui.pages.log_page import LogPage
from weldspot_desktop.ui.report_dialog import ReportDialog


@pytest.fixture
def page(
    context: Context, frame: Frame, keep: Callable[[int], None], shown: Callable[..., QWidget], qtbot: QtBot
) -> LogPage:
    keep(12)
    made = LogPage(context, frame)
    assert made.panel is not None
    qtbot.addWidget(made.panel)
    shown(made)
    with qtbot.waitSignal(made.model.counted):
        made.activated()
    qtbot.waitUntil(lambda: made.model.inspection(0) is not None)
    return made


def asked(page: LogPage, qtbot: QtBot) -> ReportDialog:
    page.ask_report()
    dialog = page.reports.dialog
    assert dialog is not None
    qtbot.waitExposed(dialog)
    return dialog


def test_the_selection_comes_first_and_choices_are_remembered(page: LogPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.table.selectRow(2)
    dialog = asked(page, qtbot)
    assert [dialog.about.itemText(i) for i in range(dialog.about.count())] == [
        "1 inspection, selected",
        "All 12 inspections that the filters leave",
    ]
    assert dialog.path().suffix == ".pdf"
    dialog.kind.setCurrentIndex(dialog.kind.findData("xlsx"))
    assert dialog.path().suffix == ".xlsx"
    dialog.number.setText("R 7/2: <x>")
    assert dialog.path().name == "R 7-2- -x-.xlsx"
    dialog.file.setText(str(tmp_path / "missing" / "a.xlsx"))
    dialog.answer()
    assert "is not there" in dialog.fault()
    dialog.file.setText(str(tmp_path / "Prüfung"))
    dialog.title.setText("Pruefbericht")
    with qtbot.waitSignal(dialog.answered) as answered:
        dialog.answer()
    wish = answered.args[0]
    assert wish.path == tmp_path / "Prüfung.xlsx"
    assert wish.kind is ReportKind.XLSX
    assert wish.selection == [page.model.inspection(2).id]
    qtbot.waitUntil(lambda: not page.reports.running)
    again = asked(page, qtbot)
    assert again.chosen_kind() is ReportKind.XLSX
    assert again.title.text() == "Pruefbericht"
    assert again.path().parent == tmp_path
    again.reject()


def test_a_report_is_written_beside_the_window_and_can_be_opened(
    page: LogPage, notices: list[Notice], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    path = tmp_path / "report.pdf"
    path.write_text("old")
    dialog = asked(page, qtbot)
    dialog.file.setText(str(path))
    assert dialog.note.text() == "This file exists and will be replaced."
    dialog.answer()
    assert page.reports.running
    assert not page.report_button.isEnabled()
    qtbot.waitUntil(lambda: not page.reports.running, timeout=60_000)
    assert path.read_bytes().startswith(b"%PDF")
    assert page.report_button.isEnabled()
    notice = notices[-1]
    assert (notice.text, notice.kind, notice.button) == ("Report written: report.pdf, 12 welds.", Kind.GOOD, "Open")
    card = NoticeCard(notice)
    qtbot.addWidget(card)
    assert card.second is not None
    assert card.second.text() == "Show in folder"
    card.second.click()
    card.act()
    assert opened == [str(tmp_path), str(path)]


def test_a_cancelled_report_leaves_nothing(
    page: LogPage, notices: list[Notice], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = asked(page, qtbot)
    dialog.file.setText(str(tmp_path / "report.csv"))
    dialog.kind.setCurrentIndex(dialog.kind.findData("csv"))
    original = report.WRITERS[ReportKind.CSV]

    def cancelled(*arguments: object) -> object:
        assert page.reports._progress is not None
        page.reports._progress.cancel()
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setitem(report.WRITERS, ReportKind.CSV, cancelled)
    dialog.answer()
    qtbot.waitUntil(lambda: not page.reports.running)
    assert not list(tmp_path.glob("*.csv"))
    assert notices == []


@pytest.mark.parametrize("which", [Theme.LIGHT, Theme.DARK])
def test_nothing_is_cut_off_at_large_text(
    page: LogPage, look: Callable[[Theme, int], None], which: Theme, qtbot: QtBot
) -> None:
    look(which, 150)
    dialog = asked(page, qtbot)
    for field in (dialog.about, dialog.kind, dialog.title, dialog.number, dialog.project, dialog.file, dialog.choose):
        assert field.width() >= min(field.minimumSizeHint().width(), field.sizeHint().width())
        assert dialog.rect().contains(field.geometry().bottomRight())
        assert field.accessibleName()
    dialog.reject()
