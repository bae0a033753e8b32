"""A report as PDF: cover, summary, one block for each weld, signatures, in the order that the templates name."""

import io
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element

from PIL import Image
from reportlab.lib.pagesizes import A4, letter
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from sqlalchemy.orm import Session

from weldspot_desktop import pictures
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.reports import logo, records
from weldspot_desktop.reports.pdf import style
from weldspot_desktop.reports.pdf.drawings import Drawing, ScoreBars, VerdictBand
from weldspot_desktop.reports.pdf.elements import Builder, Drawn
from weldspot_desktop.reports.pdf.evidence import Evidence, PicturePair, gather
from weldspot_desktop.reports.pdf.pages import Pages
from weldspot_desktop.reports.pdf.style import printable
from weldspot_desktop.reports.pdf.values import reason, report_values, weld_values
from weldspot_desktop.reports.records import Record, Selection
from weldspot_desktop.reports.sources import Details, Sources, TrailHead
from weldspot_desktop.reports.summary import NOT_JUDGED, Summary, weld_title
from weldspot_desktop.reports.templates import TemplateError, Templates
from weldspot_desktop.reports.whole_file import whole_path
from weldspot_desktop.settings import Paper
from weldspot_desktop.store import heat_maps
from weldspot_desktop.verdict import ThresholdSet

SIZES: Final[dict[Paper, tuple[float, float]]] = {Paper.A4: A4, Paper.LETTER: letter}
_LOGO: Final = (60 * mm, 24 * mm)
_BETWEEN: Final = 7 * mm
_BATCH: Final = 50


def write(
    sources: Sources,
    selection: Selection,
    details: Details,
    head: TrailHead | None,
    path: Path,
    report: Callable[[int, int], object],
) -> tuple[int, list[str]]:
    """Write the report, whole or not at all.

    Parameters
    ----------
    sources, selection, details, head
        What it is made from.
    path
        Overwritten if it exists.
    report
        Called with welds done and welds in all; what it raises stops the writing.

    Returns
    -------
    welds, notes
        How many, and sentences about what had to be left out.

    Raises
    ------
    ReportFileError, TemplateError, LayoutError, SelectionError, StoreError
        If it cannot be written; nothing is left behind then.
    """
    style.register_fonts()
    folder = Path(sources.layout.template_folder).expanduser() if sources.layout.template_folder else None
    templates = Templates(folder, printable=printable)
    with sources.database.read() as session:
        numbers = records.chosen(session, selection)
        report(0, len(numbers))
        summary = Summary()
        for record in records.read(session, numbers):
            summary.add(record)
        values = report_values(details, sources.company, summary, head)
        with whole_path(path) as temporary, temporary.open("xb") as file:
            pages = Pages(
                file,
                SIZES[sources.layout.paper],
                foot=printable(" · ".join(part for part in (sources.company.name, details.number) if part)),
                title=details.title,
                author=sources.company.name,
            )
            try:
                maker = _Maker(sources, session, templates, pages, values)
                maker.write(numbers, report)
                pages.save()
            finally:
                pages.close()
    return len(numbers), maker.notes


class _Maker:
    """The sections of one report."""

    def __init__(
        self, sources: Sources, session: Session, templates: Templates, pages: Pages, values: Mapping[str, Any]
    ) -> None:
        self._sources, self._session, self._templates = sources, session, templates
        self._pages, self._values = pages, values
        self.notes: list[str] = []

    def write(self, numbers: list[int], report: Callable[[int, int], object]) -> None:
        order = self._templates.render("report.xml", self._values)
        for element in order:
            name = element.get("name", "")
            if element.tag != "section" or name not in ("cover", "summary", "welds", "signatures"):
                raise TemplateError(
                    f"The template report.xml names <{element.tag} name=“{name}”>; known are the sections cover, "
                    "summary, welds and signatures.",
                    "Nothing was written. Correct the template, or empty the template folder in the settings.",
                )
            if name == "welds":
                self._welds(numbers, report)
            else:
                section = self._templates.render(f"{name}.xml", self._values)
                self._put(f"{name}.xml", section, {"logo": self._logo})
        report(len(numbers), len(numbers))

    def _welds(self, numbers: list[int], report: Callable[[int, int], object]) -> None:
        for done, record in enumerate(records.read(self._session, numbers, batch=_BATCH)):
            report(done, len(numbers))
            evidence = self._evidence(record)
            section = self._templates.render("weld.xml", {**self._values, "weld": weld_values(record)})
            drawn: dict[str, Drawn] = {
                "verdict": partial(_band, record),
                "pictures": partial(PicturePair, evidence=evidence),
                "scores": partial(_bars, record),
            }
            self._put("weld.xml", section, drawn, between=True)

    def _put(self, name: str, section: Element, drawn: Mapping[str, Drawn], *, between: bool = False) -> None:
        items = Builder(name, self._pages.width, drawn).items(section)
        self._pages.put(items)
        if between:
            self._pages.skip(_BETWEEN)

    def _evidence(self, record: Record) -> Evidence:
        row, sources = record.inspection, self._sources
        kept = sources.files.path(self._session, row.sha256) if row.sha256 is not None else None
        logits = heat_maps.read(self._session, row.id)
        self._session.expunge_all()
        levels = sources.box_levels.get(row.model_sha256 or "")
        return gather(record, kept, logits, opacity=sources.opacity, box_levels=levels)

    def _logo(self, width: float) -> Any:
        path = logo.find(self._sources.logos, self._sources.company.logo)
        if path is None:
            return None
        try:
            pixels = pictures.decode(pictures.read_file(path)).pixels
        except ExpectedError as error:
            self.notes.append(f"The logo was left out. {error.what}")
            return None
        packed = io.BytesIO()
        Image.fromarray(pixels).save(packed, "PNG")
        return _Logo(packed.getvalue(), (pixels.shape[1], pixels.shape[0]))


class _Logo(Drawing):
    """The logo at the left."""

    def __init__(self, png: bytes, size: tuple[int, int]) -> None:
        scale = min(_LOGO[0] / size[0], _LOGO[1] / size[1])
        super().__init__(size[0] * scale, size[1] * scale + 4 * mm)
        self._png, self._shown = png, (size[0] * scale, size[1] * scale)

    def draw(self) -> None:
        self.canv.drawImage(ImageReader(io.BytesIO(self._png)), 0, 4 * mm, *self._shown)


def _band(record: Record, width: float) -> VerdictBand:
    return VerdictBand(
        width,
        verdict=record.verdict or NOT_JUDGED,
        reason=printable(reason(record)),
        weld=printable(weld_title(record)),
        number=f"Inspection {record.inspection.id}",
        note="by override" if record.override is not None else "",
    )


def _bars(record: Record, width: float) -> ScoreBars:
    row = record.inspection
    known = ThresholdSet.model_validate(row.thresholds) if row.thresholds is not None else None
    return ScoreBars(width, row.scores, known, row.classes)
