"""A dataset version as a YOLO export that other programs read, and that imports again to the same truth.

`train/`, `valid/`, `test/` (and `newer_test/`, `left_out/`) hold `images` and `labels`; a version without a split has
the two folders alone. A class that was not marked anywhere is written as a box around the whole picture.
"""

import hashlib
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

from weldspot_desktop import labels
from weldspot_desktop.dataset.diff import LEFT_OUT, NEWER_TEST, side
from weldspot_desktop.dataset.importers.yolo import NAMES_FILE
from weldspot_desktop.dataset.manifest import Manifest, PictureEntry, RegionEntry
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.errors import ExpectedError

FOLDERS: Final = {
    Split.TRAIN.value: "train",
    Split.VALIDATION.value: "valid",
    Split.TEST.value: "test",
    NEWER_TEST: "newer_test",
    LEFT_OUT: "left_out",
}
"""Folder of each split, by its name in `diff.side`."""

_NAMES: Final = tuple(labels.CLASSES[index] for index in labels.WELD_CLASSES)
_LONGEST_STEM: Final = 120
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9._ -]+")
_ENDING: Final = re.compile(r"\.(?:bmp|gif|jpe?g|png|tiff?|webp)$", re.IGNORECASE)


class ExportError(ExpectedError):
    """A version that cannot be exported; nothing was written then."""


def export(
    manifest: Manifest,
    pictures: Path,
    target: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Write a version as a new folder; whole or not at all.

    Parameters
    ----------
    manifest, pictures
        The version, and the folder that its files are relative to.
    target
        A folder that does not exist yet, or is empty.
    progress
        Called with the pictures written so far and their number; may raise to stop.

    Raises
    ------
    ExportError
        If the target holds something or cannot be written, or a picture is missing or altered.
    """
    target = target.expanduser().absolute()
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise ExportError(f"{target} is not empty.", "Nothing was written. Choose a new folder.")
        made = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
        made.mkdir(parents=True)
        try:
            _write(manifest, pictures, made, progress)
            if target.exists():
                target.rmdir()
            made.rename(target)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise ExportError(
            f"The version could not be exported to {target}: {error.strerror or error}.",
            "Nothing was written. Free some space or choose another folder.",
        ) from error
    return target


def _write(manifest: Manifest, pictures: Path, folder: Path, progress: Callable[[int, int], None]) -> None:
    names = _names(manifest)
    for done, entry in enumerate(manifest.pictures, start=1):
        place = folder / FOLDERS[side(entry)] if manifest.seed is not None else folder
        (place / "images").mkdir(parents=True, exist_ok=True)
        (place / "labels").mkdir(parents=True, exist_ok=True)
        content = (pictures / entry.file).read_bytes()
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise ExportError(f"The picture {entry.name} in the workspace was altered.", "Nothing was written.")
        stem = names[entry.sha256]
        (place / "images" / f"{stem}{Path(entry.file).suffix}").write_bytes(content)
        (place / "labels" / f"{stem}.txt").write_text("".join(f"{row}\n" for row in rows(entry)), encoding="utf-8")
        progress(done, len(manifest.pictures))
    (folder / NAMES_FILE).write_text(yaml.safe_dump(_listing(manifest), sort_keys=False), encoding="utf-8")


def rows(entry: PictureEntry) -> list[str]:
    """Label rows of a picture: its regions, and a box around everything for each class that was not marked."""
    marked = {region.class_index for region in entry.regions}
    found = [_row(region) for region in entry.regions]
    bare = [index for index in entry.classes if index not in marked and index != labels.BACKGROUND]
    return found + [f"{_number(index)} 0.5 0.5 1 1" for index in bare]


def _row(region: RegionEntry) -> str:
    if region.kind == "box":
        across, down = [x for x, _ in region.corners], [y for _, y in region.corners]
        left, top, right, bottom = min(across), min(down), max(across), max(down)
        values = [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]
    else:
        values = [value for corner in region.corners for value in corner]
    # Shortest text that gives the same number back.
    return " ".join([str(_number(region.class_index)), *(repr(value) for value in values)])


def _number(index: int) -> int:
    return labels.WELD_CLASSES.index(index)


def _names(manifest: Manifest) -> dict[str, str]:
    """A file name without ending for each picture: its own where that is plain, and each once in the whole export."""
    used: set[str] = set()
    names: dict[str, str] = {}
    for entry in manifest.pictures:
        stem = _NOT_PLAIN.sub("_", _ENDING.sub("", entry.name)).strip(" ._")[:_LONGEST_STEM] or "picture"
        if stem.casefold() in used:
            stem = f"{stem}-{entry.sha256[:12]}"
        used.add(stem.casefold())
        names[entry.sha256] = stem
    return names


def _listing(manifest: Manifest) -> dict[str, Any]:
    listing: dict[str, Any] = {"train": "images", "val": "images"}
    if manifest.seed is not None:
        listing = {"train": "train/images", "val": "valid/images", "test": "test/images"}
    listing |= {"nc": len(_NAMES), "names": list(_NAMES)}
    return listing | {"weldspot": {"version": manifest.name, "hash": manifest.hash}}
