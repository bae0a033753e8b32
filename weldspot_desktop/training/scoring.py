"""Scores of a Keras network or of a converted file on examples, in the form that evaluation reads."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.model import ModelFile, Session
from weldspot_desktop.model.distance import EmbeddingStatistics
from weldspot_desktop.registry.evaluation import Scored, heat_points
from weldspot_desktop.training import network
from weldspot_desktop.training.batches import Batches, Example, read


def features(
    model: keras.Model, examples: Sequence[Example], *, size: int, batch: int, advance: Callable[[float], None]
) -> NDArray[np.float32]:
    """(n, 1280) embeddings of pictures as they are."""
    return _outputs(model, examples, size=size, batch=batch, advance=advance)[network.EMBEDDING]


def with_keras(
    model: keras.Model,
    examples: Sequence[Example],
    *,
    size: int,
    batch: int,
    statistics: EmbeddingStatistics | None,
    advance: Callable[[float], None],
) -> Scored:
    """Scores of a network; distances are NaN without statistics."""
    outputs = _outputs(model, examples, size=size, batch=batch, advance=advance)
    distances = [statistics.distance(row) if statistics else np.nan for row in outputs[network.EMBEDDING]]
    points = np.array([heat_points(heatmap) for heatmap in outputs[network.HEATMAP]])
    return scored(examples, outputs[network.PROBABILITIES], points, np.array(distances, dtype=np.float32))


def with_file(model: ModelFile, examples: Sequence[Example]) -> Scored:
    """Scores of a converted file, run as inspection runs it."""
    session = Session(model)
    predictions = [session.run(read(example, session.input_size[0])) for example in examples]
    return scored(
        examples,
        np.array([prediction.scores for prediction in predictions]),
        np.array([heat_points(prediction.heatmap) for prediction in predictions]),
        np.array([np.nan if p.distance is None else p.distance for p in predictions], dtype=np.float32),
    )


def _outputs(
    model: keras.Model, examples: Sequence[Example], *, size: int, batch: int, advance: Callable[[float], None]
) -> dict[str, NDArray[np.float32]]:
    batches = Batches(examples, size=size, batch=batch)
    parts: list[dict[str, NDArray[np.float32]]] = []
    for number in range(len(batches)):
        images, _ = batches[number]
        found = model.predict_on_batch(images)
        parts.append({name: np.asarray(value) for name, value in found.items()})
        advance(len(images))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def scored(
    examples: Sequence[Example],
    scores: NDArray[np.float32],
    points: NDArray[np.float32],
    distances: NDArray[np.float32],
) -> Scored:
    """Scores (n, 7), heat-map maxima (n, 7, 2) and distances (n,) beside the truth of their examples."""
    return Scored(
        sha256=tuple(example.entry.sha256 for example in examples),
        truth=np.array([example.truth > 0 for example in examples]),
        scores=scores.astype(np.float32),
        points=points.astype(np.float32),
        distances=distances,
        groups=np.array([example.entry.group for example in examples], dtype=np.intp),
        regions=tuple(
            {
                index: [np.array(r.corners) for r in example.entry.regions if r.class_index == index]
                for index in {r.class_index for r in example.entry.regions}
            }
            for example in examples
        ),
    )
