"""Progress of a job as events: from the first second, at most once a second, in units that add up."""

import time
from dataclasses import dataclass, field
from typing import Any

from weldspot_desktop.jobs import JobFolder


class StopRequestedError(Exception):
    """Somebody asked the job to stop; what is best so far is kept."""


@dataclass
class Progress:
    """Counts pictures that passed through the network, of all that will.

    Attributes
    ----------
    job
        Where the events go.
    total
        Pictures in all stages together.
    stoppable
        Whether a requested stop ends the stage; not while the best so far is being packed.
    """

    job: JobFolder
    total: float = 0
    done: float = 0
    stoppable: bool = True
    _stage: str = ""
    _last: float = field(default=0.0)

    def stage(self, text: str, **values: Any) -> None:
        """Begin a stage; always written."""
        self._stage = text
        self.job.append("stage", text, done=self.done, total=self.total, values=values)
        self._last = time.monotonic()

    def advance(self, pictures: float) -> None:
        """Count pictures; writes at most one event a second.

        Raises
        ------
        StopRequestedError
            If a stop was asked for.
        """
        self.done += pictures
        if time.monotonic() - self._last >= 1:
            self._last = time.monotonic()
            self.job.append("progress", self._stage, done=self.done, total=self.total)
        if self.stoppable and self.job.stop_requested:
            raise StopRequestedError

    def reach(self, done: float) -> None:
        """Set the count, after a stage that ended earlier than planned."""
        self.done = max(self.done, done)
