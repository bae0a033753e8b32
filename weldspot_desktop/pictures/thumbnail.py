"""Small copies of pictures for lists."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.pictures.decode import LARGEST_MEGAPIXELS, decode

WIDTH: Final = 96
HEIGHT: Final = 72


def thumbnail(pixels: NDArray[np.uint8], *, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """The picture scaled by area to cover width x height, and its middle cut out.

    Parameters
    ----------
    pixels
        (h, w, 3) uint8 RGB, of any size.

    Returns
    -------
    (height, width, 3) uint8, contiguous
    """
    rows, columns = pixels.shape[:2]
    wanted = width / height
    if columns / rows > wanted:
        kept = max(1, round(rows * wanted))
        start = (columns - kept) // 2
        part = pixels[:, start : start + kept]
    else:
        kept = max(1, round(columns / wanted))
        start = (rows - kept) // 2
        part = pixels[start : start + kept]
    shrinks = part.shape[0] >= height and part.shape[1] >= width
    scaled = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.ascontiguousarray(scaled, dtype=np.uint8)


def thumbnail_of(
    content: bytes, *, width: int = WIDTH, height: int = HEIGHT, largest_megapixels: float = LARGEST_MEGAPIXELS
) -> NDArray[np.uint8]:
    """Thumbnail of a picture's bytes; a JPEG is decoded at a reduced scale.

    Raises
    ------
    PictureError
        If the bytes are not a picture that can be judged.
    """
    picture = decode(content, at_least=(width * 2, height * 2), largest_megapixels=largest_megapixels)
    return thumbnail(picture.pixels, width=width, height=height)
