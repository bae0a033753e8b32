import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop.inspection.live import State
from weldspot_desktop.inspection.sources import CameraSource
from weldspot_desktop.inspection.sources import camera as camera_module
from weldspot_desktop.inspection.sources.controls import CameraControls, Control, ControlState
from weldspot_desktop.inspection.sources.source import Frame
from weldspot_desktop.settings import Theme
from weldspot_desktop.ui.camera_dialog import CameraDialog
from weldspot_desktop.ui.frame import Notice
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.pages.live_page import LivePage

STATES = (
    ControlState(Control.SIZE, True, values=(1280.0, 720.0), exact=False),
    ControlState(Control.FRAME_RATE, True, values=(30.0,)),
    ControlState(Control.EXPOSURE, True, False, values=(157.0,)),
    ControlState(Control.FOCUS, False),
    ControlState(Control.WHITE_BALANCE, True, True),
)


@pytest.fixture
def page(window: MainWindow) -> Iterator[LivePage]:
    window.show_page("live")
    found = window.page("live")
    assert isinstance(found, LivePage)
    yield found
    found.stop()


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> list[CameraControls]:
    """A camera without a device: gives pictures, and remembers what was asked of it."""
    asked: list[CameraControls] = []

    def read(source: CameraSource) -> Frame | None:
        source._interrupted.wait(0.03)
        return None if source._interrupted.is_set() else source._frame(np.full((72, 128, 3), 90, np.uint8))

    def apply(source: CameraSource, options: object) -> None:
        super(CameraSource, source).apply(options)  # type: ignore[arg-type]
        asked.append(source._wanted_controls())

    monkeypatch.setattr(CameraSource, "open", lambda source: asked.append(source._wanted_controls()))
    monkeypatch.setattr(CameraSource, "read", read)
    monkeypatch.setattr(CameraSource, "close", lambda source: None)
    monkeypatch.setattr(CameraSource, "apply", apply)
    monkeypatch.setattr(CameraSource, "controls", property(lambda source: STATES))
    monkeypatch.setattr(camera_module, "enumerate_cameras", lambda backend: [])
    return asked


def live(page: LivePage) -> bool:
    return page.session.status is not None and page.session.status.state is State.LIVE


def write_film(path: Path) -> str:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (160, 120))
    for number in range(8):
        writer.write(np.full((120, 160, 3), number * 20, np.uint8))
    writer.release()
    return str(path)


def test_a_cameras_controls_are_applied_while_it_runs_and_kept_for_it(
    page: LivePage, camera: list[CameraControls], qtbot: QtBot
) -> None:
    page.start("camera:C920")
    qtbot.waitUntil(lambda: live(page), timeout=15000)
    assert page.toolbar.controls_button.isVisible()
    assert not page.toolbar.loop_button.isVisible()
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: page.source_controls.dialog is not None, timeout=5000)
    dialog = page.source_controls.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert dialog.words(Control.SIZE) == "the camera chose 1280 × 720"
    assert dialog.words(Control.FOCUS) == "not offered by this camera"
    assert dialog.words(Control.WHITE_BALANCE) == "automatic"
    number = dialog._numbers[Control.EXPOSURE]
    assert not number.isEnabled()
    dialog._fields[Control.EXPOSURE].setCurrentText("By hand")
    # Begins at what is in force, so that the picture does not jump.
    assert number.isEnabled()
    assert number.value() == 157
    number.setValue(160)
    dialog._fields[Control.SIZE].setCurrentText("1920 × 1080")
    dialog._fields[Control.WHITE_BALANCE].setCurrentText("Automatic")
    wanted = CameraControls(1920, 1080, exposure=160.0, white_balance="auto")
    qtbot.waitUntil(lambda: camera[-1] == wanted, timeout=10000)
    assert page.session.source is not None
    assert page.context.source_choices.of(page.session.source).controls == wanted
    # What was changed just before closing counts.
    number.setValue(170)
    dialog.close_button.click()
    assert camera[-1].exposure == 170.0
    # Another source closes the dialog; the camera comes back with what was chosen.
    page.source_controls.open_dialog()
    page.start_demo()
    assert page.source_controls.dialog is None
    assert not page.toolbar.controls_button.isVisible()
    page.start("camera:C920")
    qtbot.waitUntil(lambda: live(page), timeout=15000)
    assert camera[-1].exposure == 170.0
    page.source_controls.open_dialog()
    assert page.source_controls.dialog is not None
    assert page.source_controls.dialog.controls() == CameraControls(1920, 1080, exposure=170.0, white_balance="auto")
    page.source_controls.dialog.reset_button.click()
    qtbot.waitUntil(lambda: camera[-1] == CameraControls(1280, 720), timeout=10000)


