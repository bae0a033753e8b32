"""From the XML of a template to things on pages: paragraphs, facts, tables, columns, notices."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from reportlab.lib.units import mm
from reportlab.platypus import HRFlowable, Paragraph, Table

from weldspot_desktop.reports.pdf.drawings import LabelledMark, LabelledSign, SignatureLine
from weldspot_desktop.reports.pdf.pages import Heading, Item, PageBreak, Rows, Space
from weldspot_desktop.reports.pdf.style import GROUND, LINE, NOTICE, NOTICE_EDGE, STYLES, right
from weldspot_desktop.reports.templates import TemplateError

Drawn = Callable[[float], Any]
"""Makes one of the program's own drawings for a width; None where there is nothing to draw."""

_MARKUP: Final = frozenset({"b", "br"})
_ADVICE: Final = "Nothing was written. Correct the template, or empty the template folder in the settings."
_PADDING: Final = 3
_NARROWEST: Final = 5 * mm


class Builder:
    """Turns the elements of one section into things on pages.

    Parameters
    ----------
    template
        File name, for messages.
    width
        Of the page between its margins, in points.
    drawn
        The program's own drawings by element: `<verdict/>`, `<pictures/>`, `<scores/>`, `<logo/>`.
    """

    def __init__(self, template: str, width: float, drawn: Mapping[str, Drawn]) -> None:
        self._template = template
        self._width = width
        self._drawn = drawn
        self._known: dict[str, Callable[[Element, float], list[Item]]] = {
            "para": self._para,
            "title": lambda element, _: [Paragraph(self._inner(element), STYLES["title"])],
            "heading": lambda element, _: [Heading(Paragraph(self._inner(element), STYLES["heading"])), Space(2 * mm)],
            "space": lambda element, _: [Space(self._number(element, "mm", 2) * mm)],
            "rule": lambda element, width: [HRFlowable(width, 0.8, color=LINE, spaceBefore=0, spaceAfter=0)],
            "pagebreak": lambda element, _: [PageBreak()],
            "facts": self._facts,
            "table": self._table,
            "columns": self._columns,
            "notice": self._notice,
            "signature": lambda element, width: [SignatureLine(self._words(element), width)],
            "together": self._children,
        }

    def items(self, section: Element) -> list[Item]:
        """Everything in a section.

        Raises
        ------
        TemplateError
            If it holds an element that is not known, or a wrong number.
        """
        return self._children(section, self._width)

    def _children(self, parent: Element, width: float) -> list[Item]:
        if (parent.text or "").strip():
            raise self._fault(f"words outside of a paragraph: “{(parent.text or '').strip()[:40]}”")
        items: list[Item] = []
        for element in parent:
            if (element.tail or "").strip():
                raise self._fault(f"words outside of a paragraph: “{(element.tail or '').strip()[:40]}”")
            items += self._element(element, width)
        return items

    def _element(self, element: Element, width: float) -> list[Item]:
        if element.tag in self._drawn:
            drawing = self._drawn[element.tag](width)
            return [] if drawing is None else [drawing]
        make = self._known.get(element.tag)
        if make is None:
            known = ", ".join(sorted([*self._known, *self._drawn]))
            raise self._fault(f"the element <{element.tag}> is not known; known are {known}")
        return make(element, width)

    def _para(self, element: Element, width: float) -> list[Item]:
        return [Paragraph(self._inner(element), self._style(element))]

    def _facts(self, element: Element, width: float) -> list[Item]:
        """Names and words; with columns="2" in two columns, filled row by row."""
        small = self._style(element) is STYLES["small"]
        name_style, style = STYLES["name small" if small else "name"], STYLES["small" if small else "body"]
        columns = max(1, min(3, int(self._number(element, "columns", 1))))
        names = self._number(element, "names", 40) * mm
        words = width / columns - names
        if words < 10 * mm:
            raise self._fault("the names of <facts> leave no room for the words")
        cells = [
            [Paragraph(escape(fact.get("name", "")), name_style), Paragraph(self._inner(fact), style)]
            for fact in element
        ]
        rows = []
        for start in range(0, len(cells), columns):
            row = [cell for pair in cells[start : start + columns] for cell in pair]
            row += [""] * (2 * columns - len(row))
            padding = 0.5 if small else 1.5
            rows.append(
                Table([row], [names, words] * columns, style=[*_bare(), ("BOTTOMPADDING", (0, 0), (-1, -1), padding)])
            )
        return [Rows(None, rows)]

    def _table(self, element: Element, width: float) -> list[Item]:
        small = self._style(element) is STYLES["small"]
        widths = self._widths(element, width)
        head: Any | None = None
        rows = []
        for row in element:
            is_head = row.tag == "head"
            if not is_head and row.tag != "row":
                raise self._fault(f"<table> holds <head> and <row>, not <{row.tag}>")
            name = ("head small" if small else "head") if is_head else ("small" if small else "body")
            if len(row) != len(widths):
                raise self._fault(f"a row of <table> has {len(row)} cells, its widths name {len(widths)}")
            cells = [self._cell(cell, name, cell_width) for cell, cell_width in zip(row, widths, strict=True)]
            looks = [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
                ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
                *([("BACKGROUND", (0, 0), (-1, -1), GROUND)] if is_head else []),
            ]
            made = Table([cells], widths, style=looks, hAlign="LEFT", spaceBefore=0, spaceAfter=0)
            if is_head:
                head = made
            else:
                rows.append(made)
        return [Rows(head, rows)]

    def _cell(self, cell: Element, style: str, width: float) -> Any:
        chosen = right(style) if cell.get("align") == "right" else STYLES[style]
        words = Paragraph(self._inner(cell), chosen)
        if cell.get("class") is not None:
            return LabelledMark(int(self._number(cell, "class", 0)), words)
        if cell.get("verdict"):
            return LabelledSign(cell.get("verdict", ""), words)
        return words

    def _columns(self, element: Element, width: float) -> list[Item]:
        """Columns beside each other, by their share of the width; they cannot go over a page."""
        gap = 5 * mm
        shares = [self._number(column, "share", 50) for column in element]
        room = width - gap * (len(shares) - 1)
        widths = [room * share / (sum(shares) or 1) for share in shares]
        cells: list[Any] = []
        layout: list[float] = []
        for place, (column, column_width) in enumerate(zip(element, widths, strict=True)):
            if place:
                cells.append("")
                layout.append(gap)
            cells.append(_plain(self._children(column, column_width), column_width))
            layout.append(column_width)
        return [Table([cells], layout, style=_bare())]

    def _notice(self, element: Element, width: float) -> list[Item]:
        looks = [
            ("BACKGROUND", (0, 0), (-1, -1), NOTICE),
            ("LINEBEFORE", (0, 0), (0, -1), 2.5, NOTICE_EDGE),
            ("LEFTPADDING", (0, 0), (-1, -1), 9),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
        ]
        return [Table([[Paragraph(self._inner(element), STYLES["body"])]], [width], style=looks)]

    def _inner(self, element: Element) -> str:
        """The markup within an element, for reportlab: words escaped, bold and line breaks kept."""
        parts = [escape(element.text or "")]
        for child in element:
            if child.tag not in _MARKUP:
                raise self._fault(f"<{child.tag}> within <{element.tag}>; words may hold <b> and <br/>")
            parts.append("<br/>" if child.tag == "br" else f"<b>{self._inner(child)}</b>")
            parts.append(escape(child.tail or ""))
        return "".join(parts).strip()

    @staticmethod
    def _words(element: Element) -> str:
        return " ".join("".join(element.itertext()).split())

    def _style(self, element: Element) -> Any:
        name = element.get("style", "body")
        if name not in STYLES:
            raise self._fault(f"the style “{name}” is not known; known are {', '.join(STYLES)}")
        return STYLES[name]

    def _widths(self, element: Element, width: float) -> list[float]:
        """Column widths in millimetres, shrunk together where the page is narrower."""
        try:
            widths = [float(part) * mm for part in element.get("widths", "").split()]
        except ValueError:
            widths = []
        if not widths or min(widths) <= 0:
            raise self._fault('<table> needs widths, in millimetres: widths="40 60"')
        shrink = min(1.0, width / sum(widths))
        if min(widths) * shrink < _NARROWEST:
            raise self._fault("a column of <table> is narrower than 5 mm")
        return [part * shrink for part in widths]

    def _number(self, element: Element, key: str, otherwise: float) -> float:
        try:
            value = float(element.get(key, otherwise))
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1000:
            raise self._fault(f"{key}=“{element.get(key)}” of <{element.tag}> is no number from 0 to 1000")
        return value

    def _fault(self, what: str) -> TemplateError:
        return TemplateError(f"The template {self._template}: {what}.", _ADVICE)


def _plain(items: list[Item], width: float) -> list[Any]:
    """Items as flowables of a table's cell, where nothing turns a page."""
    found: list[Any] = []
    for item in items:
        if isinstance(item, Space):
            found.append(Table([[""]], [width], [item.height], style=_bare()))
        elif isinstance(item, Rows):
            found += [*([] if item.head is None else [item.head]), *item.rows]
        elif isinstance(item, Heading):
            found.append(item.flowable)
        elif not isinstance(item, PageBreak):
            found.append(item)
    return found


def _bare() -> list[Any]:
    """A table without lines and padding."""
    return [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
