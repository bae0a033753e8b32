"""Shared by the tests of the window: the application in a theme, a library on an empty workspace, a frame."""

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop.context import Context
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.settings import Theme
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame, Notice
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.workers import Workers
from weldspot_desktop.verdict import ThresholdSet


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: QApplication) -> Iterator[None]:
    """No test may leave a window open, a thread running or the application with somebody's hooks."""
    threads, hooks = set(threading.enumerate()), (sys.excepthook, threading.excepthook)
    yield
    for _ in range(3):
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        qapp.processEvents()
    gc.collect()
    windows = [widget for widget in qapp.topLevelWidgets() if widget.isVisible()]
    assert windows == []
    left = [thread for thread in threading.enumerate() if thread not in threads and thread.is_alive()]
    for thread in left:
        # A source that was left to its driver ends by itself, on a busy computer somewhat later.
        thread.join(10)
    assert [thread for thread in left if thread.is_alive()] == []
    assert (sys.excepthook, threading.excepthook) == hooks


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Callable[[Theme, int], None]]:
    """Puts a theme and a text size in force; the light one at 100 % before and after each test."""

    def choose(which: Theme, percent: int = 100) -> None:
        theme.apply(qapp, which, percent)

    choose(Theme.LIGHT)
    yield choose
    choose(Theme.LIGHT)


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    """A library on an empty workspace, with the shipped model."""
    opened = Context(workspace)
    yield opened
    opened.close()


@pytest.fixture
def frame(qtbot: QtBot, look: Callable[[Theme, int], None], context: Context, workspace: Path) -> Iterator[Frame]:
    """What the window offers its pages, without the window; a bug in background work fails the test."""
    workers = Workers()
    broken: list[BaseException] = []
    workers.broke.connect(broken.append)
    memory = QSettings(str(workspace / "window.ini"), QSettings.Format.IniFormat)
    made = Frame(context, workers, memory)
    yield made
    workers.close()
    assert broken == []


@pytest.fixture
def notices(frame: Frame) -> list[Notice]:
    """Notices as they come."""
    seen: list[Notice] = []
    frame.noticed.connect(seen.append)
    return seen


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[QWidget], QWidget]:
    """Shows a widget in a size of its own and waits until it is painted."""

    def show(widget: QWidget, width: int = 960, height: int = 700) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(width, height)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    return show


@pytest.fixture(scope="session")
def weld_pixels() -> NDArray[np.uint8]:
    """One synthetic weld with pores."""
    return render_weld(7, size=320).pixels


@pytest.fixture
def weld_folder(tmp_path: Path) -> Path:
    """Six synthetic welds with plain, accented, Chinese and very long names, and three files that are no pictures."""
    folder = tmp_path / "Schweißnähte"
    folder.mkdir()
    names = ["a", "b", "Größe-ü", "焊缝", "l" * 200, "sub/c"]
    for seed, name in enumerate(names):
        path = folder / f"{name}.jpg"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(render_weld(seed, size=256).pixels).save(path, quality=92)
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "broken.jpg").write_bytes((folder / "a.jpg").read_bytes()[:3000])
    (folder / "words.png").write_text("no picture")
    return folder


@pytest.fixture
def window(qtbot: QtBot, look: Callable[[Theme, int], None], context: Context) -> Iterator[MainWindow]:
    """The whole window, shown, with the settings page open; a bug in background work fails the test."""
    made = MainWindow(context)
    broken: list[BaseException] = []
    made.workers.broke.connect(broken.append)
    made.resize(1440, 900)
    with qtbot.waitExposed(made):
        made.show()
    made.start("settings")
    yield made
    made.shutdown()
    made.close()
    made.deleteLater()
    assert broken == []


@pytest.fixture
def keep(context: Context) -> Callable[[int], None]:
    """Writes so many inspections into the log, a second apart: DEFECT, CLEAR, UNSURE, not judged, and again."""

    def write(count: int) -> None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        with context.database.write() as session:
            session.add_all(kept_inspection(i, start + timedelta(seconds=i)) for i in range(count))

    return write


def kept_inspection(number: int, created: datetime) -> Inspection:
    """A record as the program writes them."""
    verdict = ("DEFECT", "CLEAR", "UNSURE", None)[number % 4]
    thresholds = ThresholdSet(name="balanced", lower=(0.4,) * 7, upper=(0.6,) * 7)
    judged = verdict is not None
    return Inspection(
        created=created,
        source=("live", "import", "folder")[number % 3],
        origin=f"/welds/part-{number:05d}.jpg",
        sha256=f"{number:064x}",
        width=640,
        height=480,
        verdict=verdict,
        reason="Suspect: Crack" if verdict == "DEFECT" else "",
        classes=[2] if verdict == "DEFECT" else [],
        scores=[0.01, 0.2, 0.9, 0.1, 0.3, 0.4, 0.5] if judged else None,
        distance=1.5 if judged else None,
        milliseconds=4.2 if judged else None,
        model_name="weld" if judged else None,
        model_version=1 if judged else None,
        model_sha256="ab" * 32 if judged else None,
        thresholds_name=thresholds.name if judged else None,
        thresholds_digest=thresholds.digest if judged else None,
        thresholds=thresholds.model_dump(mode="json") if judged else None,
        weld={"weld_id": f"W-{number}"},
        error=None if judged else "The picture is damaged or cut off.",
    )
