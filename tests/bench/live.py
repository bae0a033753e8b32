"""The live view in the real window: a 1280 x 720 film at 30 frames a second, heat map on.

Usage: live.py [--seconds 60] [--minutes 10] [--width 1440 --height 900]. Prints frames judged a second, capture to
verdict, stalls of the window's thread and growth of memory, each with its limit; ends with 1 if a limit is missed.
Needs no display; with one (DISPLAY) the window is real.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2
import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.live import Judged
from weldspot_desktop.inspection.sources.demo import view
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.ui import app
from weldspot_desktop.ui.pages.live_page import LivePage

RATE = 30.0
FILM_SECONDS = 12
WARM_UP_SECONDS = 5.0
PROBE_MS = 4

LEAST_RATE = 29.5
MOST_P95_MS = 40.0
MOST_STALL_P999_MS = 50.0
MOST_STALL_MS = 120.0
MOST_GROWTH_MB = 20.0


class Probe(QObject):
    """A timer in the window's thread: what it comes too late by, something else held the thread."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(PROBE_MS)

    def restart(self) -> None:
        self.gaps = []
        self._last = time.perf_counter()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000 - PROBE_MS)
        self._last = now


class Counts:
    """What the inference thread judged, and what the window showed of it."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.shown: list[float] = []

    def judged(self, judged: Judged) -> None:
        self.latencies.append(judged.latency * 1000)

    def on_screen(self, judged: Judged) -> None:
        self.shown.append((time.monotonic() - judged.frame.captured) * 1000)

    def restart(self) -> None:
        self.latencies, self.shown = [], []


def film(path: Path) -> None:
    """Three drawn welds, slowly passed over."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (1280, 720))
    renders = [render_weld(seed, size=960).pixels for seed in (11, 12, 13)]
    for number in range(round(FILM_SECONDS * RATE)):
        seconds = number / RATE
        picture = view(renders[int(seconds / FILM_SECONDS * len(renders))], seconds)
        writer.write(picture[..., ::-1])
    writer.release()


def run(seconds: float) -> None:
    """Let the window live for so long."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def megabytes() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for frames, latency and stalls")
    parser.add_argument("--minutes", type=float, default=10.0, help="for the memory, from the same start")
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=900)
    chosen = parser.parse_args()
    application = app.make_application()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["WELDSPOT_KEYS"] = str(Path(folder) / "keys")
        path = Path(folder) / "welds.avi"
        film(path)
        context = Context(Path(folder) / "workspace")
        window = app.make_window(context)
        window.resize(chosen.width, chosen.height)
        window.show()
        window.start("live")
        page = window.page("live")
        assert isinstance(page, LivePage)
        counts, probe = Counts(), Probe()
        seen = page.session.station.seen

        def note(judged: Judged) -> None:
            counts.judged(judged)
            seen(judged)

        page.session.station.seen = note  # type: ignore[method-assign]
        page.session.judged.connect(counts.on_screen)
        page.start(str(path))
        run(WARM_UP_SECONDS)
        assert page.heat_map.is_on()
        assert page.display.judged is not None, "no picture came"
        counts.restart()
        probe.restart()
        before = megabytes()
        began = time.monotonic()
        run(chosen.seconds)
        elapsed = time.monotonic() - began
        latencies, shown, gaps = list(counts.latencies), list(counts.shown), list(probe.gaps)
        rest = chosen.minutes * 60 - elapsed
        while rest > 0:
            # The lists of the measurement itself must not count.
            counts.restart()
            probe.restart()
            run(min(rest, 10.0))
            rest = chosen.minutes * 60 - (time.monotonic() - began)
        growth, minutes = megabytes() - before, (time.monotonic() - began) / 60
        window.shutdown()
        window.close()
        window.deleteLater()
        application.processEvents()
        context.close()
    rate = len(latencies) / elapsed
    rows = [
        ("frames judged a second", rate, ">=", LEAST_RATE),
        ("capture to verdict, p95, ms", float(np.percentile(latencies, 95)), "<=", MOST_P95_MS),
        ("stalls of the window's thread, p99.9, ms", float(np.percentile(gaps, 99.9)), "<", MOST_STALL_P999_MS),
        ("longest stall, ms", max(gaps), "<", MOST_STALL_MS),
        (f"growth of memory in {minutes:.1f} min, MB", growth, "<", MOST_GROWTH_MB),
    ]
    machine = f"{os.cpu_count()} cores, {application.platformName()}"
    print(f"1280 x 720, {RATE:g} frames/s, heat map on, {elapsed:.0f} s, {machine}")
    missed = 0
    for name, value, sign, limit in rows:
        kept = value >= limit if sign == ">=" else value <= limit if sign == "<=" else value < limit
        missed += not kept
        print(f"{name:44}{value:9.1f}   limit {sign:2} {limit:6.1f}   {'kept' if kept else 'MISSED'}")
    print(f"{'of the physical limit (the film itself)':44}{rate / RATE:9.3f}")
    print(f"{'frames shown a second':44}{len(shown) / elapsed:9.1f}")
    print(f"{'capture to screen, p95, ms':44}{float(np.percentile(shown, 95)):9.1f}")
    print(f"{'capture to verdict, median, ms':44}{float(np.median(latencies)):9.1f}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
