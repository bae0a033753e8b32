"""What Import and Log show of a picture that is to be taken again, and of a large one that a tile decided."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from weldspot_desktop import paths, pictures
from weldspot_desktop.context import Context
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.inspection_details import InspectionDetails, facts
from weldspot_desktop.ui.pages.import_page import ImportPage

Show = Callable[..., QWidget]


@pytest.fixture
def dark(weld_pixels: NDArray[np.uint8], tmp_path: Path) -> Path:
    path = tmp_path / "dark.png"
    Image.fromarray((weld_pixels // 20).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Three megapixels of grey with a small porous weld at the right."""
    noise = np.random.default_rng(2).normal(120, 6, (150, 200, 1)).clip(0, 255).astype(np.uint8).repeat(3, axis=2)
    picture = np.asarray(cv2.resize(noise, (2000, 1500), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    weld = pictures.decode(paths.resource("samples", "porosity.jpg").read_bytes()).pixels
    picture[900:1180, 1500:1780] = cv2.resize(weld, (280, 280), interpolation=cv2.INTER_AREA)
    path = tmp_path / "large.png"
    Image.fromarray(picture).save(path, compress_level=1)
    return path


def judge(page: ImportPage, qtbot: QtBot, path: Path) -> None:
    page.open_file(path)
    qtbot.waitUntil(lambda: page._judged is not None, timeout=20_000)


def record(context: Context, path: Path) -> Inspection:
    inspector = context.inspector()
    content = path.read_bytes()
    item = ToRecord(inspector.content(content, origin=str(path)), content)
    number = context.recorder(inspector).record([item], source=Source.IMPORT, person=None)[0]
    with context.database.read() as session:
        row = session.get(Inspection, number)
        assert row is not None
        return row


def test_import_says_why_a_picture_is_to_be_taken_again(frame: Frame, shown: Show, qtbot: QtBot, dark: Path) -> None:
    page = ImportPage(frame.context, frame)
    shown(page.panel, 320, 800)
    shown(page, 960, 800)
    judge(page, qtbot, dark)
    words = page.judged_panel.text()
    assert words.startswith("RETAKE: Too dark: mean brightness ")
    assert "of 255 (30 to 220)" in words
    assert page.record_button.isEnabled()
    # The limit is a setting: without it the same picture is judged.
    frame.context.settings.quality.check = False
    frame.settings_changed.emit("quality", "check")
    judge(page, qtbot, dark)
    assert "RETAKE" not in page.judged_panel.text()
    assert "Brightness " in page.judged_panel.text()
    assert "30 to 220" not in page.judged_panel.text()


def test_import_marks_the_tile_that_decided(
    frame: Frame, shown: Show, qtbot: QtBot, large: Path, weld_folder: Path
) -> None:
    page = ImportPage(frame.context, frame)
    shown(page, 960, 800)
    judge(page, qtbot, large)
    assert page._judged is not None
    tile = page.view.tile()
    assert tile is not None
    assert tile == page._judged.inspected.tile
    assert tile[0] < 0.82 < tile[2]
    assert tile[1] < 0.69 < tile[3]
    judge(page, qtbot, weld_folder / "a.jpg")
    assert page.view.tile() is None


def test_the_log_shows_measures_and_tile(
    context: Context, frame: Frame, shown: Show, qtbot: QtBot, dark: Path, large: Path
) -> None:
    poor, tiled = record(context, dark), record(context, large)
    assert poor.verdict == "RETAKE"
    assert poor.scores is not None
    assert dict(facts(poor))["Quality"].startswith("Brightness ")
    assert "Tile" not in dict(facts(poor))
    assert "% across" in dict(facts(tiled))["Tile"]
    details = InspectionDetails(frame)
    shown(details, 320, 800)
    details.show_inspection(tiled)
    qtbot.waitUntil(lambda: details.picture.tile() is not None, timeout=20_000)
    assert tiled.tile is not None
    assert details.picture.tile() == tuple(tiled.tile)
    details.show_inspection(poor)
    assert "Too dark" in details.judged.verdict.text()
    qtbot.waitUntil(lambda: details.picture.tile() is None, timeout=20_000)
