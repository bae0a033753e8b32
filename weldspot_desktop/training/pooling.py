"""From a map of class evidence to figures of the whole picture, and from those to one logit a class."""

from typing import Any

import keras

from weldspot_desktop.metrics.calibration import Scaling


class EvidencePooling(keras.layers.Layer):
    """Mean, soft maximum and maximum of each class's evidence over the map, (n, 7) each.

    The soft maximum is the mean weighted by the softmax of the evidence itself: one strong pore counts, ten count
    more surely, and every strong cell gets a gradient.
    """

    def call(self, heatmap: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
        _, height, width, classes = heatmap.shape
        cells = keras.ops.reshape(heatmap, (-1, height * width, classes))
        largest = keras.ops.max(cells, axis=1)
        weights = keras.ops.exp(cells - keras.ops.expand_dims(largest, 1))
        soft = keras.ops.sum(weights * cells, axis=1) / keras.ops.sum(weights, axis=1)
        return keras.ops.mean(cells, axis=1), soft, largest

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[tuple[int | None, ...], ...]:
        return ((input_shape[0], input_shape[-1]),) * 3


class Mixture(keras.layers.Layer):
    """A weighted sum of figures (n, 7), with weights and a bias of each class's own."""

    STARTS = (1.0, 0.0, 0.25, 0.25)
    """Weights of whole, mean, soft maximum and maximum before training: the whole picture decides, the map adds."""

    def build(self, input_shape: Any) -> None:
        classes = input_shape[0][-1]
        self.weights_of = [
            self.add_weight(shape=(classes,), initializer=keras.initializers.Constant(start), name=f"weight{number}")
            for number, start in enumerate(self.STARTS)
        ]
        # The map starts near -4 everywhere; its share must not pull every score down at the first step.
        self.bias = self.add_weight(shape=(classes,), initializer=keras.initializers.Constant(2.0), name="bias")

    def rescale(self, scaling: Scaling) -> None:
        """Make the logits calibrated ones; a slope and an offset of a weighted sum are other weights."""
        for weight in self.weights_of:
            weight.assign(weight.numpy() * scaling.slope)
        self.bias.assign(self.bias.numpy() * scaling.slope + scaling.offset)

    def call(self, figures: list[keras.KerasTensor]) -> keras.KerasTensor:
        logits = self.bias
        for weight, figure in zip(self.weights_of, figures, strict=True):
            logits = logits + weight * figure
        return logits

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape[0])
