"""Judging folders: pictures a second against a plain loop and against the limit of the machine, flips, memory.

(a) is the loop one would write: imread, linear resize, one float interpreter on one thread. (b) is the limit: the
same decode and invoke as the program's on all cores, with nothing else: the second look at pictures whose verdict the
reduced decode could have turned is part of both. The ways take turns, several rounds; the
table has medians and the medians of the ratios within a round.

Pictures are judged as a whole here: where the program would judge tiles, the decode is another one.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
from photographs import DATASETS
from PIL import Image

from weldspot_desktop import paths, pictures
from weldspot_desktop.context import Context
from weldspot_desktop.inspection.batch import inspect_files, picture_paths, usable_cores
from weldspot_desktop.inspection.folder import FolderRun, Target
from weldspot_desktop.inspection.inspector import SECOND_LOOK_MARGIN, Inspector
from weldspot_desktop.model import ModelFile, Session
from weldspot_desktop.registry.active import open_model
from weldspot_desktop.settings import KeptPictures
from weldspot_desktop.verdict.steadiness import could_turn

TWELVE_MEGAPIXELS = (4000, 3000)
QUALITY = 92
FLOAT = "weld-*-float*.tflite"


def main() -> None:
    asked = arguments()
    if asked.child:
        print(json.dumps(measured_memory(Path(asked.child))))
        return
    with tempfile.TemporaryDirectory(dir=asked.place) as place:
        found = sorted(picture_paths(asked.folder))
        if asked.count_640:
            speed("640 pixels", copies(found, Path(place) / "640", asked.count_640), asked.rounds)
        if asked.count_12:
            large = enlarged(found, Path(place) / "12", asked.count_12)
            speed("12 megapixels", large, asked.rounds)
            flips(large)
        if asked.memory:
            memory(found[0], Path(place), asked.memory)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=DATASETS / "weld-quality-v9" / "images")
    parser.add_argument("--count-640", type=int, default=200, help="photographs as they are; 0 leaves them out")
    parser.add_argument("--count-12", type=int, default=60, help="photographs enlarged to 12 megapixels")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=int, nargs="*", default=[2000, 20_000], help="numbers of tiny files")
    parser.add_argument("--place", type=Path, help="where the temporary folder is made")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


# ---------------------------------------------------------------- sets


def copies(found: Sequence[Path], folder: Path, count: int) -> list[Path]:
    """Some of the photographs, spread over all of them."""
    folder.mkdir()
    chosen = found[:: max(1, len(found) // count)][:count]
    return [Path(shutil.copy(path, folder / f"{number:05d}.jpg")) for number, path in enumerate(chosen)]


def enlarged(found: Sequence[Path], folder: Path, count: int) -> list[Path]:
    """Some of the photographs, enlarged to 12 megapixels as a camera would save them."""
    made = copies(found, folder, count)

    def enlarge(path: Path) -> None:
        with Image.open(path) as image:
            large = image.convert("RGB").resize(TWELVE_MEGAPIXELS, Image.Resampling.LANCZOS)
        large.save(path, "JPEG", quality=QUALITY)

    with ThreadPoolExecutor(usable_cores()) as pool:
        list(pool.map(enlarge, made))
    return made


# ---------------------------------------------------------------- speed


def inspector_of_whole_pictures(model: ModelFile) -> Inspector:
    """Without tiles, which need another decode; the quality gate is on, as in the program."""
    return Inspector(model, tile_megapixels=None)


def speed(title: str, files: list[Path], rounds: int) -> None:
    model, float_path = open_model(), float_file()
    plain_model = ModelFile.open(float_path)
    ways: dict[str, Callable[[], float]] = {
        f"(a) plain loop, {float_path.stem}": lambda: plain_loop(plain_model, files),
        "(b) limit of the machine": lambda: limit(model, files),
        "inspect_files": lambda: judged(model, files),
        "folder run, recorded": lambda: recorded(model, files, KeptPictures.NONE),
        "  and DEFECT, UNSURE kept": lambda: recorded(model, files, KeptPictures.DOUBTFUL),
    }
    for way in ways.values():
        way()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            seconds[name].append(way())
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    print(
        f"\n{title}: {len(files)} pictures, {megabytes:.0f} MB, {model.title}, {usable_cores()} cores, {rounds} rounds"
    )
    print(f"{'':40}{'pictures/s':>12}{'of (a)':>9}{'of (b)':>9}")
    plain, best, *_ = seconds.values()
    for name, taken in seconds.items():
        rate = len(files) / statistics.median(taken)
        of_plain = statistics.median(a / mine for a, mine in zip(plain, taken, strict=True))
        of_best = statistics.median(b / mine for b, mine in zip(best, taken, strict=True))
        print(f"{name:40}{rate:12.1f}{of_plain:9.2f}{of_best:9.2f}", flush=True)


def float_file() -> Path:
    """The starter model with float weights: float32 if it is there, else float16."""
    found = sorted(paths.resource("models").glob(FLOAT), reverse=True)
    assert found, "there is no float model to compare with"
    return found[0]


def plain_loop(model: ModelFile, files: Sequence[Path]) -> float:
    session = Session(model)
    begun = time.perf_counter()
    for path in files:
        picture = cv2.imread(str(path))
        assert picture is not None
        session.run(cv2.resize(picture[..., ::-1], session.input_size, interpolation=cv2.INTER_LINEAR))
    return time.perf_counter() - begun


def limit(model: ModelFile, files: Sequence[Path]) -> float:
    sessions = [Session(model) for _ in range(usable_cores())]
    enough, thresholds = inspector_of_whole_pictures(model).enough, model.card.thresholds

    def work(number: int) -> None:
        session = sessions[number]
        for path in files[number :: len(sessions)]:
            content = path.read_bytes()
            picture = pictures.decode(content, at_least=enough)
            found = session.run(picture.pixels)
            if picture.reduced and could_turn(
                found.scores.tolist(), thresholds, margin=SECOND_LOOK_MARGIN, distance=found.distance
            ):
                session.run(pictures.decode(content).pixels)

    with ThreadPoolExecutor(len(sessions)) as pool:
        begun = time.perf_counter()
        list(pool.map(work, range(len(sessions))))
        return time.perf_counter() - begun


def judged(model: ModelFile, files: Sequence[Path]) -> float:
    inspector = inspector_of_whole_pictures(model)
    begun = time.perf_counter()
    for found in inspect_files(inspector, files):
        assert found.judgement is not None, found.error
    return time.perf_counter() - begun


def recorded(model: ModelFile, files: Sequence[Path], kept: KeptPictures) -> float:
    """Listing, hashing, judging and writing into an empty workspace on disk."""
    with tempfile.TemporaryDirectory(dir=files[0].parents[1]) as workspace, ThreadPoolExecutor(1) as lane:
        context = Context(Path(workspace))
        _ = context.database
        inspector = inspector_of_whole_pictures(model)
        begun = time.perf_counter()
        run = FolderRun(context.database, context.recorder(inspector), inspector, kept=kept, submit=lane.submit)
        run.open(Target(files[0].parent), recursive=True)
        run.list_files(lambda count: None)
        for _step in run.judge():
            pass
        taken = time.perf_counter() - begun
        assert run.judged == len(files)
        context.close()
        return taken


# ---------------------------------------------------------------- flips


def flips(files: Sequence[Path]) -> None:
    """Verdicts that differ between decoding at a reduced and at the full scale."""
    inspector = inspector_of_whole_pictures(open_model())

    def differs(path: Path) -> bool:
        reduced = inspector.file(path).judgement
        full = inspector.pixels(pictures.decode(path.read_bytes()).pixels).judgement
        assert reduced is not None
        return reduced.verdict is not full.verdict

    with ThreadPoolExecutor(usable_cores()) as pool:
        count = sum(pool.map(differs, files))
    print(f"reduced decoding flips {count} of {len(files)} verdicts ({100 * count / len(files):.2f} %)")


# ---------------------------------------------------------------- memory


def memory(picture: Path, place: Path, counts: Sequence[int]) -> None:
    """Peak memory of a process that judges and records tiny files."""
    with Image.open(picture) as image:
        small = place / "small.jpg"
        image.convert("RGB").resize((32, 32)).save(small)
    content = small.read_bytes()
    print(f"\n{'tiny files':>12}{'peak memory':>14}{'before':>10}{'pictures/s':>12}")
    for count in counts:
        folder = place / f"tiny {count}"
        for number in range(count):
            path = folder / f"{number // 1000:03d}" / f"{number:06d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content + str(number).encode())
        done = subprocess.run(
            [sys.executable, __file__, "--child", str(folder)], check=True, capture_output=True, text=True
        )
        found = json.loads(done.stdout)
        print(
            f"{count:12}{found['peak']:11.0f} MB{found['before']:7.0f} MB{count / found['seconds']:12.0f}", flush=True
        )
        shutil.rmtree(folder)


def measured_memory(folder: Path) -> dict[str, float]:
    """Runs in a process of its own; what it uses once everything is open, and at most."""
    files = list(picture_paths(folder))[:50]
    model = open_model()
    recorded_files = [Path(shutil.copy(path, _made(folder.parent / "warm") / path.name)) for path in files]
    recorded(model, recorded_files, KeptPictures.NONE)
    shutil.rmtree(folder.parent / "warm")
    before = peak_megabytes()
    with tempfile.TemporaryDirectory(dir=folder.parent) as workspace, ThreadPoolExecutor(1) as lane:
        context = Context(Path(workspace))
        begun = time.perf_counter()
        inspector = inspector_of_whole_pictures(model)
        recorder = context.recorder(inspector)
        run = FolderRun(context.database, recorder, inspector, kept=KeptPictures.NONE, submit=lane.submit)
        run.open(Target(folder), recursive=True)
        run.list_files(lambda count: None)
        for _step in run.judge():
            pass
        seconds = time.perf_counter() - begun
        context.close()
    peak = peak_megabytes()
    return {"before": before, "peak": peak, "seconds": seconds}


def peak_megabytes() -> float:
    """Most memory this program held; `ru_maxrss` would count the parent that forked it too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) / 1000


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main()
