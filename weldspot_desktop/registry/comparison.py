"""Two models side by side on the same pictures: differences with intervals, and pictures on which they disagree."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.metrics import auc
from weldspot_desktop.metrics.auc import Estimate
from weldspot_desktop.registry import evaluation
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.verdict import ThresholdSet


class DifferentPicturesError(ValueError):
    """Two evaluations that share no pictures, or do not agree on what a picture shows."""


@dataclass(frozen=True, eq=False)
class OnSamePictures:
    """What two models say of the n pictures that both were shown.

    Attributes
    ----------
    first, second
        With the same pictures in the same order.
    """

    first: Scored
    second: Scored

    @classmethod
    def of(cls, first: Scored, second: Scored) -> "OnSamePictures":
        """The pictures that both evaluations hold.

        Raises
        ------
        DifferentPicturesError
            If there are none, or their truth differs.
        """
        places = {sha256: place for place, sha256 in enumerate(second.sha256)}
        ours = [place for place, sha256 in enumerate(first.sha256) if sha256 in places]
        theirs = [places[first.sha256[place]] for place in ours]
        if not ours:
            raise DifferentPicturesError("the two evaluations share no picture")
        made = cls(evaluation.chosen(first, ours), evaluation.chosen(second, theirs))
        if not np.array_equal(made.first.truth, made.second.truth):
            raise DifferentPicturesError("the two evaluations do not agree on what the pictures show")
        return made

    @property
    def truth(self) -> NDArray[np.bool_]:
        """(n, 7)."""
        return self.first.truth

    def first_macro(self) -> Estimate:
        return auc.macro_auc(self.truth, self.first.scores, clusters=self.first.groups)

    def second_macro(self) -> Estimate:
        return auc.macro_auc(self.truth, self.second.scores, clusters=self.first.groups)

    def difference(self, class_index: int | None = None) -> Estimate:
        """AUC of the first minus that of the second, of one class or of the macro mean; NaN where not defined."""
        column = slice(None) if class_index is None else class_index
        return auc.paired_difference(
            self.truth[:, column],
            self.first.scores[:, column],
            self.second.scores[:, column],
            clusters=self.first.groups,
        )


@dataclass(frozen=True, eq=False)
class SideBySide:
    """A comparison with the thresholds that each model judges by."""

    pair: OnSamePictures
    first_thresholds: ThresholdSet
    second_thresholds: ThresholdSet

    @cached_property
    def _verdicts(self) -> tuple[list[str], list[str]]:
        return (
            [verdict.value for verdict in evaluation.verdicts(self.pair.first, self.first_thresholds)],
            [verdict.value for verdict in evaluation.verdicts(self.pair.second, self.second_thresholds)],
        )

    def report(self) -> dict[str, Any]:
        """Differences with intervals, how often verdicts differ, and the pictures of which, as plain JSON values."""
        pair = self.pair
        ours, theirs = self._verdicts
        disagreements = [
            {
                "sha256": pair.first.sha256[n],
                "truth": labels.names(np.flatnonzero(pair.truth[n]).tolist()),
                "first": {"verdict": ours[n], "scores": _rounded(pair.first.scores[n])},
                "second": {"verdict": theirs[n], "scores": _rounded(pair.second.scores[n])},
                "largest_difference": round(float(np.abs(pair.first.scores[n] - pair.second.scores[n]).max()), 4),
            }
            for n in range(len(pair.truth))
            if ours[n] != theirs[n]
        ]
        disagreements.sort(key=lambda row: -float(row["largest_difference"]))  # type: ignore[arg-type]
        return {
            "pictures": len(pair.truth),
            "macro_auc": {
                "first": evaluation.estimate(pair.first_macro()),
                "second": evaluation.estimate(pair.second_macro()),
                "difference": evaluation.estimate(pair.difference()),
            },
            "classes": {name: evaluation.estimate(pair.difference(index)) for index, name in enumerate(labels.CLASSES)},
            "verdicts_differ": len(disagreements),
            "disagreements": disagreements,
        }


def _rounded(scores: NDArray[np.float32]) -> list[float]:
    return [round(float(score), 4) for score in scores]
