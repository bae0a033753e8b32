"""Copying the files of a model into the workspace, checked, as a folder that appears whole or not at all."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.model import ModelCard, ModelFile, Session
from weldspot_desktop.model.file import CARD_SUFFIX, card_path, read_card

PREFERRED: Final = ("int8", "float16", "float32")
"""Which file of a model judges: the fastest that there is."""


class TakingInError(ExpectedError):
    """Files of a model that cannot be taken into the workspace."""


@dataclass(frozen=True)
class Taken:
    """A model's folder in the workspace.

    Attributes
    ----------
    folder
        Where it lies.
    file, card
        Name and card of the file that judges.
    files
        Every model file with `file`, `sha256`, `bytes` and `precision`.
    """

    folder: Path
    file: str
    card: ModelCard
    files: tuple[Mapping[str, Any], ...]


def from_folder(source: Path, models: Path) -> Taken:
    """Copy the model files of a folder, with cards and companions, into the workspace.

    Parameters
    ----------
    source
        The `model` folder of a job, or a folder that was made like it.
    models
        The workspace's models.

    Raises
    ------
    TakingInError, ModelFileError
        If there are no model files, they are not of one training, or one of them is not what its card says.
    """
    cards = {path.name: read_card(path) for path in sorted(source.glob("*.tflite"))}
    if not cards:
        raise TakingInError(
            f"There is no model in {source}.", "A finished job has one; see the page Train or weldspot train."
        )
    if len({(card.name, card.version, card.dataset.hash) for card in cards.values()}) != 1:
        raise TakingInError(f"The model files in {source} are not of one training.", "Nothing was taken in.")
    contents = {}
    for name, card in cards.items():
        opened = ModelFile.open(source / name)
        Session(opened)
        contents[name] = opened.content
        contents[f"{name}{CARD_SUFFIX}"] = card_path(source / name).read_bytes()
        contents |= companions(source, card)
    return write(contents, cards, models)


def preferred(folder: Path, precision: str | None = None) -> Path:
    """The file of a model's folder that judges, or the one of a precision.

    Raises
    ------
    TakingInError, ModelFileError
        If there is none.
    """
    by_precision = {read_card(path).precision: path for path in sorted(folder.glob("*.tflite"))}
    for wanted in PREFERRED if precision is None else (precision,):
        for known, path in by_precision.items():
            if known == wanted:
                return path
    raise TakingInError(f"There is no {precision or 'model'} file in {folder}.")


def companions(source: Path, card: ModelCard) -> dict[str, bytes]:
    """The files that travel with a model, by name.

    Raises
    ------
    TakingInError
        If one is missing or is not the one that the card names.
    """
    return {found.file: _companion(source, found.file, found.sha256) for found in card.companions.values()}


def write(contents: Mapping[str, bytes], cards: Mapping[str, ModelCard], models: Path) -> Taken:
    """Write the files of a model, and their cards by name of the model file, into a folder of their own.

    Raises
    ------
    TakingInError
        If the disk does not take them; nothing of them is left then.
    """
    by_precision = {card.precision: name for name, card in cards.items()}
    file = next(by_precision[precision] for precision in PREFERRED if precision in by_precision)
    card = cards[file]
    folder = models / f"{card.name}-{card.version}-{card.sha256[:12]}"
    files = tuple(
        {"file": name, "sha256": cards[name].sha256, "bytes": cards[name].bytes, "precision": precision}
        for precision, name in by_precision.items()
    )
    try:
        models.mkdir(parents=True, exist_ok=True)
        if not _holds(folder, contents):
            temporary = models / f".taking-in-{secrets.token_hex(6)}"
            temporary.mkdir()
            try:
                for name, content in contents.items():
                    _write(temporary / name, content)
                # What lies under the name is a part of an attempt that was killed, or was altered.
                shutil.rmtree(folder, ignore_errors=True)
                temporary.rename(folder)
            except BaseException:
                shutil.rmtree(temporary, ignore_errors=True)
                raise
    except OSError as error:
        raise TakingInError(
            f"The model could not be copied into the workspace: {error.strerror or error}.",
            "Nothing was changed. Check the free space and the rights of the folder.",
        ) from error
    return Taken(folder, file, card, files)


def _companion(source: Path, name: str, sha256: str) -> bytes:
    """The bytes of a companion beside a model; the card's word for its name is a stranger's."""
    if Path(name).name != name or name.startswith("."):
        raise TakingInError(f"The card names a companion outside its folder: {name!r}.", "Nothing was taken in.")
    try:
        content = (source / name).read_bytes()
    except OSError as error:
        raise TakingInError(
            f"{name}, which belongs to the model, could not be read: {error.strerror}.", "Nothing was taken in."
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise TakingInError(f"{name} is not the file that the model's card names.", "Nothing was taken in.")
    return content


def _holds(folder: Path, contents: Mapping[str, bytes]) -> bool:
    try:
        return all((folder / name).read_bytes() == content for name, content in contents.items())
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
