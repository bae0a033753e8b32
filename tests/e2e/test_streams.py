"""Live inspection of real streams: a camera server in a process of its own, films, and the shipped model."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.inspection.live import Judged, Live, State
from weldspot_desktop.inspection.sources import Source, SourceError, SourceOptions, parse
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.registry.active import open_model

SERVERS = {"http": Path(__file__).with_name("mjpeg_server.py"), "rtsp": Path(__file__).with_name("rtsp_server.py")}
STALL_SECONDS = 1.0

stops_processes = pytest.mark.skipif(sys.platform == "win32", reason="stops processes by signal")


class Camera:
    """The server process."""

    def __init__(self, port: int = 0, scheme: str = "http") -> None:
        self.scheme = scheme
        self.process = subprocess.Popen(
            [sys.executable, str(SERVERS[scheme]), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def address(self, path: str = "/video") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def die(self) -> None:
        self.process.kill()
        self.process.wait()
        self.close()

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def cameras() -> Iterator[Callable[..., Camera]]:
    started: list[Camera] = []

    def start(port: int = 0, scheme: str = "http") -> Camera:
        started.append(Camera(port, scheme))
        return started[-1]

    yield start
    for camera in started:
        camera.die()


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    return Inspector(open_model(), threads_per_inference=2)


@contextlib.contextmanager
def running(source: Source, inspector: Inspector) -> Iterator[Live]:
    live = Live(source, inspector, stall_seconds=STALL_SECONDS)
    live.start()
    try:
        yield live
    finally:
        live.stop(10)
        assert not live.alive
        assert capture_children() == []


def network(camera: Camera) -> Source:
    return parse(camera.address(), SourceOptions(stall_seconds=STALL_SECONDS))


def until(condition: Callable[[], object], seconds: float) -> float:
    """Wait, and return how long it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "waited in vain"
        time.sleep(0.01)
    return time.monotonic() - start


def capture_children() -> list[psutil.Process]:
    """Processes of this one that read from a driver; a zombie has no command line, and counts."""
    return [child for child in psutil.Process().children() if "spawn_main" in command(child) or not command(child)]


def command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return "gone"


def live_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(("live-", "demo-"))]


def write_film(path: Path, *, frames: int = 50, rate: float = 25.0) -> Path:
    weld = cv2.cvtColor(cv2.resize(render_weld(3, size=320).pixels, (640, 480)), cv2.COLOR_RGB2BGR)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (640, 480))
    for number in range(frames):
        writer.write(np.roll(weld, 4 * number, axis=1))
    writer.release()
    return path


@pytest.mark.parametrize("scheme", SERVERS)
def test_a_stream_is_judged_by_the_shipped_model(
    cameras: Callable[..., Camera], inspector: Inspector, scheme: str
) -> None:
    with running(network(cameras(scheme=scheme)), inspector) as live:
        until(lambda: live.pace.count > 30, 15)
        result = live.results.take(2)
        assert result is not None
        assert result.frame.pixels.shape == (240, 320, 3)
        assert result.frame.pixels[5, -1].tolist() == pytest.approx([200, 0, 0], abs=4)
        assert live.status.state is State.LIVE
    assert live_threads() == []


def test_a_stalled_stream_is_noticed_within_two_seconds_and_comes_back(
    cameras: Callable[..., Camera], inspector: Inspector
) -> None:
    camera = cameras()
    with running(network(camera), inspector) as live:
        until(lambda: live.status.state is State.LIVE, 15)
        camera.tell("stall")
        assert until(lambda: live.status.state is State.LOST, 5) < 2.0
        assert live.status.what.endswith("gives no picture.")
        camera.tell("go")
        assert until(lambda: live.status.state is State.LIVE, 10) < 6.0


def test_a_read_of_a_stalled_stream_ends_after_the_stall_time(cameras: Callable[..., Camera]) -> None:
    camera = cameras()
    source = network(camera)
    source.open()
    assert source.read() is not None
    camera.tell("stall")
    start = time.monotonic()
    with pytest.raises(SourceError, match="gives no picture"):
        # What was sent before the stall still arrives.
        [source.read() for _ in range(100)]
    assert STALL_SECONDS * 0.8 < time.monotonic() - start < STALL_SECONDS + 1.5
    source.close()


@pytest.mark.parametrize("scheme", SERVERS)
def test_a_camera_that_dies_and_returns_is_opened_again(
    cameras: Callable[..., Camera], inspector: Inspector, scheme: str
) -> None:
    camera = cameras(scheme=scheme)
    with running(network(camera), inspector) as live:
        until(lambda: live.status.state is State.LIVE, 15)
        camera.die()
        assert until(lambda: live.status.state is State.LOST, 5) < 2.0
        until(lambda: "refuses the connection" in live.status.what, 5)
        cameras(camera.port, scheme)
        assert until(lambda: live.status.state is State.LIVE, 10) < 5.0
        before = live.results.take(2)
        after = live.results.take(2)
        assert before is not None
        assert after is not None
        assert after.frame.number > before.frame.number


