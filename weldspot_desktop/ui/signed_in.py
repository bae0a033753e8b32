"""Who stands behind what is about to be written; if nobody is signed in, how to change that."""

from typing import Final

from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui.frame import Frame, Kind

HOW: Final = "Choose your name at the lower right (Ctrl+I); add it under Settings if it is missing."


def signed_in(frame: Frame, what: str) -> Person | None:
    """The person who is signed in; None after a notice that says what is missing.

    Parameters
    ----------
    what
        What needs a name: "An override".
    """
    person = frame.person()
    if person is None:
        frame.notify(f"{what} needs a name, and nobody is signed in.", Kind.WARNING, advice=HOW)
    return person
