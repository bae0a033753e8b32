"""The gate between a new model and its use: a pure function over evaluations, with its reasons as sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from weldspot_desktop import labels
from weldspot_desktop.metrics import auc
from weldspot_desktop.metrics.auc import Estimate
from weldspot_desktop.registry.comparison import OnSamePictures
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.registry.parity import ParityLimits, faults


class Found(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Limits:
    """What is asked of a model.

    Attributes
    ----------
    margin
        So much macro AUC it may lose against the active model at most, by the lower bound of the difference; over 0.
    auc
        AUC of each class that the newest confirmed pictures must show, 0 to 1.
    parity
        How far the file may be from the network it was made from.
    """

    margin: float
    auc: float
    parity: ParityLimits


@dataclass(frozen=True)
class Check:
    """One question of the gate, with its answer in a sentence and the figures behind it."""

    name: str
    found: Found
    sentence: str
    figures: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What the gate says of a file.

    Attributes
    ----------
    model, against
        SHA-256 of the file judged, and of the active model's.
    checks
        All questions.
    """

    model: str
    against: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed. What could not be checked does not stop a model; it is shown."""
        return all(check.found is not Found.FAILED for check in self.checks)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it does not pass; empty if it does."""
        return tuple(check.sentence for check in self.checks if check.found is Found.FAILED)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "model": self.model,
            "against": self.against,
            "passed": self.passed,
            "checks": [
                {"name": c.name, "found": c.found.value, "sentence": c.sentence, "figures": c.figures}
                for c in self.checks
            ],
        }


def judge(
    *,
    model: str,
    against: str,
    test: OnSamePictures | None,
    left_out: int,
    confirmed: Scored | None,
    parity: dict[str, Any] | None,
    limits: Limits,
    unknown: Sequence[str] = (),
) -> Outcome:
    """Judge the converted file that would be used.

    Parameters
    ----------
    model, against
        SHA-256 of the file, and of the active model's.
    test
        What both say of the frozen test split, recomputed from the files; None if there is no such split.
    left_out
        Pictures of that split that one of the two learned from, and that are not in `test`.
    confirmed
        What the file says of the newest pictures that people confirmed; None if there are none.
    parity
        Figures of file against network, from the card; None if the network is not known.
    limits
        What is asked.
    unknown
        Models of the two of which nobody knows what they learned from.
    """
    return Outcome(
        model,
        against,
        (
            _not_inferior(test, left_out, limits.margin),
            *_classes_kept(test),
            *_fresh(unknown),
            *_on_confirmed(confirmed, limits.auc),
            _agrees(parity, limits.parity),
        ),
    )


def _not_inferior(test: OnSamePictures | None, left_out: int, margin: float) -> Check:
    name = "not inferior to the active model"
    if test is None:
        reason = (
            f"all {left_out} of its pictures were learned from by one of the two models"
            if left_out
            else "there is no frozen test split"
        )
        return Check(name, Found.FAILED, f"The two models could not be compared: {reason}.", {})
    difference = test.difference()
    if np.isnan(difference.value):
        return Check(
            name, Found.FAILED, "The two models could not be compared: the test split shows no class both ways.", {}
        )
    words = (
        f"Macro AUC {test.first_macro().value:.3f} against {test.second_macro().value:.3f} of the active model on "
        f"{len(test.truth)} pictures of the frozen test split: {_signed(difference)}"
    )
    if left_out:
        words += f"; {left_out} that one of the two learned from were left out"
    figures = _figures(difference) | {"margin": margin, "pictures": len(test.truth), "left_out": left_out}
    if difference.low > -margin:
        return Check(name, Found.PASSED, f"{words}.", figures)
    return Check(name, Found.FAILED, f"{words}. The lower end is not above −{margin:g}.", figures)


def _classes_kept(test: OnSamePictures | None) -> list[Check]:
    """One check over all classes: none of them is surely worse."""
    if test is None:
        return []
    name = "no class is worse"
    estimates = {labels.CLASSES[i]: test.difference(i) for i in range(labels.COUNT)}
    known = {label: found for label, found in estimates.items() if not np.isnan(found.value)}
    worse = {label: found for label, found in known.items() if found.high < 0}
    figures = {label: _figures(found) for label, found in known.items()}
    if not known:
        return [Check(name, Found.NOT_CHECKED, "No class is seen both ways in the test split.", figures)]
    if worse:
        listed = "; ".join(f"{label} {_signed(found)}" for label, found in worse.items())
        return [Check(name, Found.FAILED, f"It is worse than the active model at {listed}.", figures)]
    return [Check(name, Found.PASSED, f"None of {len(known)} classes is surely worse.", figures)]


def _fresh(unknown: Sequence[str]) -> list[Check]:
    if not unknown:
        return []
    whose = " and ".join(unknown)
    sentence = f"Not checked whether the test split was learned from: the training data of {whose} are not known."
    return [Check("pictures are new to both", Found.NOT_CHECKED, sentence, {})]


def _on_confirmed(confirmed: Scored | None, threshold: float) -> list[Check]:
    """One check a class on what reviewers confirmed, where there are enough pictures of each kind."""
    name = "AUC on confirmed pictures"
    if confirmed is None or not len(confirmed.truth):
        return [Check(name, Found.NOT_CHECKED, "Not checked on confirmed pictures: there are none.", {})]
    checks = []
    few = []
    for index, label in enumerate(labels.CLASSES):
        estimate = auc.auc(confirmed.truth[:, index], confirmed.scores[:, index], clusters=confirmed.groups)
        if not estimate.enough:
            few.append(f"{label} ({estimate.positives} with, {estimate.negatives} without)")
            continue
        passed = estimate.value >= threshold
        words = (
            f"{label}: AUC {estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f}) on confirmed pictures, "
            f"{estimate.positives} with it and {estimate.negatives} without; asked for {threshold:g}."
        )
        figures = _figures(estimate) | {"threshold": threshold}
        checks.append(Check(f"{name}: {label}", Found.PASSED if passed else Found.FAILED, words, figures))
    if few:
        sentence = f"Not checked on confirmed pictures, fewer than {auc.ENOUGH} of a kind: {', '.join(few)}."
        checks.append(Check(name, Found.NOT_CHECKED, sentence, {}))
    return checks


def _agrees(parity: dict[str, Any] | None, limits: ParityLimits) -> Check:
    name = "agrees with Keras"
    if parity is None:
        sentence = "Not checked against Keras: the network that the file was made from is not known."
        return Check(name, Found.NOT_CHECKED, sentence, {})
    found: Sequence[str] = faults(parity, limits)
    if found:
        return Check(name, Found.FAILED, f"The file differs from its Keras network: {'; '.join(found)}.", parity)
    words = (
        f"The file agrees with its Keras network: scores differ by {parity['mean_difference']:.4f} in the mean, "
        f"{parity['largest_difference']:.3f} at most; {parity['verdicts_flipped']} of {parity['pictures']} verdicts "
        "flip."
    )
    return Check(name, Found.PASSED, words, parity)


def _signed(estimate: Estimate) -> str:
    return f"{estimate.value:+.3f} ({estimate.low:+.3f} to {estimate.high:+.3f})"


def _figures(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": round(estimate.value, 5),
        "low": round(estimate.low, 5),
        "high": round(estimate.high, 5),
        "positives": estimate.positives,
        "negatives": estimate.negatives,
    }
