"""How fast a folder is judged, over the last seconds, and what is said of it."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from weldspot_desktop.ui.status import duration

WINDOW_SECONDS: Final = 20.0
_SECONDS_TO_KNOW: Final = 1.0


class Rate:
    """Steps a second over the last seconds: what was known before passes quickly and must not promise the same speed.

    Parameters
    ----------
    clock
        Gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def restart(self) -> None:
        """Forget what was: a pause is no slowness."""
        self._seen.clear()

    def take(self, done: int) -> None:
        """So many are done now."""
        now = self._clock()
        self._seen.append((now, done))
        while now - self._seen[0][0] > WINDOW_SECONDS:
            self._seen.popleft()

    def value(self) -> float | None:
        """Steps a second; None while it is not known."""
        if len(self._seen) < 2:
            return None
        (begun, first), (ended, last) = self._seen[0], self._seen[-1]
        if ended - begun < _SECONDS_TO_KNOW or last <= first:
            return None
        return (last - first) / (ended - begun)


def running_words(done: int, total: int | None, listed: int, rate: float | None, *, paused: bool) -> str:
    """What the toolbar says of a run."""
    if total is None:
        return f"Listed {listed:,} …" if listed else "Looking for pictures …"
    parts = [f"{done:,} of {total:,}"]
    if paused:
        parts.append("paused")
    elif rate is not None:
        parts.append(f"{rate:.0f} pictures/s" if rate >= 1 else f"{1 / rate:.0f} s a picture")
        parts.append(f"{duration((total - done) / rate)} left")
    return "  ·  ".join(parts)


def pictures_words(count: int) -> str:
    """A number of pictures."""
    return "1 picture" if count == 1 else f"{count:,} pictures"
