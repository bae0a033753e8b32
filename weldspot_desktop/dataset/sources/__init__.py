"""The places that labelled pictures come from."""

from contextlib import AbstractContextManager
from typing import Final

from weldspot_desktop.dataset.sources.files import FilesSource
from weldspot_desktop.dataset.sources.reviews import ReviewsSource
from weldspot_desktop.dataset.sources.roboflow import RoboflowSource
from weldspot_desktop.dataset.sources.source import Opened, Report, Room, Source, SourceError
from weldspot_desktop.dataset.sources.synthetic import SyntheticSource

__all__ = ["FILES", "SOURCES", "Opened", "Report", "Room", "Source", "SourceError", "open_source", "parse"]

FILES: Final = "files"

SOURCES: Final[dict[str, Source]] = {
    FILES: FilesSource(),
    "roboflow": RoboflowSource(),
    "synthetic": SyntheticSource(),
    "reviews": ReviewsSource(),
}
"""Sources by the name that begins their address ("synthetic:60"); a path needs none."""


def parse(text: str) -> tuple[str, str]:
    """Key of `SOURCES` and what is asked of it. A path of such a name is written with its folder: `./reviews`."""
    name, _, argument = text.partition(":")
    return (name, argument) if name in SOURCES else (FILES, text)


def open_source(room: Room, text: str, *, format_name: str | None, progress: Report) -> AbstractContextManager[Opened]:
    """The source that a text names; see `Source.open`."""
    name, argument = parse(text)
    return SOURCES[name].open(argument, room, format_name=format_name, progress=progress)
