"""Everything a user can choose, typed, explained and kept in one file of the workspace.

A value comes from, strongest first: the environment (``WELDSPOT_FOLDER__COPY=all``), the workspace's
``settings.json``, the default. The file never blocks the start: what is valid in it is kept, what is
not is listed and its default used, and the file as it was is kept beside it.
"""

import ipaddress
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from weldspot_desktop import paths
from weldspot_desktop.settings.cloud import Cloud, CloudBackend, SignInWay
from weldspot_desktop.settings.models import Destination, Models
from weldspot_desktop.settings.records import Company, Paper, Report, Station
from weldspot_desktop.settings.section import Section

__all__ = [
    "VERSION",
    "Appearance",
    "Cloud",
    "CloudBackend",
    "Company",
    "Destination",
    "Folder",
    "Inspection",
    "KeptPictures",
    "Live",
    "LoadedSettings",
    "Models",
    "Paper",
    "Quality",
    "Report",
    "Section",
    "Settings",
    "SignInWay",
    "Station",
    "Storage",
    "Theme",
    "from_environment",
    "load",
    "save",
]

VERSION: Final = 1


class Theme(StrEnum):
    """Colours of the window."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class KeptPictures(StrEnum):
    """Which pictures of a judged folder are copied into the workspace."""

    NONE = "none"
    DOUBTFUL = "defect and unsure"
    ALL = "all"


class Appearance(Section):
    """How the window looks."""

    theme: Theme = Field(Theme.SYSTEM, title="Theme", description="Colours: as the system says, light or dark.")
    text_percent: int = Field(
        100, ge=80, le=200, title="Text size", description="Size of all text, in percent of the system's font."
    )


class Inspection(Section):
    """How pictures are judged."""

    threads: int = Field(
        0, ge=0, le=64, title="Threads", description="Pictures judged at the same time; 0 takes one for each core."
    )
    heat_map_opacity: int = Field(
        45,
        ge=0,
        le=100,
        title="Heat map opacity",
        description="How strongly the heat map covers the picture, in percent.",
    )
    show_boxes: bool = Field(
        True, title="Boxes", description="Draw boxes around the places where the model saw the class of the heat map."
    )
    largest_megapixels: int = Field(
        100,
        ge=1,
        le=1000,
        title="Largest picture",
        description="Pictures with more megapixels than this are refused instead of filling the memory.",
    )
    tiles: bool = Field(
        True,
        title="Tiles",
        description="Judge large photographs in overlapping tiles too, so that small pores are seen; the worst counts.",
    )
    tile_megapixels: float = Field(
        2.0,
        ge=0.1,
        le=1000,
        title="Tiles from",
        description="Photographs, and regions of them, with more megapixels than this are judged in tiles.",
    )


class Quality(Section):
    """When a picture is to be taken again instead of being judged."""

    check: bool = Field(
        True,
        title="Check the picture",
        description="Say RETAKE for a picture that is too dark, too bright, blurred or full of glare.",
    )
    darkest: int = Field(
        30, ge=0, le=255, title="Darkest picture", description="Least mean brightness, of 255; 0 allows any."
    )
    brightest: int = Field(
        220, ge=0, le=255, title="Brightest picture", description="Largest mean brightness, of 255; 255 allows any."
    )
    glare_percent: int = Field(
        20,
        ge=0,
        le=100,
        title="Glare",
        description="Largest share of the picture that white spots may cover, in percent; 100 allows any.",
    )
    blur: float = Field(
        1.9,
        ge=0.5,
        le=100,
        title="Blur",
        description="How far the sharpest edges may be spread, in pixels of the picture shrunk to 256 by 256.",
    )


class Live(Section):
    """The live view."""

    width: int = Field(1280, ge=160, le=7680, title="Camera width", description="Pixels asked of a USB camera.")
    height: int = Field(720, ge=120, le=4320, title="Camera height", description="Pixels asked of a USB camera.")
    stall_seconds: float = Field(
        2.0,
        ge=0.5,
        le=60,
        title="Stall time",
        description="A source that gives no picture for so many seconds is shown as lost and opened again.",
    )
    loop: bool = Field(
        True,
        title="Repeat videos",
        description="A video file begins again after its end, unless something else was chosen for it.",
    )
    smoothing: bool = Field(
        True,
        title="Steady verdict",
        description="Average the scores that are shown over a short time, so that the verdict does not flicker. "
        "Records hold the scores of their picture alone.",
    )
    smoothing_seconds: float = Field(
        0.3,
        ge=0.05,
        le=3,
        title="Smoothing time",
        description="Time constant of the average, in seconds. A defect in every picture is shown after twice this "
        "time and 0.15 s at the latest.",
    )
    show_raw: bool = Field(
        False, title="Raw scores", description="Show the score of the newest picture alone beside the smoothed one."
    )
    rest_seconds: float = Field(
        0.5,
        ge=0.1,
        le=10,
        title="Rest time",
        description="With the trigger “at rest”, a part is recorded after it has not moved for so many seconds.",
    )
    rest_levels: int = Field(
        6,
        ge=2,
        le=100,
        title="Movement",
        description="Change of the picture, in grey levels, that counts as movement. Raise it for a noisy camera.",
    )
    rest_records_no_weld: bool = Field(
        False,
        title="Record empty scenes",
        description="With the trigger “at rest”, record a scene too in which no weld is seen.",
    )
    http_trigger: bool = Field(
        False,
        title="HTTP trigger",
        description="Open a port on which another program can ask for a verdict and a record: POST /trigger, with the "
        "token that the page Live shows. The live view then keeps judging while another page is open.",
    )
    http_port: int = Field(8750, ge=1024, le=65535, title="HTTP port", description="Port of the HTTP trigger.")
    http_address: str = Field(
        "127.0.0.1",
        title="HTTP address",
        description="127.0.0.1 lets only programs on this computer in. Another address of this computer opens the port "
        "to the network, where token and answers travel unencrypted: only in a network of its own.",
    )

    @field_validator("http_address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return str(ipaddress.ip_address(value.strip()))

    @property
    def shown_smoothing(self) -> float:
        """Seconds to smooth over; 0 where smoothing is off."""
        return self.smoothing_seconds if self.smoothing else 0.0


class Folder(Section):
    """Judging whole folders."""

    recursive: bool = Field(True, title="Subfolders", description="Judge the pictures in subfolders too.")
    copy_pictures: KeptPictures = Field(
        KeptPictures.DOUBTFUL,
        title="Keep pictures",
        description="Which pictures are copied into the workspace as evidence. Path, hash and scores are always kept.",
    )


class Storage(Section):
    """Where what is recorded lies."""

    database: str = Field(
        "",
        max_length=400,
        title="Shared database",
        description="Empty keeps the database in the workspace's folder. For several workstations, a PostgreSQL "
        "database: postgresql://user@server/weldspot; they then share this folder for pictures too. The password "
        "belongs into ~/.pgpass, not here. Takes effect at the next start.",
    )

    @field_validator("database")
    @classmethod
    def _without_password(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.password or "password" in parse_qs(parts.query):
            raise ValueError("a password is not kept in the settings; write it into ~/.pgpass")
        return value.strip()


class Settings(BaseSettings):
    """All settings. Field titles and descriptions are what the settings page shows."""

    model_config = SettingsConfigDict(
        env_prefix="WELDSPOT_", env_nested_delimiter="__", extra="forbid", validate_assignment=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the caller gives: `load` merges the environment itself, so that a bad value can be dropped."""
        return (init_settings,)

    version: int = Field(VERSION, frozen=True, json_schema_extra={"hidden": True})
    appearance: Appearance = Field(default_factory=Appearance, title="Appearance")
    inspection: Inspection = Field(default_factory=Inspection, title="Inspection")
    quality: Quality = Field(default_factory=Quality, title="Picture quality")
    live: Live = Field(default_factory=Live, title="Live")
    folder: Folder = Field(default_factory=Folder, title="Folder")
    station: Station = Field(default_factory=Station, title="Station")
    company: Company = Field(default_factory=Company, title="Company")
    report: Report = Field(default_factory=Report, title="Report")
    models: Models = Field(default_factory=Models, title="Models")
    storage: Storage = Field(default_factory=Storage, title="Storage")
    cloud: Cloud = Field(default_factory=Cloud, title="Uploads from phones")


