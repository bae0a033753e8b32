"""What a report is made from beside the welds themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from weldspot_desktop.settings import Company, Report
from weldspot_desktop.store import Database
from weldspot_desktop.store.picture_files import PictureFiles

DEFAULT_TITLE: Final = "Visual inspection of welds"


@dataclass(frozen=True)
class TrailHead:
    """How far the trail goes, so that a later cut or rewrite of it can be seen.

    Attributes
    ----------
    count
        Entries.
    hash
        SHA-256 of the last one, which stands for all before it.
    signature
        By the station's key over both; empty if there is none.
    """

    count: int
    hash: str
    signature: str = ""


@dataclass(frozen=True)
class Sources:
    """The workspace, as reports need it.

    Attributes
    ----------
    database, files
        Its store.
    company, layout
        The settings' sections `company` and `report`.
    logos
        Folder of the logo.
    opacity
        Of heat maps, 0 to 1.
    box_levels
        By SHA-256 of a model: the logit of each class, by name, from which evidence is boxed. Records of other models
        get their heat map without boxes.
    sign_head
        Signs the head of the trail at every report and export; None where no key is there.
    """

    database: Database
    files: PictureFiles
    company: Company
    layout: Report
    logos: Path
    opacity: float = 0.45
    box_levels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sign_head: Callable[[], TrailHead | None] | None = None


@dataclass(frozen=True)
class Details:
    """What a person says about a report.

    Attributes
    ----------
    title, number, project
        For the cover; an empty project is taken from the welds.
    person
        Who writes it; "system" if nobody is signed in.
    created
        When; aware.
    """

    title: str
    number: str
    created: datetime
    project: str = ""
    person: str = "system"


def suggested_number(created: datetime) -> str:
    """A report number that no other report of this station has, unless two are made within a second."""
    return f"R-{created.astimezone():%Y%m%d-%H%M%S}"
