"""What is stored of an inspection, as the result it was made from."""

from typing import Final

import numpy as np

from weldspot_desktop.inspection.inspector import Inspected
from weldspot_desktop.model import Prediction
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.verdict import Judgement, Verdict

_NOTHING: Final = np.empty(0, dtype=np.float32)
_NO_HEATMAP: Final = np.empty((0, 0, 0), dtype=np.float32)


def inspected(row: Inspection, origin: str) -> Inspected:
    """The result that a record was made of, without heat map and embedding.

    Parameters
    ----------
    row
        The record: the program's own verdict, whatever a person said later.
    origin
        Where the same content lies now.
    """
    prediction = judgement = tile = None
    if row.scores is not None:
        scores = np.asarray(row.scores, dtype=np.float32)
        prediction = Prediction(scores, _NOTHING, _NO_HEATMAP, row.distance, row.milliseconds or 0.0)
    if row.verdict is not None:
        judgement = Judgement(Verdict(row.verdict), tuple(row.classes), row.reason)
    if row.tile is not None:
        left, top, right, bottom = row.tile
        tile = (left, top, right, bottom)
    return Inspected(
        origin, row.sha256, row.width, row.height, prediction, judgement, row.error, quality=row.quality, tile=tile
    )
