"""The graph in a model file, without its card: what it takes and gives, and its answers."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.model.card import TensorCard

SIGNATURE = "serving_default"


class GraphError(ExpectedError):
    """Bytes that are no graph of ours."""


class Graph:
    """An interpreter for one thread; `run` releases the GIL while it computes.

    Parameters
    ----------
    content
        Bytes of a `.tflite` file.
    threads
        Threads inside one inference.

    Raises
    ------
    GraphError
        If the bytes are no model with the signature `serving_default` and one input.
    """

    def __init__(self, content: bytes, *, threads: int = 1) -> None:
        try:
            # The runner borrows the interpreter, so both are kept.
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._runner = self._interpreter.get_signature_runner(SIGNATURE)
            inputs = [_card(name, details) for name, details in self._runner.get_input_details().items()]
            outputs = [_card(name, details) for name, details in self._runner.get_output_details().items()]
        except (ValueError, RuntimeError) as error:
            raise GraphError(f"This is no model file with a signature {SIGNATURE} ({error}).") from error
        if len(inputs) != 1:
            raise GraphError(f"The model takes {len(inputs)} inputs, not one.")
        self.input: TensorCard = inputs[0]
        self.outputs: tuple[TensorCard, ...] = tuple(sorted(outputs, key=lambda tensor: tensor.name))

    def run(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Outputs by signature name, without the axis of pictures, for pixels of the input's size."""
        dtype = np.uint8 if self.input.dtype == "uint8" else np.float32
        found = self._runner(**{self.input.name: pixels[None].astype(dtype, copy=False)})
        return {name: value[0] for name, value in found.items()}


def tensor_names(content: bytes) -> list[str]:
    """Names of all tensors in a model file; for choosing what conversion quantises."""
    return [str(details["name"]) for details in Interpreter(model_content=content).get_tensor_details()]


def _card(name: str, found: dict[str, object]) -> TensorCard:
    return TensorCard(
        name=name,
        tensor=str(found["name"]),
        index=int(found["index"]),  # type: ignore[call-overload]
        shape=tuple(int(n) for n in found["shape"]),  # type: ignore[attr-defined]
        dtype=np.dtype(found["dtype"]).name,  # type: ignore[call-overload]
    )
