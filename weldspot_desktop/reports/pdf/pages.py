"""Pages that fill from top to bottom: blocks kept together, tables with their head again, numbers at the foot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from reportlab.lib.units import mm

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.reports.pdf.spooled import SpooledCanvas
from weldspot_desktop.reports.pdf.style import LINE, MUTED, REGULAR

STATEMENT: Final = "A score from a photograph is a suspicion, never an acceptance."
_MARGIN: Final = 18 * mm
_TOP: Final = 16 * mm
_BOTTOM: Final = 20 * mm
_TOTAL: Final = "PagesInAll"
_FEW: Final = 8
"""Rows of a table that stays on one page."""

_FOOT_SIZE: Final = 8
_FOOT_DOWN: Final = 8 * mm
_COUNT: Final = 6 * mm
"""Room for how many pages there are."""

_HAIR: Final = 1e-6


class LayoutError(ExpectedError):
    """Something that a template wants on a page does not fit on one."""


@dataclass(frozen=True)
class Space:
    """Room between two things; left out at the top of a page."""

    height: float


@dataclass(frozen=True)
class PageBreak:
    """What follows begins a page."""


@dataclass(frozen=True)
class Rows:
    """A table: its head comes again on every page."""

    head: Any | None
    rows: Sequence[Any]


@dataclass(frozen=True)
class Heading:
    """A line that does not stand alone at the foot of a page."""

    flowable: Any
    follows: float = 30 * mm


Item = Space | PageBreak | Rows | Heading | Any
"""What a block is made of; Any is a flowable of reportlab."""


class Pages:
    """A document that is written block by block.

    Parameters
    ----------
    file
        Where it goes.
    size
        Width and height of a page, in points.
    foot
        Short words at the left of every foot.
    title, author
        Of the document's properties.
    """

    def __init__(self, file: IO[bytes], size: tuple[float, float], *, foot: str, title: str, author: str) -> None:
        self.canvas = SpooledCanvas(file, size)
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setCreator("WeldSpot Desktop")
        self.width = size[0] - 2 * _MARGIN
        self._size = size
        self._full = size[1] - _TOP - _BOTTOM
        self._foot = foot
        self._y = size[1] - _TOP
        self._empty = True
        self._number = 1

    def put(self, block: Sequence[Item]) -> None:
        """Add a block: on this page if it fits, else on the next, over several if it is longer than one.

        Raises
        ------
        LayoutError
            If one thing in it is higher than a page.
        """
        broken = any(isinstance(item, PageBreak) for item in block)
        if not broken and not self._empty:
            height = sum(self._height(item) for item in block)
            if height > self._room:
                self._turn()
        for item in block:
            self._place(item)

    def skip(self, height: float) -> None:
        """Leave room before the next block."""
        self._place(Space(height))

    def save(self) -> int:
        """Write the document; returns how many pages it has."""
        if not self._empty:
            self._end_page()
        else:
            self._number -= 1
        canvas, size = self.canvas, self._size
        canvas.beginForm(_TOTAL, 0, 0, *size)
        canvas.setFont(REGULAR, _FOOT_SIZE)
        canvas.setFillColor(MUTED)
        canvas.drawString(size[0] - _MARGIN - _COUNT, _BOTTOM - _FOOT_DOWN, str(self._number))
        canvas.endForm()
        canvas.save()
        return self._number

    def close(self) -> None:
        """Let go of what waits on the disk."""
        self.canvas.close()

    @property
    def _room(self) -> float:
        return float(self._y - _BOTTOM + _HAIR)

    def _place(self, item: Item) -> None:
        if isinstance(item, PageBreak):
            if not self._empty:
                self._turn()
        elif isinstance(item, Space):
            if not self._empty or self._number == 1:
                self._y -= min(item.height, max(0.0, self._room))
        elif isinstance(item, Rows):
            self._place_rows(item)
        elif isinstance(item, Heading):
            if self._height(item) + item.follows > self._room and not self._empty:
                self._turn()
            self._flow(item.flowable)
        else:
            self._flow(item)

    def _place_rows(self, table: Rows) -> None:
        head = 0.0 if table.head is None else self._height(table.head)
        if len(table.rows) <= _FEW and not self._empty and self._room < self._height(table) <= self._full:
            self._turn()
        for place, row in enumerate(table.rows):
            height = self._height(row)
            if height + (head if place == 0 else 0) > self._room and not self._empty:
                self._turn()
                if place and table.head is not None:
                    self._flow(table.head)
            if place == 0 and table.head is not None:
                self._flow(table.head)
            self._flow(row)

    def _flow(self, flowable: Any) -> None:
        waiting = [flowable]
        while waiting:
            part = waiting.pop(0)
            height = self._height(part)
            if height <= self._room:
                part.drawOn(self.canvas, _MARGIN, self._y - height)
                self._y -= height
                self._empty = False
                continue
            pieces = part.split(self.width, self._room)
            if len(pieces) > 1 and self._height(pieces[0]) <= self._room:
                waiting = [*pieces, *waiting]
            elif self._empty:
                raise LayoutError(
                    "A part of the report is higher than a page.",
                    "Nothing was written. Give it more width or fewer words in the template.",
                )
            else:
                self._turn()
                waiting.insert(0, part)

    def _height(self, item: Item) -> float:
        if isinstance(item, PageBreak):
            return 0.0
        if isinstance(item, Space):
            return item.height
        if isinstance(item, Rows):
            return sum(self._height(row) for row in ([] if item.head is None else [item.head]) + list(item.rows))
        if isinstance(item, Heading):
            return self._height(item.flowable)
        return float(item.wrap(self.width, self._full)[1])

    def _turn(self) -> None:
        self._end_page()
        self._number += 1
        self._y = self._size[1] - _TOP
        self._empty = True

    def _end_page(self) -> None:
        canvas, line = self.canvas, _BOTTOM - _FOOT_DOWN
        right = self._size[0] - _MARGIN
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(_MARGIN, _BOTTOM - 4 * mm, right, _BOTTOM - 4 * mm)
        canvas.setFont(REGULAR, _FOOT_SIZE)
        canvas.setFillColor(MUTED)
        canvas.drawString(_MARGIN, line, _fitted(canvas, self._foot, self.width - 25 * mm))
        canvas.drawString(_MARGIN, line - 1.35 * _FOOT_SIZE, STATEMENT)
        # How many pages there are is known at the end: a form drawn by each page and made after the last.
        canvas.drawRightString(right - _COUNT, line, f"{self._number} of ")
        canvas.doForm(_TOTAL)
        canvas.showPage()


def _fitted(canvas: Any, text: str, room: float) -> str:
    if canvas.stringWidth(text, REGULAR, _FOOT_SIZE) <= room:
        return text
    while text and canvas.stringWidth(f"{text}…", REGULAR, _FOOT_SIZE) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"
