"""The network: backbone, a map of class evidence, and the picture scores pooled from it."""

from typing import Final

import keras

from weldspot_desktop import labels
from weldspot_desktop.training import backbone, imagenet

IMAGE: Final = "image"
PROBABILITIES: Final = "probabilities"
EMBEDDING: Final = "embedding"
HEATMAP: Final = "heatmap"
EVIDENCE: Final = "evidence"
"""Name of the 1 x 1 convolution that turns features into class evidence."""


def build(size: int, *, imagenet_weights: bool = True) -> keras.Model:
    """A network for RGB pictures of `size` x `size` pixels, values 0..255.

    The picture's logit of a class is the mean of the class's evidence map. Because a mean and a 1 x 1
    convolution commute, the head alone is a logistic regression on pooled features, and the map comes for
    free (Zhou et al., Learning Deep Features for Discriminative Localization, CVPR 2016).

    Returns
    -------
    keras.Model
        Outputs by name: `probabilities` (7), `embedding` (1280), `heatmap` (size/32, size/32, 7; logits).

    Raises
    ------
    WeightsError
        If the ImageNet weights are not installed.
    """
    image = keras.Input((size, size, 3), name=IMAGE)
    features = backbone.features(image)
    heatmap = keras.layers.Conv2D(labels.COUNT, 1, name=EVIDENCE)(features)
    logits = keras.layers.GlobalAveragePooling2D(name="pool")(heatmap)
    outputs = {
        PROBABILITIES: keras.layers.Activation("sigmoid", name=PROBABILITIES)(logits),
        EMBEDDING: keras.layers.GlobalAveragePooling2D(name=EMBEDDING)(features),
        HEATMAP: heatmap,
    }
    model = keras.Model(image, outputs, name="weldspot")
    if imagenet_weights:
        backbone.set_imagenet_weights(model, imagenet.load())
    backbone.freeze_norms(model)
    return model


def scorer(model: keras.Model) -> keras.Model:
    """The same layers with the probabilities as the only output: what training optimises."""
    return keras.Model(model.input, model.output[PROBABILITIES])
