"""What an audit says of a dataset, and what it looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.dataset.groups import Descriptor, near_duplicates
from weldspot_desktop.dataset.manifest import Manifest, PictureEntry
from weldspot_desktop.pictures.quality import Limits


class Weight(StrEnum):
    """How much a remark matters: for information, worth a look, or it makes results wrong."""

    NOTE = "note"
    WARNING = "warning"
    FAULT = "fault"


def counted(number: int) -> str:
    """A number of pictures, in words."""
    return "1 picture" if number == 1 else f"{number} pictures"


@dataclass(frozen=True)
class Remark:
    """One thing that was found.

    Attributes
    ----------
    kind
        Key of `audit.CHECKS`.
    weight
        How much it matters.
    sentence
        What was found.
    pictures
        SHA-256 of those concerned, the ones to look at first in front; empty if it concerns all.
    values
        Figures by name; JSON values only.
    """

    kind: str
    weight: Weight
    sentence: str
    pictures: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The remark as JSON values."""
        return {
            "kind": self.kind,
            "weight": self.weight.value,
            "sentence": self.sentence,
            "pictures": list(self.pictures),
            "values": dict(self.values),
        }


@dataclass(frozen=True)
class Seen:
    """What a look at one picture gave.

    Attributes
    ----------
    width, height
        Pixels, upright.
    descriptor
        For comparing it with others.
    quality
        Measures of `pictures.quality`.
    """

    width: int
    height: int
    descriptor: Descriptor
    quality: Mapping[str, float]


@dataclass(frozen=True)
class Scores:
    """Scores of models that had not learned from the pictures.

    Attributes
    ----------
    of : SHA-256 → (7,) scores, 0 to 1
    origin : where they come from, as a person says it
    """

    of: Mapping[str, NDArray[np.floating]]
    origin: str


@dataclass(frozen=True)
class Subject:
    """What is audited.

    Attributes
    ----------
    manifest
        The version.
    seen
        A look at every picture that could be read, by SHA-256.
    scores
        None where there are none: label errors are not looked for then.
    limits
        What pictures are fit to be judged.
    smallest_side
        Pixels that the shorter side should have: what the model takes in.
    """

    manifest: Manifest
    seen: Mapping[str, Seen]
    scores: Scores | None
    limits: Limits
    smallest_side: int

    @cached_property
    def alike(self) -> list[tuple[PictureEntry, PictureEntry]]:
        """Pairs of pictures that show the same pixels."""
        entries = [entry for entry in self.manifest.pictures if entry.sha256 in self.seen]
        pairs = near_duplicates([self.seen[entry.sha256].descriptor for entry in entries])
        return [(entries[first], entries[second]) for first, second in pairs.tolist()]
