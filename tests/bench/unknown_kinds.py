"""Whether the distance to the training data tells backgrounds of a kind that was never seen from welds.

Usage: unknown_kinds.py [DATASETS]. For each of the two sources of backgrounds a model is trained without any picture
of it; its distance is then measured on that source and on welds of the validation split, whose 99 % is the limit.
"""

import argparse
import tempfile
from pathlib import Path

import keras
import numpy as np
from photographs import DATASETS, split_version

from weldspot_desktop import labels
from weldspot_desktop.dataset.manifest import Manifest
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.jobs import JobFolder, TrainingJob
from weldspot_desktop.metrics.auc import auc
from weldspot_desktop.model.distance import EmbeddingStatistics
from weldspot_desktop.training import folds, head, scoring
from weldspot_desktop.training.batches import Example
from weldspot_desktop.training.fine_tuning import fine_tune
from weldspot_desktop.training.network import build
from weldspot_desktop.training.progress import Progress

KINDS = ("azure_", "mei_")


def main() -> None:
    """Train twice, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", nargs="?", type=Path, default=DATASETS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        version = split_version(arguments.datasets, workspace)
        print("| backgrounds never seen | pictures | AUC against welds | refused at the limit | welds refused |")
        print("|---|---|---|---|---|")
        for kind in KINDS:
            _measure(version, workspace, kind)


def _measure(dataset: Manifest, workspace: Path, kind: str) -> None:
    job = TrainingJob(dataset=workspace / "none", pictures=workspace / "pictures")
    progress = Progress(JobFolder.create(workspace / "jobs" / kind, job))
    known = [Example(job.pictures / e.file, e) for e in dataset.of(Split.TRAIN) if not e.name.startswith(kind)]
    unknown = [Example(job.pictures / e.file, e) for e in dataset.pictures if e.name.startswith(kind)]
    welds = [
        Example(job.pictures / e.file, e) for e in dataset.of(Split.VALIDATION) if labels.BACKGROUND not in e.classes
    ]
    keras.utils.set_random_seed(job.seed)
    described = scoring.describe(build(job.size), known, size=job.size, batch=job.batch, advance=progress.advance)
    truth = np.array([example.truth > 0 for example in known])
    model = folds.network_with_head(described.features, truth, head.STRENGTHS[1], job)
    fine_tune(model, known, job, progress, seed=job.seed)
    found = [
        scoring.describe(model, part, size=job.size, batch=job.batch, advance=progress.advance).embeddings
        for part in (known, welds, unknown)
    ]
    statistics = EmbeddingStatistics.fit(found[0])
    near, far = (np.array([statistics.distance(row) for row in rows]) for rows in found[1:])
    limit = np.quantile(near, 0.99)
    value = auc(np.r_[np.zeros(len(near)), np.ones(len(far))], np.r_[near, far])
    print(
        f"| {kind}* | {len(far)} | {value.value:.3f} ({value.low:.3f} to {value.high:.3f}) | "
        f"{(far > limit).mean():.2f} | {(near > limit).sum()} of {len(near)} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
