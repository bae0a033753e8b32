"""One interpreter of a model file. Not for several threads: every thread opens its own."""

import time
from dataclasses import dataclass

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.model.card import TensorCard
from weldspot_desktop.model.file import ModelFile, ModelFileError

SIGNATURE = "serving_default"


@dataclass(frozen=True)
class Prediction:
    """What a model says of one picture.

    Attributes
    ----------
    scores : (7,) float32, 0 to 1
    embedding : (d,) float32
    heatmap : (h, w, 7) float32, class evidence before pooling (logits)
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
            self._interpreter = Interpreter(model_content=model.content, num_threads=threads)
            self._runner = self._interpreter.get_signature_runner(SIGNATURE)
            self._check()
        except (ValueError, RuntimeError) as error:
            raise ModelFileError(f"The model {model.path.name} cannot be loaded ({error}).") from error

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
        card = self.model.card
        pixels = self.fit(picture)[None].astype(np.uint8 if card.input.dtype == "uint8" else np.float32)
        start = time.perf_counter()
        outputs = self._runner(**{card.input.name: pixels})
        milliseconds = (time.perf_counter() - start) * 1000
        embedding = outputs["embedding"][0]
        statistics = self.model.statistics
        return Prediction(
            scores=np.clip(outputs["probabilities"][0], 0.0, 1.0),
            embedding=embedding,
            heatmap=outputs["heatmap"][0],
            distance=statistics.distance(embedding) if statistics is not None else None,
            milliseconds=milliseconds,
        )

    def _check(self) -> None:
        card = self.model.card
        inputs = self._runner.get_input_details()
        outputs = self._runner.get_output_details()
        if set(inputs) != {card.input.name}:
            raise ModelFileError(f"The model {self.model.path.name} takes {sorted(inputs)}, its card says otherwise.")
        expected = {"probabilities", "embedding", "heatmap"}
        if set(outputs) != expected or {tensor.name for tensor in card.outputs} != expected:
            raise ModelFileError(f"The model {self.model.path.name} gives {sorted(outputs)}, not {sorted(expected)}.")
        self._compare(card.input, inputs[card.input.name])
        for tensor in card.outputs:
            self._compare(tensor, outputs[tensor.name])
        if tuple(outputs["probabilities"]["shape"]) != (1, labels.COUNT):
            raise ModelFileError(f"The model {self.model.path.name} does not give {labels.COUNT} scores.")

    def _compare(self, tensor: TensorCard, found: dict[str, object]) -> None:
        actual = (found["name"], tuple(int(n) for n in found["shape"]), np.dtype(found["dtype"]).name)  # type: ignore[attr-defined, call-overload]
        if actual != (tensor.tensor, tensor.shape, tensor.dtype):
            raise ModelFileError(f"{self.model.path.name}: {tensor.name} is {actual}, its card says otherwise.")


def describe(content: bytes) -> tuple[TensorCard, tuple[TensorCard, ...]]:
    """Input and outputs of a model file as its signature names them; for writing a card.

    Raises
    ------
    ModelFileError
        If the bytes are no model with the signature `serving_default` and one input.
    """
    try:
        runner = Interpreter(model_content=content).get_signature_runner(SIGNATURE)
    except (ValueError, RuntimeError) as error:
        raise ModelFileError(f"This is no model file with a signature {SIGNATURE} ({error}).") from error
    inputs = [_card(name, details) for name, details in runner.get_input_details().items()]
    outputs = [_card(name, details) for name, details in runner.get_output_details().items()]
    if len(inputs) != 1:
        raise ModelFileError(f"The model takes {len(inputs)} inputs, not one.")
    return inputs[0], tuple(sorted(outputs, key=lambda tensor: tensor.name))


def _card(name: str, found: dict[str, object]) -> TensorCard:
    return TensorCard(
        name=name,
        tensor=str(found["name"]),
        index=int(found["index"]),  # type: ignore[call-overload]
        shape=tuple(int(n) for n in found["shape"]),  # type: ignore[attr-defined]
        dtype=np.dtype(found["dtype"]).name,  # type: ignore[call-overload]
    )
