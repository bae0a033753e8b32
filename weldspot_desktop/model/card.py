"""The card beside a model file: what it is, what it takes and gives, what it was measured to do."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from weldspot_desktop.verdict import ThresholdSet

SCHEMA: Final = 1

IMAGE: Final = "image"
PROBABILITIES: Final = "probabilities"
EMBEDDING: Final = "embedding"
HEATMAP: Final = "heatmap"
"""Names of the contract's tensors in the signature `serving_default`."""

Precision = Literal["float32", "float16", "int8"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TensorCard(_Part):
    """One input or output of the signature `serving_default`.

    Attributes
    ----------
    name
        Name in the signature ("image", "probabilities", "embedding", "heatmap").
    tensor, index
        Name and index of the tensor in the file: conversion changes both, so a test compares them.
    shape, dtype
        As LiteRT reports them.
    """

    name: str
    tensor: str
    index: int
    shape: tuple[int, ...]
    dtype: str


class InputCard(TensorCard):
    """The picture: RGB, NHWC, the region of interest stretched to the input.

    Attributes
    ----------
    value_range
        What the bytes 0 and 255 become. It is (0, 255) where the graph prepares the picture itself; only models of the
        first generation want another one.
    """

    value_range: tuple[float, float] = (0.0, 255.0)
    fit: Literal["stretch"] = "stretch"
    interpolation: Literal["area"] = "area"


class CompanionCard(_Part):
    """A file that travels with the model."""

    file: str
    sha256: str
    bytes: int = Field(ge=0)


class DatasetCard(_Part):
    """The dataset version that the model was trained on."""

    version: str
    hash: str
    pictures: int
    groups: int


class ModelCard(_Part):
    """All that is known of one model file; `*.card.json` beside it.

    Attributes
    ----------
    name, version
        Model family and its growing version number; files of one training share both.
    file, sha256, bytes, precision
        The file that this card describes.
    labels
        Class names in output order.
    input, outputs
        The contract of signature `serving_default`.
    thresholds
        The set the verdict rule uses unless another is chosen.
    box_levels
        Evidence, as a logit of the heat map, from which a box is drawn; by class name, empty in older cards.
    calibration
        Expected calibration error of each class.
    metrics
        Evaluation of this very file, with intervals and counts.
    dataset, parent
        What it was trained on, and the model it started from.
    libraries, command, seed
        How to make it again.
    licence, attribution, intended_use
        What may be done with it, whose data it rests on, and what it must not be used for.
    companions
        Keras weights, pooled features, embedding statistics and out-of-fold scores, by role.
    """

    schema_version: Literal[1] = Field(default=SCHEMA, alias="schema")
    name: str
    version: int = Field(ge=1)
    created: str
    file: str
    sha256: str
    bytes: int = Field(gt=0)
    precision: Precision
    labels: tuple[str, ...]
    input: InputCard
    outputs: tuple[TensorCard, ...]
    thresholds: ThresholdSet
    box_levels: dict[str, float] = Field(default_factory=dict)
    calibration: dict[str, float]
    metrics: dict[str, Any]
    dataset: DatasetCard
    parent: str | None
    libraries: dict[str, str]
    command: str
    seed: int
    licence: str
    attribution: str
    intended_use: str
    companions: dict[str, CompanionCard]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def is_first_generation(self) -> bool:
        """Whether it gives scores alone: no embedding, so no distance, and no heat map, so no places."""
        return [tensor.name for tensor in self.outputs] == [PROBABILITIES]

    def output(self, name: str) -> TensorCard:
        """The output of that signature name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for tensor in self.outputs:
            if tensor.name == name:
                return tensor
        raise KeyError(name)
