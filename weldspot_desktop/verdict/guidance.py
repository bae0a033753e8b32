"""What a suspicion means and what to do about it: codes, usual causes, remedies and limits of each class.

Codes are those of ISO 6520-1. The limits say what to measure against, and never that something is accepted:
acceptance needs measures that a photograph does not give.
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
    iso_5817
        Limits of ISO 5817 at levels D, C and B for a thickness over 3 mm; empty for Background and Good Welding.
    aws_d1_1
        What AWS D1.1 asks of the visual inspection; empty likewise.
    """

    code: str
    causes: str = ""
    remedies: str = ""
    iso_5817: str = ""
    aws_d1_1: str = ""


SUSPECT: Final = "Suspect: measure"
"""Head of everything that is said of a suspicion."""

LIMITS_SOURCE: Final = "Figures come from secondary sources; buy the edition before relying on a limit."


GUIDANCE: Final[tuple[Guidance, ...]] = (
    Guidance("No weld in the picture"),
    Guidance(
        "No code of its own: name the sub-cause (undercut 5011/5012, overlap 506, burn-through 510, "
        "lack of fusion 401)",
        "many; find the sub-cause",
        "check against the WPS",
        "per sub-cause",
        "per sub-cause",
    ),
    Guidance(
        "ISO 6520-1 no. 100 crack (crater crack 104)",
        "hydrogen, restraint, contamination, high S or C, no preheat, open crater",
        "preheat, low-hydrogen consumables, fill craters, redesign the joint; remove and inspect again",
        "D, C and B: not permitted",
        "any crack is rejected",
    ),
    Guidance(
        "ISO 6520-1 no. 502 excess weld metal (butt), 503 excessive convexity (fillet)",
        "current too high, travel too slow, voltage too low",
        "faster travel, higher voltage, less wire feed, dress flush",
        "butt weld, height h over width b: D h ≤ 1 mm + 0.25 b, max 10 mm; C h ≤ 1 mm + 0.15 b, max 7 mm; "
        "B h ≤ 1 mm + 0.1 b, max 5 mm",
        "groove weld: at most 3 mm, with a smooth transition",
    ),
    Guidance("No visible imperfection found; not an acceptance"),
    Guidance(
        "ISO 6520-1 no. 2017 surface pore",
        "gas flow too low or too high, draught, leak, moisture, rust, oil, paint, long arc",
        "fix the gas, clean, dry consumables, shorten the arc",
        "pore diameter d, thickness s: D d ≤ 0.3 s, max 3 mm; C d ≤ 0.2 s, max 2 mm; B none",
        "static load: pores of 1 mm or more add up to at most 10 mm in 25 mm and 20 mm in 300 mm of weld",
    ),
    Guidance(
        "ISO 6520-1 no. 602 spatter",
        "voltage too low, wire feed too high, long arc, wrong stick-out",
        "retune, clean the base metal, remove spatter",
        "depends on the application",
        "see its clause on cleaning",
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
