"""Trying again what a cloud may answer better in a moment: longer pauses each time, with chance in them."""

from threading import Event
from typing import Final

from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_when_event_set, wait_exponential_jitter
from tenacity.nap import sleep_using_event

from weldspot_desktop.cloud.faults import CloudError

TRIES: Final = 4
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 8.0


class DamagedOnTheWayError(CloudError):
    """What arrived is not what the inbox says it holds."""

    retryable = True


def patience(stop: Event, *, first_pause: float = FIRST_PAUSE) -> Retrying:
    """What calls a function up to `TRIES` times, as long as it raises what may pass by itself; for any thread.

    The exception of the last try passes through.

    Parameters
    ----------
    stop
        Ends the waiting, and with it the tries.
    first_pause
        Seconds before the second try; doubled each time, up to `LONGEST_PAUSE`, with up to a second of chance.
    """
    return Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, CloudError) and error.retryable),
        stop=stop_after_attempt(TRIES) | stop_when_event_set(stop),
        wait=wait_exponential_jitter(multiplier=first_pause, max=LONGEST_PAUSE, jitter=min(1.0, first_pause)),
        sleep=sleep_using_event(stop),
        reraise=True,
    )
