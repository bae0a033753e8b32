"""From a Keras network to LiteRT files with the signature of the model contract.

`from_saved_model` is used because `from_concrete_functions` writes a file without weights and says nothing,
and int16x8 converts but does not load (both seen with TensorFlow 2.21).
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, get_args

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.model.card import Precision
from weldspot_desktop.model.graph import Graph, GraphError, tensor_names
from weldspot_desktop.training import network

FLOAT_BLOCKS: Final = 5
"""Blocks from the picture on that an int8 file computes in float32.

Rounding does most harm where channels are few and every later layer builds on them. With the first five blocks and
the small layers of map and scores in float32 the mean change of a score halves, the file grows by 6 % and one
inference by about a third; see resources/models/EXPERIMENTS.md.
"""

_FLOAT_LAYERS: Final = (
    "scale",
    "stem",
    *(f"block{number}" for number in range(FLOAT_BLOCKS)),
    "map",
    "pool",
    network.MIXTURE,
    network.WHOLE,
)


_BYTES: Final = {"float32": 4, "float16": 2, "int8": 1}
_LEAST_SHARE: Final = 0.9
"""Of its weights' bytes a file has at least; statistics of batches are folded into weights and need none."""


class ConversionError(ExpectedError):
    """A network that does not become a file."""


def convert(model: keras.Model, precision: Precision, *, calibration: Iterable[NDArray[np.uint8]] = ()) -> bytes:
    """Bytes of a `.tflite` file.

    Parameters
    ----------
    model
        From `network.build`.
    precision
        float32; float16 (weights); or int8: weights and activations of all but the first blocks and the last small
        layers, uint8 in, float32 out.
    calibration
        (s, s, 3) training pictures, 0..255, for int8.

    Raises
    ------
    ValueError
        If int8 is asked for without calibration pictures, or a precision that does not work.
    ConversionError
        If what came out does not load or has lost its weights.
    """
    pictures = list(calibration)
    if precision not in get_args(Precision):
        raise ValueError(f"{precision} is none of {get_args(Precision)}")
    if precision == "int8" and not pictures:
        raise ValueError("int8 needs calibration pictures")
    content = _converted(model, precision, pictures)
    check(content, model.count_params(), precision)
    return content


def check(content: bytes, parameters: int, precision: Precision) -> None:
    """Whether a converted file is one: the converter says nothing when it writes a file that is none.

    Parameters
    ----------
    content
        The file.
    parameters
        Numbers that the network learned.
    precision
        What they were to become.

    Raises
    ------
    ConversionError
        If it does not load, or is too small to hold the weights.
    """
    least = parameters * _BYTES[precision] * _LEAST_SHARE
    if len(content) < least:
        raise ConversionError(
            f"Conversion to {precision} lost weights: {len(content):,} bytes for {parameters:,} numbers.",
            "The network is not affected.",
        )
    try:
        Graph(content)
    except GraphError as error:
        raise ConversionError(
            f"Conversion to {precision} made a file that does not load ({error.what}).", "The network is not affected."
        ) from error


def _converted(model: keras.Model, precision: Precision, pictures: Sequence[NDArray[np.uint8]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder, _quiet():
        _save(model, Path(folder), tf.uint8 if precision == "int8" else tf.float32)
        if precision == "int8":
            return _partly_int8(folder, pictures)
        converter = _converter(folder)
        if precision == "float16":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())


def _partly_int8(folder: str, pictures: Sequence[NDArray[np.uint8]]) -> bytes:
    """Quantise all but the layers of `_FLOAT_LAYERS`.

    The converter itself knows all or nothing; leaving nodes out is an option of its debugger
    (https://www.tensorflow.org/lite/performance/quantization_debugger, "selective quantization").
    """
    kept = [name for name in tensor_names(bytes(_converter(folder).convert())) if not _is_quantised(name)]
    converter = _converter(folder)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: _representative(pictures)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]
    options = tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=kept)
    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=converter, debug_dataset=lambda: _representative(pictures[:1]), debug_options=options
    )
    return bytes(debugger.get_nondebug_quantized_model())


def _is_quantised(tensor: str) -> bool:
    """Whether the operation that writes a tensor is computed in int8.

    Names follow the layers ("weldspot_1/block9_add_1/Add;…"); what belongs to no layer prepares the picture or
    joins the answers.
    """
    layers = {part.split("/")[1].split("_")[0] for part in tensor.split(";") if part.startswith(network.NAME)}
    return bool(layers) and not layers & set(_FLOAT_LAYERS)


def _converter(folder: str) -> Any:
    return tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["serving_default"])


def _save(model: keras.Model, folder: Path, dtype: tf.DType) -> None:
    shape = (1, *model.input.shape[1:])
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(
        name="serve",
        fn=lambda image: dict(model(tf.cast(image, tf.float32), training=False)),
        input_signature=[tf.TensorSpec(shape, dtype, name=network.IMAGE)],
    )
    archive.write_out(str(folder), verbose=False)


def _representative(pictures: Sequence[NDArray[np.uint8]]) -> Iterator[dict[str, NDArray[np.uint8]]]:
    for picture in pictures:
        yield {network.IMAGE: picture[None]}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the converter's hundreds of lines off standard output and standard error."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for target, source in enumerate(saved, start=1):
            os.dup2(source, target)
            os.close(source)
        os.close(nowhere)
