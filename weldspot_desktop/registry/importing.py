"""A model file from outside: looked at in a process of its own, shown with its hash, checked, then taken in.

A file of this program brings its card, beside it or inside it. A file of the first generation has none: one is made,
with what a person says about its scaling, which the file itself cannot tell.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from weldspot_desktop import labels
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.model import ModelCard, ModelFile, ModelFileError, Session, embedded, trial
from weldspot_desktop.model.card import EMBEDDING, HEATMAP, IMAGE, PROBABILITIES, DatasetCard, InputCard
from weldspot_desktop.model.file import CARD_SUFFIX, card_path
from weldspot_desktop.model.trial import Seen
from weldspot_desktop.registry import card_shape, taking_in
from weldspot_desktop.registry.taking_in import Taken
from weldspot_desktop.verdict import ThresholdSet

LARGEST_BYTES: Final = 300_000_000
"""Of a model file: ours have 4 to 14 MB."""

_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")
_SUM_OF_SHARES: Final = 1e-3


class ModelImportError(ExpectedError):
    """A model file that is not taken in."""


class Scaling(StrEnum):
    """What the bytes of a picture become before a model of the first generation sees them."""

    BYTES = "0..255"
    UNIT = "0..1"
    SIGNED = "-1..1"

    @property
    def range(self) -> tuple[float, float]:
        """Values of the bytes 0 and 255."""
        return {Scaling.BYTES: (0.0, 255.0), Scaling.UNIT: (0.0, 1.0), Scaling.SIGNED: (-1.0, 1.0)}[self]


FIRST_GENERATION_THRESHOLDS: Final = ThresholdSet(
    name="first generation", lower=(0.4,) * labels.COUNT, upper=(0.6,) * labels.COUNT
)
"""Such files bring no thresholds. 0.6 is the class threshold that they were used with; what is 0.2 less is doubtful."""


@dataclass(frozen=True)
class Offered:
    """A model file that could be taken in.

    Attributes
    ----------
    path, sha256, content
        The file, its hash to be compared by a person, and its bytes.
    card
        Its card; None where the file has none and one has to be made.
    """

    path: Path
    sha256: str
    content: bytes
    card: ModelCard | None

    @property
    def bytes(self) -> int:
        return len(self.content)


def look(path: Path) -> Offered:
    """Read a file and its card; the graph is not opened yet.

    Raises
    ------
    ModelImportError
        If file or card cannot be read or do not belong together.
    """
    try:
        if not path.is_file():
            raise ModelImportError(f"There is no model file {path}.")
        if path.stat().st_size > LARGEST_BYTES:
            raise ModelImportError(f"{path.name} is too large to be a model: over {LARGEST_BYTES // 1_000_000} MB.")
        content = path.read_bytes()
        beside = card_path(path)
        text = None
        if beside.is_file():
            if beside.stat().st_size > embedded.LARGEST_CARD:
                raise ModelImportError(f"{beside.name} is too large to be a card.")
            text = beside.read_bytes()
    except OSError as error:
        raise ModelImportError(f"{path.name} could not be read: {error.strerror}.") from error
    digest = hashlib.sha256(content).hexdigest()
    if not content:
        raise ModelImportError(f"{path.name} is empty.")
    card = _card_beside(text, beside.name, digest) if text is not None else _card_inside(content, path.name, digest)
    return Offered(path, digest, content, card)


def take_in(
    offered: Offered,
    models: Path,
    *,
    scaling: Scaling | None = None,
    name: str | None = None,
    version: int = 1,
    licence: str = "",
) -> Taken:
    """Check a file in a child process and copy it, with its card and companions, into the workspace.

    Parameters
    ----------
    offered
        From `look`.
    models
        The workspace's models.
    scaling
        For a file of the first generation: what its network was trained on. It must be stated.
    name, version, licence
        For the card that is made; the name is taken from the file if none is given.

    Raises
    ------
    ModelImportError, ModelFileError, TakingInError
        If the file breaks the contract or cannot be copied.
    """
    # A first look through the card's own eyes would run the stranger's graph in this process: first the child's.
    given = offered.card
    value_range = given.input.value_range if given is not None else (scaling or Scaling.BYTES).range
    temporary = models / f".checking-{secrets.token_hex(6)}.tflite"
    try:
        models.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(offered.content)
    except OSError as error:
        raise ModelImportError(f"The file could not be copied into the workspace: {error.strerror}.") from error
    try:
        seen = trial.open_apart(temporary, value_range)
    except ModelFileError as error:
        raise ModelImportError(error.what.replace(temporary.name, offered.path.name), error.advice) from error
    finally:
        temporary.unlink(missing_ok=True)
    if given is not None:
        if scaling is not None and not given.is_first_generation:
            raise ModelImportError(
                f"{offered.path.name} has a card, which says how pictures are scaled.", "Leave the scaling out."
            )
        _check_contract(offered.path.name, seen, given)
        card = given
        companions = taking_in.companions(offered.path.parent, card)
    else:
        card = _made_card(offered, seen, scaling, name, version, licence)
        companions = {}
    file = f"{card.name}-{card.version}-{card.precision}.tflite"
    card = card.model_copy(update={"file": file})
    text = card.model_dump_json(indent=1, by_alias=True) + "\n"
    contents = {file: offered.content, f"{file}{CARD_SUFFIX}": text.encode()} | companions
    if len(contents) != 2 + len(companions):
        raise ModelImportError(f"The card of {offered.path.name} gives two files one name.")
    taken = taking_in.write(contents, {file: card}, models)
    # The same way that judging takes; the child has shown that it does no harm.
    Session(ModelFile.open(taken.folder / taken.file))
    return taken


def _card_beside(text: bytes, name: str, digest: str) -> ModelCard:
    try:
        card = ModelCard.model_validate_json(text)
    except (ValidationError, ValueError, RecursionError) as error:
        raise ModelImportError(f"The card {name} is not valid: {str(error)[:300]}.") from error
    if card.sha256 != digest:
        raise ModelImportError(
            f"The card {name} describes another file.", "It was altered or only partly copied: copy both again."
        )
    return _checked(card, name)


def _card_inside(content: bytes, name: str, digest: str) -> ModelCard | None:
    card = embedded.card_in(content)
    if card is None:
        return None
    # Companions are not in the file; without them there is no distance to the training data and no retraining.
    update = {"sha256": digest, "bytes": len(content), "companions": {}}
    return _checked(card.model_copy(update=update), name)


def _checked(card: ModelCard, name: str) -> ModelCard:
    if card.labels != labels.CLASSES:
        raise ModelImportError(
            f"The model knows other classes, or in another order: {', '.join(card.labels)[:300]}.",
            f"Needed are {', '.join(labels.CLASSES)}.",
        )
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", card.name):
        raise ModelImportError(f"The card of {name} gives the model a name that cannot be used.")
    if fault := card_shape.fault(card):
        raise ModelImportError(f"The card of {name} cannot be used: {fault}.")
    return card


def _check_contract(name: str, seen: Seen, card: ModelCard) -> None:
    """The graph is what the card says; what the session checks again with the file in place."""
    told: Mapping[str, Any] = {t.name: (t.tensor, t.shape, t.dtype) for t in (card.input, *card.outputs)}
    found = {t.name: (t.tensor, t.shape, t.dtype) for t in (seen.input, *seen.outputs)}
    if card.is_first_generation:
        # Its own names may mean anything: places count.
        found = dict(zip((IMAGE, PROBABILITIES), found.values(), strict=False))
    elif not seen.has_signature:
        raise ModelImportError(f"{name} has no signature serving_default.")
    elif set(found) != {IMAGE, PROBABILITIES, EMBEDDING, HEATMAP}:
        raise ModelImportError(
            f"{name} has the tensors {', '.join(sorted(found))[:200]}; needed are {IMAGE}, {PROBABILITIES}, "
            f"{EMBEDDING} and {HEATMAP}."
        )
    for tensor, values in told.items():
        if found.get(tensor) != values:
            raise ModelImportError(f"{name}: {tensor} is {found.get(tensor)}, its card says {values}.")
    _check_scores(name, seen.scores)


def _check_scores(name: str, scores: Sequence[Sequence[float]]) -> None:
    if not scores:
        raise ModelImportError(f"{name} does not give {labels.COUNT} scores.")
    # Comparisons with NaN are false.
    if not all(-1e-6 <= score <= 1 + 1e-6 for row in scores for score in row):
        raise ModelImportError(f"{name} gives scores outside 0 to 1: its outputs are no sigmoids.")


def _made_card(
    offered: Offered, seen: Seen, scaling: Scaling | None, name: str | None, version: int, licence: str
) -> ModelCard:
    """A card for a file of the first generation, which says what is not known."""
    file = offered.path.name
    if len(seen.outputs) != 1:
        raise ModelImportError(
            f"{file} has no card and gives {len(seen.outputs)} outputs.",
            f"Put {file}{CARD_SUFFIX} beside it. Only files with a single output are taken in without one.",
        )
    if seen.input.dtype != "float32" or seen.outputs[0].dtype != "float32":
        raise ModelImportError(
            f"{file} has no card and computes {seen.input.dtype} to {seen.outputs[0].dtype}.",
            "Without a card only float32 files of the first generation are taken in.",
        )
    _check_scores(file, seen.scores)
    if all(abs(sum(row) - 1) < _SUM_OF_SHARES for row in seen.scores):
        raise ModelImportError(
            f"The seven scores of {file} always add up to one: it tells one class from the others.",
            "Needed are seven independent scores (sigmoids), because a weld can show several classes.",
        )
    if scaling is None:
        raise ModelImportError(
            f"{file} has no card: it is a model of the first generation, and cannot say how pictures are scaled.",
            f"State what it was trained on: {', '.join(Scaling)}. A wrong scaling makes its scores noise.",
        )
    tidy = _NAME.sub("-", name or offered.path.stem).strip("-")[:32] or "imported"
    return ModelCard(
        name=tidy,
        version=version,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        file=file,
        sha256=offered.sha256,
        bytes=offered.bytes,
        precision="float32",
        labels=labels.CLASSES,
        input=InputCard(
            **(seen.input.model_dump() | {"name": IMAGE}),
            value_range=scaling.range,
        ),
        outputs=(seen.outputs[0].model_copy(update={"name": PROBABILITIES}),),
        thresholds=FIRST_GENERATION_THRESHOLDS,
        calibration={},
        metrics={},
        dataset=DatasetCard(version="unknown", hash="", pictures=0, groups=0),
        parent=None,
        libraries={},
        command=f"weldspot models import --scaling {scaling}",
        seed=0,
        licence=licence or "not stated",
        attribution="not stated",
        intended_use="A model of the first generation, taken in from outside: it was not measured here. It gives no "
        "heat map and knows no distance to its training data.",
        companions={},
    )
