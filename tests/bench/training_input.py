"""Whether varying the pictures slows training: passes with and without augmentation, in turn, on the photographs.

Usage: training_input.py [DATASETS] [--pairs N]. Prints pictures a second and the ratio of each pair, beside the limit:
the same steps on one batch that lies in memory.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from photographs import DATASETS

from weldspot_desktop.dataset.importers import FORMATS
from weldspot_desktop.dataset.labelled import LabelledPicture
from weldspot_desktop.dataset.manifest import PictureEntry, RegionEntry
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.jobs import JobFolder, TrainingJob
from weldspot_desktop.training import network
from weldspot_desktop.training.batches import Example, TrainingBatches
from weldspot_desktop.training.fine_tuning import Trainer
from weldspot_desktop.training.progress import Progress

PICTURES = 320


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", nargs="?", type=Path, default=DATASETS)
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    found = FORMATS["yolo"].read(arguments.datasets / "weld-quality-v9")
    examples = [_example(picture) for picture in found if isinstance(picture, LabelledPicture)][:PICTURES]
    with tempfile.TemporaryDirectory() as folder:
        job = TrainingJob(dataset=Path("none"), pictures=Path("none"), epochs=arguments.pairs * 2 + 2)
        progress = Progress(JobFolder.create(Path(folder) / "job", job))
        varied, plain = (
            TrainingBatches(examples, size=job.size, stride=network.STRIDE, batch=job.batch, seed=1, vary=vary)
            for vary in (True, False)
        )
        trainer = Trainer(network.build(job.size), job, steps=10_000, train=examples)
        for batches in (varied, plain):
            trainer.one_pass(batches, 0, progress)
        rows = []
        for number in range(1, arguments.pairs + 1):
            speeds = []
            for batches in (varied, plain):
                start = time.perf_counter()
                trainer.one_pass(batches, number, progress)
                speeds.append(len(examples) / (time.perf_counter() - start))
            batch = next(iter(plain.one_pass(number)))
            start = time.perf_counter()
            for _ in range(len(plain)):
                trainer.step(batch)
            rows.append((*speeds, len(plain) * len(batch.images) / (time.perf_counter() - start)))
    table = np.array(rows)
    print(
        f"{len(examples)} photographs at {job.size} px, batches of {job.batch}, {arguments.pairs} passes each in turn"
    )
    for name, column in zip(("augmented", "not augmented", "limit: one batch in memory"), table.T, strict=True):
        print(f"{name:28}{statistics.median(column):6.1f} pictures/s ({column.min():.1f} to {column.max():.1f})")
    for name, other in (("not augmented", 1), ("the limit", 2)):
        ratios = table[:, 0] / table[:, other]
        print(f"augmented / {name}: median {statistics.median(ratios):.3f} ({ratios.min():.3f} to {ratios.max():.3f})")


def _example(picture: LabelledPicture) -> Example:
    regions = tuple(RegionEntry(class_index=r.class_index, kind=r.kind, corners=r.corners) for r in picture.regions)
    entry = PictureEntry(
        sha256="0" * 64,
        file=picture.path.name,
        name=picture.path.name,
        source="bench",
        classes=tuple(sorted(picture.classes)),
        regions=regions,
        group=0,
        split=Split.TRAIN,
    )
    return Example(picture.path, entry)


if __name__ == "__main__":
    main()
