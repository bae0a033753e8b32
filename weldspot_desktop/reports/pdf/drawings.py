"""What the program draws itself: verdict band, scores with thresholds, marks, signs, lines for signatures."""

from collections.abc import Sequence
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus.flowables import Flowable

from weldspot_desktop import labels
from weldspot_desktop.pictures import marks
from weldspot_desktop.reports.pdf.style import BOLD, GROUND, INK, LINE, MUTED, REGULAR, colour
from weldspot_desktop.verdict import ThresholdSet

NOT_JUDGED: Final = "NOT JUDGED"
_UNJUDGED: Final[marks.Rgb] = (0x5B, 0x63, 0x6D)


def draw_mark(canvas: Any, class_index: int, x: float, y: float, side: float) -> None:
    """The mark of a class in a square whose lower left corner is given."""
    half = side / 2
    path = canvas.beginPath()
    for place, (across, down) in enumerate(marks.CLASS_MARKS[class_index].outline):
        point = x + half + across * half * 0.9, y + half - down * half * 0.9
        (path.lineTo if place else path.moveTo)(*point)
    path.close()
    canvas.setFillColor(colour(marks.CLASS_MARKS[class_index].colour))
    canvas.setStrokeColor(HexColor(marks.CLASS_EDGES[class_index][0]))
    canvas.setLineWidth(0.6)
    canvas.setLineJoin(1)
    canvas.drawPath(path, stroke=1, fill=1)


def draw_sign(canvas: Any, verdict: str, x: float, y: float, side: float, ink: Any) -> None:
    """The sign of a verdict in a square whose lower left corner is given."""
    half = side / 2
    canvas.setStrokeColor(ink)
    canvas.setLineWidth(half * marks.STROKE)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for stroke in marks.VERDICT_STROKES.get(verdict, ()):
        path = canvas.beginPath()
        for place, (across, down) in enumerate(stroke):
            (path.lineTo if place else path.moveTo)(x + half + across * half * 0.9, y + half - down * half * 0.9)
        canvas.drawPath(path, stroke=1, fill=0)
    canvas.setLineCap(0)


