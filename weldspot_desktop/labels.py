"""The seven classes, in the one order that every file, table and model of the project uses."""

from collections.abc import Iterable
from typing import Final

CLASSES: Final[tuple[str, ...]] = (
    "Background",
    "Bad Welding",
    "Crack",
    "Excess Reinforcement",
    "Good Welding",
    "Porosity",
    "Splatters",
)
"""Class names; the index in this tuple is the class index everywhere (0 to 6)."""

COUNT: Final[int] = len(CLASSES)
BACKGROUND: Final[int] = CLASSES.index("Background")
GOOD_WELDING: Final[int] = CLASSES.index("Good Welding")
DEFECTS: Final[tuple[int, ...]] = tuple(
    CLASSES.index(name) for name in ("Bad Welding", "Crack", "Excess Reinforcement", "Porosity", "Splatters")
)
"""Indices of the five classes that are imperfections."""

WELD_CLASSES: Final[tuple[int, ...]] = tuple(i for i in range(COUNT) if i != BACKGROUND)
"""Indices of the six classes that say something about a weld."""

_ALIASES: Final[dict[str, str]] = {"spatters": "Splatters", "spatter": "Splatters", "splatter": "Splatters"}


class UnknownClassError(ValueError):
    """A class name that is none of the seven and no known spelling of one."""


def class_index(name: str) -> int:
    """Index of a class by name; case, underscores and known other spellings are forgiven.

    Raises
    ------
    UnknownClassError
        If the name is none of the seven.
    """
    folded = " ".join(name.replace("_", " ").replace("-", " ").split()).casefold()
    wanted = _ALIASES.get(folded, folded).casefold()
    for index, known in enumerate(CLASSES):
        if known.casefold() == wanted:
            return index
    raise UnknownClassError(f"“{name}” is none of the seven classes ({', '.join(CLASSES)})")


def names(indices: Iterable[int]) -> list[str]:
    """Class names of indices, in class order, each once."""
    return [CLASSES[i] for i in sorted(set(indices))]
