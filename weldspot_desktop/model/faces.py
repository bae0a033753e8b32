"""Faces in a picture, found by BlazeFace, so that they can be made unrecognisable.

The network is MediaPipe's for the rear cameras of phones, 256 pixels wide. Against its relatives for short and for full
range it found the smallest faces at the same number of welds taken for one. A picture is looked at as a whole and in
four overlapping parts, so that faces from about a twentieth of the picture's width on are found. Faces that lie on
their side, or hide behind a welder's shield, are not.

Source: V. Bazarevsky et al., BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs, 2019; anchors and the
coding of boxes as in MediaPipe's `face_detection_back_desktop_live.pbtxt`.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from weldspot_desktop import paths

FILE: Final = ("faces", "blazeface-back.tflite")

THRESHOLD: Final = 0.8
"""Least score of a face: the highest of 753 photographs of welds without a face is 0.77 (`tests/bench/faces.py`)."""

_SIZE: Final = 256
_GRIDS: Final = ((16, 2), (8, 6))
"""Cells along each side, and anchors in each cell."""

_PART: Final = 0.6
"""Width and height of the four parts, of the picture's."""

_SAME: Final = 0.3
"""Overlap (intersection over union) from which two boxes are one face."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Face:
    """A face that was found.

    Attributes
    ----------
    box
        Left, top, right and bottom, 0 to 1 of the picture; may reach over its edges.
    score
        0 to 1.
    """

    box: Box
    score: float


class FaceDetector:
    """An interpreter for one thread.

    Parameters
    ----------
    threshold
        Least score of a face.

    Raises
    ------
    ResourceMissingError
        If the model file is missing from the installation.
    """

    def __init__(self, *, threshold: float = THRESHOLD) -> None:
        self._threshold = threshold
        self._interpreter = Interpreter(model_content=paths.resource(*FILE).read_bytes(), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = {tuple(found["shape"]): found["index"] for found in self._interpreter.get_output_details()}
        self._anchors = _anchors()
        self._scores = outputs[1, len(self._anchors), 1]
        self._boxes = outputs[1, len(self._anchors), 16]

    def find(self, pixels: NDArray[np.uint8]) -> list[Face]:
        """All faces of (h, w, 3) RGB pixels, the surest first, each once."""
        height, width = pixels.shape[:2]
        found = [face for part in _parts(width, height) for face in self._look(pixels, part)]
        if not found:
            return []
        # A whole number of pixels is what the library takes: a ten-thousandth of the picture is fine enough.
        boxes = [[round(1e4 * edge) for edge in (left, top, right - left, bottom - top)]
                 for left, top, right, bottom in (face.box for face in found)]  # fmt: skip
        kept = cv2.dnn.NMSBoxes(boxes, [face.score for face in found], self._threshold, _SAME)
        return [found[index] for index in np.asarray(kept).ravel()]

    def _look(self, pixels: NDArray[np.uint8], part: tuple[int, int, int, int]) -> list[Face]:
        """Faces in a part of the picture, given in pixels, as boxes of the whole."""
        left, top, right, bottom = part
        height, width = pixels.shape[:2]
        scale = _SIZE / max(right - left, bottom - top)
        inner = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
        across, down = (_SIZE - inner[0]) // 2, (_SIZE - inner[1]) // 2
        square = np.zeros((_SIZE, _SIZE, 3), dtype=np.uint8)
        square[down : down + inner[1], across : across + inner[0]] = cv2.resize(
            pixels[top:bottom, left:right], inner, interpolation=cv2.INTER_AREA
        )
        self._interpreter.set_tensor(self._input, (square.astype(np.float32) / 127.5 - 1)[None])
        self._interpreter.invoke()
        logits = self._interpreter.get_tensor(self._scores)[0, :, 0]
        scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
        sure = np.flatnonzero(scores >= self._threshold)
        coded = self._interpreter.get_tensor(self._boxes)[0, sure, :4]
        centres = self._anchors[sure] * _SIZE + coded[:, :2] - (across, down)
        low, high = centres - coded[:, 2:] / 2, centres + coded[:, 2:] / 2
        origin, size = np.array((left, top)), np.array((width, height))
        low, high = (low / scale + origin) / size, (high / scale + origin) / size
        return [
            Face((float(a[0]), float(a[1]), float(b[0]), float(b[1])), float(score))
            for a, b, score in zip(low, high, scores[sure], strict=True)
            if (b > a).all()
        ]


def _parts(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """The whole, and four parts where they show more than the whole does."""
    whole = (0, 0, width, height)
    if max(width, height) <= _SIZE:
        return [whole]
    across, down = max(1, round(width * _PART)), max(1, round(height * _PART))
    return [
        whole,
        *((x, y, x + across, y + down) for y in (0, height - down) for x in (0, width - across)),
    ]


def _anchors() -> NDArray[np.float64]:
    """Middles of the anchors, 0 to 1, in the order of the network's answers: (896, 2)."""
    made = []
    for cells, each in _GRIDS:
        middles = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
        made.append(np.repeat(grid, each, axis=0))
    return np.concatenate(made)
