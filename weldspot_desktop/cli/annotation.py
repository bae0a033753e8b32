"""Annotated pictures for `weldspot inspect --annotate`: heat map, boxes and verdict on the picture."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from weldspot_desktop import pictures
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.pictures import overlay
from weldspot_desktop.verdict.guidance import deciding_class, reason_line

_LARGEST_SIDE = 1600


class AnnotationError(ExpectedError):
    """An annotated picture that cannot be written."""


def annotated(rows: Iterable[Inspected], folder: Path, inspector: Inspector, opacity: float) -> Iterator[Inspected]:
    """Write an annotated JPEG for every judged picture file, on its way through.

    Parameters
    ----------
    folder
        Made if missing. Files are named by number and the picture's own name, so that two pictures of one
        name do not meet.
    inspector
        What judged the rows; knows from what evidence a box is drawn.
    opacity
        Of the heat map, 0 to 1.

    Raises
    ------
    AnnotationError
        If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, row in enumerate(rows, start=1):
            if row.judgement is not None and Path(row.origin).is_file():
                _write(row, folder / f"{number:05d}-{Path(row.origin).stem[:80]}.jpg", inspector, opacity)
            yield row
    except OSError as error:
        raise AnnotationError(f"The annotated pictures could not be written: {error.strerror or error}.") from error


def _write(row: Inspected, path: Path, inspector: Inspector, opacity: float) -> None:
    assert row.prediction is not None
    assert row.judgement is not None
    content = pictures.read_file(Path(row.origin))
    picture = pictures.decode(content, at_least=(_LARGEST_SIDE, _LARGEST_SIDE))
    image = Image.fromarray(picture.pixels)
    image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    evidence = row.prediction
    if evidence.heatmap.size == 0 and not inspector.model.card.is_first_generation:
        # Records hold no heat map: it is computed again.
        evidence = inspector.content(content, origin=row.origin).prediction or evidence
    shown = deciding_class(row.judgement, row.prediction.scores.tolist())
    drawn = overlay.annotate(
        np.asarray(image),
        verdict=row.judgement.verdict.value,
        reason=reason_line(row.judgement),
        logits=evidence.heatmap if evidence.heatmap.size else None,
        class_index=shown,
        boxes=inspector.boxes(evidence, shown),
        opacity=opacity,
    )
    Image.fromarray(drawn).save(path, quality=90)
