"""The files that come out of a training: converted models, their cards and the companions that travel with them."""

import hashlib
import importlib.metadata
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.dataset.manifest import Manifest
from weldspot_desktop.jobs import TrainingJob
from weldspot_desktop.metrics import auc, calibration
from weldspot_desktop.model import ModelCard, ModelFile
from weldspot_desktop.model.card import CompanionCard, DatasetCard, InputCard, Precision
from weldspot_desktop.model.distance import EmbeddingStatistics
from weldspot_desktop.model.file import save
from weldspot_desktop.model.graph import Graph
from weldspot_desktop.registry import evaluation, parity
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.registry.scoring import latency
from weldspot_desktop.training import conversion, scoring
from weldspot_desktop.training.batches import Example
from weldspot_desktop.training.fine_tuning import Course
from weldspot_desktop.verdict import ThresholdSet, fitting

PRECISIONS: Final[tuple[Precision, ...]] = ("float32", "float16", "int8")

LICENCE: Final = "Apache-2.0"
ATTRIBUTION: Final = (
    "Backbone: EfficientNet-Lite0, ImageNet weights (Apache-2.0). Pictures: “Weld quality inspection”, Roboflow "
    "Universe workspace welding-2bplp, 2024 (CC BY 4.0); backgrounds from metadata-extractor-images (free use) and "
    "Azure-Samples (MIT)."
)
INTENDED_USE: Final = (
    "Points a person to suspect places on photographs of welds. A score is a suspicion, never an acceptance: not for "
    "releasing welds without a person, not for measuring, not for radiographs, and not for materials, lights or "
    "cameras that differ from the training pictures without a test on your own."
)

_LIBRARIES: Final = ("tensorflow", "keras", "numpy", "ai-edge-litert", "pillow", "opencv-python", "scikit-learn")


@dataclass(frozen=True)
class Content:
    """Everything that a release is made of.

    Attributes
    ----------
    job, dataset, command
        Where it comes from.
    model
        The trained network.
    examples, features
        Train and validation pictures, and their (n, 1280) pooled features by this network.
    statistics
        Of the embeddings of what it was trained on.
    out_of_fold
        Scores of the same pictures by models that did not see them.
    thresholds, levels
        Chosen on the out-of-fold scores and heat maps: for verdicts, and from what evidence a box is drawn.
    course
        How fine-tuning went.
    """

    job: TrainingJob
    dataset: Manifest
    model: keras.Model
    examples: Sequence[Example]
    features: NDArray[np.float32]
    statistics: EmbeddingStatistics
    out_of_fold: Scored
    thresholds: ThresholdSet
    levels: dict[str, float]
    course: Course
    command: str


@dataclass(frozen=True)
class Release:
    """Files on disk: `models` by precision, each with its card beside it."""

    folder: Path
    models: dict[Precision, Path]


def choose_thresholds(out_of_fold: Scored) -> ThresholdSet:
    """The balanced set that a new model is released with."""
    return fitting.balanced(fitting.Judged(out_of_fold.truth, out_of_fold.scores, out_of_fold.distances))


def write(content: Content, folder: Path, *, calibration: Sequence[NDArray[np.uint8]]) -> Release:
    """Convert, and write models, companions and cards without test figures.

    Parameters
    ----------
    content
        What to write.
    folder
        Made if missing; files of an earlier attempt are replaced.
    calibration
        Training pictures for int8.
    """
    folder.mkdir(parents=True, exist_ok=True)
    job = content.job
    base = f"{job.name}-{job.version}"
    companions = _write_companions(content, folder, base)
    models: dict[Precision, Path] = {}
    for precision in PRECISIONS:
        path = folder / f"{base}-{precision}.tflite"
        graph = conversion.convert(content.model, precision, calibration=calibration)
        save(path, graph, _card(content, graph, precision, companions))
        models[precision] = path
    return Release(folder, models)


