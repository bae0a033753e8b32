"""Thresholds while somebody tries them: changes with undo, nothing saved. Qt-free."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.registry.threshold_presets import Proposal
from weldspot_desktop.verdict import ThresholdSet

_DIGITS: Final = 4
_MOST_STEPS: Final = 500


class Bound(StrEnum):
    """Which of the two thresholds of a class."""

    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True)
class _Step:
    thresholds: ThresholdSet
    proposal: Proposal | None


class ThresholdDraft:
    """Values on their way from the set in force to a new one.

    Parameters
    ----------
    base
        The set in force.
    """

    def __init__(self, base: ThresholdSet) -> None:
        self._base = base
        self._now = _Step(base, None)
        self._past: list[_Step] = []
        self._future: list[_Step] = []
        self._gesture: object | None = None

    @property
    def base(self) -> ThresholdSet:
        """The set in force."""
        return self._base

    @property
    def thresholds(self) -> ThresholdSet:
        """The values as they are now."""
        return self._now.thresholds

    @property
    def proposal(self) -> Proposal | None:
        """The preset whose values these are, untouched; None after a change by hand."""
        return self._now.proposal

    @property
    def changed(self) -> bool:
        """Whether the values differ from the set in force."""
        return self.thresholds.digest != self._base.digest

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def changed_classes(self) -> list[str]:
        """Names of the classes whose values differ from the set in force."""
        mine, theirs = self.thresholds, self._base
        return [
            name
            for i, name in enumerate(labels.CLASSES)
            if (mine.lower[i], mine.upper[i]) != (theirs.lower[i], theirs.upper[i])
        ]

    def limits(self, class_index: int, bound: Bound) -> tuple[float, float]:
        """Smallest and largest value that a threshold can take beside the other one."""
        if class_index not in labels.DEFECTS:
            return 0.0, 1.0
        if bound is Bound.LOWER:
            return 0.0, self.thresholds.upper[class_index]
        return self.thresholds.lower[class_index], 1.0

    def set_value(self, class_index: int, bound: Bound, value: float, *, gesture: object | None = None) -> None:
        """Change one threshold, kept within its limits; Background and Good Welding have one value for both.

        Parameters
        ----------
        gesture
            Changes with the same gesture, one after the other, are undone together: those of one drag.
        """
        low, high = self.limits(class_index, bound)
        value = min(max(round(value, _DIGITS), low), high)
        lower, upper = list(self.thresholds.lower), list(self.thresholds.upper)
        if class_index not in labels.DEFECTS:
            lower[class_index] = upper[class_index] = value
        elif bound is Bound.LOWER:
            lower[class_index] = value
        else:
            upper[class_index] = value
        made = self.thresholds.model_copy(update={"lower": tuple(lower), "upper": tuple(upper)})
        self._put(_Step(made, None), gesture)

    def take(self, proposal: Proposal) -> None:
        """Take the values of a preset."""
        self._put(_Step(proposal.thresholds, proposal), None)

    def undo(self) -> None:
        """Go back one change."""
        if self._past:
            self._future.append(self._now)
            self._now = self._past.pop()
            self._gesture = None

    def redo(self) -> None:
        """Make the change again that was undone."""
        if self._future:
            self._past.append(self._now)
            self._now = self._future.pop()
            self._gesture = None

    def reset(self) -> None:
        """Go back to the set in force; can be undone."""
        self._put(_Step(self._base, None), None)

    def rebase(self, base: ThresholdSet, *, keep: bool) -> None:
        """Another set is in force; with `keep` the changes stay as they are, otherwise they are gone."""
        self._base = base
        if not keep:
            self._now, self._past, self._future = _Step(base, None), [], []
        self._gesture = None

    def _put(self, step: _Step, gesture: object | None) -> None:
        if step.thresholds.digest == self.thresholds.digest:
            # The same values, perhaps known by a preset's name now.
            self._now = _Step(step.thresholds, step.proposal or self.proposal)
            return
        if gesture is None or gesture != self._gesture:
            self._past = [*self._past, self._now][-_MOST_STEPS:]
        self._gesture = gesture
        self._future = []
        self._now = step