@stops_processes
@pytest.mark.parametrize("scheme", SERVERS)
def test_a_camera_that_hangs_is_lost_with_the_usual_stall_time_and_comes_back(
    cameras: Callable[..., Camera], inspector: Inspector, scheme: str
) -> None:
    camera = cameras(scheme=scheme)
    live = Live(parse(camera.address()), inspector, stall_seconds=SourceOptions().stall_seconds)
    live.start()
    until(lambda: live.status.state is State.LIVE, 15)
    # It answers nobody any more, not even a new connection; the kernel still takes calls.
    camera.process.send_signal(signal.SIGSTOP)
    assert until(lambda: live.status.state is State.LOST, 5) < 2.5
    until(lambda: live.status.seconds_left is not None, 5)
    camera.process.send_signal(signal.SIGCONT)
    live.retry()
    # The attempt that began meanwhile may wait for its own time-out first.
    assert until(lambda: live.status.state is State.LIVE, 20) < 15
    live.stop(5)
    assert capture_children() == []


@stops_processes
@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_a_capture_process_that_dies_or_hangs_is_replaced(
    cameras: Callable[..., Camera], inspector: Inspector, name: str
) -> None:
    with running(network(cameras()), inspector) as live:
        until(lambda: live.status.state is State.LIVE, 15)
        (child,) = capture_children()
        child.send_signal(getattr(signal, name))
        assert until(lambda: live.status.state is State.LOST, 5) < 2.5
        assert until(lambda: live.status.state is State.LIVE, 10) < 8
        (successor,) = capture_children()
        assert successor.pid != child.pid


def test_stopping_a_stalled_stream_does_not_wait_for_its_time_out(
    cameras: Callable[..., Camera], inspector: Inspector
) -> None:
    camera = cameras()
    live = Live(parse(camera.address(), SourceOptions(stall_seconds=4)), inspector, stall_seconds=4)
    live.start()
    until(lambda: live.status.state is State.LIVE, 15)
    camera.tell("stall")
    time.sleep(0.3)
    start = time.monotonic()
    assert live.stop(3)
    assert time.monotonic() - start < 2.5
    assert live_threads() == []
    assert capture_children() == []


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("/private", "refuses the login"), ("/none", "does not exist"), ("/page", "gives no video")],
)
def test_a_server_without_video_is_told_apart(cameras: Callable[..., Camera], path: str, sentence: str) -> None:
    source = parse(cameras().address(path).replace("//", "//me:geheim@"))
    with pytest.raises(SourceError, match=sentence) as caught:
        source.open()
    assert "geheim" not in str(caught.value)


def test_a_host_that_takes_the_call_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = parse(f"http://127.0.0.1:{silent.getsockname()[1]}/video")
        start = time.monotonic()
        with pytest.raises(SourceError, match="says nothing"):
            source.open()
        assert time.monotonic() - start < 12


def test_an_unknown_host_is_called_so() -> None:
    with pytest.raises(SourceError, match="is not known"):
        parse("rtsp://no-such-camera.invalid/stream").open()


def test_a_film_is_judged_in_its_own_time_round_after_round(inspector: Inspector, tmp_path: Path) -> None:
    path = write_film(tmp_path / "weld.avi", frames=20)
    with running(parse(str(path)), inspector) as live:
        until(lambda: live.pace.count >= 1, 15)
        results: list[Judged] = []
        end = time.monotonic() + 3
        while time.monotonic() < end:
            result = live.results.take(0.1)
            if result is not None:
                results.append(result)
        pace = live.pace
    numbers = [result.frame.number for result in results]
    assert numbers == sorted(set(numbers))
    # Two cores may be shared with other work: most of the 75 frames, over several rounds of the film.
    assert 40 <= len(numbers) <= 90
    assert pace.p95_ms is not None
    assert pace.p50_ms is not None
    assert 0 < pace.p50_ms <= pace.p95_ms < 500
    first = results[0]
    again = inspector.pixels(first.frame.pixels)
    assert np.allclose(again.prediction.scores, first.prediction.scores, atol=1e-6)
    assert again.judgement == first.judgement
    assert again.quality == first.assessment.quality
    assert live_threads() == []


def test_the_demo_camera_is_judged_and_leaves_no_thread(inspector: Inspector) -> None:
    live = Live(parse("demo"), inspector, stall_seconds=STALL_SECONDS)
    live.start()
    until(lambda: live.pace.count > 20, 20)
    assert live.stop(5)
    assert live_threads() == []


def test_memory_stays_flat_while_nobody_fetches(inspector: Inspector, tmp_path: Path) -> None:
    path = write_film(tmp_path / "weld.avi", frames=50, rate=100)
    with running(parse(str(path)), inspector) as live:
        until(lambda: live.pace.count > 30, 15)
        time.sleep(1)
        before = psutil.Process().memory_info().rss
        time.sleep(3)
        # 300 frames of 0.9 MB would be 270 MB if they piled up.
        assert psutil.Process().memory_info().rss - before < 40e6
