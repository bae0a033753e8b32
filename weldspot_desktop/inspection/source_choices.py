"""What was chosen for each source, kept in the workspace for the window and for programs without one."""

import json
import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from weldspot_desktop import paths
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.sources import Source, SourceOptions
from weldspot_desktop.inspection.sources.controls import CameraControls
from weldspot_desktop.settings import Settings

VERSION: Final = 1
MOST_SOURCES: Final = 300
"""The oldest choices are dropped beyond this."""

_log = logging.getLogger(__name__)


class ChoicesError(ExpectedError):
    """A choice cannot be kept."""


@dataclass(frozen=True)
class SourceChoice:
    """What was chosen for one source.

    Attributes
    ----------
    controls : for a camera
    loop : whether a video file begins again at its end; None as the settings say
    """

    controls: CameraControls = field(default_factory=CameraControls)
    loop: bool | None = None


_CHOICE: Final = TypeAdapter(SourceChoice)


class SourceChoices:
    """A file of choices by `Source.address`, which holds no secrets.

    It is read at each use, so that two programs on one workspace know of each other's choices.

    Parameters
    ----------
    path
        The file; a missing one is like an empty one, and what is not valid in it counts as not chosen.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, source: Source) -> SourceChoice:
        """What was chosen for a source; its defaults if nothing was."""
        stored = self._stored().get(source.address)
        if stored is None:
            return SourceChoice()
        try:
            return _CHOICE.validate_python(stored)
        except ValidationError as error:
            _log.warning("what was chosen for %s is not taken: %s", source.title, error.errors()[0]["msg"])
            return SourceChoice()

    def keep(self, source: Source, choice: SourceChoice) -> None:
        """Remember a choice; the defaults are forgotten instead.

        Raises
        ------
        ChoicesError
            If the file cannot be written; the old one is then untouched.
        """
        choices = self._stored()
        choices.pop(source.address, None)
        if choice != SourceChoice():
            choices[source.address] = _CHOICE.dump_python(choice, mode="json", exclude_defaults=True)
        try:
            self._write(dict(list(choices.items())[-MOST_SOURCES:]))
        except OSError as error:
            raise ChoicesError(
                f"What was chosen for {source.title} could not be saved: {error.strerror or error}.",
                "It holds until the source is changed.",
            ) from error

    def options(self, source: Source, settings: Settings) -> SourceOptions:
        """What the settings say, with what was chosen for this source over it."""
        live, choice = settings.live, self.of(source)
        return SourceOptions(
            width=live.width,
            height=live.height,
            stall_seconds=live.stall_seconds,
            loop=live.loop if choice.loop is None else choice.loop,
            controls=choice.controls,
            largest_megapixels=settings.inspection.largest_megapixels,
        )

    def keep_loop(self, source: Source, loop: bool) -> None:
        """Remember whether a video file begins again; raises ChoicesError."""
        self.keep(source, replace(self.of(source), loop=loop))

    def keep_controls(self, source: Source, controls: CameraControls) -> None:
        """Remember what was chosen for a camera; raises ChoicesError."""
        self.keep(source, replace(self.of(source), controls=controls))

    def _stored(self) -> dict[str, Any]:
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("the choices for sources could not be read: %s", error)
            return {}
        sources = stored.get("sources") if isinstance(stored, dict) else None
        return sources if isinstance(sources, dict) else {}

    def _write(self, choices: dict[str, Any]) -> None:
        paths.write_whole(self._path, json.dumps({"version": VERSION, "sources": choices}, indent=2))
