"""What a record says of the weld and of how it was inspected: the one list of keys in `Inspection.weld`.

The list follows ISO 17637 (test report) and what a record must hold for an audit. Keys are never renamed: records
that carry them are never changed. Window, command line, tables and reports read labels and order from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST: Final = 120
"""Characters of a value."""


class From(StrEnum):
    """Where a value comes from when a record is written."""

    WELD = "weld"
    """Typed or scanned for each weld."""
    STATION = "station"
    """The settings' section `station`, which has a field of the same name; a typed value comes before it."""
    PERSON = "person"
    """Who is signed in."""


@dataclass(frozen=True)
class WeldField:
    """One fact of a weld's identity.

    Attributes
    ----------
    key
        Its name in `Inspection.weld`.
    label
        Its name for people.
    source
        Where its value comes from.
    example
        What such a value looks like; for an empty field.
    """

    key: str
    label: str
    source: From = From.WELD
    example: str = ""


FIELDS: Final[tuple[WeldField, ...]] = (
    WeldField("report_number", "Report number", example="VT-2026-014"),
    WeldField("project", "Project", example="Bridge 7"),
    WeldField("drawing", "Drawing", example="D-1204"),
    WeldField("drawing_revision", "Drawing revision", example="B"),
    WeldField("weld_id", "Weld ID", example="W-001"),
    WeldField("part", "Part or heat", example="P-31"),
    WeldField("location", "Location", example="web, north side"),
    WeldField("joint", "Joint", example="fillet, T-joint"),
    WeldField("thickness", "Thickness or throat", example="t 8 mm, a 5 mm"),
    WeldField("material", "Material", example="S355J2"),
    WeldField("process", "Process", example="135"),
    WeldField("wps", "WPS", example="WPS-12"),
    WeldField("wps_revision", "WPS revision", example="2"),
    WeldField("welder", "Welder", example="stamp or name"),
    WeldField("welder_qualification", "Welder qualification", example="ISO 9606-1 135 P FW"),
    WeldField("station", "Station", From.STATION),
    WeldField("method_standard", "Method standard", From.STATION),
    WeldField("acceptance_standard", "Acceptance standard", From.STATION),
    WeldField("acceptance_edition", "Acceptance edition", From.STATION),
    WeldField("acceptance_level", "Acceptance level", From.STATION),
    WeldField("stage", "Stage", From.STATION),
    WeldField("extent", "Extent", From.STATION),
    WeldField("equipment", "Equipment", From.STATION),
    WeldField("lighting", "Lighting", From.STATION),
    WeldField("inspector_certificate", "Inspector's certificate", From.PERSON),
)
"""All of them, in the order in which people read them."""

KEYS: Final[tuple[str, ...]] = tuple(field.key for field in FIELDS)

LABELS: Final[dict[str, str]] = {field.key: field.label for field in FIELDS}
"""Label of each key."""


def label(key: str) -> str:
    """A key's name for people; a key of another version of the program as it stands."""
    return LABELS.get(key, key)


def cleaned(values: Mapping[str, str]) -> dict[str, str]:
    """Values in the order of the list, spaces tidied, cut to `LONGEST`; empty ones are left out.

    Keys that the list does not know follow in their own order: nothing that was given is dropped.
    """
    ordered = [key for key in KEYS if key in values] + [key for key in values if key not in LABELS]
    tidied = {key: " ".join(values[key].split())[:LONGEST] for key in ordered}
    return {key: value for key, value in tidied.items() if value}
