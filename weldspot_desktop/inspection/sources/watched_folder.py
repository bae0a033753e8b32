"""A folder into which somebody else puts pictures: each new one is shown once."""

import contextlib
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from weldspot_desktop.inspection.sources.source import Frame, Source, SourceError, SourceOptions
from weldspot_desktop.inspection.sources.video_file import SUFFIXES as VIDEO_SUFFIXES
from weldspot_desktop.paths import printable
from weldspot_desktop.pictures.decode import PictureError, decode, read_file

if TYPE_CHECKING:
    from weldspot_desktop.inspection.sources.folder_watch import FolderWatch, Ready, Signature

PREFIX: Final = "folder:"

BROKEN_SECONDS: Final = 3.0
"""A file that cannot be read and has not changed for so long is left out: its writer is not coming back to it."""

LOCKED_SECONDS: Final = 60.0
"""The same for a file that the system does not let be opened."""

_LOOK_SECONDS: Final = 0.25

_log = logging.getLogger(__name__)


class WatchedFolderSource(Source):
    """The picture files that lie directly in a folder.

    Of those that are there at the start only the newest is shown; after that each new one, or one whose content was
    replaced, once and in the order of their times. A file counts when its writer has finished with it.
    """

    held_by_pause = True
    each_counts = True

    def __init__(self, text: str, options: SourceOptions) -> None:
        super().__init__(text, options)
        name = text.removeprefix(PREFIX).strip() if text.startswith(PREFIX) else text
        if not name:
            raise SourceError("No folder was named.", "Write folder: and the path of the folder.")
        self._path = Path(name).expanduser().absolute()
        self._watch: FolderWatch | None = None
        self._seen: dict[str, Signature] = {}
        self._began = False
        self._asked_at: float | None = None
        self._left_out = 0
        self._notice = ""

    @staticmethod
    def accepts(text: str) -> bool:
        if text.startswith(PREFIX):
            return True
        # Not asked for a video: this runs in the window's thread, and a server that went away answers after minutes.
        is_path = "://" not in text and Path(text).suffix.casefold() not in VIDEO_SUFFIXES
        return bool(text) and is_path and Path(text).expanduser().is_dir()

    @property
    def title(self) -> str:
        return printable(self._path.name or str(self._path))

    @property
    def address(self) -> str:
        return f"{PREFIX}{self._path}"

    @property
    def awaits(self) -> str:
        return f"Waiting for new pictures in “{self.title}”."

    @property
    def notice(self) -> str:
        return self._notice

    @property
    def silent_since(self) -> float | None:
        return self._asked_at

    def open(self) -> None:
        # Imported here: the process that reads a camera imports this package and watches no folder.
        from weldspot_desktop.inspection.sources.folder_watch import FolderWatch

        try:
            with self._asking():
                self._watch = FolderWatch(self._path, self._seen)
                there = self._watch.names()
        except OSError as error:
            raise self._gone(error) from error
        if not self._began:
            self._began = True
            newest = max(there, key=lambda name: (there[name][0], name), default=None)
            self._seen.update({name: signature for name, signature in there.items() if name != newest})
        self._watch.consider(there)

    def read(self) -> Frame | None:
        watch = self._watch
        while watch is not None and not self._interrupted.is_set():
            try:
                with self._asking():
                    waiting = watch.ready()
            except OSError as error:
                raise self._gone(error) from error
            for ready in waiting:
                frame = self._read(ready)
                if frame is not None:
                    return frame
            watch.changed.wait(_LOOK_SECONDS)
        return None

    def close(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """The file system of a server that went away answers after minutes, and cannot be interrupted."""
        self._asked_at = time.monotonic()
        try:
            yield
        finally:
            self._asked_at = None

    def _read(self, ready: "Ready") -> Frame | None:
        """The picture; None if it cannot be read, or not yet."""
        try:
            with self._asking():
                content = read_file(ready.path)
            pixels = decode(content, largest_megapixels=self._options.largest_megapixels).pixels
        except PictureError as error:
            # Windows locks a file while another program writes it.
            patience = LOCKED_SECONDS if isinstance(error.__cause__, OSError) else BROKEN_SECONDS
            if ready.unchanged >= patience:
                self._leave_out(ready, error)
            return None
        self._seen[ready.path.name] = ready.signature
        return self._frame(pixels, path=printable(str(ready.path)))

    def _leave_out(self, ready: "Ready", error: PictureError) -> None:
        self._seen[ready.path.name] = ready.signature
        self._left_out += 1
        self._notice = f"“{printable(ready.path.name)}” was left out: {error.what}"
        if self._left_out > 1:
            self._notice += f" {self._left_out} files were left out so far."
        _log.warning("%s was left out: %s", printable(str(ready.path)), error.what)

    def _gone(self, error: OSError) -> SourceError:
        if self._path.exists() and not self._path.is_dir():
            return SourceError(f"“{self.title}” is not a folder.", "Choose another one.")
        if isinstance(error, FileNotFoundError):
            return SourceError(f"There is no folder “{printable(str(self._path))}”.", "Check its name and its drive.")
        return SourceError(
            f"The folder “{printable(str(self._path))}” cannot be read: {error.strerror or error}.",
            "Check its drive and its permissions.",
        )
