"""One picture in, one verdict out: decode, run the model, apply the rule."""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels, pictures
from weldspot_desktop.inspection import tiles
from weldspot_desktop.model import ModelFile, Prediction, Session
from weldspot_desktop.pictures.boxes import derive, within
from weldspot_desktop.pictures.decode import LARGEST_MEGAPIXELS
from weldspot_desktop.pictures.overlay import Box
from weldspot_desktop.pictures.quality import LIMITS, Limits, failure, measure
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict, judge
from weldspot_desktop.verdict.steadiness import could_turn

Region = tuple[float, float, float, float]
"""Left, top, right and bottom of a region of interest, 0 to 1 of the picture."""

_ROOM: Final = 1.25
"""How much larger than the model's input a picture is decoded at least."""

SECOND_LOOK_MARGIN: Final = 0.025
"""A picture decoded at a reduced scale whose verdict could turn by so much of a score is judged again in full.

Of 753 photographs enlarged to 12 megapixels, decoding at 1/4 turned 14 verdicts: none of them by more than 0.025. The
verdicts of 4 or 5 in 100 lie so near another one.
"""

TILE_MEGAPIXELS: Final = 2.0
"""A photograph with more than these is judged in tiles unless something else is chosen."""


@dataclass(frozen=True, eq=False)
class Assessment:
    """What is found out about pixels.

    Attributes
    ----------
    prediction, judgement
        What the model said and what the rule made of it. The model judges a picture of poor quality too.
    quality
        Measures of the picture, as `pictures.quality.measure` gives them.
    tile
        Part of the picture, in 0 to 1, that decided in tile mode; None where the picture was judged as a whole.
    """

    prediction: Prediction
    judgement: Judgement
    quality: Mapping[str, float]
    tile: Region | None = None


@dataclass(frozen=True)
class Inspected:
    """A picture that was judged, or an `error` that says why it could not be.

    Attributes
    ----------
    origin
        Path, address or name that it came from.
    sha256
        Of the file's bytes, or of the PNG made of a camera frame; None if it could not be read at all.
    width, height
        Of the picture itself, in pixels.
    prediction, judgement
        What the model said and what the rule made of it; None with `error`.
    quality
        Measures of the picture by name; None where none were taken.
    tile
        Part of the picture, in 0 to 1, that decided in tile mode; None where the picture was judged as a whole.
    """

    origin: str
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    prediction: Prediction | None = None
    judgement: Judgement | None = None
    error: str | None = None
    quality: Mapping[str, float] | None = None
    tile: Region | None = None

    @classmethod
    def of(cls, assessment: Assessment, origin: str, sha256: str, size: tuple[int, int]) -> Self:
        """What was found out about the pixels of a picture, with its origin, hash, and (width, height)."""
        return cls(
            origin, sha256, *size, assessment.prediction, assessment.judgement,
            quality=assessment.quality, tile=assessment.tile,
        )  # fmt: skip


