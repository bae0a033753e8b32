"""Sentences about uploads and their decisions, the same in the window and on the command line."""

from collections.abc import Mapping, Sequence

from weldspot_desktop import labels
from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.schema import UploadDecision
from weldspot_desktop.store.uploads import State


def classes(bits: int | None) -> str:
    """Class bits as names; "not said" for None, "none" for no class."""
    if bits is None:
        return "not said"
    return ", ".join(labels.names(index for index in range(labels.COUNT) if bits >> index & 1)) or "none"


def scores(values: Sequence[float] | None) -> str:
    """The scores that say something, the largest first; "none" where there are no scores at all."""
    if values is None:
        return "none"
    ranked = sorted(enumerate(values), key=lambda pair: -pair[1])
    told = [pair for place, pair in enumerate(ranked) if place == 0 or pair[1] >= 0.1]
    return ", ".join(f"{labels.CLASSES[index]} {value:.2f}" for index, value in told)


def decision(row: UploadDecision) -> str:
    """One decision, with who and when in the time of this place."""
    when = row.at.astimezone().strftime("%Y-%m-%d %H:%M")
    what = {
        Action.CONFIRMED: "Confirmed",
        Action.CORRECTED: "Corrected",
        Action.REJECTED: "Rejected",
        Action.FLAGGED: "Flagged for a second opinion",
        Action.REOPENED: "Reopened",
        Action.UNDONE: f"Decision {row.undoes} taken back",
        Action.RENAMED: "Given a name that can be read",
    }[Action(row.action)]
    settled = f": {classes(row.labels)}" if row.action in (Action.CONFIRMED, Action.CORRECTED) else ""
    boxes = f", {len(row.boxes)} {'box' if len(row.boxes) == 1 else 'boxes'}" if row.boxes else ""
    reason = f" ({row.reason})" if row.reason and row.action != Action.UNDONE else ""
    return f"{what}{settled}{boxes} by {row.person.name}, {when}{reason}"


def counts(found: Mapping[State, int]) -> str:
    """How many are in each state that has any."""
    parts = [f"{number} {state}" for state, number in found.items() if number]
    return ", ".join(parts) or "No uploads yet"
