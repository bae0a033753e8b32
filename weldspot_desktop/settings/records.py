"""What records and reports say of this workplace and company."""

from enum import StrEnum

from pydantic import Field

from weldspot_desktop.settings.section import Section


def _fact(title: str, description: str, default: str = "") -> str:
    """A text that is copied into every record."""
    found: str = Field(default, max_length=120, title=title, description=description)
    return found


class Station(Section):
    """What is the same for every weld inspected here; copied into each record. A weld's own fields come before it."""

    station: str = _fact("Station", "Name of this workplace.")
    method_standard: str = _fact("Method standard", "How is inspected, with its edition.", "ISO 17637")
    acceptance_standard: str = _fact("Acceptance standard", "By which standard findings are judged: ISO 5817.")
    acceptance_edition: str = _fact("Acceptance edition", "Year of the acceptance standard.")
    acceptance_level: str = _fact("Acceptance level", "Its quality level or class: B, C, D.")
    stage: str = _fact("Stage", "When is inspected: before, during or after welding, after repair.")
    extent: str = _fact("Extent", "How much of the weld is inspected: 100 %.")
    equipment: str = _fact("Equipment", "Camera, lens, gauges, with their calibration.")
    lighting: str = _fact("Lighting", "Illuminance at the weld and how it is lit: 500 lx, diffuse.")

    def facts(self) -> dict[str, str]:
        """What is filled in, by the keys of a record's weld identity."""
        return {key: value for key, value in self.model_dump().items() if value}


class Paper(StrEnum):
    """Size of a report's pages."""

    A4 = "A4"
    LETTER = "letter"


class Company(Section):
    """Who stands at the head of reports."""

    name: str = Field("", max_length=120, title="Name", description="The company's name.")
    address: str = Field("", max_length=200, title="Address", description="One line under the name.")
    logo: str = Field(
        "",
        max_length=400,
        title="Logo",
        description="A picture for the cover of reports. It is copied into the workspace.",
        json_schema_extra={"editor": "picture"},
    )


class Report(Section):
    """Reports as PDF."""

    paper: Paper = Field(Paper.A4, title="Paper", description="Size of the pages.")
    template_folder: str = Field(
        "",
        max_length=400,
        title="Template folder",
        description="Your own cover.xml, summary.xml, weld.xml, signatures.xml or report.xml; what is not in the "
        "folder is taken from the program.",
        json_schema_extra={"editor": "folder"},
    )
