"""Where pictures come from while somebody watches: cameras, addresses, folders, video files, a demonstration.

`SOURCES` is the extension point: a new kind is one new file here and one line in the dictionary. Every kind is
written as one line of text (`Source.address`), the same on the command line, in the settings and in the window.
"""

from typing import Final

from weldspot_desktop.inspection.sources.camera import CameraInfo, CameraSource, cameras
from weldspot_desktop.inspection.sources.demo import DemoSource
from weldspot_desktop.inspection.sources.network import NetworkSource
from weldspot_desktop.inspection.sources.source import Frame, Source, SourceError, SourceOptions
from weldspot_desktop.inspection.sources.video_file import VideoFileSource
from weldspot_desktop.inspection.sources.watched_folder import WatchedFolderSource

__all__ = [
    "SOURCES",
    "CameraInfo",
    "CameraSource",
    "DemoSource",
    "Frame",
    "NetworkSource",
    "Source",
    "SourceError",
    "SourceOptions",
    "VideoFileSource",
    "WatchedFolderSource",
    "cameras",
    "parse",
]

SOURCES: Final[dict[str, type[Source]]] = {
    "camera": CameraSource,
    "network": NetworkSource,
    "demo": DemoSource,
    "folder": WatchedFolderSource,
    "file": VideoFileSource,
}
"""Source classes by kind. `parse` asks them in this order; a file takes what no other kind takes."""


def parse(text: str, options: SourceOptions | None = None) -> Source:
    """The source that a text names; nothing is opened yet.

    `camera:0`, `camera:NAME`, `rtsp://…`, `http://…`, `demo`, `folder:PATH` or a folder's path, a video file's path.

    Raises
    ------
    SourceError
        If the text is empty or is an address with a mistake in it.
    """
    text = text.strip()
    if not text:
        raise SourceError("No source was named.", "Choose a camera, an address, a video file or the demo camera.")
    chosen = next(kind for kind in SOURCES.values() if kind.accepts(text))
    return chosen(text, options if options is not None else SourceOptions())
