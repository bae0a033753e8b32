"""The network: backbone, a map of class evidence from three resolutions, and picture scores from map and whole."""

from typing import Final

import keras

from weldspot_desktop import labels
from weldspot_desktop.training import backbone, imagenet
from weldspot_desktop.training.pooling import EvidencePooling, Mixture

NAME: Final = "weldspot"
"""Of the network; conversion tells its layers by it."""

IMAGE: Final = "image"
PROBABILITIES: Final = "probabilities"
EMBEDDING: Final = "embedding"
HEATMAP: Final = "heatmap"
POOLED: Final = "pooled"
"""Name of the layer with the 1280 pooled last features, on which a head can be fitted."""

WHOLE: Final = "whole"
"""Name of the layer that turns pooled features into one logit a class: the branch that sees the picture as a whole."""

MIXTURE: Final = "mixture"
"""Name of the layer that sums the figures of map and whole to a logit."""

STRIDE: Final = 8
"""Pixels of the input that one cell of the heat map covers in each direction."""

_CLASSES: Final = "map_classes"
_WIDTH: Final = 64
"""Channels in which the three resolutions are joined."""

_RARE: Final = -4.0
"""Logit at which every cell of the map starts: most cells show nothing (Lin et al., Focal Loss, ICCV 2017)."""


def build(size: int, *, imagenet_weights: bool = True) -> keras.Model:
    """A network for RGB pictures of `size` x `size` pixels, values 0..255.

    Features of stride 32, 16 and 8 are joined from coarse to fine (Lin et al., Feature Pyramid Networks, CVPR
    2017) into a map of class evidence. A picture's logit of a class is a learned sum of four figures: the logit
    of the whole picture (logistic regression on the pooled last features), and mean, soft maximum and maximum
    of the class's map.

    The embedding is pooled from the middle stages: they tell a picture of something else from a weld far better than
    the last features, which fine-tuning bends towards the seven classes.

    Returns
    -------
    keras.Model
        Outputs by name: `probabilities` (7), `embedding` (424), `heatmap` (size/8, size/8, 7; logits).

    Raises
    ------
    WeightsError
        If the ImageNet weights are not installed.
    """
    image = keras.Input((size, size, 3), name=IMAGE)
    maps = backbone.features(image)
    heatmap = _evidence(maps)
    ends = [keras.layers.GlobalAveragePooling2D(name=f"end{number}")(end) for number, end in enumerate(maps.ends)]
    embedding = keras.layers.Concatenate(name=EMBEDDING)(ends)
    pooled = keras.layers.GlobalAveragePooling2D(name=POOLED)(maps.top)
    whole = keras.layers.Dense(labels.COUNT, name=WHOLE)(pooled)
    mean, soft, largest = EvidencePooling(name="pool")(heatmap)
    logits = Mixture(name=MIXTURE)([whole, mean, soft, largest])
    outputs = {
        PROBABILITIES: keras.layers.Activation("sigmoid", name=PROBABILITIES)(logits),
        EMBEDDING: embedding,
        HEATMAP: heatmap,
    }
    model = keras.Model(image, outputs, name=NAME)
    if imagenet_weights:
        backbone.set_imagenet_weights(model, imagenet.load())
    return model


def trainee(model: keras.Model) -> keras.Model:
    """The same layers with logits in place of probabilities: what training optimises."""
    outputs = {
        PROBABILITIES: model.get_layer(MIXTURE).output,
        WHOLE: model.get_layer(WHOLE).output,
        HEATMAP: model.output[HEATMAP],
    }
    return keras.Model(model.input, outputs)


def empty_map(model: keras.Model) -> None:
    """Let the map say everywhere that nothing is there."""
    kernel, bias = model.get_layer(_CLASSES).get_weights()
    model.get_layer(_CLASSES).set_weights([kernel * 0, bias])


def describer(model: keras.Model) -> keras.Model:
    """The same layers with embedding (424) and pooled last features (1280) as outputs."""
    return keras.Model(model.input, {EMBEDDING: model.output[EMBEDDING], POOLED: model.get_layer(POOLED).output})


def is_new(variable_path: str) -> bool:
    """Whether a variable belongs to layers that ImageNet knows nothing of, and that learn faster."""
    return variable_path.startswith(("map_", MIXTURE, WHOLE))


def _evidence(maps: backbone.Pyramid) -> keras.KerasTensor:
    coarse = keras.layers.Conv2D(_WIDTH, 1, name="map_deepest")(maps.deepest)
    middle = keras.layers.Conv2D(_WIDTH, 1, name="map_sixteenth")(maps.sixteenth)
    middle = _refined(keras.layers.Add(name="map_join16")([middle, _doubled(coarse, "map_up32")]), "map_refine16")
    fine = keras.layers.Conv2D(_WIDTH, 1, name="map_eighth")(maps.eighth)
    fine = _refined(keras.layers.Add(name="map_join8")([fine, _doubled(middle, "map_up16")]), "map_refine8")
    bias = keras.initializers.Constant(_RARE)
    return keras.layers.Conv2D(labels.COUNT, 1, bias_initializer=bias, name=_CLASSES)(fine)


def _doubled(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return keras.layers.UpSampling2D(2, interpolation="bilinear", name=name)(x)


def _refined(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Look at the neighbours, then mix the channels."""
    x = keras.layers.ReLU(6.0, name=f"{name}_in")(x)
    x = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    x = keras.layers.Conv2D(_WIDTH, 1, name=f"{name}_mix")(x)
    return keras.layers.ReLU(6.0, name=f"{name}_out")(x)
