"""How fast the review page opens and goes on with a long queue, and what it holds.

Usage: review_page.py [--uploads 100000] [--steps 200]. Needs no display. A temporary workspace is filled with rows over
200 drawn pictures of 1.9 megapixels; then the page is opened as a person does, and Enter is pressed again and again.

Measured in the window's own thread, from the key to the end of the painting that shows the next picture; "waited"
counts the steps whose picture had not been decoded ahead. Resident memory is read before the first and after the last
step.
"""

import argparse
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import insert

from weldspot_desktop.context import Context
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.store import people
from weldspot_desktop.store.schema import Upload
from weldspot_desktop.ui import app
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.pages.review_page import ReviewPage

PICTURES = 200
_PATIENCE_S = 60.0
_REST_S = 0.25
"""Between two decisions: nobody looks at a picture for less."""


def main() -> None:
    """Fill, open, step, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uploads", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=200)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["WELDSPOT_KEYS"] = str(Path(folder) / "keys")
        context = Context(Path(folder) / "workspace")
        fill(context, chosen.uploads)
        window = app.make_window(context)
        window.resize(1440, 900)
        window.show()
        window.start("settings")
        window.frame.set_person(context.person("M. Inspector"))
        settle(1.0)
        try:
            measure(window, chosen.steps)
        finally:
            window.shutdown()
            window.close()
            window.deleteLater()
            settle(0.2)
            context.close()


def measure(window: MainWindow, steps: int) -> None:
    """Open the page, press Enter so often, print the table."""
    process = psutil.Process()
    begun = time.perf_counter()
    window.show_page("review")
    page = window.page("review")
    assert isinstance(page, ReviewPage)
    wait_for(lambda: page.desk.row is not None)
    window.grab()
    opened = time.perf_counter() - begun
    wait_for(lambda: seen(page))
    first = time.perf_counter() - begun
    settle(_REST_S)
    before = process.memory_info().rss
    times, blocked, waited = [], [], 0
    for _ in range(steps):
        number = page.desk.row.number if page.desk.row is not None else 0
        begun = time.perf_counter()
        QTest.keyClick(page, Qt.Key.Key_Return)
        blocked.append(time.perf_counter() - begun)
        waited += not seen(page)
        wait_for(lambda was=number: page.desk.row is not None and page.desk.row.number != was and seen(page))
        page.picture.view.repaint()
        times.append(time.perf_counter() - begun)
        settle(_REST_S)
    grown = (process.memory_info().rss - before) / 1e6
    print(f"uploads                    {page.model.total():>10,}")
    print(f"page opened, rows painted  {opened * 1000:>10.0f} ms")
    print(f"first picture in view      {first * 1000:>10.0f} ms")
    for name, values in (("next picture", times), ("window blocked by Enter", blocked)):
        median, most = np.percentile(values, [50, 95]) * 1000
        print(f"{name:<26} {median:>10.1f} ms median, {most:.1f} ms p95, {max(values) * 1000:.1f} ms most")
    print(f"waited for a picture       {waited:>10} of {steps}")
    print(f"rows held                  {page.model.held():>10}")
    print(f"pixels held                {page.picture.ahead.held_bytes() / 1e6:>10.0f} MB")
    print(f"resident memory grew by    {grown:>10.0f} MB in {steps} steps")


def fill(context: Context, count: int) -> None:
    """So many uploads over some pictures."""
    start, rng = datetime.now(UTC), np.random.default_rng(1)
    with context.database.write() as session:
        people.add(session, name="M. Inspector", role=people.Role.INSPECTOR, by="system")
        kept = []
        for seed in range(PICTURES):
            content = io.BytesIO()
            drawn = Image.fromarray(render_weld(seed % 20, size=400).pixels).resize((1600, 1200))
            drawn.rotate(seed % 4).save(content, "JPEG", quality=88 - seed % 7)
            kept.append(context.picture_files.keep(session, content.getvalue(), width=1600, height=1200))
        for first in range(0, count, 5000):
            numbers = range(first, min(first + 5000, count))
            session.execute(insert(Upload), [_row(number, start, kept, rng) for number in numbers])


def _row(number: int, start: datetime, kept: list[str], rng: np.random.Generator) -> dict[str, object]:
    scores = [round(float(score), 6) for score in rng.random(7)]
    return {
        "inbox": "local", "name": f"uploads/u{number % 40}/W-{number}.jpg", "generation": 1, "bytes": 300_000,
        "sent": start - timedelta(seconds=number), "received": start, "uid": f"u{number % 40}",
        "phone_id": f"W-{number}", "ticks": 1 << number % 7, "phone_scores": scores, "own_scores": scores,
        "group": f"plant {number % 3}", "picture_sha256": kept[number % PICTURES], "state": "new", "reason": "",
        "uncertainty": scores[0], "disagreement": scores[1], "lot": float(rng.random()), "audit": False,
    }  # fmt: skip


def seen(page: ReviewPage) -> bool:
    """Whether the picture of the upload on the desk is in view."""
    return page.desk.row is not None and page.picture.in_view(page.desk.row.number)


def wait_for(there: Callable[[], bool]) -> None:
    """Let the window work until something is so."""
    end = time.monotonic() + _PATIENCE_S
    while not there():
        QApplication.processEvents()
        if time.monotonic() > end:
            sys.exit("the page did not get on")


def settle(seconds: float) -> None:
    """Let the window work for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)


if __name__ == "__main__":
    app.make_application()
    main()