class Inspector:
    """Judges pictures with one model and one threshold set; any number of threads may use it at once.

    Parameters
    ----------
    model
        The checked model file.
    thresholds
        The set to judge by; the card's own by default.
    limits
        A picture beyond them is to be taken again; None judges every picture, and measures it all the same.
    tile_megapixels
        A larger picture, or region of one, is judged in tiles as well as whole; None judges all of them whole.
    largest_megapixels
        Larger pictures are refused.
    threads_per_inference
        Threads inside one inference.
    """

    def __init__(
        self,
        model: ModelFile,
        *,
        thresholds: ThresholdSet | None = None,
        limits: Limits | None = LIMITS,
        tile_megapixels: float | None = TILE_MEGAPIXELS,
        largest_megapixels: float = LARGEST_MEGAPIXELS,
        threads_per_inference: int = 1,
    ) -> None:
        self.model = model
        self.thresholds = thresholds if thresholds is not None else model.card.thresholds
        self.limits = limits
        self.tile_megapixels = tile_megapixels
        self._largest_megapixels = largest_megapixels
        self._threads_per_inference = threads_per_inference
        self._local = threading.local()

    @property
    def manner(self) -> str:
        """Twelve digits that stand for all that decides a verdict beside model, thresholds and region.

        Two inspectors that agree in all of them give a picture the same verdict.
        """
        decides = {
            "limits": asdict(self.limits) if self.limits is not None else None,
            "tiles": (self.tile_megapixels, *tiles.RULE) if self.tile_megapixels is not None else None,
            "second look": SECOND_LOOK_MARGIN,
        }
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]

    def file(self, path: Path, *, region: Region | None = None) -> Inspected:
        """Judge a picture file; never raises for what is wrong with the file."""
        try:
            content = pictures.read_file(path)
        except pictures.PictureError as error:
            return Inspected(str(path), error=str(error))
        return self.content(content, origin=str(path), region=region)

    def content(
        self, content: bytes, *, origin: str, region: Region | None = None, sha256: str | None = None
    ) -> Inspected:
        """Judge a picture's bytes; never raises for what is wrong with them. `sha256` saves hashing them again.

        A JPEG is decoded at a reduced scale where the model needs no more; where that could have turned the verdict,
        it is decoded in full and judged again.
        """
        sha256 = sha256 or hashlib.sha256(content).hexdigest()
        try:
            picture = self._decoded(content, reduced=region is None)
            size = picture.width, picture.height
            found = self.pixels(picture.pixels, region=region, size=size)
            if picture.reduced and self._could_turn(found):
                found = self.pixels(self._decoded(content, reduced=False).pixels, region=region, size=size)
        except pictures.PictureError as error:
            return Inspected(origin, sha256=sha256, error=str(error))
        return Inspected.of(found, origin, sha256, size)

    def pixels(
        self, pixels: NDArray[np.uint8], *, region: Region | None = None, size: tuple[int, int] | None = None
    ) -> Assessment:
        """Judge (h, w, 3) RGB pixels, or a region of them.

        Parameters
        ----------
        pixels
            Of the picture; may be fewer than it has, if they are enough for the model and its tiles.
        region
            The part to judge; None judges all.
        size
            Width and height of the picture itself; those of `pixels` by default.
        """
        session = self.session()
        part = crop(pixels, region)
        # What the model gets is measured: it is at hand, and small.
        fitted = session.fit(part)
        quality = measure(fitted)
        prediction = session.run(fitted)
        width, height = size if size is not None else pixels.shape[1::-1]
        if region is not None:
            width, height = round(width * (region[2] - region[0])), round(height * (region[3] - region[1]))
        sources: NDArray[np.intp] | None = None
        layout: tuple[Region, ...] = ()
        if self._in_tiles(width, height):
            layout = tiles.layout(width, height)
            found = [session.run(crop(part, tile)) for tile in layout]
            prediction, sources = tiles.combine(prediction, layout, found, self.thresholds)
        scores = prediction.scores.tolist()
        judgement = judge(
            scores,
            self.thresholds,
            distance=prediction.distance,
            quality_failure=failure(quality, self.limits) if self.limits is not None else None,
        )
        decided = max(judgement.classes, key=lambda index: scores[index], default=None)
        number = sources[decided] if sources is not None and decided is not None else tiles.WHOLE
        tile = tiles.within(layout[number], region) if number != tiles.WHOLE else None
        return Assessment(prediction, judgement, quality, tile)

    def boxes(self, prediction: Prediction, class_index: int, *, region: Region | None = None) -> list[Box]:
        """Where a class was seen, as boxes of the whole picture; none where its score is under the lower threshold.

        Parameters
        ----------
        prediction
            By this inspector's model.
        class_index
            0 to 6.
        region
            What was judged; None for the whole picture.
        """
        level = self.model.card.box_levels.get(labels.CLASSES[class_index])
        if (
            level is None
            or not prediction.heatmap.size
            or prediction.scores[class_index] < self.thresholds.lower[class_index]
        ):
            return []
        return within(derive(prediction.heatmap, class_index, level), region)

    def session(self) -> Session:
        """Interpreter of the calling thread, opened at its first use."""
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = Session(self.model, threads=self._threads_per_inference)
        return session

    def _decoded(self, content: bytes, *, reduced: bool) -> pictures.Picture:
        at_least = self.enough if reduced else None
        return pictures.decode(content, at_least=at_least, largest_megapixels=self._largest_megapixels)

    def _could_turn(self, found: Assessment) -> bool:
        if found.judgement.verdict is Verdict.RETAKE:
            return False
        scores, distance = found.prediction.scores.tolist(), found.prediction.distance
        return could_turn(scores, self.thresholds, margin=SECOND_LOOK_MARGIN, distance=distance)

    def _in_tiles(self, width: int, height: int) -> bool:
        return self.tile_megapixels is not None and width * height > self.tile_megapixels * 1e6

    def enough(self, width: int, height: int) -> tuple[int, int]:
        """Width and height that a picture must be decoded to.

        Somewhat more than the model's input: a JPEG decoded to exactly that size differs from one that is shrunk to
        it by so much that some verdicts near a threshold turn.
        """
        size = self.session().input_size
        if self._in_tiles(width, height):
            return tiles.enough(width, height, size)
        return round(_ROOM * size[0]), round(_ROOM * size[1])


def crop(pixels: NDArray[np.uint8], region: Region | None) -> NDArray[np.uint8]:
    """The region of (h, w, 3) pixels, at least one pixel in each direction; all of them for None."""
    if region is None:
        return pixels
    height, width = pixels.shape[:2]
    left, top = int(region[0] * width), int(region[1] * height)
    right, bottom = round(region[2] * width), round(region[3] * height)
    return pixels[min(top, height - 1) : max(bottom, top + 1), min(left, width - 1) : max(right, left + 1)]
