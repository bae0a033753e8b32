"""What a suspicion means and what to do about it: codes, usual causes and remedies of each class.

Codes are those of ISO 6520-1. Nothing here is an acceptance level: acceptance needs measures that a
photograph does not give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.verdict.rule import Judgement, Verdict


@dataclass(frozen=True)
class Guidance:
    """What to know of one class.

    Attributes
    ----------
    code
        ISO 6520-1 number with its name, or why there is none.
    causes
        What usually leads to it; empty for Background and Good Welding.
    remedies
        What usually helps; empty for Background and Good Welding.
    """

    code: str
    causes: str = ""
    remedies: str = ""


GUIDANCE: Final[tuple[Guidance, ...]] = (
    Guidance("No weld in the picture"),
    Guidance(
        "No code of its own: name the sub-cause (undercut 5011/5012, overlap 506, burn-through 510, "
        "lack of fusion 401)",
        "many; find the sub-cause",
        "check against the WPS",
    ),
    Guidance(
        "ISO 6520-1 no. 100 crack (crater crack 104)",
        "hydrogen, restraint, contamination, high S or C, no preheat, open crater",
        "preheat, low-hydrogen consumables, fill craters, redesign the joint; remove and inspect again",
    ),
    Guidance(
        "ISO 6520-1 no. 502 excess weld metal (butt), 503 excessive convexity (fillet)",
        "current too high, travel too slow, voltage too low",
        "faster travel, higher voltage, less wire feed, dress flush",
    ),
    Guidance("No visible imperfection found; not an acceptance"),
    Guidance(
        "ISO 6520-1 no. 2017 surface pore",
        "gas flow too low or too high, draught, leak, moisture, rust, oil, paint, long arc",
        "fix the gas, clean, dry consumables, shorten the arc",
    ),
    Guidance(
        "ISO 6520-1 no. 602 spatter",
        "voltage too low, wire feed too high, long arc, wrong stick-out",
        "retune, clean the base metal, remove spatter",
    ),
)
"""One for each class, in class order."""

assert len(GUIDANCE) == labels.COUNT


def reason_line(judgement: Judgement) -> str:
    """The line under the verdict: for DEFECT the classes and always "suspect: measure", else the rule's reason."""
    if judgement.verdict is Verdict.DEFECT:
        return f"{', '.join(labels.names(judgement.classes))} – suspect: measure"
    return judgement.reason


def deciding_class(judgement: Judgement, scores: Sequence[float]) -> int:
    """The class that a heat map shows unless another is chosen.

    The strongest of those that decided the verdict; where none did, the strongest defect.
    """
    return max(judgement.classes or labels.DEFECTS, key=lambda index: scores[index])
