"""What judging in tiles finds in large photographs, and what it costs: against plain shrinking, picture by picture.

Usage: tiles.py [--model FILE] [--every N] [--chosen] [DATASETS]

There are no large photographs of welds with labels, so those of the test split are made large: enlarged until the weld
fills twelve megapixels, or pasted so that they fill a part of them, before blurred surroundings or a background
photograph. Enlarging adds no detail: what tiles gain from real twelve megapixels is not measured here.

The figures of the rule (`inspection.tiles`) were chosen on a third of the test split, because the model has learned
from everything else; this reports the pictures that share no group with that third, or the third with `--chosen`.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from photographs import DATASETS, split_version

from weldspot_desktop import labels, pictures
from weldspot_desktop.dataset.manifest import PictureEntry
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.metrics.auc import auc
from weldspot_desktop.metrics.proportion import share
from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry.active import open_model
from weldspot_desktop.verdict import Verdict

Pixels = NDArray[np.uint8]
Enlarge = Callable[[Pixels, Pixels, np.random.Generator], Pixels]

SIZE: Final = (4000, 3000)
SQUARE: Final = 3464
PARTS: Final = (0.4, 0.25)
"""Widths of the pasted photograph, of the width of the large one."""

CHOSEN_ON: Final = 81
"""Pictures that the rule was chosen on."""

JPEG_QUALITY: Final = 92


@dataclass
class Results:
    """Judged pictures of one kind, in the order of the entries."""

    found: list[Inspected] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="?", type=Path, default=DATASETS)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--chosen", action="store_true")
    arguments = parser.parse_args()
    model = ModelFile.open(arguments.model) if arguments.model else open_model()
    inspectors = {"shrunk": Inspector(model, limits=None, tile_megapixels=None), "tiles": Inspector(model, limits=None)}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        test = split_version(arguments.datasets, workspace).of(Split.TEST)
        entries = _part(test, chosen=arguments.chosen)[:: arguments.every]
        read = [_read(entry, workspace) for entry in entries]
        scenery = [_read(entry, workspace) for entry in test if labels.BACKGROUND in entry.classes]
        welds = sum(labels.BACKGROUND not in entry.classes for entry in entries)
        print(f"{model.title}; {len(entries)} pictures of the test split, {welds} of welds\n")
        for title, enlarge in _kinds():
            results = {name: Results() for name in inspectors}
            for number, pixels in enumerate(read):
                random_numbers = np.random.default_rng(number)
                behind = scenery[int(random_numbers.integers(len(scenery)))]
                large = enlarge(pixels, behind, random_numbers)
                _, jpeg = cv2.imencode(".jpg", large[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
                for name, inspector in inspectors.items():
                    start = time.perf_counter()
                    results[name].found.append(inspector.content(jpeg.tobytes(), origin=entries[number].name))
                    results[name].seconds.append(time.perf_counter() - start)
            _show(title, entries, results, inspectors["tiles"])


def _part(test: Sequence[PictureEntry], *, chosen: bool) -> list[PictureEntry]:
    """The pictures that the rule was chosen on, or those that share no group with them."""
    order = list(range(len(test)))
    random.Random(1).shuffle(order)
    drawn = [test[number] for number in order[:CHOSEN_ON]]
    groups = {entry.group for entry in drawn}
    return drawn if chosen else [entry for entry in test if entry.group not in groups]


def _kinds() -> list[tuple[str, Enlarge]]:
    kinds: list[tuple[str, Enlarge]] = [("Enlarged to fill twelve megapixels", lambda pixels, _, __: _filling(pixels))]
    for part in PARTS:
        kinds.append(
            (
                f"Filling {part:.0%} of the width, before its own blurred surroundings",
                lambda pixels, _, numbers, part=part: _pasted(pixels, _surroundings(pixels), part, numbers),
            )
        )
        kinds.append(
            (
                f"Filling {part:.0%} of the width, before a background photograph",
                lambda pixels, behind, numbers, part=part: _pasted(pixels, behind, part, numbers),
            )
        )
    return kinds


def _filling(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.resize(pixels, (SQUARE, SQUARE), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _surroundings(pixels: Pixels) -> Pixels:
    """The photograph mirrored at its edges and blurred, as if it went on out of focus."""
    side = 160
    small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    mirrored = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REFLECT_101)
    return np.asarray(cv2.GaussianBlur(mirrored, (0, 0), 8), dtype=np.uint8)


def _pasted(pixels: Pixels, behind: Pixels, part: float, numbers: np.random.Generator) -> Pixels:
    width, height = SIZE
    large = np.asarray(cv2.resize(behind, SIZE, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    side = round(part * width)
    left, top = (int(numbers.uniform(0.05, 0.95) * (room - side)) for room in (width, height))
    large[top : top + side, left : left + side] = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_CUBIC)
    return large


def _show(title: str, entries: Sequence[PictureEntry], results: dict[str, Results], inspector: Inspector) -> None:
    truth = np.array([[index in entry.classes for index in range(labels.COUNT)] for entry in entries])
    groups = np.array([entry.group for entry in entries])
    weld = ~truth[:, labels.BACKGROUND]
    scores = {name: _scores(result) for name, result in results.items()}
    print(f"### {title}\n")
    print("| class | judged | AUC (95 %) | recall, upper | recall, lower | false alarms, upper | false alarms, lower |")
    print("|---|---|---|---|---|---|---|")
    thresholds = inspector.thresholds
    for index in labels.DEFECTS:
        with_it, without = truth[:, index], weld & ~truth[:, index]
        for name, values in scores.items():
            value = auc(truth[:, index], values[:, index], clusters=groups)
            cells = [
                _share(values[rows, index] >= bound[index])
                for rows in (with_it, without)
                for bound in (thresholds.upper, thresholds.lower)
            ]
            print(
                f"| {labels.CLASSES[index]} | {name} | {value.value:.3f} ({value.low:.3f} to {value.high:.3f}) | "
                f"{' | '.join(cells)} |"
            )
    print(f"\n| pictures | judged | {' | '.join(Verdict)} |\n|{'---|' * (2 + len(Verdict))}")
    defective = truth[:, labels.DEFECTS].any(axis=1)
    for kind, rows in (("with a defect", defective), ("good welds", weld & ~defective), ("backgrounds", ~weld)):
        for name, result in results.items():
            verdicts = [found.judgement.verdict for found, row in zip(result.found, rows, strict=True)
                        if row and found.judgement is not None]  # fmt: skip
            counts = " | ".join(str(verdicts.count(verdict)) for verdict in Verdict)
            print(f"| {kind} ({len(verdicts)}) | {name} | {counts} |")
    decided = sum(found.tile is not None for found in results["tiles"].found)
    print(f"\nA tile decided in {decided} of {len(entries)}. Milliseconds a picture, decoded and judged on one thread:")
    for name, result in results.items():
        middle, most = 1000 * np.quantile(result.seconds, (0.5, 0.95))
        print(f"{name} {middle:.0f}, p95 {most:.0f}")
    print(flush=True)


def _scores(result: Results) -> NDArray[np.float32]:
    rows = []
    for found in result.found:
        assert found.prediction is not None, found.error
        rows.append(found.prediction.scores)
    return np.array(rows)


def _share(flags: NDArray[np.bool_]) -> str:
    found = share(int(flags.sum()), len(flags))
    return f"{found.value:.2f} ({found})"


def _read(entry: PictureEntry, workspace: Path) -> Pixels:
    return pictures.decode((workspace / "pictures" / entry.file).read_bytes()).pixels


if __name__ == "__main__":
    main()
