"""The network's own layers and losses, each against the plain formula."""

import numpy as np
import pytest

from weldspot_desktop import labels
from weldspot_desktop.metrics.calibration import Scaling

pytestmark = pytest.mark.training


def test_a_folded_convolution_is_convolution_normalisation_and_relu() -> None:
    import keras

    from weldspot_desktop.training.convolution import EPSILON, FoldedConvolution

    random = np.random.default_rng(0)
    x = random.normal(size=(2, 9, 9, 4)).astype(np.float32)
    gamma, beta, mean = (random.normal(size=6).astype(np.float32) for _ in range(3))
    variance = random.uniform(0.5, 2, size=6).astype(np.float32)
    kernel = random.normal(size=(3, 3, 4, 6)).astype(np.float32)
    folded = FoldedConvolution(6, 3, 2, relu=True)
    folded.build(x.shape)
    folded.set_normalised(kernel, gamma, beta, mean, variance)
    plain = keras.layers.Conv2D(6, 3, 2, padding="same", use_bias=False)
    norm = keras.layers.BatchNormalization(epsilon=EPSILON)
    plain.build(x.shape)
    norm.build((2, 5, 5, 6))
    plain.set_weights([kernel])
    norm.set_weights([gamma, beta, mean, variance])
    expected = np.clip(np.asarray(norm(plain(x), training=False)), 0, 6)
    assert np.asarray(folded(x)) == pytest.approx(expected, abs=1e-5)
    assert folded.compute_output_shape(x.shape) == expected.shape
    assert [weight.name for weight in folded.trainable_weights] == ["kernel", "bias"]


def test_pooling_gives_mean_soft_maximum_and_maximum() -> None:
    from weldspot_desktop.training.pooling import EvidencePooling

    x = np.random.default_rng(0).normal(scale=3, size=(2, 4, 5, 7)).astype(np.float32)
    mean, soft, largest = (np.asarray(value) for value in EvidencePooling()(x))
    cells = x.reshape(2, 20, 7).astype(np.float64)
    weights = np.exp(cells) / np.exp(cells).sum(axis=1, keepdims=True)
    assert mean == pytest.approx(cells.mean(axis=1), abs=1e-5)
    assert soft == pytest.approx((weights * cells).sum(axis=1), abs=1e-4)
    assert largest == pytest.approx(cells.max(axis=1))


def test_rescaling_the_mixture_rescales_its_logits() -> None:
    from weldspot_desktop.training.pooling import Mixture

    random = np.random.default_rng(0)
    figures = [random.normal(size=(3, 7)).astype(np.float32) for _ in range(4)]
    mixture = Mixture()
    before = np.asarray(mixture(figures))
    scaling = Scaling(random.uniform(0.5, 2, size=7), random.normal(size=7))
    mixture.rescale(scaling)
    assert np.asarray(mixture(figures)) == pytest.approx(before * scaling.slope + scaling.offset, abs=1e-5)


def test_losses_are_small_for_the_right_answer_and_large_for_the_wrong_one() -> None:
    import tensorflow as tf

    from weldspot_desktop.training import losses

    evidence = np.zeros((1, 10, 10, labels.COUNT), dtype=np.float32)
    evidence[0, 2:5, 3:7, 2] = 1
    placed = np.ones((1, labels.COUNT), dtype=np.float32)
    right = tf.constant(np.where(evidence > 0, 6.0, -6.0).astype(np.float32))
    wrong = tf.constant(np.where(evidence > 0, -6.0, 6.0).astype(np.float32))
    for loss in (losses.map_loss, losses.pointing_loss):
        assert float(loss(right, evidence, placed)) < 0.01
        assert float(loss(wrong, evidence, placed)) > 1
    assert float(losses.pointing_loss(wrong, evidence, np.zeros_like(placed))) == 0
    assert float(losses.map_loss(wrong, evidence, np.zeros_like(placed))) == 0


def test_an_unknown_label_moves_nothing() -> None:
    import tensorflow as tf

    from weldspot_desktop.training import losses

    truth = np.array([[0, 0, 1, 0, 0, 0, 0]], dtype=np.float32)
    known = np.array([[1, 1, 0, 1, 1, 1, 1]], dtype=np.float32)
    weights = tf.ones(7)
    values = []
    for logit in (-5.0, 5.0):
        logits = np.full((1, 7), -3.0, dtype=np.float32)
        logits[0, 2] = logit
        values.append(float(losses.picture_loss(tf.constant(logits), truth, known, weights)))
    assert values[0] == values[1]


def test_rare_classes_weigh_more_but_not_without_bound() -> None:
    from weldspot_desktop.training.losses import class_weights

    truth = np.zeros((100, 7), dtype=np.float32)
    truth[:50, 0] = truth[:20, 1] = truth[:1, 2] = 1
    assert class_weights(truth)[:3].tolist() == pytest.approx([1.0, 2.0, 3.0])


def test_a_head_on_an_empty_map_is_logistic_regression() -> None:
    from weldspot_desktop.training import network

    random = np.random.default_rng(0)
    model = network.build(64, imagenet_weights=False)
    network.empty_map(model)
    weights, bias = random.normal(scale=0.1, size=(1280, 7)).astype(np.float32), random.normal(size=7)
    model.get_layer(network.WHOLE).set_weights([weights, bias.astype(np.float32)])
    pixels = random.integers(0, 256, (2, 64, 64, 3)).astype(np.float32)
    features = np.asarray(network.describer(model)(pixels)[network.POOLED])
    found = model(pixels)
    assert np.asarray(found[network.PROBABILITIES]) == pytest.approx(
        1 / (1 + np.exp(-(features @ weights + bias))), abs=1e-4
    )
    assert np.asarray(found[network.HEATMAP]).max() < 0
    assert np.asarray(found[network.EMBEDDING]).shape == (2, 424)
