"""Heat maps kept with their inspections: half precision, compressed."""

import zlib

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from weldspot_desktop import labels
from weldspot_desktop.store.schema import HeatMap

_LARGEST: float = float(np.finfo(np.float16).max)


def packed(logits: NDArray[np.float32]) -> HeatMap:
    """A heat map as a row that does not know its inspection yet.

    Parameters
    ----------
    logits
        (h, w, 7) class evidence before pooling. Half precision keeps three decimal digits.
    """
    height, width, classes = logits.shape
    if classes != labels.COUNT:
        raise ValueError(f"a heat map has {labels.COUNT} classes, not {classes}")
    half = np.clip(logits, -_LARGEST, _LARGEST).astype("<f2")
    return HeatMap(height=height, width=width, content=zlib.compress(half.tobytes(), 6))


def read(session: Session, inspection_id: int) -> NDArray[np.float32] | None:
    """(h, w, 7) class evidence of an inspection; None if it was not kept or cannot be read any more."""
    row = session.get(HeatMap, inspection_id)
    if row is None or row.height < 1 or row.width < 1:
        return None
    size = row.height * row.width * labels.COUNT * 2
    try:
        # Not more than it may hold: the row may come from a stranger's workspace.
        content = zlib.decompressobj().decompress(row.content, size + 1)
    except zlib.error:
        return None
    if len(content) != size:
        return None
    values = np.frombuffer(content, "<f2").reshape(row.height, row.width, labels.COUNT).astype(np.float32)
    return values if bool(np.isfinite(values).all()) else None
