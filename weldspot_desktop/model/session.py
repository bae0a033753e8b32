"""One interpreter of a model file. Not for several threads: every thread opens its own."""

import time
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.model.card import EMBEDDING, HEATMAP, PROBABILITIES, TensorCard
from weldspot_desktop.model.file import ModelFile, ModelFileError
from weldspot_desktop.model.graph import Graph, GraphError, SingleOutputGraph

NO_EMBEDDING: Final = np.zeros(0, dtype=np.float32)
NO_HEATMAP: Final = np.zeros((0, 0, labels.COUNT), dtype=np.float32)
"""What a model of the first generation tells beside its scores."""

_BYTES: Final = (0.0, 255.0)


@dataclass(frozen=True)
class Prediction:
    """What a model says of one picture.

    Attributes
    ----------
    scores : (7,) float32, 0 to 1
    embedding : (d,) float32; empty where the model gives none
    heatmap : (h, w, 7) float32, class evidence before pooling (logits); without a cell where the model gives none
    distance : float or None, distance to the training data
    milliseconds : float, time of the interpreter alone
    """

    scores: NDArray[np.float32]
    embedding: NDArray[np.float32]
    heatmap: NDArray[np.float32]
    distance: float | None
    milliseconds: float


class Session:
    """An interpreter for one thread; `run` releases the GIL while it computes.

    Parameters
    ----------
    model
        The checked file.
    threads
        Threads inside one inference. One is best for folders (one session a thread), two for live.

    Raises
    ------
    ModelFileError
        If the file does not load or its tensors are not those of its card.
    """

    def __init__(self, model: ModelFile, *, threads: int = 1) -> None:
        self.model = model
        try:
            self._graph: Graph | SingleOutputGraph
            if model.card.is_first_generation:
                self._graph = SingleOutputGraph(model.content, threads=threads)
            else:
                self._graph = Graph(model.content, threads=threads)
        except GraphError as error:
            raise ModelFileError(f"The model {model.path.name} cannot be loaded ({error}).") from error
        self._check()

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the input, in pixels."""
        _, height, width, _ = self.model.card.input.shape
        return width, height

    def fit(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Stretch (h, w, 3) RGB to the input with area averaging."""
        size = self.input_size
        if picture.shape[1::-1] == size:
            return picture
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def run(self, picture: NDArray[np.uint8]) -> Prediction:
        """Judge one picture.

        Parameters
        ----------
        picture
            (h, w, 3) RGB, 0..255, of any size.
        """
        pixels = self.fit(picture)
        start = time.perf_counter()
        outputs = self._graph.run(self._scaled(pixels))
        milliseconds = (time.perf_counter() - start) * 1000
        embedding = outputs.get(EMBEDDING, NO_EMBEDDING)
        statistics = self.model.statistics
        return Prediction(
            scores=np.clip(outputs[PROBABILITIES], 0.0, 1.0),
            embedding=embedding,
            heatmap=outputs.get(HEATMAP, NO_HEATMAP),
            distance=statistics.distance(embedding) if statistics is not None else None,
            milliseconds=milliseconds,
        )

    def _scaled(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | NDArray[np.float32]:
        """The values that the input wants; most graphs want the bytes themselves."""
        low, high = self.model.card.input.value_range
        if (low, high) == _BYTES:
            return pixels
        return np.asarray(pixels.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low))

    def _check(self) -> None:
        card, graph, name = self.model.card, self._graph, self.model.path.name
        if graph.input.name != card.input.name:
            raise ModelFileError(f"The model {name} takes {graph.input.name}, its card says otherwise.")
        found = {tensor.name: tensor for tensor in graph.outputs}
        expected = {PROBABILITIES} if card.is_first_generation else {PROBABILITIES, EMBEDDING, HEATMAP}
        if set(found) != expected or {tensor.name for tensor in card.outputs} != expected:
            raise ModelFileError(f"The model {name} gives {sorted(found)}, not {sorted(expected)}.")
        self._compare(card.input, graph.input)
        for tensor in card.outputs:
            self._compare(tensor, found[tensor.name])
        if found[PROBABILITIES].shape != (1, labels.COUNT):
            raise ModelFileError(f"The model {name} does not give {labels.COUNT} scores.")
        wanted = "uint8" if card.precision == "int8" else "float32"
        if graph.input.dtype != wanted or len(graph.input.shape) != 4 or graph.input.shape[::3] != (1, 3):
            raise ModelFileError(
                f"The model {name} takes {graph.input.dtype} {graph.input.shape}, not one {wanted} RGB picture."
            )
        if any(tensor.dtype != "float32" for tensor in graph.outputs):
            raise ModelFileError(f"The model {name} gives something other than float32.")
        if not card.is_first_generation and not _is_map(found[HEATMAP].shape):
            raise ModelFileError(f"The heat map of the model {name} is {found[HEATMAP].shape}, not (1, h, w, 7).")

    def _compare(self, told: TensorCard, found: TensorCard) -> None:
        if (told.tensor, told.shape, told.dtype) != (found.tensor, found.shape, found.dtype):
            raise ModelFileError(
                f"{self.model.path.name}: {told.name} is {(found.tensor, found.shape, found.dtype)}, "
                "its card says otherwise."
            )


def _is_map(shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and shape[0] == 1 and shape[3] == labels.COUNT and min(shape) >= 1
