"""The Keras backbone against a reference that torch computed from the same weights; the reader of torch's format."""

import io
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from weldspot_desktop.training import imagenet

pytestmark = pytest.mark.training


def test_the_network_gives_the_reference_logits() -> None:
    import keras

    from weldspot_desktop.training import backbone

    reference = json.loads((Path(__file__).parent.parent / "data" / "efficientnet_lite0.json").read_text())
    weights = imagenet.load()
    image = keras.Input((224, 224, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.features(image).top)
    model = keras.Model(image, pooled)
    backbone.set_imagenet_weights(model, weights)
    pixels = np.random.RandomState(0).randint(0, 256, (1, 224, 224, 3)).astype(np.float32)
    logits = np.asarray(model(pixels))[0] @ weights["_fc.weight"].T + weights["_fc.bias"]
    assert logits[:64] == pytest.approx(reference["first_logits"], abs=2e-4)
    assert int(logits.argmax()) == reference["argmax"]
    assert float(logits.std()) == pytest.approx(reference["std"], abs=1e-4)


def test_all_tensors_are_read() -> None:
    weights = imagenet.load()
    assert len(weights) == 296
    assert weights["_conv_stem.weight"].shape == (32, 3, 3, 3)


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (eval, ("1/0",))


@pytest.mark.parametrize("content", [b"", b"not a pickle", pickle.dumps(_Evil()), pickle.dumps(1)])
def test_a_hostile_weights_file_is_refused_and_runs_nothing(content: bytes) -> None:
    with pytest.raises(imagenet.WeightsError):
        imagenet.read_legacy(io.BytesIO(content))


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(imagenet.weights_file().read_bytes()[:-1] + b"x")
    with pytest.raises(imagenet.WeightsError, match="SHA-256"):
        imagenet.load(path)
