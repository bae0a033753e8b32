"""Everything DATA.md asks of a model, on the test split: look at it once, for a model that is finished.

Usage: model_quality.py MODEL [--against MODEL] [--others FOLDER ...] [DATASETS]

MODEL is a `.tflite` file with its card. `--against` compares with another model, picture by picture. Each folder of
`--others` holds photographs of one kind of thing that is no weld; the distance to the training data is measured on
them, on drawn textures and on broken copies of test photographs.
"""

import argparse
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from photographs import DATASETS, split_version
from unknown_pictures import broken, textures

from weldspot_desktop import labels, pictures
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.metrics import auc
from weldspot_desktop.model import ModelFile, Session
from weldspot_desktop.pictures.decode import SUFFIXES
from weldspot_desktop.registry import evaluation
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.training import scoring
from weldspot_desktop.training.batches import Example, read

SHOOT = re.compile(r"IMG_\d+_block_\d+_\d+")
"""Names of the tiles of the one shoot that most Splatters and Excess Reinforcement pictures come from."""

COUNT = 20
"""Textures of each kind."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("datasets", nargs="?", type=Path, default=DATASETS)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--others", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    model = ModelFile.open(arguments.model)
    assert model.statistics is not None
    with tempfile.TemporaryDirectory() as workspace:
        version = split_version(arguments.datasets, Path(workspace))
        test = [Example(Path(workspace) / "pictures" / entry.file, entry) for entry in version.of(Split.TEST)]
        found = scoring.with_file(model.content, test, model.statistics)
        _show(evaluation.report(found, model.card.thresholds, model.card.box_levels))
        _shoot(found, test)
        if arguments.against is not None:
            other = ModelFile.open(arguments.against)
            assert other.statistics is not None
            _compare(found, scoring.with_file(other.content, test, other.statistics), other.title)
        _distances(model, found, test, arguments.others)


def _show(report: dict[str, Any]) -> None:
    print(f"Test split: {report['pictures']} pictures, {report['groups']} groups\n")
    print("| class | AUC (95 % interval) | positives | points right (centre) | derived boxes right | marked found |")
    print("|---|---|---|---|---|---|")
    for name, row in report["classes"].items():
        pointing, boxes = report["pointing"].get(name), report["boxes"].get(name)
        places = ["–", "–", "–"]
        if pointing:
            places[0] = f"{pointing['hit']['value']:.2f} ({pointing['centre']['value']:.2f})"
        if boxes:
            places[1:] = [_share(boxes["derived"]), _share(boxes["labelled"])]
        print(f"| {name} | {_estimate(row['auc'])} | {row['auc']['positives']} | {' | '.join(places)} |")
    mean, boxes = report["pointing"]["mean"], report["boxes"]["all"]
    print(
        f"| **all** | **{_estimate(report['macro_auc'])}** | | {mean['hit']:.2f} ({mean['centre']:.2f}) | "
        f"{_share(boxes['derived'])} | {_share(boxes['labelled'])} |\n"
    )
    for bound in ("upper", "lower"):
        print(f"| at the {bound} threshold | | recall | precision | false alarms | calibration error |")
        print("|---|---|---|---|---|---|")
        for name, row in report["classes"].items():
            at = row[bound]
            shares = " | ".join(_share(at[kind]) for kind in ("recall", "precision", "false_alarms"))
            print(f"| {name} | {at['threshold']:.3f} | {shares} | {row['calibration_error']:.3f} |")
        print()
    print("| true class | " + " | ".join(next(iter(report["verdicts"].values()))) + " |")
    print("|---|---|---|---|---|---|")
    for name, row in report["verdicts"].items():
        print(f"| {name} | " + " | ".join(str(count) for count in row.values()) + " |")
    welds = report["verdicts"]["all welds"]
    print(f"\nUNSURE: {welds['UNSURE']} of {sum(welds.values())} welds\n")


def _shoot(found: Scored, test: Sequence[Example]) -> None:
    """Classes of the one shoot, against other pictures of that shoot alone and without it."""
    inside = np.array([bool(SHOOT.match(example.entry.name)) for example in test])
    print(f"| {inside.sum()} of {len(test)} pictures are of one shoot | inside it | without it |")
    print("|---|---|---|")
    for name in ("Excess Reinforcement", "Splatters", "Porosity"):
        index = labels.class_index(name)
        cells = []
        for chosen in (inside, ~inside):
            truth, scores = found.truth[chosen, index], found.scores[chosen, index]
            value = auc.auc(truth, scores, clusters=found.groups[chosen])
            cells.append(
                f"{value.value:.3f} ({value.low:.3f} to {value.high:.3f}), {value.positives} of {len(truth)}"
                + ("" if value.enough else ", not enough data")
            )
        print(f"| {name} | {' | '.join(cells)} |")
    print()


def _compare(found: Scored, other: Scored, title: str) -> None:
    value = auc.paired_difference(found.truth, found.scores, other.scores, clusters=found.groups)
    theirs = auc.macro_auc(other.truth, other.scores, clusters=other.groups)
    print(f"{title}: macro AUC {theirs.value:.3f} ({theirs.low:.3f} to {theirs.high:.3f})")
    print(f"paired difference: {value.value:+.4f} ({value.low:+.4f} to {value.high:+.4f})\n")


def _distances(model: ModelFile, found: Scored, test: Sequence[Example], others: Sequence[Path]) -> None:
    """How well the distance tells other things from welds, and whom its limit refuses."""
    limit = model.card.thresholds.distance_limit
    assert limit is not None
    weld = found.truth[:, labels.WELD_CLASSES].any(axis=1)
    known = found.distances[weld]
    session = Session(model)
    side = session.input_size[0]
    kinds: dict[str, list[NDArray[np.uint8]]] = {}
    for kind, pixels in textures(COUNT, side, seed=7):
        kinds.setdefault(kind, []).append(pixels)
    random = np.random.default_rng(7)
    for number in np.flatnonzero(weld):
        kind, pixels = broken(read(test[number], side), random)
        kinds.setdefault(kind, []).append(pixels)
    for folder in others:
        files = sorted(path for path in folder.iterdir() if path.suffix.casefold() in SUFFIXES)
        kinds[f"photographs: {folder.name}"] = [
            np.asarray(
                cv2.resize(pictures.decode(path.read_bytes()).pixels, (side, side), interpolation=cv2.INTER_AREA)
            )
            for path in files
        ]
    distances = {"backgrounds of the test split": found.distances[~weld]}
    for kind, pictures_of in sorted(kinds.items()):
        distances[kind] = np.array([session.run(pixels).distance for pixels in pictures_of], dtype=np.float32)
    print(f"Distance to the training data, limit {limit:.3f}: refuses {_count(known > limit)} test welds\n")
    print("| pictures | AUC against test welds | refused |")
    print("|---|---|---|")
    together: list[NDArray[np.float32]] = []
    for kind, values in distances.items():
        together.append(values)
        print(f"| {kind} | {_auc(known, values):.3f} | {_count(values > limit)} |")
    everything = np.concatenate(together)
    print(f"| all of them | {_auc(known, everything):.3f} | {_count(everything > limit)} |")


def _auc(known: NDArray[np.float32], unknown: NDArray[np.float32]) -> float:
    truth = np.r_[np.zeros(len(known)), np.ones(len(unknown))]
    return auc.auc(truth, np.r_[known, unknown]).value


def _count(flags: NDArray[np.bool_]) -> str:
    return f"{int(flags.sum())} of {len(flags)}"


def _estimate(estimate: dict[str, Any]) -> str:
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"


def _share(share: dict[str, Any]) -> str:
    if share["value"] is None:
        return "–"
    return f"{share['value']:.2f} ({share['low']:.2f} to {share['high']:.2f}; {share['hits']} of {share['of']})"


if __name__ == "__main__":
    main()
