"""A named set of thresholds, two for each class."""

import hashlib
import json
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from weldspot_desktop import labels


class ThresholdSet(BaseModel):
    """Thresholds of the verdict rule; immutable, and named by what it holds.

    Attributes
    ----------
    name
        What people call it ("balanced").
    lower, upper
        Seven scores each, 0 to 1, in class order. A defect score under `lower` is absent, at or over
        `upper` is present, between them unsure. Background and Good Welding use `upper` alone.
    distance_limit
        Largest distance to the training data that is still judged; None judges everything.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1, max_length=80)
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    distance_limit: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.lower) != labels.COUNT or len(self.upper) != labels.COUNT:
            raise ValueError(f"a threshold set holds {labels.COUNT} lower and {labels.COUNT} upper values")
        for name, low, high in zip(labels.CLASSES, self.lower, self.upper, strict=True):
            if not 0 <= low <= high <= 1:
                raise ValueError(f"{name}: thresholds must satisfy 0 <= lower ({low}) <= upper ({high}) <= 1")
        return self

    @property
    def digest(self) -> str:
        """First twelve hexadecimal digits of the SHA-256 of the values: two sets with one digest judge alike."""
        values = json.dumps([self.lower, self.upper, self.distance_limit])
        return hashlib.sha256(values.encode()).hexdigest()[:12]