def test_without_a_camera_the_key_says_what_is_missing(page: LivePage, qtbot: QtBot) -> None:
    notices: list[Notice] = []
    page.frame.noticed.connect(notices.append)
    page.source_controls.open_dialog()
    page.source_controls.toggle_loop()
    assert [notice.text for notice in notices] == ["Only a camera has controls.", "Only a video can be repeated."]


def test_a_video_is_played_once_when_that_is_chosen_and_it_is_kept(
    page: LivePage, qtbot: QtBot, tmp_path: Path
) -> None:
    film = write_film(tmp_path / "weld.avi")
    page.start(film)
    qtbot.waitUntil(lambda: live(page), timeout=15000)
    assert page.toolbar.loop_button.isVisible()
    assert page.toolbar.loop_button.isChecked()
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: not page.toolbar.loop_button.isChecked(), timeout=5000)
    qtbot.waitUntil(lambda: page.session.status.state is State.ENDED, timeout=15000)
    qtbot.waitUntil(lambda: "has ended" in page.card.text(), timeout=15000)
    assert json.loads(page.context.workspace.sources.read_text())["sources"][film] == {"loop": False}
    page.start(film)
    assert not page.toolbar.loop_button.isChecked()
    qtbot.waitUntil(lambda: page.session.status.state is State.ENDED, timeout=15000)


def test_a_watched_folder_waits_shows_what_comes_and_tells_what_it_leaves_out(
    page: LivePage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Nähte"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    notices: list[Notice] = []
    page.frame.noticed.connect(notices.append)
    page.asking.folder()
    qtbot.waitUntil(lambda: live(page), timeout=15000)
    qtbot.waitUntil(lambda: "Waiting for new pictures in “Nähte”." in page.card.text(), timeout=15000)
    assert page.toolbar.choice.currentText() == "Nähte"
    made = tmp_path / "made.png"
    Image.new("RGB", (64, 48), (200, 10, 10)).save(made)
    made.rename(folder / "W-1.png")
    qtbot.waitUntil(lambda: page.display.judged is not None, timeout=20000)
    assert page.toolbar._size.text() == "64 × 48"
    with qtbot.waitSignal(page.frame.records_changed, timeout=15000):
        page.trigger()
    (folder / "broken.png").write_bytes(b"no picture")
    qtbot.waitUntil(lambda: bool(notices), timeout=20000)
    assert notices[-1].text.startswith("“broken.png” was left out")
    folder.rename(tmp_path / "away")
    qtbot.waitUntil(lambda: page.session.status.state is State.LOST, timeout=15000)
    qtbot.waitUntil(lambda: "It is opened again by itself in" in page.card.text(), timeout=15000)


@pytest.mark.parametrize("percent", [100, 150])
def test_the_dialog_cuts_nothing_off(
    look: Callable[[Theme, int], None], percent: int, shown: Callable[..., QWidget], qtbot: QtBot
) -> None:
    look(Theme.DARK, percent)
    dialog = CameraDialog("C920", CameraControls(1234, 567, white_balance=5000.0), (1280, 720))
    dialog.show_states(STATES)
    size = dialog.sizeHint()
    shown(dialog, size.width(), size.height())
    assert dialog._fields[Control.SIZE].currentText() == "1234 × 567"
    for label in dialog.findChildren(QLabel):
        assert label.width() >= label.sizeHint().width() - 1 or label.wordWrap()
    for field in (*dialog._fields.values(), *dialog._numbers.values()):
        assert field.accessibleName()
        assert field.width() >= field.minimumSizeHint().width()
