"""The model that window, folders and command line use: the workspace's choice, else the starter model."""

from enum import StrEnum
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weldspot_desktop import paths
from weldspot_desktop.model import ModelFile, ModelFileError
from weldspot_desktop.store.schema import ModelChoice, ModelVersion

STARTER: Final = "weld-3-int8.tflite"
"""The shipped model; beside it lie its card, its companions and the float16 file."""

STARTER_NUMBER: Final = 0
"""Its place in the list of models; it has no row there."""


class Action(StrEnum):
    """How a model came into use."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"


def starter_model() -> Path:
    """Path of the shipped model."""
    return paths.resource("models", STARTER)


def open_model(chosen: Path | None = None) -> ModelFile:
    """Open a chosen model file, or the starter model.

    Raises
    ------
    ModelFileError
        If it is missing or cannot be used.
    """
    if chosen is not None and not chosen.is_file():
        raise ModelFileError(
            f"There is no model file {chosen}.", "weldspot models rollback puts an earlier model in use."
        )
    return ModelFile.open(chosen if chosen is not None else starter_model())


def path(session: Session, folder: Path) -> Path | None:
    """The file of the model in use; None for the starter model.

    Parameters
    ----------
    folder
        The workspace's models.
    """
    row = session.get(ModelVersion, number(session))
    return folder / row.folder / row.file if row is not None else None


def number(session: Session) -> int:
    """Number of the model in use."""
    return stack(session)[-1] or STARTER_NUMBER


def mark(session: Session) -> int:
    """A number that grows whenever a model is put in use: a small question for whoever wants to notice it."""
    return session.scalar(select(func.max(ModelChoice.id))) or 0


def stack(session: Session) -> list[int | None]:
    """The models that were put in use and not rolled back from, the present one last; None is the starter model."""
    found: list[int | None] = [None]
    for action, model in session.execute(select(ModelChoice.action, ModelChoice.model_id).order_by(ModelChoice.id)):
        if action == Action.ROLLED_BACK.value:
            found.pop()
            while len(found) > 1 and found[-1] != model:
                found.pop()
        else:
            found.append(model)
    return found
