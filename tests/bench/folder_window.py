"""Whether the window stays responsive while a large folder is listed, judged, sorted, filtered and scrolled.

Usage: folder_window.py [FILES], 100,000 by default. Needs no display. The files are real: hard links to a few small
pictures in folders of a thousand, so that listing, hashing, the database and the table work as ever while the model
sees each content once. A timer of 10 ms in the window's thread shows how long nothing else could be done there: the
table has the median, the 99th percentile and the longest of the times between two of its ticks, and how many were over
100 ms, from which on a person notices (R. B. Miller, Response time in man-computer conversational transactions, 1968).
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.folder import Target
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.ui import app
from weldspot_desktop.ui.folder_columns import COLUMNS
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.pages.folder_page import FolderPage

CONTENTS = 8
LONG_MS = 100


class Pulse:
    """Times between the ticks of a timer in the window's thread."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._tick)
        self._last = 0.0
        self._gaps: list[float] = []

    def over(self, title: str, until: Callable[[], bool], seconds: float = 3600) -> None:
        """Print what the pulse was like until something is so."""
        self._gaps, self._last = [], time.perf_counter()
        self._timer.start()
        begun = time.perf_counter()
        while not until():
            if time.perf_counter() - begun > seconds:
                raise SystemExit(f"{title}: not done after {seconds:.0f} s")
            QApplication.processEvents()
            time.sleep(0.001)
        self._timer.stop()
        gaps = 1000 * np.array(self._gaps or [time.perf_counter() - begun])
        middle, high = np.percentile(gaps, [50, 99])
        print(
            f"{title:34}{time.perf_counter() - begun:9.1f}{middle:10.1f}{high:10.1f}{gaps.max():10.1f}"
            f"{int((gaps > LONG_MS).sum()):8}",
            flush=True,
        )

    def _tick(self) -> None:
        now = time.perf_counter()
        self._gaps.append(now - self._last)
        self._last = now


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    application = app.make_application()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "welds"
        fill(folder, count)
        context = Context(Path(place) / "workspace")
        window = MainWindow(context)
        window.resize(1440, 900)
        window.show()
        window.start("folder")
        page = window.findChild(FolderPage)
        assert page is not None
        print(f"{count} files; times in ms but the first")
        print(f"{'':34}{'seconds':>9}{'median':>10}{'99 %':>10}{'longest':>10}{'> 100':>8}")
        pulse = Pulse()
        second = time.perf_counter() + 1
        pulse.over("at rest", lambda: time.perf_counter() > second)
        page.judge(Target(folder))
        pulse.over("listed", lambda: page.job.run is not None and page.job.run.total is not None)
        pulse.over("judged", lambda: not page.job.running)
        pulse.over("  and shown", lambda: page.model.rowCount() == count)
        for column, one in enumerate(COLUMNS):
            if one.sort is not None and one.class_index in (None, 2):
                page.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
                pulse.over(f"sorted by {one.title}", settled(page))
        page.filters.search.setText("part 042")
        pulse.over("filtered by name", settled(page, lambda: page.model.rowCount() < count))
        page.filters.search.setText("")
        pulse.over("filter taken off", settled(page, lambda: page.model.rowCount() == count))
        bar = page.table.verticalScrollBar()
        steps = iter(range(0, bar.maximum(), max(1, bar.maximum() // 300)))

        def scrolled() -> bool:
            place = next(steps, None)
            if place is not None:
                bar.setValue(place)
            return place is None

        pulse.over("scrolled from top to bottom", scrolled)
        page.table.selectRow(0)
        moves = iter(range(200))

        def stepped() -> bool:
            page.results.step(1)
            return next(moves, None) is None

        pulse.over("200 rows stepped through", stepped)
        window.shutdown()
        window.close()
        application.processEvents()
        context.close()


def settled(page: FolderPage, also: Callable[[], bool] = lambda: True) -> Callable[[], bool]:
    """The first row is shown as it is now, half a second after what was asked for at the earliest."""
    earliest = time.perf_counter() + 0.5
    return lambda: time.perf_counter() > earliest and also() and page.model.row(0) is not None


def fill(folder: Path, count: int) -> None:
    """Make the files."""
    folder.mkdir()
    originals = []
    for number in range(CONTENTS):
        path = folder.parent / f"{number}.jpg"
        Image.fromarray(render_weld(number, size=96).pixels).save(path, quality=85)
        originals.append(path)
    for number in range(count):
        part = folder / f"part {number // 1000:03d}"
        if number % 1000 == 0:
            part.mkdir()
        os.link(originals[number % CONTENTS], part / f"W-{number:06d}.jpg")


if __name__ == "__main__":
    main()
