"""What the converter of TensorFlow 2.21 does without saying so, and that none of it becomes a model file."""

import warnings
from typing import Any

import numpy as np
import pytest

from weldspot_desktop.model.graph import Graph

pytestmark = pytest.mark.training

SIZE = 64


@pytest.fixture(scope="module")
def model() -> Any:
    import keras

    from weldspot_desktop.training import network

    keras.utils.set_random_seed(3)
    return network.build(SIZE, imagenet_weights=False)


@pytest.fixture(scope="module")
def converted() -> dict[str, bytes]:
    """The network's float32 file, once a test has made it."""
    return {}


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    random = np.random.default_rng(1)
    return [random.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8) for _ in range(4)]


def test_what_comes_out_computes_what_the_network_does_and_nothing_is_printed(
    model: Any, pictures: list[np.ndarray], converted: dict[str, bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    from weldspot_desktop.training import conversion

    capfd.readouterr()
    content = converted["float32"] = conversion.convert(model, "float32")
    assert tuple(capfd.readouterr()) == ("", "")
    graph = Graph(content)
    for picture in pictures:
        expected = model(picture[None].astype(np.float32), training=False)
        found = graph.run(picture)
        for name in ("probabilities", "embedding", "heatmap"):
            np.testing.assert_allclose(found[name], np.asarray(expected[name])[0], atol=2e-4, rtol=1e-3)
    assert len(content) > 4 * 0.9 * model.count_params()


def test_a_file_that_lost_its_weights_is_refused(model: Any, converted: dict[str, bytes]) -> None:
    from weldspot_desktop.training import conversion
    from weldspot_desktop.training.conversion import ConversionError

    content = converted.get("float32") or conversion.convert(model, "float32")
    conversion.check(content, model.count_params(), "float32")
    with pytest.raises(ConversionError, match="lost weights"):
        conversion.check(content[: len(content) // 2], model.count_params(), "float32")
    with pytest.raises(ConversionError, match="does not load"):
        conversion.check(b"\0" * len(content), model.count_params(), "float32")
    with pytest.raises(ValueError, match="calibration"):
        conversion.convert(model, "int8")
    with pytest.raises(ValueError, match="int16x8 is none of"):
        conversion.convert(model, "int16x8")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def small() -> Any:
    """A network that is converted in a second."""
    import keras

    keras.utils.set_random_seed(4)
    image = keras.Input((16, 16, 3), name="image")
    hidden = keras.layers.Conv2D(64, 3, activation="relu")(image)
    hidden = keras.layers.Conv2D(64, 3, activation="relu")(hidden)
    return keras.Model(image, keras.layers.Dense(7, activation="sigmoid")(keras.layers.Flatten()(hidden)))


def test_a_file_from_concrete_functions_is_refused(small: Any) -> None:
    """Depending on how it is asked it writes a file without weights or, as here, one without our signature."""
    import tensorflow as tf

    from weldspot_desktop.training import conversion
    from weldspot_desktop.training.conversion import ConversionError

    function = tf.function(lambda image: small(image, training=False))
    concrete = function.get_concrete_function(tf.TensorSpec((1, 16, 16, 3), tf.float32))
    with warnings.catch_warnings():
        # It warns of other things; of what is missing in the file it says nothing.
        warnings.simplefilter("ignore")
        content = bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert())
    with pytest.raises(ConversionError, match=r"lost weights|does not load"):
        conversion.check(content, small.count_params(), "float32")
