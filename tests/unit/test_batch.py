"""Folders: found in order, judged in order, lazily, and stopped when asked."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from weldspot_desktop import paths
from weldspot_desktop.inspection.batch import AHEAD, inspect_files, picture_paths, usable_cores
from weldspot_desktop.inspection.inspector import Inspected, Inspector, crop
from weldspot_desktop.registry.active import open_model


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    return Inspector(open_model())


class Recorded:
    """Stands for an inspector where the order of work is watched: waits as told, remembers what was begun."""

    def __init__(self, seconds: dict[str, float] | None = None) -> None:
        self.begun: list[str] = []
        self.seconds = seconds or {}
        self.lock = threading.Lock()

    def file(self, path: Path) -> Inspected:
        with self.lock:
            self.begun.append(path.name)
        time.sleep(self.seconds.get(path.name, 0))
        return Inspected(str(path))


def test_pictures_are_found_sorted_by_ending_and_without_hidden_ones(tmp_path: Path) -> None:
    for name in (
        "b.JPG",
        "a.png",
        "sub/c.tiff",
        "sub/deeper/d.webp",
        ".hidden.jpg",
        ".cache/e.jpg",
        "notes.txt",
        "Å.bmp",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "sub" / "circle").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in picture_paths(tmp_path)]
    assert found == ["a.png", "b.JPG", "Å.bmp", "sub/c.tiff", "sub/deeper/d.webp"]
    assert [path.name for path in picture_paths(tmp_path, recursive=False)] == ["a.png", "b.JPG", "Å.bmp"]
    assert list(picture_paths(tmp_path / "nowhere")) == []


def test_results_keep_the_order_of_the_paths() -> None:
    slow_first = {f"{number}.jpg": 0.03 if number % 3 == 0 else 0.0 for number in range(20)}
    names = [Path(name) for name in slow_first]
    found = [Path(result.origin) for result in inspect_files(Recorded(slow_first), names, threads=4)]
    assert found == names


def test_paths_are_taken_lazily() -> None:
    taken = 0

    def endless() -> Iterator[Path]:
        nonlocal taken
        while True:
            taken += 1
            yield Path(f"{taken}.jpg")

    results = inspect_files(Recorded(), endless(), threads=2)
    assert taken == 0
    assert next(results).origin == "1.jpg"
    assert taken == 2 * AHEAD
    next(results)
    assert taken == 2 * AHEAD + 1
    results.close()
    assert taken == 2 * AHEAD + 1


def test_closing_drops_what_has_not_begun() -> None:
    recorded = Recorded({f"{number}.jpg": 0.05 for number in range(100)})
    results = inspect_files(recorded, (Path(f"{number}.jpg") for number in range(100)), threads=1)
    next(results)
    results.close()
    assert len(recorded.begun) <= 3
    assert not any(thread.name.startswith("inspect") for thread in threading.enumerate())


def test_a_bug_in_the_inspector_is_not_swallowed() -> None:
    class Broken(Recorded):
        def file(self, path: Path) -> Inspected:
            raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        list(inspect_files(Broken(), [Path("a.jpg")]))


def test_at_least_one_core_is_usable() -> None:
    assert usable_cores() >= 1


def test_hostile_files_get_their_own_row_and_the_rest_goes_on(inspector: Inspector, tmp_path: Path) -> None:
    sample = paths.resource("samples", "porosity.jpg")
    whole = sample.read_bytes()
    shutil.copy(sample, tmp_path / "a good.jpg")
    (tmp_path / "b corrupt.jpg").write_bytes(b"\xff\xd8\xff" + b"garbage" * 99)
    (tmp_path / "c empty.jpg").touch()
    (tmp_path / "d truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "e text.jpg").write_text("no picture", encoding="utf-8")
    with Image.open(sample) as image:
        image.save(tmp_path / "f png.jpg", "PNG")
        image.convert("L").save(tmp_path / "g grey.jpg")
        image.convert("CMYK").save(tmp_path / "h cmyk.jpg", quality=95)
    (tmp_path / "i Schweißnaht 焊缝.jpg").write_bytes(whole)
    (tmp_path / "j folder.jpg").mkdir()
    found = {Path(result.origin).name[0]: result for result in inspect_files(inspector, sorted(tmp_path.iterdir()))}
    assert list(found) == list("abcdefghij")
    for letter, word in (("b", "damaged"), ("c", "empty"), ("d", "cut off"), ("e", "not a picture"), ("j", "folder")):
        assert found[letter].judgement is None
        assert word in (found[letter].error or ""), found[letter].error
    for letter in "afghi":
        assert found[letter].error is None
        assert found[letter].judgement is not None
        assert (found[letter].width, found[letter].height) == (640, 640)
    good, same, png = found["a"].prediction, found["i"].prediction, found["f"].prediction
    assert good is not None
    assert same is not None
    assert png is not None
    np.testing.assert_array_equal(good.scores, same.scores)
    assert found["a"].sha256 == found["i"].sha256
    # The JPEG is decoded at full size here (640 for 320 would allow half), so the PNG of it differs a little.
    assert np.abs(good.scores - png.scores).max() < 0.25


def test_threads_give_the_scores_of_one(inspector: Inspector) -> None:
    samples = sorted(paths.resource("samples").glob("*.jpg"))
    single = list(inspect_files(inspector, samples, threads=1))
    several = list(inspect_files(inspector, samples * 3, threads=4))
    for place, result in enumerate(several):
        expected = single[place % len(samples)].prediction
        assert result.prediction is not None
        assert expected is not None
        np.testing.assert_array_equal(result.prediction.scores, expected.scores)


def test_a_region_is_cut_out_and_never_empty() -> None:
    pixels = np.arange(20 * 10 * 3, dtype=np.uint8).reshape(10, 20, 3)
    assert crop(pixels, None) is pixels
    np.testing.assert_array_equal(crop(pixels, (0.5, 0.2, 1.0, 0.6)), pixels[2:6, 10:20])
    np.testing.assert_array_equal(crop(pixels, (0, 0, 1, 1)), pixels)
    for region in ((0.5, 0.5, 0.5, 0.5), (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0), (0.99, 0.99, 0.991, 0.991)):
        height, width, _ = crop(pixels, region).shape
        assert height >= 1
        assert width >= 1
