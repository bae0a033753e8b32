"""EfficientNet-Lite0 in Keras, with its ImageNet weights.

Tan and Le, EfficientNet, ICML 2019; the Lite variant (no squeeze-and-excite, ReLU6, fixed stem and head) is
described in the TensorFlow TPU repository, models/official/efficientnet/lite. Padding is TensorFlow's "same":
inputs must be a multiple of 32 for the weights to see what they were trained on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import keras
from numpy.typing import NDArray

FEATURES: Final = 1280
"""Channels of the last feature map."""

OFFSET: Final = 127.0
SCALE: Final = 128.0
"""The network was trained on (pixel - 127) / 128."""

_EPSILON: Final = 1e-3


@dataclass(frozen=True)
class _Stage:
    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


_STAGES: Final = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


def features(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """The feature map (h/32, w/32, 1280) of RGB pixels 0..255; the scaling is part of the graph."""
    x = keras.layers.Rescaling(1 / SCALE, -OFFSET / SCALE, name="scale")(pixels)
    x = _convolution(x, 32, 3, 2, "stem")
    index = 0
    for stage in _STAGES:
        for repeat in range(stage.repeats):
            x = _block(x, stage, stage.stride if repeat == 0 else 1, f"block{index}")
            index += 1
    return _convolution(x, FEATURES, 1, 1, "top")


def set_imagenet_weights(model: keras.Model, weights: Mapping[str, NDArray[Any]]) -> None:
    """Copy torch tensors (see `imagenet.load`) into every layer that `features` made.

    Raises
    ------
    KeyError, ValueError
        If a tensor is missing or has another shape.
    """
    _set_convolution(model, weights, "stem", "_conv_stem", "_bn0")
    for index in range(sum(stage.repeats for stage in _STAGES)):
        source = f"_blocks.{index}."
        if index > 0:
            _set_convolution(model, weights, f"block{index}_expand", f"{source}_expand_conv", f"{source}_bn0")
        kernel = weights[f"{source}_depthwise_conv.weight"].transpose(2, 3, 0, 1)
        model.get_layer(f"block{index}_depthwise").set_weights([kernel])
        _set_norm(model, weights, f"block{index}_depthwise_norm", f"{source}_bn1")
        _set_convolution(model, weights, f"block{index}_project", f"{source}_project_conv", f"{source}_bn2")
    _set_convolution(model, weights, "top", "_conv_head", "_bn1")


def freeze_norms(model: keras.Model) -> None:
    """Keep the statistics of all batch normalisations as they are: small batches would spoil them."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def _block(x: keras.KerasTensor, stage: _Stage, stride: int, name: str) -> keras.KerasTensor:
    """Inverted residual: expand, filter each channel, project, add the input where shapes allow."""
    start = x
    if stage.expansion != 1:
        x = _convolution(x, x.shape[-1] * stage.expansion, 1, 1, f"{name}_expand")
    x = keras.layers.DepthwiseConv2D(stage.kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    x = keras.layers.BatchNormalization(epsilon=_EPSILON, name=f"{name}_depthwise_norm")(x)
    x = keras.layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
    x = _convolution(x, stage.channels, 1, 1, f"{name}_project", relu=False)
    if stride == 1 and start.shape[-1] == stage.channels:
        x = keras.layers.Add(name=f"{name}_add")([x, start])
    return x


def _convolution(
    x: keras.KerasTensor, channels: int, kernel: int, stride: int, name: str, *, relu: bool = True
) -> keras.KerasTensor:
    x = keras.layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False, name=name)(x)
    x = keras.layers.BatchNormalization(epsilon=_EPSILON, name=f"{name}_norm")(x)
    return keras.layers.ReLU(6.0, name=f"{name}_relu")(x) if relu else x


def _set_convolution(
    model: keras.Model, weights: Mapping[str, NDArray[Any]], layer: str, convolution: str, norm: str
) -> None:
    model.get_layer(layer).set_weights([weights[f"{convolution}.weight"].transpose(2, 3, 1, 0)])
    _set_norm(model, weights, f"{layer}_norm", norm)


def _set_norm(model: keras.Model, weights: Mapping[str, NDArray[Any]], layer: str, norm: str) -> None:
    parts = ("weight", "bias", "running_mean", "running_var")
    model.get_layer(layer).set_weights([weights[f"{norm}.{part}"] for part in parts])