def measure(
    content: Content,
    made: Release,
    test: Sequence[Example],
    *,
    baseline_scores: NDArray[np.float64],
    advance: Callable[[float], None],
) -> None:
    """Measure network and files on the test split and complete the cards; the split is used for nothing else.

    Parameters
    ----------
    content, made
        The release.
    test
        The test split.
    baseline_scores
        (n, 7) scores of logistic regression on frozen features, for the paired comparison.
    advance
        Counts pictures.
    """
    job = content.job
    of_keras = scoring.with_keras(
        content.model, test, size=job.size, batch=job.batch, statistics=content.statistics, advance=advance
    )
    out_of_fold = evaluation.report(content.out_of_fold, content.thresholds, content.levels)
    keras_report = _with_baseline(
        evaluation.report(of_keras, content.thresholds, content.levels), of_keras, baseline_scores
    )
    for path in made.models.values():
        model = ModelFile.open(path)
        found = scoring.with_file(model.content, test, content.statistics)
        advance(len(test))
        metrics = {
            "split": "test",
            "file": _with_baseline(
                evaluation.report(found, content.thresholds, content.levels), found, baseline_scores
            ),
            "keras": keras_report,
            "parity": parity.figures(found, of_keras, content.thresholds),
            "latency_ms": {f"{threads} threads": latency(model, threads) for threads in (1, 2)},
            "out_of_fold": out_of_fold,
            "passes": content.course.passes,
        }
        save(path, model.content, model.card.model_copy(update={"metrics": metrics}))


def _with_baseline(report: dict[str, Any], found: Scored, baseline: NDArray[np.float64]) -> dict[str, Any]:
    """Add the paired comparison with logistic regression on frozen features."""
    own = auc.macro_auc(found.truth, baseline, clusters=found.groups)
    difference = auc.paired_difference(found.truth, found.scores, baseline, clusters=found.groups)
    return report | {
        "baseline": {
            "what": "logistic regression on frozen ImageNet features",
            "macro_auc": {name: round(getattr(own, name), 4) for name in ("value", "low", "high")},
            "difference": {name: round(getattr(difference, name), 4) for name in ("value", "low", "high")},
        }
    }


def _write_companions(content: Content, folder: Path, base: str) -> dict[str, CompanionCard]:
    """Keras weights, pooled features, embedding statistics and out-of-fold scores, by role."""
    weights: dict[str, Any] = {
        f"{number:04d}": np.asarray(w, np.float16) for number, w in enumerate(content.model.get_weights())
    }
    examples, oof = content.examples, content.out_of_fold
    hashes = np.array([example.entry.sha256 for example in examples])
    groups = np.array([example.entry.group for example in examples])
    splits = np.array([str(example.entry.split) for example in examples])
    truth = np.array([example.truth > 0 for example in examples])
    paths = {
        "keras_weights": folder / f"{base}-keras-weights.npz",
        "features": folder / f"{base}-features.npz",
        "embedding_statistics": folder / f"{base}-embedding-statistics.npz",
        "out_of_fold": folder / f"{base}-out-of-fold.npz",
    }
    np.savez_compressed(paths["keras_weights"], **weights)
    np.savez_compressed(
        paths["features"],
        sha256=hashes,
        groups=groups,
        splits=splits,
        truth=truth,
        features=content.features.astype(np.float16),
    )
    content.statistics.save(paths["embedding_statistics"])
    np.savez_compressed(
        paths["out_of_fold"],
        sha256=np.array(oof.sha256),
        groups=oof.groups,
        truth=oof.truth,
        scores=oof.scores,
        points=oof.points,
        distances=oof.distances,
    )
    return {role: _companion(path) for role, path in paths.items()}


def _companion(path: Path) -> CompanionCard:
    content = path.read_bytes()
    return CompanionCard(file=path.name, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


def _card(content: Content, graph: bytes, precision: Precision, companions: dict[str, CompanionCard]) -> ModelCard:
    job, dataset, oof = content.job, content.dataset, content.out_of_fold
    tensors = Graph(graph)
    return ModelCard(
        name=job.name,
        version=job.version,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        file="",
        sha256=hashlib.sha256(graph).hexdigest(),
        bytes=len(graph),
        precision=precision,
        labels=labels.CLASSES,
        input=InputCard(**tensors.input.model_dump()),
        outputs=tensors.outputs,
        thresholds=content.thresholds,
        box_levels=content.levels,
        calibration={
            name: round(calibration.calibration_error(oof.truth[:, index], oof.scores[:, index]), 4)
            for index, name in enumerate(labels.CLASSES)
        },
        metrics={},
        dataset=DatasetCard(
            version=dataset.name,
            hash=dataset.hash,
            pictures=len(dataset.pictures),
            groups=len({entry.group for entry in dataset.pictures}),
        ),
        parent=None,
        libraries={name: importlib.metadata.version(name) for name in _LIBRARIES}
        | {"python": platform.python_version()},
        command=content.command,
        seed=job.seed,
        licence=LICENCE,
        attribution=ATTRIBUTION,
        intended_use=INTENDED_USE,
        companions=companions,
    )
