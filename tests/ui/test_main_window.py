"""The frame: rail, panel, status bar, notices, drops, memory, the way to the end."""

import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from weldspot_desktop.context import Context
from weldspot_desktop.settings import Theme
from weldspot_desktop.store import people
from weldspot_desktop.store.people import Role
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Kind, Slot
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.workers import Progress


def test_the_rail_opens_pages_and_leaves_the_keys_to_them(window: MainWindow, qtbot: QtBot) -> None:
    button = window._rail.button("log")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.current_key == "log"
    assert button.isChecked()
    assert not button.hasFocus()


def test_the_rail_collapses_when_narrow(window: MainWindow, qtbot: QtBot) -> None:
    assert not window._rail.compact
    wide = window._rail.width()
    window.resize(theme.NARROW - 1, 700)
    qtbot.waitUntil(lambda: window._rail.compact)
    qtbot.waitUntil(lambda: window._rail.width() < wide / 2)


def test_a_badge_counts_what_waits_and_is_read_out(window: MainWindow) -> None:
    window.frame.set_badge("log", 12)
    assert window._rail.button("log").badge == 12
    assert window._rail.button("log").accessibleName() == "Log, 12 waiting"
    window.frame.set_badge("log", 0)
    assert window._rail.button("log").accessibleName() == "Log"


def test_the_panel_keeps_its_place(window: MainWindow, qtbot: QtBot) -> None:
    places = set()
    for key in ("settings", "log"):
        window.show_page(key)
        qtbot.wait(20)
        panel = window._panel
        assert panel.isVisible()
        places.add((panel.mapTo(window, QPoint(0, 0)).x(), panel.width()))
    assert len(places) == 1


def test_status_bar(window: MainWindow, qtbot: QtBot) -> None:
    assert window.cloud.field.text() == "Phones: not set up"
    qtbot.waitUntil(lambda: "weld" in window._status.text(Slot.MODEL), timeout=10_000)
    window.frame.set_status(Slot.CAMERA, "Camera 0", Kind.GOOD)
    assert window._status.text(Slot.CAMERA) == "Camera 0"


def test_a_model_that_cannot_be_opened_is_explained(context: Context, qtbot: QtBot, look: Callable[..., None]) -> None:
    context._model_in_use._chosen = Path("/no/such.tflite")
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    window.start("settings")
    qtbot.waitUntil(lambda: window._status.text(Slot.MODEL) == "No model")
    assert "no model file" in window.notices.cards[-1].notice.text
    window.close()


def test_a_job_shows_progress_and_can_be_cancelled_there(window: MainWindow, qtbot: QtBot) -> None:
    step = threading.Event()

    def work(progress: Progress) -> None:
        progress.report(42, 100)
        while not step.wait(0.005):
            progress.report(42, 100)

    window.frame.run_job("CSV export", work)
    assert window._status.running() == 1
    job = window._status._jobs[0]
    qtbot.waitUntil(lambda: "42 %" in job._label.text())
    qtbot.mouseClick(job._cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window._status.running() == 0)


def test_closing_asks_before_it_stops_a_job(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(progress: Progress) -> None:
        while True:
            progress.report(1)

    window.frame.run_job("CSV export", work)
    answers = [QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Close]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answers.pop(0))
    assert not window.close()
    assert window.isVisible()
    assert window.close()
    assert answers == []


def test_notices_stack_offer_and_close(window: MainWindow, qtbot: QtBot) -> None:
    done: list[str] = []
    window.frame.notify("One row copied.", Kind.GOOD)
    window.frame.notify("Text size reset.", button="Undo", action=lambda: done.append("undone"))
    first, second = window.notices.cards
    assert first.geometry().bottom() < second.geometry().top()
    assert second.geometry().bottom() <= window._stack.height()
    assert second.button is not None
    qtbot.mouseClick(second.button, Qt.MouseButton.LeftButton)
    assert done == ["undone"]
    assert window.notices.cards == (first,)
    window.notices.dismiss_all()
    assert window.notices.cards == ()


