"""When to look for uploads again: at the interval, and after faults later and later, never all stations at once."""

import random
from collections.abc import Callable
from typing import Final

from weldspot_desktop.review.sync_result import Outcome

FIRST_SECONDS: Final = 15.0
"""Before the first try after a fault that may pass by itself."""

LONGEST_SECONDS: Final = 1800.0
_SPREAD: Final = 0.2
"""A pause is up to so much shorter or longer than planned, so that stations do not come in step."""

_PASSING: Final = frozenset({Outcome.OFFLINE, Outcome.INCOMPLETE})


class Schedule:
    """Pauses between the syncs of one workstation.

    Parameters
    ----------
    every_seconds
        The wanted interval, over 0.
    chance
        Gives a number within 0 to 1.
    """

    def __init__(self, every_seconds: float, *, chance: Callable[[], float] = random.random) -> None:
        if every_seconds <= 0:
            raise ValueError("an interval must be over 0")
        self._every = every_seconds
        self._chance = chance
        self._faults = 0

    def pause(self, outcome: Outcome) -> float:
        """Seconds until the next sync, after one that ended so.

        What may pass by itself is tried again soon at first, then twice as late each time, at most at
        `LONGEST_SECONDS` or the interval, if that is longer. What needs a person (a refusal) waits the interval, and
        longer each time, so that no account is locked by knocking.
        """
        if outcome in (Outcome.DONE, Outcome.CANCELLED):
            self._faults = 0
            planned = self._every
        else:
            start = min(FIRST_SECONDS, self._every) if outcome in _PASSING else self._every
            # Not beyond what a number can hold, after days without a network.
            planned = min(start * 2.0 ** min(self._faults, 30), max(LONGEST_SECONDS, self._every))
            self._faults += 1
        return planned * (1 - _SPREAD + 2 * _SPREAD * self._chance())
