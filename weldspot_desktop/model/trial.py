"""Opening a model file of a stranger in a process of its own: a damaged graph can end the process that reads it.

LiteRT checks little of what it reads; wrong offsets and sizes make it abort, hang or take all memory. The child has
limits on memory and time and no terminal, and what it says is only believed as numbers and words.
"""

import multiprocessing
import os
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np

from weldspot_desktop import labels
from weldspot_desktop.model.card import TensorCard
from weldspot_desktop.model.file import ModelFileError

SECONDS: Final = 60.0
"""How long opening and two runs may take; ours takes half a second."""

MEMORY: Final = 6_000_000_000
"""Bytes of address space that the child may ask for; libraries alone reserve one or two billion."""

_LARGEST_SIDE: Final = 1024
_SPAWN: Final = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Seen:
    """What a file turned out to be.

    Attributes
    ----------
    input, outputs
        Its tensors, by signature name where the file has our signature.
    has_signature
        Whether it has the signature `serving_default`.
    scores
        (k, 7) what it gave for k plain pictures; empty if it gives no seven scores.
    """

    input: TensorCard
    outputs: tuple[TensorCard, ...]
    has_signature: bool
    scores: tuple[tuple[float, ...], ...]


def open_apart(path: Path, value_range: tuple[float, float], *, seconds: float = SECONDS) -> Seen:
    """Open a file and let it judge plain pictures, in a child process.

    Parameters
    ----------
    path
        The file.
    value_range
        What the bytes 0 and 255 become, for the pictures it is tried with.
    seconds
        How long it may take.

    Raises
    ------
    ModelFileError
        If it is no model, crashes the child, takes too long or too much memory.
    """
    ours, theirs = _SPAWN.Pipe()
    child = _SPAWN.Process(target=_child, args=(theirs, str(path), value_range), name="weldspot-trial", daemon=True)
    try:
        child.start()
    except OSError as error:
        raise ModelFileError(f"No process can be started to check {path.name}: {error.strerror}.") from error
    finally:
        theirs.close()
    try:
        if not ours.poll(seconds):
            raise ModelFileError(
                f"{path.name} could not be checked within {seconds:.0f} seconds.", "It was not taken in."
            )
        try:
            said: dict[str, Any] = ours.recv()
        except EOFError:
            child.join(5)
            raise ModelFileError(
                f"{path.name} is damaged: opening it ended the process that tried.",
                "It was not taken in, and nothing else was touched. Copy the file again from where it came from.",
            ) from None
    finally:
        ours.close()
        if child.is_alive():
            child.kill()
        child.join()
    if "error" in said:
        raise ModelFileError(f"{path.name} cannot be used: {said['error']}", "It was not taken in.")
    return Seen(
        TensorCard.model_validate(said["input"]),
        tuple(TensorCard.model_validate(tensor) for tensor in said["outputs"]),
        bool(said["has_signature"]),
        tuple(tuple(float(score) for score in row) for row in said["scores"]),
    )


def _child(connection: Connection, path: str, value_range: tuple[float, float]) -> None:
    _limit()
    try:
        said = _look(Path(path).read_bytes(), value_range)
    except MemoryError:
        said = {"error": "it wants more memory than a model of ours could need."}
    except Exception as error:  # noqa: BLE001
        # Whatever a strange file does to the interpreter is an answer; the parent makes a sentence of it.
        said = {"error": " ".join(str(error).split())[:300]}
    connection.send(said)
    connection.close()


def _limit() -> None:
    """No terminal, no core file, and not more memory than a model may need."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    with suppress(ImportError, ValueError, OSError):
        # Windows has no such limits; time and the process itself still bound the harm.
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _look(content: bytes, value_range: tuple[float, float]) -> dict[str, Any]:
    from weldspot_desktop.model.graph import Graph, GraphError, SingleOutputGraph

    graph: Graph | SingleOutputGraph
    try:
        graph, has_signature = Graph(content), True
    except GraphError:
        graph, has_signature = SingleOutputGraph(content), False
    shape = graph.input.shape
    if len(shape) != 4 or shape[0] != 1 or shape[3] != 3 or not all(1 <= side <= _LARGEST_SIDE for side in shape[1:3]):
        return {"error": f"it takes {graph.input.dtype} of shape {shape}, not one RGB picture."}
    scores = []
    low, high = value_range
    for share in (0.0, 0.5, 1.0):
        if graph.input.dtype == "uint8":
            found = graph.run(np.full(shape[1:], round(255 * share), dtype=np.uint8))
        elif graph.input.dtype == "float32":
            found = graph.run(np.full(shape[1:], low + share * (high - low), dtype=np.float32))
        else:
            return {"error": f"it takes {graph.input.dtype}, neither uint8 nor float32."}
        answer = found.get("probabilities", next(iter(found.values())))
        if answer.shape == (labels.COUNT,):
            scores.append([float(score) for score in answer])
    return {
        "input": graph.input.model_dump(),
        "outputs": [tensor.model_dump() for tensor in graph.outputs],
        "has_signature": has_signature,
        "scores": scores,
    }
