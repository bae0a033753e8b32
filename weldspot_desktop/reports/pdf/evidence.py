"""The picture of a weld, and beside it the same picture with heat map and boxes."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.colors import HexColor, white
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Paragraph

from weldspot_desktop import labels
from weldspot_desktop.pictures import heatmap, marks
from weldspot_desktop.pictures.boxes import derive, within
from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.pictures.overlay import Box
from weldspot_desktop.reports.pdf.drawings import Drawing, draw_mark
from weldspot_desktop.reports.pdf.style import BOLD, GROUND, LINE, MUTED, REGULAR, STYLES, colour, printable
from weldspot_desktop.reports.records import Record
from weldspot_desktop.store.found_picture import find_picture
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict
from weldspot_desktop.verdict.guidance import deciding_class

LARGEST_SIDE: Final = 640
"""Pixels of a printed picture: 190 to the inch at the width it has on paper."""

_QUALITY: Final = 80
_GAP: Final = 4 * mm
_HIGHEST: Final = 54 * mm
_EMPTY: Final = 24 * mm
_CAPTION: Final = 4.6 * mm
_HEAT_SIDE: Final = 200


@dataclass(frozen=True)
class Evidence:
    """What there is to see of a weld.

    Attributes
    ----------
    jpeg
        The picture, small enough to print; None if there is none.
    sentence
        Where it comes from, or why there is none.
    heat
        Heat map as PNG with opacity; None if none was kept.
    class_index
        Whose evidence the heat map shows.
    region
        The region of interest, 0 to 1 of the picture, which the heat map covers; None for all of it.
    tile
        The part that decided, where the picture was judged in tiles.
    boxes
        Where the model saw the class.
    measured
        Where people measured findings.
    """

    jpeg: bytes | None
    sentence: str
    size: tuple[int, int] = (0, 0)
    heat: bytes | None = None
    class_index: int = 0
    region: Region | None = None
    tile: Region | None = None
    boxes: tuple[Box, ...] = ()
    measured: tuple[Box, ...] = ()


def gather(
    record: Record,
    kept: Path | None,
    logits: NDArray[np.float32] | None,
    *,
    opacity: float,
    box_levels: Mapping[str, float] | None,
) -> Evidence:
    """Read the picture of a record and prepare what is drawn on it.

    Parameters
    ----------
    record
        Whose.
    kept
        File in the workspace; None if it was not kept.
    logits
        (h, w, 7) evidence; None if it was not kept.
    opacity
        Of the heat map, 0 to 1.
    box_levels
        By class name, of the model that judged; None if it is not known here.
    """
    row = record.inspection
    found = find_picture(kept, row, side=LARGEST_SIDE)
    if found.pixels is None:
        return Evidence(None, found.sentence)
    pixels = _shrunk(found.pixels, LARGEST_SIDE)
    height, width = pixels.shape[:2]
    region, tile = _region(row.region), _region(row.tile)
    measured = tuple(
        Box(finding.class_index, position, named=True)
        for finding in record.findings
        if (position := _region(finding.position)) is not None
    )
    heat: bytes | None = None
    class_index = 0
    boxes: tuple[Box, ...] = ()
    if logits is not None and row.scores is not None and row.verdict is not None:
        # The program's own verdict, whatever a person said later: the map shows what the program saw.
        judgement = Judgement(Verdict(row.verdict), tuple(row.classes), "")
        class_index = deciding_class(judgement, row.scores)
        left, top, right, bottom = heatmap.corners(region, width, height)
        heat = _heat(logits, class_index, (right - left, bottom - top), opacity)
        boxes = _boxes(record, logits, class_index, box_levels, region)
    return Evidence(_jpeg(pixels), found.sentence, (width, height), heat, class_index, region, tile, boxes, measured)


class PicturePair(Drawing):
    """Two pictures beside each other with a line under each."""

    def __init__(self, width: float, evidence: Evidence) -> None:
        self._each = (width - _GAP) / 2
        if evidence.jpeg is None:
            self._shown = (self._each, _EMPTY)
        else:
            scale = min(self._each / evidence.size[0], _HIGHEST / evidence.size[1])
            self._shown = (evidence.size[0] * scale, evidence.size[1] * scale)
        # Words beside a very low picture need room too.
        self._box = max(self._shown[1], 12 * mm)
        super().__init__(width, self._box + _CAPTION)
        self._evidence = evidence

    def draw(self) -> None:
        evidence = self._evidence
        if evidence.jpeg is None:
            self._nothing(0, self.width, evidence.sentence)
            return
        self._picture(0)
        self._frames(0, evidence.measured, evidence.region)
        if evidence.tile is not None:
            self._frame(self._inside(0, evidence.tile), dashes=(3, 2))
        self._caption(0, _caption(evidence))
        second = self._each + _GAP
        if evidence.heat is None:
            self._nothing(second, self._each, "No heat map was kept with this inspection.")
            return
        self._picture(second)
        x, y, wide, high = self._inside(second, evidence.region or (0.0, 0.0, 1.0, 1.0))
        self.canv.drawImage(ImageReader(io.BytesIO(evidence.heat)), x, y, wide, high, mask="auto")
        self._frames(second, evidence.boxes, None)
        words = f"Heat map: where the model saw {labels.CLASSES[evidence.class_index]}"
        self._caption(second, words)

    def _picture(self, left: float) -> None:
        assert self._evidence.jpeg is not None
        x, y, wide, high = self._inside(left, (0.0, 0.0, 1.0, 1.0))
        self.canv.drawImage(ImageReader(io.BytesIO(self._evidence.jpeg)), x, y, wide, high)
        self.canv.setStrokeColor(LINE)
        self.canv.setLineWidth(0.4)
        self.canv.rect(x, y, wide, high, stroke=1, fill=0)

    def _inside(self, left: float, region: Region) -> tuple[float, float, float, float]:
        """Lower left corner, width and height of a region of the picture whose box begins at `left`."""
        wide, high = self._shown
        x = left
        y = _CAPTION + (self._box - high) / 2
        return (
            x + region[0] * wide,
            y + (1 - region[3]) * high,
            (region[2] - region[0]) * wide,
            (region[3] - region[1]) * high,
        )

    def _frames(self, left: float, boxes: Sequence[Box], region: Region | None) -> None:
        canvas = self.canv
        if region is not None:
            self._frame(self._inside(left, region), dashes=())
        for box in sorted(boxes, key=lambda box: box.named):
            x, y, wide, high = self._inside(left, box.region)
            rgb = marks.CLASS_MARKS[box.class_index].colour
            canvas.setStrokeColor(colour(rgb))
            canvas.setLineWidth(1.2)
            canvas.rect(x, y, wide, high, stroke=1, fill=0)
            if box.named:
                self._label(left, box, x, y + high)

    def _frame(self, place: tuple[float, float, float, float], *, dashes: tuple[int, ...]) -> None:
        """A white line on a black one: seen on any picture."""
        for line, ink in ((1.8, HexColor("#000000")), (0.8, white)):
            self.canv.setDash(list(dashes) if ink is white else [])
            self.canv.setStrokeColor(ink)
            self.canv.setLineWidth(line)
            self.canv.rect(*place, stroke=1, fill=0)
        self.canv.setDash()

    def _label(self, left: float, box: Box, x: float, top: float) -> None:
        canvas, size, high = self.canv, 6.0, 8.5
        wide = canvas.stringWidth(box.text, BOLD, size) + high + 3
        rgb = marks.CLASS_MARKS[box.class_index].colour
        edge_left, edge_bottom, across, up = self._inside(left, (0.0, 0.0, 1.0, 1.0))
        x = max(edge_left, min(x, edge_left + across - wide))
        y = top if top + high <= edge_bottom + up else top - high
        canvas.setFillColor(colour(rgb))
        canvas.rect(x, y, wide, high, stroke=0, fill=1)
        canvas.setFillColor(colour(marks.text_on(rgb)))
        canvas.setFont(BOLD, size)
        canvas.drawString(x + high, y + 2.4, box.text)
        draw_mark(canvas, box.class_index, x + 1.4, y + 1.4, high - 2.8)

    def _nothing(self, left: float, width: float, sentence: str) -> None:
        canvas = self.canv
        canvas.setFillColor(GROUND)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.setDash(3, 2)
        canvas.rect(left, _CAPTION, width, self._box, stroke=1, fill=1)
        canvas.setDash()
        words = Paragraph(_escaped(printable(sentence)), STYLES["muted"])
        room = width - 8 * mm
        height = words.wrap(room, self._box)[1]
        words.drawOn(canvas, left + 4 * mm, _CAPTION + (self._box - height) / 2)

    def _caption(self, left: float, words: str) -> None:
        self.canv.setFillColor(MUTED)
        self.canv.setFont(REGULAR, 7)
        self.canv.drawString(left, 1.4 * mm, words)


def _caption(evidence: Evidence) -> str:
    parts = ["Picture"]
    if evidence.measured:
        parts.append("boxes: findings")
    if evidence.region is not None:
        parts.append("frame: what was judged")
    if evidence.tile is not None:
        parts.append("dashes: the tile that decided")
    return "; ".join(parts)


def _boxes(
    record: Record,
    logits: NDArray[np.float32],
    class_index: int,
    levels: Mapping[str, float] | None,
    region: Region | None,
) -> tuple[Box, ...]:
    """As the window draws them: none where the score is under the lower threshold."""
    row = record.inspection
    level = (levels or {}).get(labels.CLASSES[class_index])
    if level is None or row.scores is None or row.thresholds is None:
        return ()
    if row.scores[class_index] < ThresholdSet.model_validate(row.thresholds).lower[class_index]:
        return ()
    return tuple(within(derive(logits, class_index, level), region))


def _heat(logits: NDArray[np.float32], class_index: int, size: tuple[int, int], opacity: float) -> bytes:
    scale = min(1.0, _HEAT_SIDE / max(size))
    colours = heatmap.rgba(logits, class_index, max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    colours[..., 3] = np.round(colours[..., 3] * opacity).astype(np.uint8)
    packed = io.BytesIO()
    Image.fromarray(colours).save(packed, "PNG", compress_level=1)
    return packed.getvalue()


def _shrunk(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=_QUALITY)
    return packed.getvalue()


def _region(values: Sequence[float] | None) -> Region | None:
    """Four numbers within 0 to 1 in their order; anything else is no region."""
    if values is None or len(values) != 4:
        return None
    left, top, right, bottom = (min(1.0, max(0.0, float(value))) for value in values)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _escaped(text: str) -> Any:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
