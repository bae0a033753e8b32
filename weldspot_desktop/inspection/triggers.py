"""What asks for a record in the live view, and the trigger that fires when a part has come to rest."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.inspection import scene

_SAME: Final = 1 / 3
"""A scene that differs from the one at the last rest by less than this part of the movement level is the same scene."""


class Mode(StrEnum):
    """How the live view is triggered; HTTP works in each of them when it is switched on."""

    CONTINUOUS = "continuous"
    """Each verdict is shown; Space records and the picture goes on."""
    MANUAL = "manual"
    """Space freezes the picture and records it; Space again goes on."""
    REST = "at rest"
    """A part that has come to rest is recorded by itself."""


class Asked(StrEnum):
    """Who asked for a record: `Inspection.trigger`."""

    SPACE = "space"
    BUTTON = "button"
    REST = "rest"
    HTTP = "http"


class Phase(StrEnum):
    """What the trigger at rest waits for."""

    WAITING = "waiting for the next part"
    MOVING = "moving"
    SETTLING = "coming to rest"
    CAME_TO_REST = "came to rest"


@dataclass(frozen=True)
class RestOptions:
    """When a scene counts as moving and as resting.

    Attributes
    ----------
    seconds : float, how long it must rest
    levels : float, change in grey levels that is movement (`scene.change`)
    """

    seconds: float = 0.5
    levels: float = 6.0


class RestTrigger:
    """Fires once when a scene that moved has come to rest. For one thread.

    A scene rests while each frame is like the one at the beginning of the rest, so that slow motion adds up and counts.
    It fires neither for a scene that was there from the start nor for the one of the last rest (a hand that passed
    over the same part).

    Parameters
    ----------
    options
        Limits.
    """

    def __init__(self, options: RestOptions) -> None:
        self.options = options
        self.reset()

    def reset(self) -> None:
        """Another source or region: what is seen next was there from the start."""
        self._anchor: NDArray[np.float32] | None = None
        self._rested: NDArray[np.float32] | None = None
        self._sum = np.zeros((scene.HEIGHT, scene.WIDTH), np.float32)
        self._count = 0
        self._since = 0.0
        self._moved = False

    def update(self, small: NDArray[np.float32], at: float) -> Phase:
        """Take the next frame.

        Parameters
        ----------
        small
            `scene.small` of it.
        at
            When it was captured, in seconds.

        Returns
        -------
        Phase
            CAME_TO_REST exactly once for each rest that is to be recorded.
        """
        if self._anchor is None:
            self._anchor = self._rested = small
        elif scene.change(self._anchor, small) >= self.options.levels:
            self._anchor, self._since, self._moved = small, at, True
            self._sum, self._count = small.copy(), 1
            return Phase.MOVING
        if not self._moved:
            return Phase.WAITING
        self._sum += small
        self._count += 1
        if at - self._since < self.options.seconds:
            return Phase.SETTLING
        assert self._rested is not None
        # The mean of all frames at rest: noise of single ones would pass for another scene.
        mean = self._sum / np.float32(self._count)
        same = scene.change(self._rested, mean) < self.options.levels * _SAME
        self._moved = False
        self._rested = mean
        return Phase.WAITING if same else Phase.CAME_TO_REST