@dataclass(frozen=True)
class LoadedSettings:
    """Settings as read, with what was wrong in the file.

    Attributes
    ----------
    settings
        Valid in every field.
    problems
        One sentence for each value that was not taken.
    """

    settings: Settings
    problems: tuple[str, ...] = field(default=())


def load(path: Path) -> LoadedSettings:
    """Read the settings of a workspace; a missing file gives the defaults, a broken one what is valid in it."""
    if not path.exists():
        return _salvage({})
    stored = _stored(path)
    if stored is None:
        kept = _keep_aside(path)
        loaded = _salvage({})
        problem = f"The settings file could not be read; defaults are used, {kept}."
        return LoadedSettings(loaded.settings, (problem, *loaded.problems))
    if stored.get("version", VERSION) != VERSION:
        kept = _keep_aside(path)
        loaded = _salvage({k: v for k, v in stored.items() if k != "version"})
        problem = f"The settings were written by another version of the program; what is known was taken, {kept}."
        return LoadedSettings(loaded.settings, (problem, *loaded.problems))
    loaded = _salvage(stored)
    if loaded.problems:
        _keep_aside(path)
    return loaded


def save(settings: Settings, path: Path) -> None:
    """Write the values that differ from the defaults, so that a reader sees either the old or the new file.

    What the environment sets is not written; the file's own value for it stays.

    Raises
    ------
    OSError
        If the file cannot be written; the old one is then untouched.
    """
    content: dict[str, Any] = settings.model_dump(mode="json", exclude_defaults=True, exclude={"version"})
    stored = _stored(path) or {}
    environment, _ = from_environment()
    for section, keys in environment.items():
        old = stored.get(section)
        for key in keys:
            content.get(section, {}).pop(key, None)
            if isinstance(old, dict) and key in old:
                content.setdefault(section, {})[key] = old[key]
    filled = {section: values for section, values in content.items() if values}
    paths.write_whole(path, json.dumps({"version": VERSION} | filled, indent=2, ensure_ascii=False))


