"""How well boxes derived from heat maps agree with what people marked, and the evidence from which a box is drawn."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.metrics import overlap, pointing, proportion
from weldspot_desktop.metrics.overlap import Agreement, Rectangle
from weldspot_desktop.pictures import boxes

LEVELS: Final = tuple(float(level) for level in np.arange(-3.0, 3.01, 0.25))
"""Levels of evidence, as logits, that are tried."""

Regions = dict[int, list[pointing.Region]]
"""Labelled regions of one picture by class index."""


def choose_levels(heatmaps: NDArray[np.float16], regions: Sequence[Regions]) -> dict[str, float]:
    """The level of each class at which derived and labelled boxes agree best (F1 at enough overlap).

    Parameters
    ----------
    heatmaps
        (n, h, w, 7) logits of pictures that the model was not trained on.
    regions
        What was marked in them.

    Returns
    -------
    dict
        A logit by class name; classes that nobody marked are left out.
    """
    levels = {}
    for index in labels.WELD_CLASSES:
        marked = [number for number, found in enumerate(regions) if found.get(index)]
        if not marked:
            continue
        agreements = [_agreement(heatmaps, regions, index, level, marked) for level in LEVELS]
        levels[labels.CLASSES[index]] = LEVELS[int(np.argmax([found.f1 for found in agreements]))]
    return levels


def report(
    heatmaps: NDArray[np.float16],
    regions: Sequence[Regions],
    shown: NDArray[np.bool_],
    levels: dict[str, float],
) -> dict[str, Any]:
    """Shares of derived boxes that meet a labelled one, and of labelled boxes that are met.

    Parameters
    ----------
    heatmaps, regions
        As in `choose_levels`.
    shown
        (n, 7): where boxes are drawn, because the score asks for it; elsewhere none are derived.
    levels
        From `choose_levels`.
    """
    result: dict[str, Any] = {"overlap": overlap.ENOUGH}
    whole = Agreement()
    for name, level in levels.items():
        index = labels.CLASSES.index(name)
        counted = [n for n, found in enumerate(regions) if shown[n, index] or found.get(index)]
        found = _agreement(heatmaps, regions, index, level, counted, shown[:, index])
        whole += found
        result[name] = _shares(found)
    return result | {"all": _shares(whole)}


def _agreement(
    heatmaps: NDArray[np.float16],
    regions: Sequence[Regions],
    index: int,
    level: float,
    chosen: Sequence[int],
    shown: NDArray[np.bool_] | None = None,
) -> Agreement:
    total = Agreement()
    for number in chosen:
        drawn = shown is None or bool(shown[number])
        derived = boxes.derive(heatmaps[number].astype(np.float32), index, level) if drawn else []
        marked = [_rectangle(region) for region in regions[number].get(index, [])]
        total += overlap.agreement([box.region for box in derived], marked)
    return total


def _rectangle(region: pointing.Region) -> Rectangle:
    (left, top), (right, bottom) = region.min(axis=0), region.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def _shares(found: Agreement) -> dict[str, Any]:
    return {
        "derived": proportion.share(found.matched, found.derived).rounded(),
        "labelled": proportion.share(found.matched, found.labelled).rounded(),
    }
