"""Model files: open one, check that it is what its card says, run it. The only importer of LiteRT."""

from weldspot_desktop.model.card import ModelCard
from weldspot_desktop.model.file import ModelFile, ModelFileError
from weldspot_desktop.model.session import Prediction, Session

__all__ = ["ModelCard", "ModelFile", "ModelFileError", "Prediction", "Session"]