def from_environment() -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Values that the environment sets, by section and key (the settings page shows them as fixed), and problems."""
    try:
        found = EnvSettingsSource(Settings)()
    except SettingsError as error:
        return {}, (f"The environment's WELDSPOT_ variables were not taken: {error}.",)
    return {key: value for key, value in found.items() if isinstance(value, dict)}, ()


def _stored(path: Path) -> dict[str, Any] | None:
    """The file's object; None if it is missing or not an object."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return stored if isinstance(stored, dict) else None


def _salvage(stored: Mapping[str, Any]) -> LoadedSettings:
    """Take the stored values one by one, environment over file, and leave out what is not valid."""
    values: dict[str, Any] = json.loads(json.dumps(dict(stored)))
    environment, problems = from_environment()
    for section, keys in environment.items():
        if not isinstance(values.get(section), dict):
            values[section] = {}
        values[section].update(keys)
    faults = list(problems)
    while True:
        try:
            return LoadedSettings(Settings(**values), tuple(faults))
        except ValidationError as error:
            for fault in error.errors():
                where = [str(part) for part in fault["loc"]]
                faults.append(f"{'.'.join(where)}: {fault['msg']}; its default is used.")
                _remove(values, where)


def _remove(values: dict[str, Any], where: list[str]) -> None:
    """Delete the value at a path, or the nearest parent that is not an object."""
    holder = values
    for part in where[:-1]:
        inner = holder.get(part)
        if not isinstance(inner, dict):
            break
        holder = inner
    else:
        part = where[-1]
    holder.pop(part, None)


def _keep_aside(path: Path) -> str:
    """Copy a faulty file to a name beside it; says where, or why not."""
    target = path.with_suffix(".faulty.json")
    try:
        shutil.copy2(path, target)
    except OSError as error:
        return f"the old file could not be copied ({error})"
    return f"the old file is kept as {target.name}"
