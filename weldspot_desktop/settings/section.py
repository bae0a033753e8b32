"""What all groups of settings have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A group of settings: unknown keys are refused so that a typing error is reported."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)