def test_the_key_for_undo_does_what_the_latest_notice_offers(window: MainWindow, qtbot: QtBot) -> None:
    done: list[str] = []
    window.frame.notify("Reset.", button="Undo", action=lambda: done.append("undone"))
    window.frame.notify("Something else.")
    qtbot.keyClick(window.page("settings"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert done == ["undone"]


def test_a_notice_goes_by_itself_but_not_under_the_pointer(window: MainWindow, qtbot: QtBot) -> None:
    window.frame.notify("Saved.")
    card = window.notices.cards[0]
    card._timer.setInterval(20)
    card._timer.stop()
    qtbot.wait(60)
    assert window.notices.cards == (card,)
    card._timer.start()
    qtbot.waitUntil(lambda: window.notices.cards == ())


def test_notices_are_announced(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, bool]] = []
    monkeypatch.setattr("weldspot_desktop.ui.notices.announce", lambda _, text, *, urgent: said.append((text, urgent)))
    window.frame.notify("No camera.", Kind.ERROR, advice="Plug it in.")
    assert said == [("No camera. Plug it in.", True)]


def drop(window: MainWindow, paths: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    with warnings.catch_warnings():
        # From PySide 6.12 on the place is to be a QPointF, before it has to be a QPoint.
        warnings.simplefilter("ignore", DeprecationWarning)
        enter = QDragEnterEvent(QPoint(10, 10), actions, data, buttons, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(10, 10), actions, data, buttons, keys))


@pytest.mark.parametrize(
    ("names", "page"),
    [(["a.jpg"], "import"), (["a.jpg", "b.PNG"], "folder"), (["folder"], "folder"), (["weld.mp4"], "live")],
)
def test_what_is_dropped_goes_to_the_page_that_knows_it(
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    names: list[str],
    page: str,
) -> None:
    paths = [tmp_path / name for name in names]
    for path in paths:
        if path.suffix:
            Image.new("RGB", (32, 32)).save(path, format="PNG")
        else:
            path.mkdir()
    taken: list[list[Path]] = []
    monkeypatch.setattr(type(window.page(page)), "open_paths", lambda self, given: taken.append(list(given)))
    drop(window, paths)
    qtbot.waitUntil(lambda: taken == [paths])
    assert window.current_key == page
    assert window._specs[page].title in window.notices.cards[-1].notice.text


def test_what_nobody_knows_is_explained(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.write_text("x")
    drop(window, [path])
    qtbot.waitUntil(lambda: bool(window.notices.cards))
    assert "letter.docx" in window.notices.cards[0].notice.text
    assert window.current_key == "settings"


def test_page_and_size_are_remembered_in_the_workspace(context: Context, qtbot: QtBot, look: Callable[..., None]):
    for round_ in range(2):
        window = MainWindow(context)
        qtbot.addWidget(window)
        if round_ == 0:
            window.resize(1222, 655)
        window.show()
        window.start()
        if round_ == 0:
            window.show_page("log")
        else:
            assert window.current_key == "log"
            # The offscreen screen is 800 pixels wide, so the width is cut to what it can show.
            assert window.height() == 655
        window.close()
    assert (context.workspace.root / "window.ini").is_file()


def test_problems_of_the_settings_file_are_told(workspace: Path, qtbot: QtBot, look: Callable[..., None]) -> None:
    workspace.mkdir()
    (workspace / "settings.json").write_text('{"version": 1, "appearance": {"text_percent": 900}}')
    context = Context(workspace)
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    window.start("settings")
    assert "text_percent" in window.notices.cards[0].notice.text
    window.close()
    context.close()


def test_theme_and_text_size_by_command(window: MainWindow) -> None:
    by_name = {action.text(): action for action in window.actions()}
    by_name["Dark theme"].trigger()
    assert theme.colours() is theme.DARK
    by_name["Larger text"].trigger()
    assert window.context.settings.appearance.text_percent == 110
    assert theme.pixels(100) == 110
    by_name["Smaller text"].trigger()
    by_name["Smaller text"].trigger()
    assert window.context.settings.appearance.text_percent == 90
    assert window.context.settings.appearance.theme is Theme.DARK


def test_full_screen_and_back(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window.page("settings"), Qt.Key.Key_F11)
    assert window.isFullScreen()
    qtbot.keyClick(window.page("settings"), Qt.Key.Key_F11)
    assert not window.isFullScreen()


@pytest.fixture
def two_people(context: Context) -> None:
    with context.database.write() as session:
        people.add(session, name="Ada", role=Role.INSPECTOR, by="system")
        people.add(session, name="Max", role=Role.REVIEWER, pin="2468", by="system")


def offered(window: MainWindow, qtbot: QtBot) -> dict[str, object]:
    window.sign_in.menu = None
    qtbot.mouseClick(window._status.inspector, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.sign_in.menu is not None)
    menu = window.sign_in.menu
    assert menu is not None
    menu.close()
    return {action.text(): action for action in menu.actions()}


@pytest.mark.usefixtures("two_people")
def test_signing_in_without_and_with_a_pin(window: MainWindow, qtbot: QtBot) -> None:
    offered(window, qtbot)["Ada, inspector"].trigger()  # type: ignore[attr-defined]
    assert window.frame.person_name() == "Ada"
    assert window._status.inspector.text() == "Ada"

    offered(window, qtbot)["Max, reviewer"].trigger()  # type: ignore[attr-defined]
    question = window.sign_in.question
    assert question is not None
    qtbot.keyClicks(question.pin, "1111")
    question.confirm.click()
    qtbot.waitUntil(lambda: "not the PIN" in question.fault())
    assert window.frame.person_name() == "Ada"
    qtbot.keyClicks(question.pin, "2468")
    question.confirm.click()
    qtbot.waitUntil(lambda: window.frame.person_name() == "Max")
    assert window.sign_in.question is None

    offered(window, qtbot)["Sign out"].trigger()  # type: ignore[attr-defined]
    assert window.frame.person() is None
    assert window._status.inspector.text() == "Sign in"


@pytest.mark.usefixtures("two_people")
def test_who_has_no_pin_is_remembered(context: Context, qtbot: QtBot, look: Callable[..., None]) -> None:
    for name, remembered in (("Ada", True), ("Max", False)):
        person = context.person(name)
        assert person is not None
        window = MainWindow(context)
        qtbot.addWidget(window)
        window.sign_in._set(person)
        window.close()
        window = MainWindow(context)
        qtbot.addWidget(window)
        window.start("settings")
        qtbot.wait(150)
        assert (window.frame.person_name() == name) is remembered
        window.close()
