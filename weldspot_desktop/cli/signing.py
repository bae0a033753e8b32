"""Who stands behind what a command changes."""

from typing import TYPE_CHECKING

import typer

from weldspot_desktop.errors import ExpectedError

if TYPE_CHECKING:
    from weldspot_desktop.context import Context
    from weldspot_desktop.store.schema import Person


def signed_in(opened: "Context", name: str | None) -> "Person | None":
    """The person of that name, after the PIN if there is one; None for no name.

    Raises
    ------
    ExpectedError
        If there is no such person, or the PIN is wrong.
    """
    from weldspot_desktop.cli.recording import known_person
    from weldspot_desktop.store import people

    found = known_person(opened, name)
    if found is not None and found.pin_hash is not None:
        pin = typer.prompt(f"PIN of {found.name}", hide_input=True, err=True)
        if not people.pin_matches(found, pin):
            raise ExpectedError("That is not the PIN. Nothing was changed.")
    return found
