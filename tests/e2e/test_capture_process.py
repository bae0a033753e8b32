"""The child process that reads from drivers: newest picture, stalls, deaths, and what stays behind."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from drivers import DriverOpener

from weldspot_desktop.inspection.sources import capture_process
from weldspot_desktop.inspection.sources.capture_process import CaptureProcess
from weldspot_desktop.inspection.sources.controls import CameraControls, Control
from weldspot_desktop.inspection.sources.source import SourceError

LOST = ("The driver gives no picture.", "Check its cable.")
SHARED = Path("/dev/shm")
STALL = 1.0


def shared_memory() -> set[str]:
    return {path.name for path in SHARED.glob("psm_*")} if SHARED.is_dir() else set()


def children() -> list[psutil.Process]:
    """Child processes, zombies included; the tracker of shared memory stays until this process ends."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "resource_tracker" not in " ".join(child.cmdline()):
                found.append(child)
    return found


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    before = shared_memory()
    yield
    assert children() == []
    assert shared_memory() <= before


def opened(opener: DriverOpener, seconds: float = 20.0) -> CaptureProcess:
    process = CaptureProcess(opener, "the driver", threading.Event())
    try:
        assert process.open(seconds)
    except BaseException:
        process.close()
        raise
    return process


def driver(**options: object) -> DriverOpener:
    return DriverOpener(LOST, options.pop("controls", None), **options)  # type: ignore[arg-type]


def test_a_slow_reader_gets_the_newest_picture_whole_and_memory_stays_flat() -> None:
    with contextlib.closing(opened(driver(period=0.002, sizes=((480, 640),)))) as process:
        process.read(5)
        assert process.pid is not None
        memory = [psutil.Process(), psutil.Process(process.pid)]
        before = [part.memory_info().rss for part in memory]
        times = []
        for _ in range(30):
            time.sleep(0.05)
            found = process.read(5)
            assert found is not None
            pixels, captured = found
            assert pixels.shape == (480, 640, 3)
            assert (pixels == pixels[0, 0, 0]).all()
            times.append(captured)
        # In a queue they would lie 2 ms apart.
        assert np.median(np.diff(times)) > 0.04
        # About 700 pictures of 0.9 MB were made meanwhile.
        assert all(part.memory_info().rss - was < 30e6 for part, was in zip(memory, before, strict=True))


def test_pictures_that_change_their_size_are_followed() -> None:
    with contextlib.closing(opened(driver(sizes=((40, 60), (80, 120), (300, 200))))) as process:
        seen = set()
        for _ in range(60):
            found = process.read(5)
            assert found is not None
            assert (found[0] == found[0][0, 0, 0]).all()
            seen.add(found[0].shape)
        assert seen == {(40, 60, 3), (80, 120, 3), (300, 200, 3)}


def test_a_driver_that_blocks_is_noticed_and_killed_with_its_process() -> None:
    process = opened(driver(pictures=3, then="block"))
    pid = process.pid
    assert pid is not None
    start = time.monotonic()
    with pytest.raises(SourceError, match="gives no picture"):
        [process.read(STALL) for _ in range(10)]
    assert time.monotonic() - start < STALL + 2
    start = time.monotonic()
    process.close()
    assert time.monotonic() - start < 3
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP] if sys.platform != "win32" else [])
def test_a_child_that_is_killed_or_held_is_lost(number: signal.Signals) -> None:
    process = opened(driver())
    assert process.read(5) is not None
    assert process.pid is not None
    os.kill(process.pid, number)
    start = time.monotonic()
    with pytest.raises(SourceError, match=r"has ended|gives no picture"):
        [process.read(STALL) for _ in range(100)]
    assert time.monotonic() - start < STALL + 2
    process.close()


def test_a_driver_that_does_not_let_go_is_killed() -> None:
    process = opened(driver(then="hold"))
    process.read(5)
    start = time.monotonic()
    process.close()
    assert time.monotonic() - start < capture_process.GRACE_SECONDS + 3


def test_an_interruption_ends_every_wait() -> None:
    interrupted = threading.Event()
    process = CaptureProcess(driver(then="block at opening"), "the driver", interrupted)
    threading.Timer(0.3, interrupted.set).start()
    start = time.monotonic()
    assert not process.open(60)
    process.close()
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("then", "error", "words"),
    [
        ("refuse", SourceError, "does not open"),
        ("block at opening", SourceError, "within 1 seconds"),
        ("bug", RuntimeError, "ZeroDivisionError: a bug"),
        ("", SourceError, "gives no picture"),
    ],
)
def test_failures_of_the_child_are_told_apart(then: str, error: type[Exception], words: str) -> None:
    process = CaptureProcess(driver(pictures=1, then=then), "the driver", threading.Event())

    def use() -> None:
        process.open(1)
        [process.read(5) for _ in range(3)]

    with contextlib.closing(process), pytest.raises(error, match=words):
        use()


def test_controls_are_applied_at_opening_and_while_pictures_go_on() -> None:
    with contextlib.closing(opened(driver(controls=CameraControls(exposure=7.0)))) as process:
        process.read(5)
        assert {state.control: state.values for state in process.states}[Control.EXPOSURE] == (7.0,)
        process.adjust(CameraControls(exposure=9.0, focus="auto"))
        deadline = time.monotonic() + 5
        while {state.control: state.values for state in process.states}[Control.EXPOSURE] != (9.0,):
            process.read(5)
            assert time.monotonic() < deadline


_PARENT = """
import sys, threading, time
sys.path.insert(0, sys.argv[1])
from drivers import DriverOpener
from weldspot_desktop.inspection.sources.capture_process import CaptureProcess
if __name__ == "__main__":
    opener = DriverOpener(("lost", ""), None, pictures=5, then="block")
    process = CaptureProcess(opener, "the driver", threading.Event())
    process.open(20)
    process.read(5)
    print(process.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_the_child_ends_by_itself_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    here = Path(__file__)
    environment = os.environ | {"PYTHONPATH": str(here.parents[2])}
    parent = subprocess.Popen(
        [sys.executable, str(script), str(here.parent)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    # Its driver blocks: only the listener can end it.
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_child_imports_only_what_it_needs() -> None:
    code = (
        "import sys; import weldspot_desktop.inspection.sources.capture_child;"
        "print([m for m in ('PySide6', 'tensorflow', 'ai_edge_litert', 'sqlalchemy', 'pydantic', 'scipy', 'sklearn',"
        " 'httpx', 'watchdog') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pictures_come_in_order_each_once() -> None:
    with contextlib.closing(opened(driver(period=0.02))) as process:
        values = [int(found[0][0, 0, 0]) for _ in range(20) if (found := process.read(5)) is not None]
    assert values == sorted(values)
    assert len(set(values)) == len(values)
    assert np.diff(values).max() <= 10
