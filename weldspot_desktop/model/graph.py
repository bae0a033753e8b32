"""The graph in a model file, without its card: what it takes and gives, and its answers."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.model.card import IMAGE, PROBABILITIES, TensorCard

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

    def run(self, pixels: NDArray[np.uint8] | NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Outputs by signature name, without the axis of pictures, for pixels of the input's size."""
        dtype = np.uint8 if self.input.dtype == "uint8" else np.float32
        found = self._runner(**{self.input.name: pixels[None].astype(dtype, copy=False)})
        return {name: value[0] for name, value in found.items()}


class SingleOutputGraph:
    """An interpreter of a model of the first generation: one picture in, seven scores out, no signature asked for.

    Names of such files say nothing ("input_1", "dense_2"), so the tensors are called as in the contract.

    Raises
    ------
    GraphError
        If the bytes are no model with one input and one output.
    """

    def __init__(self, content: bytes, *, threads: int = 1) -> None:
        try:
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
            inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        except (ValueError, RuntimeError) as error:
            raise GraphError(f"This is no model file ({error}).") from error
        if (len(inputs), len(outputs)) != (1, 1):
            raise GraphError(f"The model has {len(inputs)} inputs and {len(outputs)} outputs, not one of each.")
        self.input: TensorCard = _card(IMAGE, inputs[0])
        self.outputs: tuple[TensorCard, ...] = (_card(PROBABILITIES, outputs[0]),)

    def run(self, pixels: NDArray[np.uint8] | NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """The scores, by the name of the contract."""
        self._interpreter.set_tensor(self.input.index, pixels[None].astype(np.float32, copy=False))
        self._interpreter.invoke()
        return {PROBABILITIES: np.array(self._interpreter.get_tensor(self.outputs[0].index)[0])}


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
