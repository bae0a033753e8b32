"""Large photographs judged in overlapping tiles as well as whole, so that small pores survive the shrinking.

The model sees 320 pixels across. A photograph of twelve megapixels loses nearly all of its pixels on the way there,
and a weld that fills a quarter of it all but vanishes. So its parts are judged too, and the verdict is the worst.
`tests/bench/tiles.py` measures what that finds and what it costs in false alarms.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.model import Prediction
from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.verdict import ThresholdSet

OVERLAP: Final = 0.25
"""Share of a tile's side that its neighbour covers as well: what lies on the edge of one is within another."""

TILE_PIXELS: Final = 1000
"""A tile is about this wide in the photograph, unless `MOST_ACROSS` makes it wider."""

MOST_ACROSS: Final = 4
"""Tiles along the longer side at most: no photograph has more than sixteen, whatever its size."""

WITH_WELD: Final = 3.0
WITHOUT_WELD: Final = 0.5
"""Logits that a tile's score of a defect must exceed the thresholds by, in a photograph that shows a weld as a whole
and in one that does not. Many tiles are many chances of a false alarm. A weld that fills the photograph is seen best
as a whole, as the model learned it: only a tile that is sure adds to that. A weld that is too small to be seen in
the whole is seen in its tile as the model learned it."""


WHOLE: Final = -1
"""Stands for the whole photograph where tiles are numbered."""

RULE: Final = (OVERLAP, TILE_PIXELS, MOST_ACROSS, WITH_WELD, WITHOUT_WELD)
"""All figures that decide what tiles make of a photograph."""


def layout(width: int, height: int) -> tuple[Region, ...]:
    """Overlapping tiles that cover a photograph, row by row, each about as wide as it is high.

    Parameters
    ----------
    width, height
        In pixels.

    Returns
    -------
    tuple of Region
        Two to sixteen, 0 to 1 of the photograph.
    """
    longer, shorter = max(width, height), min(width, height)
    along = min(max(math.ceil(longer / TILE_PIXELS), 2), MOST_ACROSS)
    aside = min(max(round(along * shorter / longer), 1), along)
    columns, rows = (along, aside) if width >= height else (aside, along)
    return tuple((left, top, right, bottom) for top, bottom in _spans(rows) for left, right in _spans(columns))


def enough(width: int, height: int, input_size: tuple[int, int]) -> tuple[int, int]:
    """Width and height that a photograph must be decoded to so that its tiles fill the model's input."""
    left, top, right, bottom = layout(width, height)[0]
    return math.ceil(input_size[0] / (right - left)), math.ceil(input_size[1] / (bottom - top))


def combine(
    whole: Prediction, regions: Sequence[Region], tiles: Sequence[Prediction], thresholds: ThresholdSet
) -> tuple[Prediction, NDArray[np.intp]]:
    """The worst of a photograph and its tiles.

    For each defect the largest score counts, those of tiles lowered by `WITH_WELD` or `WITHOUT_WELD`. Tiles that are
    unlike the training data are left out: a tile of floor or sky says nothing, and must not make the photograph
    UNSURE. Where the whole shows no weld but a tile shows a good one, Background and Good Welding are that tile's.
    The distance to the training data is that of the whole.

    Parameters
    ----------
    whole
        Of the photograph, shrunk.
    regions, tiles
        As `layout` gives them, with what the model said of each.
    thresholds
        Say which distance is too far, and from which score on there is no weld.

    Returns
    -------
    Prediction
        Of the whole photograph, with the worst scores of all its parts and a stitched heat map.
    (7,) int
        The number of the tile that each score is from, or `WHOLE`.
    """
    scores, sources = whole.scores.copy(), np.full(labels.COUNT, WHOLE)
    empty = bool(scores[labels.BACKGROUND] >= thresholds.upper[labels.BACKGROUND])
    lowered = WITHOUT_WELD if empty else WITH_WELD
    known = [number for number, tile in enumerate(tiles) if not _far(tile, thresholds)]
    heatmap = _stitched(whole, regions, tiles, known, lowered)
    for number in known:
        found = tiles[number].scores
        for index in labels.DEFECTS:
            score = _lowered(float(found[index]), lowered)
            if score > scores[index]:
                scores[index], sources[index] = score, number
    if empty and known:
        best = max(known, key=lambda number: float(tiles[number].scores[labels.GOOD_WELDING]))
        found = tiles[best].scores
        good = float(_lowered(float(found[labels.GOOD_WELDING]), lowered))
        if good >= thresholds.upper[labels.GOOD_WELDING] and found[labels.BACKGROUND] < found[labels.GOOD_WELDING]:
            scores[labels.GOOD_WELDING], scores[labels.BACKGROUND] = good, found[labels.BACKGROUND]
            sources[[labels.GOOD_WELDING, labels.BACKGROUND]] = best
    milliseconds = whole.milliseconds + sum(tile.milliseconds for tile in tiles)
    return replace(whole, scores=scores, heatmap=heatmap, milliseconds=milliseconds), sources


def within(tile: Region, region: Region | None) -> Region:
    """A tile of a region of interest as a part of the whole picture."""
    if region is None:
        return tile
    left, top, width, height = region[0], region[1], region[2] - region[0], region[3] - region[1]
    return left + tile[0] * width, top + tile[1] * height, left + tile[2] * width, top + tile[3] * height


def _spans(count: int) -> list[tuple[float, float]]:
    """Starts and ends of so many overlapping spans that cover 0 to 1."""
    side = 1 / (count - (count - 1) * OVERLAP)
    step = side * (1 - OVERLAP)
    return [(number * step, min(1.0, number * step + side)) for number in range(count)]


def _far(tile: Prediction, thresholds: ThresholdSet) -> bool:
    limit = thresholds.distance_limit
    return tile.distance is not None and limit is not None and tile.distance > limit


def _lowered(score: float, logits: float) -> float:
    """A score with so many logits less."""
    odds = score * math.exp(-logits)
    return odds / (1 - score + odds)


def _stitched(
    whole: Prediction,
    regions: Sequence[Region],
    tiles: Sequence[Prediction],
    known: Sequence[int],
    lowered: float,
) -> NDArray[np.float32]:
    """Heat map of the photograph in the fineness of its tiles: at each place and for each class the strongest.

    Evidence of tiles is lowered like their scores, so that boxes mean the same as in a picture judged whole.
    """
    rows, columns = whole.heatmap.shape[:2]
    if not whole.heatmap.size:
        return whole.heatmap
    left, top, right, bottom = regions[0]
    width, height = round(columns / (right - left)), round(rows / (bottom - top))
    stitched = np.asarray(cv2.resize(whole.heatmap, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    for number in known:
        left, top, right, bottom = regions[number]
        x, y = min(round(left * width), width - columns), min(round(top * height), height - rows)
        place = stitched[y : y + rows, x : x + columns]
        np.maximum(place, tiles[number].heatmap - lowered, out=place)
    return stitched
