"""How fast live pictures are judged: frames per second, and the time from capture to verdict."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

WINDOW_SECONDS: Final = 5.0


@dataclass(frozen=True)
class PaceSummary:
    """The last seconds in numbers.

    Attributes
    ----------
    per_second : frames judged per second
    p50_ms, p95_ms : median and 95th percentile of capture to verdict, in milliseconds; None without frames
    count : frames that these numbers rest on
    """

    per_second: float
    p50_ms: float | None
    p95_ms: float | None
    count: int


class Pace:
    """Collects latencies over a sliding window; any thread may add and ask.

    Parameters
    ----------
    window_seconds
        Length of the window.
    """

    def __init__(self, window_seconds: float = WINDOW_SECONDS) -> None:
        self._window = window_seconds
        self._lock = threading.Lock()
        self._samples: deque[tuple[float, float]] = deque()
        self._began: float | None = None

    def add(self, latency: float, *, now: float | None = None) -> None:
        """Note one judged frame and its latency in seconds."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            if self._began is None:
                self._began = moment
            self._samples.append((moment, latency))
            self._forget(moment)

    def restart(self) -> None:
        """Forget everything: what was measured before a pause says nothing about now."""
        with self._lock:
            self._samples.clear()
            self._began = None

    def summary(self, *, now: float | None = None) -> PaceSummary:
        """The window as it is now."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            self._forget(moment)
            latencies = [latency for _, latency in self._samples]
            began = self._began
        if not latencies or began is None:
            return PaceSummary(0.0, None, None, 0)
        span = min(self._window, moment - began)
        # The first frame of a new window marks its beginning and is not counted in it.
        counted = len(latencies) - 1 if moment - began < self._window else len(latencies)
        p50, p95 = np.percentile(latencies, [50, 95]) * 1000
        return PaceSummary(counted / span if span > 0 else 0.0, float(p50), float(p95), len(latencies))

    def _forget(self, now: float) -> None:
        while self._samples and now - self._samples[0][0] > self._window:
            self._samples.popleft()
