"""The formats that a dataset can be imported from."""

from pathlib import Path
from typing import Final

from weldspot_desktop.dataset.importers.backgrounds import BackgroundFolder
from weldspot_desktop.dataset.importers.class_folders import ClassFolders
from weldspot_desktop.dataset.importers.class_table import ClassTable
from weldspot_desktop.dataset.importers.coco import CocoExport
from weldspot_desktop.dataset.importers.voc import VocExport
from weldspot_desktop.dataset.importers.yolo import YoloExport
from weldspot_desktop.dataset.labelled import Format
from weldspot_desktop.errors import ExpectedError

FORMATS: Final[dict[str, Format]] = {
    "yolo": YoloExport(),
    "coco": CocoExport(),
    "voc": VocExport(),
    "csv": ClassTable(),
    "folders": ClassFolders(),
    "backgrounds": BackgroundFolder(),
}
"""Formats by the name that the command line takes; the first that recognises a source reads it."""


class UnknownFormatError(ExpectedError):
    """A source that no importer knows."""


def recognise(source: Path, title: str = "") -> str:
    """Name of the format of a folder.

    Parameters
    ----------
    source
        The folder.
    title
        What people know it by, if not its path: the name of an archive.

    Raises
    ------
    UnknownFormatError
        If the source is missing or of no known format.
    """
    if not source.exists():
        raise UnknownFormatError(f"There is no file or folder {source}.")
    for name, reader in FORMATS.items():
        if reader.recognises(source):
            return name
    kinds = "; ".join(reader.title for reader in FORMATS.values())
    raise UnknownFormatError(f"{title or source} is no dataset of a known format.", f"Known are: {kinds}.")
