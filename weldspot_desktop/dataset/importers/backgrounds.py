"""A plain folder of pictures without welds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.dataset.importers import tree
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem

_ANNOTATIONS: Final = frozenset({".csv", ".json", ".txt", ".xml", ".yaml", ".yml"})
_WORDS: Final = ("readme", "licen", "copying", "notice")
"""How the names of text files begin that say nothing of single pictures."""


class BackgroundFolder:
    """Every picture in the folder (and below) is Background."""

    title = "a folder of pictures without welds"

    def recognises(self, source: Path) -> bool:
        """Pictures and nothing else: a file beside them may say what they show, and they would be mislabelled."""
        if not source.is_dir() or not tree.holds_picture(source):
            return False
        notes = (found for found in tree.files(source, _ANNOTATIONS) if isinstance(found, Path))
        return all(path.name.casefold().startswith(_WORDS) for path in notes)

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        for found in tree.pictures(source):
            yield found if isinstance(found, Problem) else LabelledPicture(found, frozenset({labels.BACKGROUND}))
