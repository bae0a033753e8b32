"""Model files for tests, made without TensorFlow: the shipped one damaged on purpose, and small ones built by hand."""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from weldspot_desktop.model import ModelCard, embedded
from weldspot_desktop.model.file import read_card, save
from weldspot_desktop.model.graph import Graph

ROOT = Path(__file__).resolve().parent.parent
STARTER = ROOT / "resources" / "models" / "weld-3-int8.tflite"
FLOAT16 = ROOT / "resources" / "models" / "weld-3-float16.tflite"

IDENTIFIER = b"TFL3"


def changed(content: bytes, change: Callable[[Any], None]) -> bytes:
    """A model file after a change of its graph, as the object that the schema makes of it."""
    graph = schema.ModelT.InitFromPackedBuf(embedded.graph_of(content), 0)
    change(graph)
    return packed(graph)


def packed(graph: Any) -> bytes:
    """The bytes of a graph."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(graph.Pack(builder), file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def zeroed(graph: Any) -> None:
    """All weights of convolutions lost, as conversion does when it fails silently."""
    for operator in graph.subgraphs[0].operators:
        code = graph.operatorCodes[operator.opcodeIndex]
        if max(code.builtinCode, code.deprecatedBuiltinCode) == schema.BuiltinOperator.DEQUANTIZE:
            buffer = graph.buffers[graph.subgraphs[0].tensors[operator.inputs[0]].buffer]
            if buffer.data is not None and len(buffer.data) > 1000:
                buffer.data = np.zeros_like(buffer.data)


def unscaled(graph: Any) -> None:
    """The factor that brings 0..255 to what the network learned on becomes 1 (float16 files)."""
    part = graph.subgraphs[0]
    multiply = next(operator for operator in part.operators if part.inputs[0] in list(operator.inputs))
    factor = next(number for number in multiply.inputs if number != part.inputs[0])
    stored = next(operator.inputs[0] for operator in part.operators if list(operator.outputs) == [factor])
    graph.buffers[part.tensors[stored].buffer].data = np.frombuffer(np.ones(1, "<f2").tobytes(), dtype=np.uint8)


def with_card(folder: Path, graph: bytes, *, version: int, like: Path = STARTER, **update: object) -> Path:
    """A model file with a card of its own that is like another one's, without companions; its hash is new."""
    folder.mkdir(parents=True, exist_ok=True)
    card: ModelCard = read_card(like)
    tensors = Graph(graph)
    values: dict[str, Any] = {
        "version": version,
        "input": card.input.model_copy(update=tensors.input.model_dump()),
        "outputs": tensors.outputs,
        "companions": {},
    } | update
    path = folder / f"{card.name}-{version}-{card.precision}.tflite"
    save(path, graph, card.model_copy(update=values))
    return path


def single_output(
    weights: Sequence[Sequence[float]], *, size: int = 8, activation: bool = True, outputs: int = 1
) -> bytes:
    """A model of the first generation: the mean of each colour, a dense layer of 3 x k weights, and sigmoids."""
    matrix = np.asarray(weights, dtype="<f4").T.copy()
    count = len(matrix)
    graph = schema.ModelT()
    graph.version = 3
    graph.buffers = [_buffer(None), _buffer(np.array([1, 2], dtype="<i4")), _buffer(matrix)]
    codes = (schema.BuiltinOperator.MEAN, schema.BuiltinOperator.FULLY_CONNECTED, schema.BuiltinOperator.LOGISTIC)
    graph.operatorCodes = [_code(code) for code in codes]
    part = schema.SubGraphT()
    kind = schema.TensorType
    part.tensors = [
        _tensor("input_1", (1, size, size, 3), kind.FLOAT32, 0),
        _tensor("axes", (2,), kind.INT32, 1),
        _tensor("mean", (1, 3), kind.FLOAT32, 0),
        _tensor("kernel", (count, 3), kind.FLOAT32, 2),
        _tensor("dense_2", (1, count), kind.FLOAT32, 0),
        _tensor("Identity", (1, count), kind.FLOAT32, 0),
    ]
    options = schema.FullyConnectedOptionsT()
    part.operators = [
        _operator(0, [0, 1], [2], schema.BuiltinOptions.ReducerOptions, schema.ReducerOptionsT()),
        _operator(1, [2, 3, -1], [4], schema.BuiltinOptions.FullyConnectedOptions, options),
    ]
    if activation:
        part.operators.append(_operator(2, [4], [5], schema.BuiltinOptions.NONE, None))
    last = 5 if activation else 4
    part.inputs, part.outputs = [0], [last, *([2] if outputs > 1 else [])]
    graph.subgraphs = [part]
    return packed(graph)


def recursive(graph: Any) -> None:
    """A `single_output` graph that calls itself: valid to look at, and the end of the process that opens it."""
    part = _with_detour(graph, schema.BuiltinOperator.WHILE, _while(0, 1))
    graph.subgraphs.append(copy.deepcopy(part))


def endless(graph: Any) -> None:
    """A `single_output` graph with a loop whose condition is a constant."""
    shape, kind = graph.subgraphs[0].tensors[0].shape, schema.TensorType
    graph.buffers.append(_buffer(np.ones(1, dtype=np.uint8)))
    always, body = schema.SubGraphT(), schema.SubGraphT()
    always.tensors = [_tensor("a", shape, kind.FLOAT32, 0), _tensor("yes", (1,), kind.BOOL, len(graph.buffers) - 1)]
    always.operators = []
    body.tensors = [_tensor("a", shape, kind.FLOAT32, 0), _tensor("b", shape, kind.FLOAT32, 0)]
    body.operators = [_operator(2, [0], [1], schema.BuiltinOptions.NONE, None)]
    for part in (always, body):
        part.inputs, part.outputs = [0], [1]
        graph.subgraphs.append(part)
    _with_detour(graph, schema.BuiltinOperator.WHILE, _while(1, 2))


def _while(condition: int, body: int) -> Any:
    options = schema.WhileOptionsT()
    options.condSubgraphIndex, options.bodySubgraphIndex = condition, body
    return options


def _with_detour(graph: Any, code: int, options: Any) -> Any:
    """An operation between the picture and the mean of its colours."""
    part = graph.subgraphs[0]
    part.tensors.append(_tensor("detour", part.tensors[0].shape, schema.TensorType.FLOAT32, 0))
    graph.operatorCodes.append(_code(code))
    detour = _operator(
        len(graph.operatorCodes) - 1, [0], [len(part.tensors) - 1], schema.BuiltinOptions.WhileOptions, options
    )
    part.operators.insert(0, detour)
    part.operators[1].inputs = [len(part.tensors) - 1, 1]
    return part


def _buffer(values: np.ndarray | None) -> Any:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), dtype=np.uint8) if values is not None else None
    return buffer


def _code(builtin: int) -> Any:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = builtin
    code.version = 1
    return code


def _tensor(name: str, shape: Sequence[int], kind: int, buffer: int) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, buffer
    return tensor


def _operator(code: int, inputs: Sequence[int], outputs: Sequence[int], kind: int, options: Any) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = code, list(inputs), list(outputs)
    operator.builtinOptionsType, operator.builtinOptions = kind, options
    return operator
