"""One rule that turns scores into a verdict, and the thresholds it uses."""

from weldspot_desktop.verdict.rule import Judgement, Verdict, judge
from weldspot_desktop.verdict.thresholds import ThresholdSet

__all__ = ["Judgement", "ThresholdSet", "Verdict", "judge"]
