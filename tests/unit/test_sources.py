import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from weldspot_desktop.inspection import frames, sources
from weldspot_desktop.inspection.sources import SOURCES, SourceError, SourceOptions, VideoFileSource, parse
from weldspot_desktop.inspection.sources import camera as camera_module
from weldspot_desktop.inspection.sources.source import Metronome

EXAMPLES = {
    "camera": "camera:0",
    "network": "rtsp://user:geheim@127.0.0.1:9/stream",
    "demo": "demo",
    "folder": "folder:/nowhere/pictures",
    "file": "/nowhere/weld.mp4",
}


def write_video(path: Path, *, frames: int = 12, rate: float = 25.0, size: tuple[int, int] = (160, 120)) -> Path:
    """A Motion JPEG film whose picture n has the red value 20 n."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, size)
    assert writer.isOpened()
    for number in range(frames):
        picture = np.zeros((size[1], size[0], 3), np.uint8)
        picture[..., 2] = 20 * number
        writer.write(picture)
    writer.release()
    return path


@pytest.mark.parametrize("kind", SOURCES)
def test_every_kind_is_found_by_its_text_and_writes_it_again(kind: str) -> None:
    source = parse(EXAMPLES[kind])
    assert type(source) is SOURCES[kind]
    assert source.title
    assert type(parse(source.address)) is SOURCES[kind]


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind != "demo"])
def test_every_kind_says_in_a_sentence_why_it_does_not_open(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_module, "enumerate_cameras", lambda backend: [])
    source = parse(EXAMPLES[kind])
    with pytest.raises(SourceError) as caught:
        source.open()
    assert caught.value.what.endswith(".")
    assert caught.value.advice
    assert "geheim" not in repr(source) + str(caught.value)
    source.close()


@pytest.mark.parametrize("kind", SOURCES)
def test_closing_what_was_never_opened_does_nothing(kind: str) -> None:
    parse(EXAMPLES[kind]).close()


@pytest.mark.parametrize("text", ["", "   ", "camera:", "http://", "rtsp://h:99999/x", "ftp://user:geheim@host/x.avi"])
def test_texts_that_name_nothing_are_refused_with_advice(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(text)
    assert caught.value.advice
    assert "geheim" not in str(caught.value)


# Video files


def test_a_film_is_given_in_rgb_and_begins_again_after_its_end(tmp_path: Path) -> None:
    path = write_video(tmp_path / "Schweißnaht äöü.avi", frames=6, rate=100)
    source = VideoFileSource(str(path), SourceOptions(), real_time=False)
    source.open()
    reds = []
    for number in range(1, 15):
        frame = source.read()
        assert frame is not None
        assert frame.number == number
        assert frame.pixels.shape == (120, 160, 3)
        assert frame.pixels.dtype == np.uint8
        reds.append(int(frame.pixels[60, 80, 0]))
        assert frame.pixels[60, 80, 2] < 10
    source.close()
    expected = [20 * (n % 6) for n in range(14)]
    assert np.abs(np.subtract(reds, expected)).max() <= 4


def test_without_a_loop_the_film_ends(tmp_path: Path) -> None:
    path = write_video(tmp_path / "weld.avi", frames=3)
    source = VideoFileSource(str(path), SourceOptions(loop=False), real_time=False)
    source.open()
    assert [source.read() is not None for _ in range(4)] == [True, True, True, False]
    source.close()


def test_a_film_takes_its_own_time(tmp_path: Path) -> None:
    path = write_video(tmp_path / "weld.avi", frames=10, rate=20)
    source = parse(str(path))
    source.open()
    start = time.monotonic()
    for _ in range(11):
        source.read()
    assert 0.45 <= time.monotonic() - start < 1.0
    source.close()


def test_a_slow_reader_misses_pictures_and_not_the_time(tmp_path: Path) -> None:
    path = write_video(tmp_path / "weld.avi", frames=12, rate=20)
    source = parse(str(path))
    source.open()
    source.read()
    time.sleep(0.26)
    frame = source.read()
    assert frame is not None
    assert int(frame.pixels[60, 80, 0]) >= 80
    source.close()


@pytest.mark.parametrize("content", [b"", b"hello", b"RIFF\x00\x00\x00\x00AVI LIST"])
def test_what_is_no_film_is_called_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weld.avi"
    path.write_bytes(content)
    source = parse(str(path))
    with pytest.raises(SourceError, match="not a video"):
        source.open()


_NOISY = """
import contextlib, sys
from weldspot_desktop.inspection.sources import SourceError, parse
from weldspot_desktop.inspection.sources.capture import Capture
import cv2
film, address = sys.argv[1:]
with contextlib.suppress(SourceError):
    parse(film).open()
