"""The company's logo: checked, made small enough and copied into the workspace, so that the original may vanish."""

import hashlib
import io
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image

from weldspot_desktop import pictures
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.reports.whole_file import whole_path

LARGEST_BYTES: Final = 10_000_000
LARGEST_SIDE: Final = 1000
"""Pixels; a logo is printed 40 mm wide at most."""

SMALLEST_SIDE: Final = 16


class LogoError(ExpectedError):
    """A file that cannot be the logo."""


def adopt(folder: Path, chosen: str) -> str:
    """Take a picture as the logo.

    Parameters
    ----------
    folder
        The workspace's folder for logos; made if it is missing.
    chosen
        Path of a picture; empty for no logo. The name of a logo that was taken earlier stays as it is.

    Returns
    -------
    str
        Name of the copy in the folder, for the settings; empty for no logo.

    Raises
    ------
    LogoError
        If it is no picture, too large or too small, or cannot be copied.
    """
    chosen = chosen.strip()
    if not chosen or _inside(folder, chosen):
        return chosen
    try:
        content = pictures.read_file(Path(chosen).expanduser())
        if len(content) > LARGEST_BYTES:
            raise LogoError(f"The logo holds {len(content) / 1e6:.0f} MB; {LARGEST_BYTES / 1e6:.0f} MB are allowed.")
        pixels = pictures.decode(content).pixels
    except pictures.PictureError as error:
        raise LogoError(f"This file cannot be the logo. {error.what}", error.advice) from error
    if min(pixels.shape[:2]) < SMALLEST_SIDE:
        raise LogoError(f"The picture is too small for a logo: it needs {SMALLEST_SIDE} pixels in each direction.")
    scale = min(1.0, LARGEST_SIDE / max(pixels.shape[:2]))
    if scale < 1:
        size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "PNG", optimize=True)
    name = f"logo-{hashlib.sha256(packed.getvalue()).hexdigest()[:12]}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole_path(folder / name) as temporary:
            temporary.write_bytes(packed.getvalue())
    except OSError as error:
        raise LogoError(f"The logo could not be copied: {error.strerror}.", "The old one stays.") from error
    return name


def find(folder: Path, setting: str) -> Path | None:
    """The file of the logo that the settings name; None if they name none. It may be gone."""
    if not setting:
        return None
    path = Path(setting).expanduser()
    return path if path.is_absolute() else folder / path


def _inside(folder: Path, chosen: str) -> bool:
    return Path(chosen).name == chosen and (folder / chosen).is_file()
