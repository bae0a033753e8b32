"""Scores of a Keras network or of a converted file on examples, in the form that evaluation reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from weldspot_desktop.model.distance import EmbeddingStatistics
from weldspot_desktop.model.graph import Graph
from weldspot_desktop.registry.evaluation import Scored, heat_points
from weldspot_desktop.training import network
from weldspot_desktop.training.batches import Example, plain, read


@dataclass(frozen=True)
class Described:
    """What a network makes of n pictures before it judges them.

    Attributes
    ----------
    embeddings : (n, 424), for the distance to the training data
    features : (n, 1280), for a head
    """

    embeddings: NDArray[np.float32]
    features: NDArray[np.float32]


def describe(
    model: keras.Model, examples: Sequence[Example], *, size: int, batch: int, advance: Callable[[float], None]
) -> Described:
    """Embeddings and pooled features of pictures as they are."""
    found = _outputs(network.describer(model), examples, size=size, batch=batch, advance=advance)
    return Described(found[network.EMBEDDING], found[network.POOLED])


def with_keras(
    model: keras.Model,
    examples: Sequence[Example],
    *,
    size: int,
    batch: int,
    statistics: EmbeddingStatistics | None,
    advance: Callable[[float], None],
) -> Scored:
    """Scores of a network as its float32 file would give them; distances are NaN without statistics."""
    outputs = _outputs(model, examples, size=size, batch=batch, advance=advance)
    distances = [statistics.distance(row) if statistics else np.nan for row in outputs[network.EMBEDDING]]
    return _scored(
        examples, outputs[network.PROBABILITIES], outputs[network.HEATMAP], np.array(distances, dtype=np.float32)
    )


def with_file(content: bytes, examples: Sequence[Example], statistics: EmbeddingStatistics) -> Scored:
    """Scores of a converted file on pictures fitted as inspection fits them."""
    graph = Graph(content)
    answers = [graph.run(read(example, graph.input.shape[1])) for example in examples]
    return _scored(
        examples,
        np.array([answer[network.PROBABILITIES] for answer in answers]),
        np.array([answer[network.HEATMAP] for answer in answers]),
        np.array([statistics.distance(answer[network.EMBEDDING]) for answer in answers], dtype=np.float32),
    )


def merged(parts: Sequence[Scored]) -> Scored:
    """Several sets of pictures as one."""
    return Scored(
        sha256=tuple(sha256 for part in parts for sha256 in part.sha256),
        regions=tuple(regions for part in parts for regions in part.regions),
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("truth", "scores", "points", "distances", "heatmaps", "groups")
        },
    )


def _outputs(
    model: keras.Model, examples: Sequence[Example], *, size: int, batch: int, advance: Callable[[float], None]
) -> dict[str, NDArray[np.float32]]:
    parts: list[dict[str, NDArray[np.float32]]] = []
    signature = [tf.TensorSpec((None, size, size, 3))]
    predict = tf.function(lambda images: model(images, training=False), input_signature=signature)
    for images in plain(examples, size=size, batch=batch):
        found = predict(images)
        parts.append({name: np.asarray(value) for name, value in found.items()})
        advance(len(images))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _scored(
    examples: Sequence[Example],
    scores: NDArray[np.float32],
    heatmaps: NDArray[np.float32],
    distances: NDArray[np.float32],
) -> Scored:
    """Scores (n, 7), heat maps (n, h, w, 7) and distances (n,) beside the truth of their examples."""
    return Scored(
        sha256=tuple(example.entry.sha256 for example in examples),
        truth=np.array([example.truth > 0 for example in examples]),
        scores=scores.astype(np.float32),
        points=np.array([heat_points(heatmap) for heatmap in heatmaps]),
        distances=distances,
        heatmaps=heatmaps.astype(np.float16),
        groups=np.array([example.entry.group for example in examples], dtype=np.intp),
        regions=tuple(
            {
                index: [np.array(r.corners) for r in example.entry.regions if r.class_index == index]
                for index in {r.class_index for r in example.entry.regions}
            }
            for example in examples
        ),
    )
