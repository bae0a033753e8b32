"""From a Keras network to LiteRT files with the signature of the model contract.

`from_saved_model` is used because `from_concrete_functions` writes a file without weights and says nothing,
and int16x8 converts but does not load (both seen with TensorFlow 2.21).
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from weldspot_desktop.model.card import Precision
from weldspot_desktop.training import network


def convert(model: keras.Model, precision: Precision, *, calibration: Iterable[NDArray[np.float32]] = ()) -> bytes:
    """Bytes of a `.tflite` file.

    Parameters
    ----------
    model
        From `network.build`.
    precision
        float32, float16 (weights), or int8 (weights and activations; uint8 in, float32 out).
    calibration
        (s, s, 3) training pictures, 0..255, for int8.

    Raises
    ------
    ValueError
        If int8 is asked for without calibration pictures.
    """
    pictures = list(calibration)
    if precision == "int8" and not pictures:
        raise ValueError("int8 needs calibration pictures")
    with tempfile.TemporaryDirectory() as folder, _quiet():
        _save(model, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["serving_default"])
        if precision == "float16":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        elif precision == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: _representative(pictures)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = tf.uint8
            converter.inference_output_type = tf.float32
        return bytes(converter.convert())


def _save(model: keras.Model, folder: Path) -> None:
    shape = (1, *model.input.shape[1:])
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(
        name="serve",
        fn=lambda image: dict(model(image, training=False)),
        input_signature=[tf.TensorSpec(shape, tf.float32, name=network.IMAGE)],
    )
    archive.write_out(str(folder), verbose=False)


def _representative(pictures: list[NDArray[np.float32]]) -> Iterator[dict[str, NDArray[np.float32]]]:
    for picture in pictures:
        yield {network.IMAGE: picture[None].astype(np.float32)}
    # Black and white fix the input's scale at exactly one step for one grey value.
    for value in (0.0, 255.0):
        yield {network.IMAGE: np.full((1, *pictures[0].shape), value, dtype=np.float32)}


@contextmanager
def _quiet() -> Iterator[None]:
    """Send what the converter's C++ prints to nowhere: hundreds of lines, even on standard output."""
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
