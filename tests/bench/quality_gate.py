"""What the quality gate refuses: the photographs as they are, and copies that were spoilt on purpose.

Usage: quality_gate.py [--every N] [--sheet FILE] [DATASETS]

Originals are all photographs. Spoilt are those of the test split: for each harm and strength the share that is to be
taken again, and beside it the model's macro AUC on the same pictures, which shows what the limit prevents. Strengths
of blur are in pixels of 640, the side of the weld photographs. `--every` spoils each Nth only; `--sheet` writes the
refused originals into one picture.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from photographs import DATASETS, split_version

from weldspot_desktop import labels, pictures
from weldspot_desktop.dataset.manifest import PictureEntry
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.metrics.auc import macro_auc
from weldspot_desktop.metrics.proportion import share
from weldspot_desktop.model import Session
from weldspot_desktop.pictures.quality import LIMITS, failure, measure
from weldspot_desktop.registry.active import open_model

Pixels = NDArray[np.uint8]
Spoil = Callable[[Pixels], Pixels]

QUANTILES: Final = (0, 0.005, 0.05, 0.5, 0.95, 0.995, 1)
TILE: Final = 240
GAMMA: Final = 2.2


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="?", type=Path, default=DATASETS)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    print(f"Limits: {LIMITS}\n")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        version = split_version(arguments.datasets, workspace)
        _originals(version.pictures, workspace, arguments.sheet)
        _spoilt(version.of(Split.TEST)[:: arguments.every], workspace)
    _cost()


def _originals(entries: Sequence[PictureEntry], workspace: Path, sheet: Path | None) -> None:
    print("| photographs | RETAKE | why |\n|---|---|---|")
    values: dict[str, list[float]] = {}
    refused: list[tuple[str, Pixels]] = []
    for kind, background in (("welds", False), ("backgrounds", True)):
        chosen = [entry for entry in entries if (labels.BACKGROUND in entry.classes) == background]
        reasons = []
        for entry in chosen:
            pixels = _read(entry, workspace)
            measures = measure(pixels)
            why = failure(measures, LIMITS)
            if why is not None:
                reasons.append(why.split(":")[0])
                refused.append((why, pixels))
            for name in ("brightness", "glare", "blur"):
                values.setdefault(f"{kind}, {name}", []).append(measures.get(name, np.nan))
        print(f"| {kind} | {share(len(reasons), len(chosen))} | {_counts(reasons)} |")
    print(f"\n| measure | {' | '.join(f'{100 * q:g} %' for q in QUANTILES)} | not measured |")
    print("|---" * (len(QUANTILES) + 2) + "|")
    for name, found in values.items():
        cells = (f"{value:.2f}" for value in np.nanquantile(found, QUANTILES))
        print(f"| {name} | {' | '.join(cells)} | {int(np.isnan(found).sum())} |")
    print()
    if sheet is not None and refused:
        tiles = [cv2.resize(pixels, (TILE, TILE), interpolation=cv2.INTER_AREA) for _, pixels in refused]
        rows = [np.hstack(tiles[i : i + 6] + [np.zeros_like(tiles[0])] * max(0, i + 6 - len(tiles)))
                for i in range(0, len(tiles), 6)]  # fmt: skip
        cv2.imwrite(str(sheet), np.vstack(rows)[..., ::-1])
        for why, _ in refused:
            print(f"    {why}")
        print()


def _spoilt(entries: Sequence[PictureEntry], workspace: Path) -> None:
    session = Session(open_model())
    read = [(entry, _read(entry, workspace)) for entry in entries]
    truth = np.array([[index in entry.classes for index in range(labels.COUNT)] for entry, _ in read])
    groups = [entry.group for entry, _ in read]
    welds = sum(labels.BACKGROUND not in entry.classes for entry, _ in read)
    print(f"Test split: {len(read)} pictures, {welds} of welds\n")
    print("| harm | RETAKE of welds | why | macro AUC of all |\n|---|---|---|---|")
    for name, spoil in _harms():
        scores, reasons = np.zeros(truth.shape), []
        for row, (entry, pixels) in enumerate(read):
            spoilt = spoil(pixels)
            scores[row] = session.run(spoilt).scores
            why = failure(measure(spoilt), LIMITS)
            if why is not None and labels.BACKGROUND not in entry.classes:
                reasons.append(why.split(":")[0])
        value = macro_auc(truth, scores, clusters=groups)
        found = share(len(reasons), welds)
        print(
            f"| {name} | {found.value:.0%} ({found}) | {_counts(reasons)} | "
            f"{value.value:.3f} ({value.low:.3f} to {value.high:.3f}) |",
            flush=True,
        )
    print()


def _harms() -> Iterator[tuple[str, Spoil]]:
    yield "none", lambda pixels: pixels
    for sigma in (1, 2, 3, 4, 5, 6, 8, 12, 20, 30):
        yield f"blur, sigma {sigma}", partial(_out_of_focus, sigma=sigma)
    for length in (9, 15, 25, 41):
        yield f"shaken over {length} pixels", partial(_shaken, length=length)
    for stops in (-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5):
        yield f"exposure {stops:+d}", partial(_exposed, stops=stops)
    for part in (0.02, 0.05, 0.1, 0.2, 0.3):
        yield f"white spot of {part:.0%}", partial(_glaring, part=part)


def _out_of_focus(pixels: Pixels, *, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma * max(pixels.shape[:2]) / 640), dtype=np.uint8)


def _shaken(pixels: Pixels, *, length: int) -> Pixels:
    """Moved along a line during the exposure; the angle depends on the picture."""
    side = round(length * max(pixels.shape[:2]) / 640) | 1
    angle = np.deg2rad(float(pixels.mean() * 37 % 180))
    middle = side // 2
    x, y = middle * np.cos(angle), middle * np.sin(angle)
    kernel = np.zeros((side, side), dtype=np.float32)
    start, end = (round(middle - x), round(middle - y)), (round(middle + x), round(middle + y))
    cv2.line(kernel, start, end, 1.0, lineType=cv2.LINE_8)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), dtype=np.uint8)


def _exposed(pixels: Pixels, *, stops: int) -> Pixels:
    """Exposed longer or shorter by so many stops, in linear light."""
    table = np.clip((np.arange(256) / 255) ** GAMMA * 2.0**stops, 0, 1) ** (1 / GAMMA)
    return np.asarray(np.round(255 * table), dtype=np.uint8)[pixels]


def _glaring(pixels: Pixels, *, part: float) -> Pixels:
    """A reflected lamp near the middle: a white disc of that share of the picture, with a halo around it."""
    height, width = pixels.shape[:2]
    random = np.random.default_rng(int(pixels.sum()))
    y, x = np.mgrid[:height, :width]
    middle = random.uniform(0.35, 0.65, 2) * (height, width)
    distance = np.hypot(y - middle[0], x - middle[1]) / np.sqrt(part * height * width / np.pi)
    light = 300 * np.exp(-4 * np.maximum(distance - 1, 0) ** 2)
    return np.asarray(np.clip(pixels + light[..., None], 0, 255), dtype=np.uint8)


def _cost() -> None:
    """Time of the measures, for a frame as it comes and for one that was shrunk for the model already."""
    frame = np.random.default_rng(1).integers(0, 256, (90, 160, 3)).astype(np.uint8)
    frame = np.asarray(cv2.resize(frame, (1280, 720), interpolation=cv2.INTER_CUBIC))
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    for title, pixels in (("1280 x 720", frame), ("320 x 320", np.ascontiguousarray(frame[:320, :320]))):
        times = []
        for _ in range(300):
            start = time.perf_counter()
            measure(pixels)
            times.append(time.perf_counter() - start)
        low, high = 1000 * np.quantile(times, (0.5, 0.95))
        print(f"{title}: {low:.2f} ms, p95 {high:.2f} ms, one thread")
    cv2.setNumThreads(threads)


def _read(entry: PictureEntry, workspace: Path) -> Pixels:
    return pictures.decode((workspace / "pictures" / entry.file).read_bytes()).pixels


def _counts(reasons: Sequence[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in Counter(reasons).most_common()) or "–"


if __name__ == "__main__":
    main()
