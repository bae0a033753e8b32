"""A model file with its card, checked before it is trusted."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from weldspot_desktop import labels, paths
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.model import embedded
from weldspot_desktop.model.card import ModelCard
from weldspot_desktop.model.distance import EmbeddingStatistics

CARD_SUFFIX = ".card.json"


class ModelFileError(ExpectedError):
    """The model file or its card cannot be used."""


@dataclass(frozen=True)
class ModelFile:
    """A model file that was read, whose bytes match its card, and which speaks our seven classes.

    Attributes
    ----------
    path
        Where it lies.
    card
        Its card.
    content
        The bytes, held once and shared by all sessions.
    statistics
        Statistics of the training embeddings, for the distance; None if the card has no such companion.
    """

    path: Path
    card: ModelCard
    content: bytes
    statistics: EmbeddingStatistics | None

    @classmethod
    def open(cls, path: Path) -> "ModelFile":
        """Read and check a model file.

        Raises
        ------
        ModelFileError
            If file or card are missing, broken or do not belong together.
        """
        card = read_card(path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelFileError(f"The model {path.name} could not be read ({error.strerror}).") from error
        digest = hashlib.sha256(content).hexdigest()
        if digest != card.sha256:
            raise ModelFileError(
                f"The model {path.name} is not the file its card describes.",
                "It was altered or only partly copied: copy model and card again.",
            )
        if card.labels != labels.CLASSES:
            raise ModelFileError(f"The model {path.name} knows other classes: {', '.join(card.labels)}.")
        statistics = None
        companion = card.companions.get("embedding_statistics")
        if companion is not None:
            statistics = EmbeddingStatistics.load(path.with_name(companion.file), companion.sha256)
        return cls(path, card, content, statistics)

    @property
    def title(self) -> str:
        """Short name for people: "weld 7 · int8"."""
        return f"{self.card.name} {self.card.version} · {self.card.precision}"


def save(path: Path, graph: bytes, card: ModelCard) -> ModelCard:
    """Write a model file with labels and card inside, and its card beside it.

    Parameters
    ----------
    path
        Of the model file; an older one is replaced.
    graph
        Its graph; what is embedded in it is replaced.
    card
        What is known of it; name of the file, hash and size are filled in.

    Returns
    -------
    ModelCard
        The card beside the file.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    told = card.model_copy(update={"file": path.name})
    content = embedded.embed(graph, told)
    whole = told.model_copy(update={"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)})
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)
    paths.write_whole(card_path(path), whole.model_dump_json(indent=1, by_alias=True) + "\n")
    return whole


def card_path(model: Path) -> Path:
    """Where the card of a model file lies."""
    return model.with_name(model.name + CARD_SUFFIX)


def read_card(model: Path) -> ModelCard:
    """The card of a model file.

    Raises
    ------
    ModelFileError
        If it is missing or not valid.
    """
    path = card_path(model)
    try:
        return ModelCard.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFileError(f"The model {model.name} has no card.", f"Put {path.name} beside it.") from error
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise ModelFileError(f"The card {path.name} cannot be used: {error}") from error
