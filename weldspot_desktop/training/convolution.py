"""Convolution with a frozen batch normalisation folded into it.

Small batches would spoil the statistics of batch normalisation, so fine-tuning keeps them as they are. A frozen
normalisation is a scale and an offset for each channel: with the scale on the kernel and the offset as bias, the
network computes the same values and the same gradients of its kernels without two more passes over its largest
tensors.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

EPSILON = 1e-3
"""Added to the variance, as the published network does."""


class FoldedConvolution(keras.layers.Layer):
    """Convolution or depthwise convolution, padding "same", then scale, bias and, where asked for, ReLU6.

    Parameters
    ----------
    filters
        Output channels; None filters every channel on its own.
    kernel_size, stride
        In pixels.
    relu
        Whether ReLU6 follows.
    """

    def __init__(self, filters: int | None, kernel_size: int, stride: int, *, relu: bool, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.filters = filters
        self.kernel_size = kernel_size
        self.stride = stride
        self.relu = relu

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = int(input_shape[-1] or 0)
        outputs = self.filters or channels
        shape = (self.kernel_size, self.kernel_size, channels, self.filters or 1)
        self.kernel = self.add_weight(shape=shape, initializer="he_normal", name="kernel")
        self.bias = self.add_weight(shape=(outputs,), initializer="zeros", name="bias")
        self.scale = self.add_weight(shape=(outputs,), initializer="ones", trainable=False, name="scale")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        if self.filters is None:
            kernel = self.kernel * keras.ops.reshape(self.scale, (1, 1, -1, 1))
            x = tf.nn.depthwise_conv2d(inputs, kernel, (1, self.stride, self.stride, 1), "SAME")
        else:
            x = tf.nn.conv2d(inputs, self.kernel * self.scale, self.stride, "SAME")
        x = tf.nn.bias_add(x, self.bias)
        return tf.nn.relu6(x) if self.relu else x

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, channels = input_shape
        down = [None if side is None else -(-side // self.stride) for side in (height, width)]
        return (batch, *down, self.filters or channels)

    def set_normalised(
        self,
        kernel: NDArray[np.float32],
        gamma: NDArray[np.float32],
        beta: NDArray[np.float32],
        mean: NDArray[np.float32],
        variance: NDArray[np.float32],
    ) -> None:
        """Take over a convolution without bias and the normalisation that follows it."""
        scale = gamma / np.sqrt(variance + EPSILON)
        self.set_weights([kernel, beta - mean * scale, scale])
