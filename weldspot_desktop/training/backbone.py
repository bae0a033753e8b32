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

from weldspot_desktop.training.convolution import FoldedConvolution

FEATURES: Final = 1280
"""Channels of the last feature map."""

OFFSET: Final = 127.0
SCALE: Final = 128.0
"""The network was trained on (pixel - 127) / 128."""


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


@dataclass(frozen=True)
class Pyramid:
    """Feature maps of RGB pixels, coarser and coarser.

    Attributes
    ----------
    eighth, sixteenth
        (h/8, w/8, 40) and (h/16, w/16, 112).
    deepest
        (h/32, w/32, 320).
    top
        (h/32, w/32, 1280): what the published classifier pools.
    ends
        Last maps of the four middle stages, 40, 80, 112 and 192 channels: what a picture is made of, before the
        network asks what it shows.
    """

    eighth: keras.KerasTensor
    sixteenth: keras.KerasTensor
    deepest: keras.KerasTensor
    top: keras.KerasTensor
    ends: tuple[keras.KerasTensor, ...]


def features(pixels: keras.KerasTensor) -> Pyramid:
    """Feature maps of RGB pixels 0..255; the scaling is part of the graph."""
    x = keras.layers.Rescaling(1 / SCALE, -OFFSET / SCALE, name="scale")(pixels)
    x = FoldedConvolution(32, 3, 2, relu=True, name="stem")(x)
    index = 0
    ends = []
    for stage in _STAGES:
        for repeat in range(stage.repeats):
            x = _block(x, stage, stage.stride if repeat == 0 else 1, f"block{index}")
            index += 1
        ends.append(x)
    top = FoldedConvolution(FEATURES, 1, 1, relu=True, name="top")(x)
    return Pyramid(eighth=ends[2], sixteenth=ends[4], deepest=ends[6], top=top, ends=tuple(ends[2:6]))


def freeze(model: keras.Model, *, blocks: int) -> None:
    """Keep what is most general as it is: the stem and the first `blocks` blocks, and every depthwise filter.

    Depthwise filters hold 5 % of the weights and cost a quarter of a training step, because their gradients are
    slow to compute on a processor.
    """
    for layer in model.layers:
        early = layer.name == "stem" or any(layer.name.startswith(f"block{index}_") for index in range(blocks))
        if early or (isinstance(layer, FoldedConvolution) and layer.filters is None):
            layer.trainable = False


def set_imagenet_weights(model: keras.Model, weights: Mapping[str, NDArray[Any]]) -> None:
    """Copy torch tensors (see `imagenet.load`) into every layer that `features` made.

    Raises
    ------
    KeyError, ValueError
        If a tensor is missing or has another shape.
    """
    _set(model, weights, "stem", "_conv_stem", "_bn0")
    for index in range(sum(stage.repeats for stage in _STAGES)):
        source = f"_blocks.{index}."
        if index > 0:
            _set(model, weights, f"block{index}_expand", f"{source}_expand_conv", f"{source}_bn0")
        _set(model, weights, f"block{index}_depthwise", f"{source}_depthwise_conv", f"{source}_bn1")
        _set(model, weights, f"block{index}_project", f"{source}_project_conv", f"{source}_bn2")
    _set(model, weights, "top", "_conv_head", "_bn1")


def _block(x: keras.KerasTensor, stage: _Stage, stride: int, name: str) -> keras.KerasTensor:
    """Inverted residual: expand, filter each channel, project, add the input where shapes allow."""
    start = x
    if stage.expansion != 1:
        x = FoldedConvolution(x.shape[-1] * stage.expansion, 1, 1, relu=True, name=f"{name}_expand")(x)
    x = FoldedConvolution(None, stage.kernel, stride, relu=True, name=f"{name}_depthwise")(x)
    x = FoldedConvolution(stage.channels, 1, 1, relu=False, name=f"{name}_project")(x)
    if stride == 1 and start.shape[-1] == stage.channels:
        x = keras.layers.Add(name=f"{name}_add")([x, start])
    return x


def _set(model: keras.Model, weights: Mapping[str, NDArray[Any]], layer: str, convolution: str, norm: str) -> None:
    folded: FoldedConvolution = model.get_layer(layer)
    # Torch orders kernels output, input, height, width; a depthwise one has a single input for each output.
    order = (2, 3, 0, 1) if folded.filters is None else (2, 3, 1, 0)
    parts = [weights[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    folded.set_normalised(weights[f"{convolution}.weight"].transpose(order), *parts)
