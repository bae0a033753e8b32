"""Whether the figures in a card of unknown origin have the shape in which they are shown everywhere."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, ValidationError

from weldspot_desktop import labels
from weldspot_desktop.model.card import ModelCard
from weldspot_desktop.verdict import Verdict

_Unit = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)] | None
_Count = Annotated[int, Field(ge=0, le=10**9)]


class _Estimate(BaseModel):
    value: _Unit
    low: _Unit
    high: _Unit
    positives: _Count
    negatives: _Count


class _Share(BaseModel):
    hits: _Count
    of: _Count
    value: _Unit
    low: _Unit
    high: _Unit


class _At(BaseModel):
    threshold: _Unit
    recall: _Share
    precision: _Share
    false_alarms: _Share


class _Class(BaseModel):
    auc: _Estimate
    upper: _At
    lower: _At


class _Difference(BaseModel):
    value: _Unit
    low: _Unit
    high: _Unit


class _Baseline(BaseModel):
    what: Annotated[str, Field(max_length=200)]
    difference: _Difference


class _Report(BaseModel):
    pictures: _Count
    groups: _Count
    macro_auc: _Estimate
    classes: dict[str, _Class]
    pointing: dict[str, dict[str, Any]]
    boxes: dict[str, Any]
    verdicts: dict[str, dict[str, _Count]]
    baseline: _Baseline | None = None


_REPORTS: Final = ("file", "keras", "out_of_fold")
_LARGEST_TEXT: Final = 2000


def fault(card: ModelCard) -> str | None:
    """What is wrong with a card's figures or texts, in words; None if they can be shown."""
    texts = (card.created, card.command, card.licence, card.attribution, card.intended_use, card.dataset.version)
    if any(len(text) > _LARGEST_TEXT for text in texts):
        return "it holds a text that is too long"
    if len(card.thresholds.name) > _LARGEST_TEXT or len(card.libraries) > 100:
        return "it holds a text that is too long"
    low, high = card.input.value_range
    if not -1000 <= low < high <= 1000:
        return f"its pictures have values from {low:g} to {high:g}"
    if not set(card.box_levels) | set(card.calibration) <= set(labels.CLASSES):
        return "it speaks of other classes"
    if not card.metrics:
        return None
    for name in _REPORTS:
        # Files that were converted again may come without out-of-fold figures.
        if name == "out_of_fold" and name not in card.metrics:
            continue
        found = _fault_of_report(card.metrics.get(name))
        if found is not None:
            return f"its figures “{name}” {found}"
    latency = card.metrics.get("latency_ms", {})
    if not isinstance(latency, dict) or not all(isinstance(value, int | float) for value in latency.values()):
        return "its latency is no number"
    return None


def _fault_of_report(report: Any) -> str | None:
    try:
        read = _Report.model_validate(report, strict=False)
    except ValidationError as error:
        return f"are not as they should be ({error.errors()[0]['msg']})"
    if set(read.classes) != set(labels.CLASSES):
        return "speak of other classes"
    if any(set(row) != {verdict.value for verdict in Verdict} for row in read.verdicts.values()):
        return "speak of other verdicts"
    places = [read.pointing.get("mean", {}).get(kind, False) for kind in ("hit", "centre")]
    if not all(value is None or (isinstance(value, float | int) and value is not False) for value in places):
        return "do not say where the model points"
    try:
        for name, row in (*read.pointing.items(), *read.boxes.items()):
            if name in labels.CLASSES:
                for share in row.values():
                    _Share.model_validate(share)
    except (ValidationError, AttributeError):
        return "do not say where the model points"
    return None
