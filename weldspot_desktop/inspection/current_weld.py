"""The weld that is in front of the camera: what is known of it, shared by the window, the triggers and the server."""

import threading
from collections.abc import Mapping

from weldspot_desktop.inspection.weld_id import following
from weldspot_desktop.store import weld_identity


class CurrentWeld:
    """Weld identity kept from weld to weld; any thread may read it, set it, and take it for a record."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, str] = {}

    def values(self) -> dict[str, str]:
        """Values by key; empty ones are left out."""
        with self._lock:
            return dict(self._values)

    def set(self, values: Mapping[str, str]) -> None:
        """Replace all of it."""
        with self._lock:
            self._values = weld_identity.cleaned(values)

    def change(self, values: Mapping[str, str]) -> None:
        """Replace some of it; an empty text removes a value."""
        with self._lock:
            self._values = weld_identity.cleaned({**self._values, **values})

    def take(self, given: Mapping[str, str] | None = None, *, go_on: bool = True) -> dict[str, str]:
        """The identity for one record.

        Parameters
        ----------
        given
            Values for this record alone, before the kept ones; a weld ID among them leaves the kept one as it is.
        go_on
            Suggest the next weld ID for the next record.
        """
        with self._lock:
            taken = weld_identity.cleaned({**self._values, **(given or {})})
            if go_on and "weld_id" not in (given or {}):
                self._set_id(following(self._values.get("weld_id", "")))
            return taken

    def give_back(self, taken: Mapping[str, str]) -> None:
        """The record could not be written: suggest its weld ID again, unless there is another one by now."""
        with self._lock:
            weld_id = taken.get("weld_id", "")
            if self._values.get("weld_id", "") == following(weld_id):
                self._set_id(weld_id)

    def _set_id(self, weld_id: str) -> None:
        self._values = weld_identity.cleaned({**self._values, "weld_id": weld_id})
