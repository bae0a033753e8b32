"""Imperfections by ISO 6520-1: the reference number, its name, and the class of the model under which it falls.

The model knows five kinds; a person who measures knows more. Names are shortened. Check them against the edition of
the standard that is in force where you work.
"""

from dataclasses import dataclass
from typing import Final

from weldspot_desktop import labels


@dataclass(frozen=True)
class Imperfection:
    """One kind of imperfection.

    Attributes
    ----------
    code
        Reference number of ISO 6520-1.
    name
        Its name.
    class_index
        The model's class, 0 to 6.
    """

    code: str
    name: str
    class_index: int

    @property
    def title(self) -> str:
        return f"{self.code} {self.name}"


_CRACK, _PORE, _HIGH = (labels.CLASSES.index(name) for name in ("Crack", "Porosity", "Excess Reinforcement"))
_SPATTER, _BAD = (labels.CLASSES.index(name) for name in ("Splatters", "Bad Welding"))

IMPERFECTIONS: Final[tuple[Imperfection, ...]] = (
    Imperfection("100", "Crack", _CRACK),
    Imperfection("104", "Crater crack", _CRACK),
    Imperfection("2011", "Gas pore", _PORE),
    Imperfection("2013", "Clustered porosity", _PORE),
    Imperfection("2017", "Surface pore", _PORE),
    Imperfection("2025", "End crater pipe", _PORE),
    Imperfection("401", "Lack of fusion", _BAD),
    Imperfection("402", "Incomplete penetration", _BAD),
    Imperfection("5011", "Continuous undercut", _BAD),
    Imperfection("5012", "Intermittent undercut", _BAD),
    Imperfection("502", "Excess weld metal", _HIGH),
    Imperfection("503", "Excessive convexity", _HIGH),
    Imperfection("504", "Excess penetration", _HIGH),
    Imperfection("505", "Incorrect weld toe", _BAD),
    Imperfection("506", "Overlap", _BAD),
    Imperfection("507", "Linear misalignment", _BAD),
    Imperfection("509", "Sagging", _BAD),
    Imperfection("510", "Burn-through", _BAD),
    Imperfection("511", "Incompletely filled groove", _BAD),
    Imperfection("512", "Excessive asymmetry of fillet weld", _BAD),
    Imperfection("515", "Root concavity", _BAD),
    Imperfection("517", "Poor restart", _BAD),
    Imperfection("601", "Stray arc", _BAD),
    Imperfection("602", "Spatter", _SPATTER),
)
"""What can be seen on a surface, in the order of the standard."""

BY_CODE: Final[dict[str, Imperfection]] = {kind.code: kind for kind in IMPERFECTIONS}
