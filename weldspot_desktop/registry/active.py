"""The model that window, folders and command line use: the workspace's choice, else the starter model."""

from pathlib import Path
from typing import Final

from weldspot_desktop import paths
from weldspot_desktop.model import ModelFile, ModelFileError

STARTER: Final = "weld-3-int8.tflite"
"""The shipped model; beside it lie its card, its companions and the float16 file."""


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
        raise ModelFileError(f"There is no model file {chosen}.")
    return ModelFile.open(chosen if chosen is not None else starter_model())
