"""What a model file says of labelled pictures, by the way that inspection takes, outside the process that trains."""

import statistics
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import pictures
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.model import ModelFile, Prediction, Session
from weldspot_desktop.pictures.quality import measure
from weldspot_desktop.registry.evaluation import Scored, heat_points
from weldspot_desktop.registry.localisation import Regions

_LATENCY_RUNS: Final = 50


class ScoringError(ExpectedError):
    """Pictures that a model cannot be evaluated on."""


@dataclass(frozen=True)
class LabelledFile:
    """A picture whose truth is known.

    Attributes
    ----------
    path, sha256
        The file.
    classes
        Indices of what it shows.
    regions
        Where classes were marked.
    group
        Number of what belongs together; pictures of one group are not independent.
    source
        Where it comes from, for a slice.
    name
        For people.
    """

    path: Path
    sha256: str
    classes: tuple[int, ...]
    regions: Regions
    group: int
    source: str
    name: str


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Scores beside the truth, with what slices are made of.

    Attributes
    ----------
    scored
        Scores, truth, heat maps.
    sources, names
        n texts.
    brightness, blur : (n,), as `pictures.quality.measure` gives them; NaN where there is no edge to measure blur at
    """

    scored: Scored
    sources: tuple[str, ...]
    names: tuple[str, ...]
    brightness: NDArray[np.float64]
    blur: NDArray[np.float64]


def score(
    model: ModelFile,
    files: Sequence[LabelledFile],
    *,
    threads: int = 2,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluated:
    """Let a model file judge pictures.

    Parameters
    ----------
    model
        The file.
    files
        The pictures; they keep their order.
    threads
        Pictures at the same time, each with an interpreter of its own.
    advance
        Called in the calling thread with pictures done and in all; what it raises ends the work.

    Raises
    ------
    ScoringError
        If there are no pictures, or one cannot be read: figures about others would not be those that are asked for.
    """
    if not files:
        raise ScoringError("There are no pictures to evaluate the model on.", "Import some: weldspot dataset import.")
    local = threading.local()

    def judged(file: LabelledFile) -> tuple[Prediction, dict[str, float]]:
        session: Session | None = getattr(local, "session", None)
        if session is None:
            session = local.session = Session(model)
        try:
            picture = pictures.decode(pictures.read_file(file.path), at_least=session.input_size)
        except pictures.PictureError as error:
            raise ScoringError(f"The picture {file.name} cannot be read: {error}", "Nothing was changed.") from error
        fitted = session.fit(picture.pixels)
        return session.run(fitted), measure(fitted)

    found: list[tuple[Prediction, dict[str, float]]] = []
    with ThreadPoolExecutor(threads, thread_name_prefix="evaluation") as pool:
        try:
            for answer in pool.map(judged, files):
                found.append(answer)
                advance(len(found), len(files))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    predictions = [prediction for prediction, _ in found]
    truth = np.zeros((len(files), predictions[0].scores.size), dtype=np.bool_)
    for row, file in enumerate(files):
        truth[row, list(file.classes)] = True
    scored = Scored(
        sha256=tuple(file.sha256 for file in files),
        truth=truth,
        scores=np.array([prediction.scores for prediction in predictions], dtype=np.float32),
        points=np.array([_points(prediction) for prediction in predictions], dtype=np.float32),
        distances=np.array([np.nan if p.distance is None else p.distance for p in predictions], dtype=np.float32),
        heatmaps=np.array([prediction.heatmap for prediction in predictions], dtype=np.float16),
        groups=np.array([file.group for file in files], dtype=np.intp),
        regions=tuple(file.regions for file in files),
    )
    return Evaluated(
        scored,
        tuple(file.source for file in files),
        tuple(file.name for file in files),
        np.array([quality["brightness"] for _, quality in found]),
        np.array([quality.get("blur", np.nan) for _, quality in found]),
    )


def latency(model: ModelFile, threads: int) -> float:
    """Median time of one inference in milliseconds, here and now."""
    session = Session(model, threads=threads)
    width, height = session.input_size
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    return round(statistics.median(session.run(picture).milliseconds for _ in range(_LATENCY_RUNS)), 2)


def _points(prediction: Prediction) -> NDArray[np.float32]:
    if not prediction.heatmap.size:
        return np.full((prediction.scores.size, 2), np.nan, dtype=np.float32)
    return heat_points(prediction.heatmap)
