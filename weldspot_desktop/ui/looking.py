"""Looking at a kept picture once more: how large, and with which model."""

from dataclasses import dataclass
from typing import Final

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.verdict import ThresholdSet

ENOUGH: Final = (2000, 2000)
"""A JPEG is not decoded larger than needed to look at it."""


@dataclass(frozen=True)
class ModelInForce:
    """The model in use, as pages name it.

    Attributes
    ----------
    title, sha256
        Name with version, and the file's hash.
    thresholds
        The set in force.
    """

    title: str
    sha256: str
    thresholds: ThresholdSet


def model_in_force(context: Context) -> ModelInForce:
    """Ask beside the window: the model may have to be opened.

    Raises
    ------
    ModelFileError, StoreError, ThresholdSetError
        If model, workspace or the chosen set cannot be used.
    """
    return ModelInForce(context.model.title, context.model.card.sha256, context.thresholds())


def current_inspector(context: Context, before: Inspector | None) -> Inspector:
    """The inspector that looked last, as long as it judges as one made now would: it has its interpreter open.

    Raises
    ------
    ModelFileError, StoreError, ThresholdSetError
        If model, workspace or the chosen set cannot be used.
    """
    new = context.inspector()
    if before is not None and _judges_as(before) == _judges_as(new):
        return before
    return new


def _judges_as(inspector: Inspector) -> tuple[str, str, str]:
    return inspector.model.card.sha256, inspector.thresholds.digest, inspector.manner
