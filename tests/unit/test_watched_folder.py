import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from weldspot_desktop.inspection.inspector import Assessment
from weldspot_desktop.inspection.live import Live, State
from weldspot_desktop.inspection.sources import SourceError, SourceOptions, WatchedFolderSource, folder_watch, parse
from weldspot_desktop.inspection.sources import watched_folder as module
from weldspot_desktop.model import Prediction
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict


def put(path: Path, grey: int, *, age: float = 0.0) -> Path:
    """A picture of one grey, written beside and renamed into its place."""
    made = path.with_name("making")
    Image.new("RGB", (40, 30), (grey, grey, grey)).save(made, "PNG")
    if age:
        os.utime(made, (time.time() - age, time.time() - age))
    return made.replace(path)


both = pytest.mark.parametrize("folder", ["notices", "polling"], indirect=True)
"""A folder of this machine, and one as of another, which gives no notices."""


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, of this machine unless the test says otherwise."""
    remote = getattr(request, "param", "notices") == "polling"
    monkeypatch.setattr(folder_watch, "is_remote", lambda folder: remote)
    monkeypatch.setattr(folder_watch, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(folder_watch, "SETTLE_SECONDS", 0.3)
    monkeypatch.setattr(module, "BROKEN_SECONDS", 0.5)
    found = tmp_path / "Schweißnähte 焊缝"
    found.mkdir()
    return found


@contextlib.contextmanager
def watching(folder: Path) -> Iterator[WatchedFolderSource]:
    source = WatchedFolderSource(str(folder), SourceOptions())
    source.open()
    try:
        yield source
    finally:
        source.close()
        assert [
            thread for thread in threading.enumerate() if "Observer" in thread.name or "Emitter" in thread.name
        ] == []


def grey(source: WatchedFolderSource) -> int:
    """What the next picture is; -1 if none comes for a while."""
    timer = threading.Timer(8, source.interrupt)
    timer.start()
    frame = source.read()
    timer.cancel()
    return -1 if frame is None else int(frame.pixels[0, 0, 0])


def more(source: WatchedFolderSource, seconds: float) -> bool:
    """Whether another picture comes within so many seconds; ends the source."""
    threading.Timer(seconds, source.interrupt).start()
    return source.read() is not None


@both
def test_of_old_pictures_the_newest_is_shown_and_new_ones_once_in_their_order(folder: Path) -> None:
    for number in range(3):
        put(folder / f"old-{number}.png", 10 + number, age=100 - number)
    (folder / "notes.txt").write_text("no picture")
    put(folder / ".hidden.png", 99)
    with watching(folder) as source:
        assert grey(source) == 12
        put(folder / "b.png", 101, age=2)
        put(folder / "c.PNG", 102, age=1)
        put(folder / "a.png", 103)
        time.sleep(0.6)
        assert [grey(source) for _ in range(3)] == [101, 102, 103]
        put(folder / "a.png", 104)
        assert grey(source) == 104
        assert not more(source, 0.8)


@both
def test_a_picture_that_is_written_slowly_is_shown_when_it_is_whole(folder: Path) -> None:
    content = put(folder / "made.png", 50).read_bytes()
    (folder / "made.png").unlink()
    with watching(folder) as source:

        def write() -> None:
            with (folder / "slow.png").open("wb") as file:
                for place in range(0, len(content), 20):
                    file.write(content[place : place + 20])
                    file.flush()
                    time.sleep(0.1)

        writer = threading.Thread(target=write)
        writer.start()
        frame = source.read()
        writer.join()
        assert frame is not None
        assert frame.path == str(folder / "slow.png")
        assert np.array_equal(frame.pixels, np.full((30, 40, 3), 50, np.uint8))
        assert source.notice == ""


def test_a_broken_picture_is_told_once_and_passed_over(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with watching(folder) as source:
        (folder / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
        (folder / "empty.png").write_bytes(b"")
        (folder / "folder.png").mkdir()
        put(folder / "good.png", 7)
        assert grey(source) == 7
        assert not more(source, 1.5)
        assert "left out" in source.notice
        assert "2 files were left out so far." in source.notice
    assert len([line for line in caplog.messages if "broken.jpg" in line]) == 1
    assert len([line for line in caplog.messages if "empty.png" in line]) == 1


def test_a_folder_that_goes_and_comes_back_shows_no_old_picture_again(folder: Path) -> None:
    put(folder / "a.png", 1)
    away = folder.with_name("away")
    with watching(folder) as source:
        assert grey(source) == 1
        folder.rename(away)
        with pytest.raises(SourceError, match="There is no folder"):
            source.read()
        source.close()
        with pytest.raises(SourceError, match="There is no folder"):
            source.open()
        source.close()
        put(away / "b.png", 2)
        away.rename(folder)
        source.open()
        assert grey(source) == 2
        # Another folder in its place is noticed, although its path never failed.
        shutil.move(folder, away)
        folder.mkdir()
        with pytest.raises(SourceError):
            source.read()
        source.close()


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="is not a folder"):
        parse(f"folder:{tmp_path / 'file'}").open()
    with pytest.raises(SourceError, match="No folder"):
        parse("folder:")


@pytest.mark.parametrize(
    ("mounts", "remote"),
    [
        ([("/", "ext4", "rw")], False),
        ([("/", "ext4", "rw"), ("PLACE", "nfs4", "rw")], True),
        ([("/", "nfs", "rw"), ("PLACE", "ext4", "rw")], False),
        ([("PLACE", "fuse.sshfs", "rw")], True),
        ([("PLACE", "NTFS", "rw,remote")], True),
    ],
)
def test_folders_of_other_machines_are_recognised(
    mounts: list[tuple[str, str, str]], remote: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [
        SimpleNamespace(mountpoint=place.replace("PLACE", str(tmp_path)), fstype=kind, opts=options)
        for place, kind, options in mounts
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: parts)  # noqa: A006 - psutil's own name
    assert folder_watch.is_remote(tmp_path / "inside") is remote


def test_a_system_without_notices_left_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoneLeft:
        def __init__(self, timeout: float) -> None:
            pass

        def schedule(self, *_: Any, **__: Any) -> None:
            raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(folder_watch, "Observer", NoneLeft)
    with contextlib.closing(folder_watch.FolderWatch(tmp_path, {}, polling=False)) as watch:
        assert watch.polling


# In the live loop


class Judge:
    """Stands in for the inspector: remembers what it saw, and takes its time."""

    thresholds = ThresholdSet(name="test", lower=(0.4,) * 7, upper=(0.6,) * 7)

    def __init__(self) -> None:
        self.seen: list[int] = []

    def pixels(self, pixels: np.ndarray, *, region: object = None) -> Assessment:
        time.sleep(0.02)
        self.seen.append(int(pixels[0, 0, 0]))
        zeros = np.zeros(7, np.float32)
        prediction = Prediction(zeros, zeros, np.zeros((2, 2, 7), np.float32), None, 1.0)
        return Assessment(prediction, Judgement(Verdict.UNSURE, (), ""), {}, None)


def until(condition: Callable[[], object], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_every_picture_is_judged_and_fetched_also_over_a_pause_and_a_loss(folder: Path) -> None:
    judge = Judge()
    live = Live(parse(str(folder)), judge, stall_seconds=0.5)  # type: ignore[arg-type]
    fetched: list[int] = []

    def fetch() -> None:
        while live.alive:
            result = live.results.take(0.1)
            if result is not None:
                time.sleep(0.03)
                fetched.append(int(result.frame.pixels[0, 0, 0]))

    live.start()
    reader = threading.Thread(target=fetch, daemon=True)
    reader.start()
    until(lambda: live.status.state is State.LIVE)
    assert live.status.what.startswith("Waiting for new pictures")
    # No picture for longer than the stall time is what a folder is like.
    time.sleep(0.7)
    assert live.status.state is State.LIVE
    for number in range(12):
        put(folder / f"{number}.png", number + 1, age=20 - number)
        if number == 6:
            live.pause()
    # The picture that was under way when the pause came is judged; then nothing is.
    until(lambda: live.status.state is State.PAUSED)
    time.sleep(0.2)
    judged = len(judge.seen)
    time.sleep(0.3)
    assert len(judge.seen) == judged < 12
    live.resume()
    until(lambda: len(fetched) == 12)
    away = folder.with_name("away")
    folder.rename(away)
    start = time.monotonic()
    until(lambda: live.status.state is State.LOST)
    assert time.monotonic() - start < 2.0
    assert live.status.seconds_left is not None
    away.rename(folder)
    until(lambda: live.status.state is State.LIVE)
    put(folder / "last.png", 200)
    until(lambda: fetched[-1] == 200)
    assert live.stop(5)
    reader.join()
    assert sorted(judge.seen[:12]) == list(range(1, 13))
    assert fetched == judge.seen
    assert len(fetched) == 13


def test_a_folder_whose_server_does_not_answer_is_lost_within_the_stall_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = threading.Event()
    answer.set()
    ready = folder_watch.FolderWatch.ready

    def asked(watch: folder_watch.FolderWatch) -> object:
        answer.wait(20)
        return ready(watch)

    monkeypatch.setattr(folder_watch.FolderWatch, "ready", asked)
    live = Live(parse(str(tmp_path)), Judge(), stall_seconds=0.5)  # type: ignore[arg-type]
    live.start()
    until(lambda: live.status.state is State.LIVE)
    answer.clear()
    until(lambda: live.status.state is State.LOST, 2)
    assert "does not answer" in live.status.what
    answer.set()
    until(lambda: live.status.state is State.LIVE, 2)
    assert live.stop(5)