# Past our own look at the host, so that FFmpeg itself meets the refusal.
with contextlib.suppress(SourceError):
    Capture(address, cv2.CAP_FFMPEG, (), SourceError("refused"))
with contextlib.suppress(SourceError):
    parse("camera:0").open()
"""


def test_opencv_and_ffmpeg_say_nothing_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "weld.mp4"
    path.write_bytes(b"hello")
    # A process of its own: FFmpeg asks how much to say only once.
    done = subprocess.run(
        [sys.executable, "-c", _NOISY, str(path), "rtsp://user:geheim@127.0.0.1:9/x"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")


# The demonstration


def test_the_demo_moves_in_real_time() -> None:
    source = parse("demo")
    source.open()
    first = source.read()
    start = time.monotonic()
    frames = [source.read() for _ in range(15)]
    elapsed = time.monotonic() - start
    source.close()
    assert first is not None
    assert first.pixels.shape == (720, 1280, 3)
    assert first.pixels.dtype == np.uint8
    assert frames[-1] is not None
    assert (first.pixels != frames[-1].pixels).any()
    assert 0.4 < elapsed < 1.5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("demo-weld")]


def test_a_wait_for_the_next_picture_is_interrupted() -> None:
    interrupted = threading.Event()
    metronome = Metronome(0.1, interrupted)
    metronome.wait()
    threading.Timer(0.05, interrupted.set).start()
    start = time.monotonic()
    metronome.wait()
    assert time.monotonic() - start < 1.0


def test_after_a_pause_the_beat_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    metronome = Metronome(10, threading.Event())
    assert metronome.wait() == 1
    clock[0] += 0.35
    assert metronome.wait() == 3
    clock[0] += 60
    assert metronome.wait() == 1


# Cameras


class Plugged:
    def __init__(self, index: int, name: str) -> None:
        self.index, self.name = index, name


def plug(monkeypatch: pytest.MonkeyPatch, *found: Plugged) -> None:
    monkeypatch.setattr(camera_module, "enumerate_cameras", lambda backend: list(found))


def test_cameras_are_listed_quickly_and_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    start = time.monotonic()
    assert isinstance(sources.cameras(), list)
    assert time.monotonic() - start < 0.5
    assert capfd.readouterr() == ("", "")


def test_a_camera_is_addressed_by_name_unless_the_name_is_not_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, Plugged(2, "C920"), Plugged(0, "Twin"), Plugged(4, "Twin"), Plugged(6, ""))
    assert [(info.index, info.address) for info in sources.cameras()] == [
        (0, "camera:0"),
        (2, "camera:C920"),
        (4, "camera:4"),
        (6, "camera:6"),
    ]


def test_a_missing_camera_is_told_with_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, Plugged(2, "C920"))
    with pytest.raises(SourceError, match="C920"):
        parse("camera:Microscope").open()


def test_a_camera_that_another_program_holds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, Plugged(97, "C920"))
    with pytest.raises(SourceError, match=r"does not open.*Another program"):
        parse("camera:C920").open()


def test_a_camera_that_the_command_line_cannot_open_is_a_row_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, Plugged(97, "C920"))
    found = frames.inspect_address(None, "camera:C920")  # type: ignore[arg-type]
    assert found.origin == "camera:C920"
    assert "does not open" in (found.error or "")
