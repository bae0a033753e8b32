"""A small dataset of synthetic welds on disk, in the layout of a real export, for tests and first tries."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from weldspot_desktop import labels
from weldspot_desktop.pictures.synthetic_weld import Region, SyntheticWeld, render_weld

EXPORT, BACKGROUNDS = "weld-quality", "background"
"""Names of the two folders: a YOLO export, and a plain folder of pictures without welds."""

_NAMES = tuple(labels.CLASSES[index] for index in labels.WELD_CLASSES)
_BOXED = frozenset({labels.class_index("Porosity"), labels.class_index("Splatters")})
_BACKGROUND_SHARE = 5
_QUALITY = 90


def write_dataset(
    folder: Path,
    count: int,
    seed: int,
    *,
    size: int = 640,
    progress: Callable[[int], None] = lambda done: None,
) -> Path:
    """Write synthetic pictures as a YOLO export and, beside it, a folder of backgrounds.

    Parameters
    ----------
    folder
        Made if missing; holds `EXPORT` (`images/`, `labels/`, `data.yaml`) and `BACKGROUNDS` (`images/`)
        afterwards. Pictures of an earlier call with the same seed are overwritten.
    count
        Pictures in all; every fifth goes to the backgrounds. The export begins with one picture of each of
        the six weld classes and continues with mixes, of which some show no weld (empty label file).
    seed
        Not negative; equal seeds give equal datasets, different seeds share no picture below 100,000 pictures.
    size
        Width and height of the pictures.
    progress
        Called with the pictures written so far; may raise to stop.

    Returns
    -------
    Path
        The export's folder.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    export, backgrounds = folder / EXPORT, folder / BACKGROUNDS / "images"
    for place in (export / "images", export / "labels", backgrounds):
        place.mkdir(parents=True, exist_ok=True)
    listing = {"train": "images", "val": "images", "nc": len(_NAMES), "names": list(_NAMES)}
    (export / "data.yaml").write_text(yaml.safe_dump(listing, sort_keys=False), encoding="utf-8")
    single = [{index} for index in labels.WELD_CLASSES]
    for number in range(count):
        progress(number)
        picture_seed = seed * 100_000 + number
        if number % _BACKGROUND_SHARE == _BACKGROUND_SHARE - 1:
            _write_picture(render_weld(picture_seed, size=size, classes={labels.BACKGROUND}), backgrounds, picture_seed)
            continue
        weld = render_weld(picture_seed, size=size, classes=single.pop(0) if single else None)
        name = _write_picture(weld, export / "images", picture_seed)
        rows = [_row(region) for region in weld.regions]
        (export / "labels" / f"{name}.txt").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return export


def _write_picture(weld: SyntheticWeld, folder: Path, seed: int) -> str:
    # Spelled out so that grouping by names does not take neighbouring seeds for frames of one film.
    name = "synthetic-" + "".join("abcdefghij"[int(digit)] for digit in f"{seed:08d}")
    Image.fromarray(weld.pixels).save(folder / f"{name}.jpg", quality=_QUALITY)
    return name


def _row(region: Region) -> str:
    """A label row: a box where the region is one, else a polygon."""
    index, corners = region
    if index in _BOXED:
        low, high = corners.min(axis=0), corners.max(axis=0)
        values = np.concatenate([(low + high) / 2, high - low])
    else:
        values = corners.reshape(-1)
    return " ".join([str(_NAMES.index(labels.CLASSES[index])), *(f"{value:.6f}" for value in values)])