def fitted(canvas: Any, text: str, font: str, size: float, room: float) -> str:
    """The text, cut with an ellipsis where it does not fit."""
    if canvas.stringWidth(text, font, size) <= room:
        return text
    while text and canvas.stringWidth(f"{text}…", font, size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…" if text else ""


class Drawing(Flowable):  # type: ignore[misc]
    """A flowable of a fixed size."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width = width
        self.height = height

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def split(self, _width: float, _height: float) -> list[Any]:
        return []


class VerdictBand(Drawing):
    """Verdict in force with its sign and reason, the weld and its number, over the whole width.

    Parameters
    ----------
    verdict
        One of the five words, or `NOT_JUDGED`.
    reason, weld, number, note
        The line under the word; at the right the weld over its number; behind the word, "by override".
    """

    def __init__(self, width: float, *, verdict: str, reason: str, weld: str, number: str, note: str) -> None:
        super().__init__(width, 13 * mm)
        self._verdict, self._reason, self._weld, self._number, self._note = verdict, reason, weld, number, note

    def draw(self) -> None:
        canvas = self.canv
        ground = marks.VERDICT_COLOURS.get(self._verdict, _UNJUDGED)
        ink = colour(marks.text_on(ground))
        canvas.setFillColor(colour(ground))
        canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        draw_sign(canvas, self._verdict, 3.2 * mm, 3.4 * mm, 6.4 * mm, ink)
        canvas.setFillColor(ink)
        left, half = 13 * mm, self.width * 0.56
        canvas.setFont(BOLD, 14)
        canvas.drawString(left, self.height - 6.3 * mm, self._verdict)
        if self._note:
            canvas.setFont(REGULAR, 9)
            beside = left + canvas.stringWidth(self._verdict, BOLD, 14) + 6
            canvas.drawString(beside, self.height - 6.3 * mm, self._note)
        canvas.setFont(REGULAR, 8.5)
        canvas.drawString(left, 2.8 * mm, fitted(canvas, self._reason, REGULAR, 8.5, half + 14 * mm - left))
        edge = self.width - 3 * mm
        canvas.setFont(BOLD, 11)
        canvas.drawRightString(edge, self.height - 6.1 * mm, fitted(canvas, self._weld, BOLD, 11, edge - half))
        canvas.setFont(REGULAR, 8.5)
        canvas.drawRightString(edge, 2.8 * mm, self._number)


class ScoreBars(Drawing):
    """Seven scores as bars, with the thresholds that they were judged by.

    Parameters
    ----------
    scores
        In class order; None for a picture that was not judged.
    thresholds
        The set; None if it is not known.
    deciding
        Classes that decided the verdict: their words are bold.
    """

    _ROW: Final = 5.1 * mm

    def __init__(
        self,
        width: float,
        scores: Sequence[float] | None,
        thresholds: ThresholdSet | None,
        deciding: Sequence[int],
    ) -> None:
        super().__init__(width, self._ROW * labels.COUNT + 4.5 * mm)
        self._scores, self._thresholds, self._deciding = scores, thresholds, set(deciding)

    def draw(self) -> None:
        canvas = self.canv
        if self._scores is None:
            canvas.setFont(REGULAR, 8.5)
            canvas.setFillColor(MUTED)
            canvas.drawString(0, self.height - 4 * mm, "Not judged: there are no scores.")
            return
        for index, score in enumerate(self._scores):
            self._row(index, min(1.0, max(0.0, score)), self.height - (index + 1) * self._ROW)
        canvas.setFont(REGULAR, 6.8)
        canvas.setFillColor(MUTED)
        words = "Scores 0 to 1. Lines: lower (short) and upper (long) threshold."
        canvas.drawString(0, 0.8 * mm, words if self._thresholds is not None else "Scores 0 to 1.")

    def _row(self, index: int, score: float, bottom: float) -> None:
        canvas = self.canv
        font = BOLD if index in self._deciding else REGULAR
        middle, high = bottom + self._ROW / 2, 2.6 * mm
        left, right = 37 * mm, self.width - 9 * mm
        draw_mark(canvas, index, 0, middle - 1.5 * mm, 3 * mm)
        canvas.setFillColor(INK)
        canvas.setFont(font, 8)
        canvas.drawString(4.4 * mm, middle - 2.8, labels.CLASSES[index])
        canvas.drawRightString(self.width, middle - 2.8, f"{score:.2f}")
        canvas.setFillColor(GROUND)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.4)
        canvas.rect(left, middle - high / 2, right - left, high, stroke=1, fill=1)
        canvas.setFillColor(colour(marks.CLASS_MARKS[index].colour))
        canvas.setStrokeColor(HexColor(marks.CLASS_EDGES[index][0]))
        canvas.rect(left, middle - high / 2, (right - left) * score, high, stroke=1, fill=1)
        if self._thresholds is not None:
            ticks = [(self._thresholds.upper[index], 2.2 * mm)]
            if index in labels.DEFECTS:
                ticks.append((self._thresholds.lower[index], 1.6 * mm))
            canvas.setStrokeColor(INK)
            canvas.setLineWidth(0.9)
            for at, reach in ticks:
                x = left + (right - left) * at
                canvas.line(x, middle - reach, x, middle + reach)


class _Labelled(Drawing):
    """Words with something small before them."""

    _SIDE: Final = 8.0

    def __init__(self, words: Any) -> None:
        super().__init__(0, 0)
        self._words = words

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        self.height = self._words.wrap(width - self._SIDE - 4, height)[1]
        return self.width, self.height

    def draw(self) -> None:
        self._words.drawOn(self.canv, self._SIDE + 4, 0)
        first = self.height - self._words.style.leading / 2 - self._SIDE / 2 - 0.6
        self._sign(0.0, first)

    def _sign(self, x: float, y: float) -> None:
        raise NotImplementedError


class LabelledMark(_Labelled):
    """Words after the mark of a class."""

    def __init__(self, class_index: int, words: Any) -> None:
        super().__init__(words)
        self._class_index = class_index

    def _sign(self, x: float, y: float) -> None:
        if self._class_index < labels.COUNT:
            draw_mark(self.canv, self._class_index, x, y, self._SIDE)


class LabelledSign(_Labelled):
    """Words after the sign of a verdict."""

    def __init__(self, verdict: str, words: Any) -> None:
        super().__init__(words)
        self._verdict = verdict

    def _sign(self, x: float, y: float) -> None:
        ink = HexColor(marks.VERDICT_TEXTS.get(self._verdict, ("#565c65", ""))[0])
        draw_sign(self.canv, self._verdict, x, y, self._SIDE, ink)


class SignatureLine(Drawing):
    """Lines for name, signature and date."""

    _PARTS: Final = ((0.0, 0.36, "name"), (0.4, 0.36, "signature"), (0.8, 0.2, "date"))

    def __init__(self, role: str, width: float) -> None:
        super().__init__(width, 11 * mm)
        self._role = role

    def draw(self) -> None:
        canvas = self.canv
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.6)
        for start, share, what in self._PARTS:
            x, wide = self.width * start, self.width * share
            canvas.line(x, 5 * mm, x + wide, 5 * mm)
            canvas.setFont(REGULAR, 8)
            canvas.setFillColor(MUTED)
            canvas.drawString(x, 1 * mm, f"{self._role}, {what}" if start == 0 else what.capitalize())
