"""The list of models: what is on it, in which states, and how a person names one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.model.card import ModelCard
from weldspot_desktop.model.file import read_card
from weldspot_desktop.registry import active
from weldspot_desktop.registry.active import STARTER_NUMBER, starter_model
from weldspot_desktop.store.schema import ModelVersion, Publication


class RegistryError(ExpectedError):
    """A change of the models that is not possible or not allowed."""


class Origin(StrEnum):
    """Where a model comes from."""

    SHIPPED = "shipped"
    TRAINING = "training"
    IMPORT = "import"


class State(StrEnum):
    """Where a model stands; active and published may hold at once."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True)
class Listed:
    """A model of the list.

    Attributes
    ----------
    number
        Place in the list; 0 is the starter model.
    name, version
        As its card says; two trainings may share them, the number tells them apart.
    path, sha256
        Of the file that judges.
    files
        Every file with `file`, `sha256`, `bytes` and `precision`, in the folder of `path`.
    origin, source
        Where it comes from: a kind, and the name of the job or file.
    created, person
        When and by whom it was taken in; None for the starter model.
    states
        All that hold; never empty.
    published_at
        Destinations where it is in force.
    """

    number: int
    name: str
    version: int
    path: Path
    sha256: str
    files: tuple[dict[str, Any], ...]
    origin: Origin
    source: str
    created: datetime | None
    person: str | None
    states: frozenset[State]
    published_at: tuple[str, ...]

    @property
    def title(self) -> str:
        """Short name for people: "weld 4 (model 2)"."""
        return f"{self.name} {self.version} (model {self.number})"

    def file_of(self, precision: str) -> Path:
        """The file of a precision.

        Raises
        ------
        RegistryError
            If there is none.
        """
        for file in self.files:
            if file["precision"] == precision:
                return self.path.with_name(str(file["file"]))
        known = ", ".join(str(file["precision"]) for file in self.files)
        raise RegistryError(f"{self.title} has no {precision} file, only {known}.", "weldspot convert makes one.")


def every(session: Session, folder: Path) -> list[Listed]:
    """All models, the starter model first.

    Parameters
    ----------
    folder
        The workspace's models.
    """
    in_use = active.number(session)
    published = in_force(session)
    rows = session.scalars(select(ModelVersion).order_by(ModelVersion.id))
    return [
        _starter(in_use, published.get(None, ())),
        *(_listed(row, folder, in_use, published.get(row.id, ())) for row in rows),
    ]


def find(listed: Sequence[Listed], text: str) -> Listed:
    """The model that a text names: its number, the start of its hash (at least 8 digits), or "starter".

    Raises
    ------
    RegistryError
        If there is none, or several.
    """
    wanted = text.strip().casefold()
    if wanted.isdecimal() and len(wanted) < 8:
        found = [model for model in listed if model.number == int(wanted)]
    elif wanted == "starter":
        found = [model for model in listed if model.number == STARTER_NUMBER]
    else:
        found = [model for model in listed if len(wanted) >= 8 and model.sha256.startswith(wanted)]
    if len(found) != 1:
        raise RegistryError(f"There is no model “{text}”.", "See weldspot models list for their numbers.")
    return found[0]


def in_force(session: Session) -> dict[int | None, tuple[str, ...]]:
    """Destinations by the model that is in force there."""
    newest = select(func.max(Publication.id)).group_by(Publication.destination)
    rows = session.execute(
        select(Publication.model_id, Publication.destination).where(Publication.id.in_(newest)).order_by(Publication.id)
    )
    found: dict[int | None, tuple[str, ...]] = {}
    for model, destination in rows:
        found[model] = (*found.get(model, ()), destination)
    return found


def _states(number: int, in_use: int, published: Sequence[str], retired: datetime | None) -> frozenset[State]:
    states = {
        State.RETIRED: retired is not None,
        State.ACTIVE: number == in_use,
        State.PUBLISHED: bool(published),
    }
    return frozenset(state for state, holds in states.items() if holds) or frozenset({State.CANDIDATE})


def _starter(in_use: int, published: tuple[str, ...]) -> Listed:
    path = starter_model()
    cards = [read_card(file) for file in sorted(path.parent.glob(f"{_family(read_card(path))}-*.tflite"))]
    card = read_card(path)
    return Listed(
        STARTER_NUMBER,
        card.name,
        card.version,
        path,
        card.sha256,
        tuple({"file": c.file, "sha256": c.sha256, "bytes": c.bytes, "precision": c.precision} for c in cards),
        Origin.SHIPPED,
        "ships with the program",
        None,
        None,
        _states(STARTER_NUMBER, in_use, published, None),
        published,
    )


def _family(card: ModelCard) -> str:
    return f"{card.name}-{card.version}"


def _listed(row: ModelVersion, folder: Path, in_use: int, published: tuple[str, ...]) -> Listed:
    return Listed(
        row.id,
        row.name,
        row.version,
        folder / row.folder / row.file,
        row.sha256,
        tuple(row.files),
        Origin(row.origin),
        row.source,
        row.created,
        row.person.name if row.person is not None else None,
        _states(row.id, in_use, published, row.retired),
        published,
    )
