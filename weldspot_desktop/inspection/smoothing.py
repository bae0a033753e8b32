"""A verdict that does not flicker: scores averaged over a short time, and hysteresis on what the rule makes of them.

Only what is shown is smoothed. A record is one picture, with its own scores and the verdict of the rule on them.

Three things keep the shown verdict calm, and one keeps it honest:

1. each score is averaged exponentially, by time and not by frames;
2. a threshold that was passed is passed back only `MARGIN` away from it;
3. another verdict replaces the shown one after it has stood for `HOLD_SECONDS` and in two frames in a row;
4. what every single frame says for `longest_delay` is shown, whatever the average says. So a DEFECT that every frame
   shows is hidden for no longer than that (and, at very few frames a second, until the second frame that shows it).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict, judge

MARGIN: Final = 0.03
"""How far beyond a threshold a smoothed score must go to change its side; near 0 and 1 half the way to them."""

HOLD_SECONDS: Final = 0.15
"""How long another verdict must stand before it is shown."""

GAP_SECONDS: Final = 2.0
"""After a longer break (a pause, a lost source) what was before says nothing about now."""

_DISTANCE_MARGIN: Final = 0.03

_Value = TypeVar("_Value")
_Key = tuple[Verdict, tuple[int, ...]]


def longest_delay(seconds: float) -> float:
    """Seconds after which a verdict that every frame gives is shown, for a smoothing time of `seconds`."""
    return HOLD_SECONDS + 2 * seconds


@dataclass(frozen=True)
class Steady:
    """What is shown of a row of frames.

    Attributes
    ----------
    scores : seven smoothed scores, 0 to 1, in class order
    judgement : the verdict with hysteresis
    """

    scores: tuple[float, ...]
    judgement: Judgement


@dataclass
class _Run(Generic[_Value]):
    """How long a value has been the same."""

    value: _Value | None = None
    since: float = 0.0
    count: int = 0

    def note(self, value: _Value, at: float) -> None:
        if self.count == 0 or value != self.value:
            self.value, self.since, self.count = value, at, 0
        self.count += 1

    def lasts(self, seconds: float, at: float) -> bool:
        return self.count >= 2 and at - self.since >= seconds


@dataclass
class _Sides:
    """Which thresholds are passed, with hysteresis."""

    lower: list[bool] = field(default_factory=list)
    upper: list[bool] = field(default_factory=list)
    far: bool = False

    @classmethod
    def of(cls, scores: Sequence[float], thresholds: ThresholdSet, distance: float | None) -> "_Sides":
        limit = thresholds.distance_limit
        return cls(
            [score >= line for score, line in zip(scores, thresholds.lower, strict=True)],
            [score >= line for score, line in zip(scores, thresholds.upper, strict=True)],
            distance is not None and limit is not None and distance > limit,
        )

    def bent(self, thresholds: ThresholdSet) -> ThresholdSet:
        """The set, with each threshold moved away from the side on which its score is."""
        limit = thresholds.distance_limit
        if limit is not None:
            limit *= 1 - _DISTANCE_MARGIN if self.far else 1 + _DISTANCE_MARGIN
        return ThresholdSet(
            name=thresholds.name,
            lower=tuple(_moved(line, passed) for line, passed in zip(thresholds.lower, self.lower, strict=True)),
            upper=tuple(_moved(line, passed) for line, passed in zip(thresholds.upper, self.upper, strict=True)),
            distance_limit=limit,
        )


class Steadier:
    """Turns the judged frames of one source into what is shown. For one thread.

    Parameters
    ----------
    seconds
        Time constant of the average; 0 smooths nothing, and shows each frame's own verdict.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.reset()

    def reset(self) -> None:
        """Begin anew: the next frame is shown as it is. For another scene, region or source, and after a trigger."""
        self._scores: tuple[float, ...] | None = None
        self._distance: float | None = None
        self._sides = _Sides()
        self._thresholds: ThresholdSet | None = None
        self._shown: Judgement | None = None
        self._at = 0.0
        self._differs: _Run[bool] = _Run()
        self._word: _Run[Verdict] = _Run()
        self._whole: _Run[_Key] = _Run()

    def update(
        self,
        scores: Sequence[float],
        judgement: Judgement,
        thresholds: ThresholdSet,
        *,
        distance: float | None,
        at: float,
    ) -> Steady:
        """Take the next frame.

        Parameters
        ----------
        scores, judgement, distance
            Of the frame alone.
        thresholds
            The set it was judged by; another set begins anew.
        at
            When it was captured, in seconds; never earlier than the frame before.
        """
        raw = tuple(float(score) for score in scores)
        if self.seconds <= 0:
            return Steady(raw, judgement)
        if at - self._at > GAP_SECONDS or (self._thresholds is not None and thresholds != self._thresholds):
            self.reset()
        elapsed = at - self._at
        self._thresholds, self._at = thresholds, at
        self._word.note(judgement.verdict, at)
        self._whole.note(_key(judgement), at)
        if judgement.verdict is Verdict.RETAKE and self._scores is not None:
            # The scores of a spoiled picture are no evidence: they stay out of the average.
            return self._show(judgement, judgement, raw, thresholds, distance)
        if self._scores is None:
            self._take(raw, thresholds, distance)
            self._shown = judgement
            return Steady(raw, judgement)
        share = 1 - math.exp(-max(elapsed, 0.0) / self.seconds)
        self._scores = tuple(old + share * (new - old) for old, new in zip(self._scores, raw, strict=True))
        if distance is None or self._distance is None:
            self._distance = distance
        else:
            self._distance += share * (distance - self._distance)
        bent = self._sides.bent(thresholds)
        self._sides = _Sides.of(self._scores, bent, self._distance)
        return self._show(judge(self._scores, bent, distance=self._distance), judgement, raw, thresholds, distance)

    def _show(
        self,
        candidate: Judgement,
        judgement: Judgement,
        raw: tuple[float, ...],
        thresholds: ThresholdSet,
        distance: float | None,
    ) -> Steady:
        """Choose between what is shown, what the average says, and what all frames say."""
        assert self._shown is not None
        assert self._scores is not None
        delay = longest_delay(self.seconds)
        # What all frames say is neither kept from being shown nor replaced by what the average makes of it.
        words = {self._shown.verdict, candidate.verdict}
        keys = {_key(self._shown), _key(candidate)}
        agreed = (self._word.lasts(delay, self._at) and words != {judgement.verdict}) or (
            self._whole.lasts(delay, self._at) and keys != {_key(judgement)}
        )
        self._differs.note(_key(candidate) != _key(self._shown), self._at)
        if agreed:
            # The average lags behind what everybody can see.
            if judgement.verdict is not Verdict.RETAKE:
                self._take(raw, thresholds, distance)
            self._change(judgement)
        elif not self._differs.value:
            self._shown = candidate
        elif self._differs.lasts(HOLD_SECONDS, self._at):
            self._change(candidate)
        return Steady(self._scores, self._shown)

    def _take(self, raw: tuple[float, ...], thresholds: ThresholdSet, distance: float | None) -> None:
        self._scores, self._distance = raw, distance
        self._sides = _Sides.of(raw, thresholds, distance)

    def _change(self, judgement: Judgement) -> None:
        self._shown = judgement
        self._differs = _Run()


def _moved(line: float, passed: bool) -> float:
    return max(line - MARGIN, line / 2) if passed else min(line + MARGIN, (line + 1) / 2)


def _key(judgement: Judgement) -> _Key:
    """What makes a verdict another one for the person who looks; its sentence may hold measures that always change."""
    return judgement.verdict, judgement.classes
