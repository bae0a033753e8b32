"""Where things lie: what the product ships, and what belongs to the user."""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP_NAME = "WeldSpot"
WORKSPACE_VARIABLE = "WELDSPOT_WORKSPACE"
KEYS_VARIABLE = "WELDSPOT_KEYS"
DATABASE_VARIABLE = "WELDSPOT_DATABASE"


class ResourceMissingError(FileNotFoundError):
    """A file that the product ships is not there: the installation is damaged."""


def resource_root() -> Path:
    """Folder of the shipped resources, for a source checkout, a wheel or a frozen program."""
    package = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen) / "resources"] if frozen else [package / "_resources", package.parent / "resources"]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise ResourceMissingError(f"no resources folder beside {package}: please install WeldSpot again")


def resource(*parts: str) -> Path:
    """Path of one shipped file or folder.

    Raises
    ------
    ResourceMissingError
        If it is not there.
    """
    path = resource_root().joinpath(*parts)
    if not path.exists():
        raise ResourceMissingError(f"{'/'.join(parts)} is missing from the installation: please install WeldSpot again")
    return path


def printable(text: str) -> str:
    """A path as text that every file, database and screen can hold: what is no UTF-8 is written as its code."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def default_workspace() -> Path:
    """The workspace folder when none is named: the environment's, else the user's data folder."""
    named = os.environ.get(WORKSPACE_VARIABLE)
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def named_database() -> str:
    """The address of the database that the environment names; empty for none. It may hold a password."""
    return os.environ.get(DATABASE_VARIABLE, "").strip()


def station_folder() -> Path:
    """Folder of this station's signing key: the environment's, else one of the user's own, outside every workspace."""
    named = os.environ.get(KEYS_VARIABLE)
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir(f"{APP_NAME}-station", False))


@dataclass(frozen=True)
class Workspace:
    """The one folder that holds everything a user makes: `root` and the places in it.

    Creating the object touches nothing; `create` makes the folders.
    """

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "weldspot.sqlite3"

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def sources(self) -> Path:
        return self.root / "sources.json"

    @property
    def pictures(self) -> Path:
        return self.root / "pictures"

    @property
    def thumbnails(self) -> Path:
        return self.root / "caches" / "thumbnails"

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def jobs(self) -> Path:
        return self.root / "jobs"

    @property
    def company(self) -> Path:
        """Logos that reports show."""
        return self.root / "company"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def caches(self) -> Path:
        return self.root / "caches"

    def create(self) -> None:
        """Make the folders that are missing.

        Raises
        ------
        OSError
            If the place cannot be written.
        """
        for folder in (
            self.root,
            self.pictures,
            self.thumbnails,
            self.datasets,
            self.models,
            self.jobs,
            self.logs,
        ):
            folder.mkdir(parents=True, exist_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a small file in UTF-8 so that a reader, also after a crash, sees either the old or the new one.

    Raises
    ------
    OSError
        If it cannot be written; the old one is then untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
