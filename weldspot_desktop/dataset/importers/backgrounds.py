"""A plain folder of pictures without welds."""

from collections.abc import Iterator
from pathlib import Path

from weldspot_desktop import labels
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem
from weldspot_desktop.pictures.decode import SUFFIXES


class BackgroundFolder:
    """Every picture in the folder (and below) is Background."""

    title = "a folder of pictures without welds"

    def recognises(self, source: Path) -> bool:
        return source.is_dir() and next(self._files(source), None) is not None

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        for path in self._files(source):
            yield LabelledPicture(path, frozenset({labels.BACKGROUND}))

    @staticmethod
    def _files(source: Path) -> Iterator[Path]:
        for path in sorted(source.rglob("*")):
            if path.suffix.casefold() in SUFFIXES and not path.name.startswith(".") and path.is_file():
                yield path
