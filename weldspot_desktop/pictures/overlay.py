"""Drawing on a picture's pixels: boxes with class label and shape, region of interest, verdict banner.

Pillow draws, because its text knows more than ASCII. The window draws the same marks with its own painter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from weldspot_desktop import labels
from weldspot_desktop.pictures import heatmap
from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.pictures.marks import CLASS_MARKS, STROKE, VERDICT_COLOURS, VERDICT_STROKES, Rgb, text_on

_UNJUDGED: Rgb = (0x5B, 0x63, 0x6D)


@dataclass(frozen=True)
class Box:
    """A class seen at a place.

    Attributes
    ----------
    class_index
        0 to 6.
    region
        Where, 0 to 1 of the picture.
    score
        0 to 1, or None where a person drew it.
    named
        Whether class and score are written beside it; among many boxes of one class it is enough to name one.
    """

    class_index: int
    region: Region
    score: float | None = None
    named: bool = True

    @property
    def text(self) -> str:
        """Class name, with the score if there is one."""
        name = labels.CLASSES[self.class_index]
        return name if self.score is None else f"{name} {self.score:.2f}"


def draw_boxes(pixels: NDArray[np.uint8], boxes: Sequence[Box], *, region: Region | None = None) -> NDArray[np.uint8]:
    """A copy of (h, w, 3) RGB pixels with boxes and the region of interest drawn on it."""
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    line = max(2, round(max(image.size) / 400))
    if region is not None:
        left, top, right, bottom = heatmap.corners(region, *image.size)
        draw.rectangle((left, top, right - 1, bottom - 1), outline=(0, 0, 0), width=line + 2)
        if right - left > 2 and bottom - top > 2:
            draw.rectangle((left + 1, top + 1, right - 2, bottom - 2), outline=(255, 255, 255), width=line)
    # Named ones last: no line of another box crosses their words.
    for box in sorted(boxes, key=lambda box: box.named):
        _box(draw, image.size, box, line)
    return np.array(image, dtype=np.uint8)


def annotate(
    pixels: NDArray[np.uint8],
    *,
    verdict: str | None,
    reason: str,
    logits: NDArray[np.float32] | None = None,
    class_index: int | None = None,
    opacity: float = 0.45,
    boxes: Sequence[Box] = (),
    region: Region | None = None,
) -> NDArray[np.uint8]:
    """A picture for people who have no window: heat map and boxes on it, the verdict in a banner above it.

    Parameters
    ----------
    pixels
        (h, w, 3) uint8 RGB.
    verdict
        The word, or None for a picture that could not be judged.
    reason
        The line under the word.
    logits, class_index
        Evidence of the model, (h, w, 7), and the class to show; no heat map without them.
    opacity
        Of the heat map, 0 to 1.
    boxes, region
        Drawn over the heat map.

    Returns
    -------
    (h + banner, w, 3) uint8
        At least 320 pixels wide, so that the words can be read.
    """
    shown = pixels
    if logits is not None and class_index is not None:
        shown = heatmap.blend(pixels, logits, class_index, opacity=opacity, region=region)
    shown = draw_boxes(shown, boxes, region=region)
    height, width = shown.shape[:2]
    across = max(width, 320)
    note = f"heat map: {labels.CLASSES[class_index]}" if logits is not None and class_index is not None else ""
    banner = _banner(across, verdict, reason, note)
    result = np.zeros((banner.shape[0] + height, across, 3), dtype=np.uint8)
    result[: banner.shape[0]] = banner
    left = (across - width) // 2
    result[banner.shape[0] :, left : left + width] = shown
    return result


def _box(draw: ImageDraw.ImageDraw, size: tuple[int, int], box: Box, line: int) -> None:
    colour = CLASS_MARKS[box.class_index].colour
    left, top, right, bottom = heatmap.corners(box.region, *size)
    draw.rectangle((left, top, right - 1, bottom - 1), outline=colour, width=line)
    if not box.named:
        return
    font = ImageFont.load_default(max(11, min(28, round(max(size) / 45))))
    high = round(font.getbbox("Áy")[3]) + 4
    wide = round(draw.textlength(box.text, font=font)) + high + 6
    # Above the box where there is room, else inside it; never outside the picture.
    x = max(0, min(left, size[0] - wide))
    y = top - high if top >= high else top
    draw.rectangle((x, y, x + wide, y + high), fill=colour)
    text = text_on(colour)
    _shape(draw, box.class_index, (x + high / 2 + 1, y + high / 2), high * 0.32, text)
    draw.text((x + high + 1, y + 1), box.text, fill=text, font=font)


def _banner(width: int, verdict: str | None, reason: str, note: str) -> NDArray[np.uint8]:
    ground = VERDICT_COLOURS[verdict] if verdict is not None else _UNJUDGED
    unit = max(14, min(40, width // 26))
    font, small = ImageFont.load_default(round(unit * 1.5)), ImageFont.load_default(unit * 0.8)
    word = verdict if verdict is not None else "NOT JUDGED"
    image = Image.new("RGB", (width, round(unit * 3.6)), ground)
    draw, text = ImageDraw.Draw(image), text_on(ground)
    middle = unit * 1.25
    for stroke in VERDICT_STROKES.get(verdict or "", ()):
        points = [(unit * 1.3 + x * unit * 0.66, middle + y * unit * 0.66) for x, y in stroke]
        draw.line(points, fill=text, width=max(2, round(unit * 0.66 * STROKE)), joint="curve")
    draw.text((unit * 2.4, middle), word, fill=text, font=font, anchor="lm")
    draw.text((unit * 0.6, unit * 2.8), _fitted(draw, small, reason, width - unit), fill=text, font=small, anchor="lm")
    if note:
        room = width - unit * 3.2 - draw.textlength(word, font=font)
        draw.text((width - unit * 0.6, middle), _fitted(draw, small, note, room), fill=text, font=small, anchor="rm")
    return np.array(image, dtype=np.uint8)


def _shape(draw: ImageDraw.ImageDraw, class_index: int, centre: tuple[float, float], radius: float, fill: Rgb) -> None:
    outline = CLASS_MARKS[class_index].outline
    draw.polygon([(centre[0] + x * radius, centre[1] + y * radius) for x, y in outline], fill=fill)


def _fitted(
    draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str, room: float
) -> str:
    """The text, cut with an ellipsis where it does not fit into `room` pixels."""
    if draw.textlength(text, font=font) <= room:
        return text
    while text and draw.textlength(f"{text}…", font=font) > room:
        text = text[:-1]
    return f"{text.rstrip()}…" if text else ""
