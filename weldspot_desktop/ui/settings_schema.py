"""What the settings page must know of each setting, read from the settings' own types."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from weldspot_desktop.settings import Settings, from_environment


@dataclass(frozen=True)
class Choice:
    """One setting.

    Attributes
    ----------
    section, key
        Where it stands in the settings.
    title, description
        What people read.
    type
        bool, int, float, str or a StrEnum.
    minimum, maximum
        Limits of a number; None where there is none.
    default
        What it is when nothing was chosen.
    fixed
        Set by the environment: cannot be chosen here.
    editor
        "picture" or "folder" for a text that names one; empty for the type's own editor.
    """

    section: str
    key: str
    title: str
    description: str
    type: type
    minimum: float | None
    maximum: float | None
    default: Any
    fixed: bool
    editor: str = ""

    @property
    def path(self) -> str:
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """Name of the environment variable that can fix it."""
        return f"WELDSPOT_{self.section.upper()}__{self.key.upper()}"

    def value(self, settings: Settings) -> Any:
        """What it is now."""
        return getattr(getattr(settings, self.section), self.key)

    def set(self, settings: Settings, value: Any) -> None:
        """Choose a value.

        Raises
        ------
        ValueError
            If it is not valid; the old one stays.
        """
        setattr(getattr(settings, self.section), self.key, value)

    def matches(self, words: str) -> bool:
        """Whether all words occur in section, title, explanation or key."""
        text = f"{self.section} {self.title} {self.description} {self.key}".casefold()
        return all(word in text for word in words.casefold().split())


@dataclass(frozen=True)
class SectionOfChoices:
    """A group of settings under one heading."""

    key: str
    title: str
    description: str
    choices: tuple[Choice, ...]


def sections() -> tuple[SectionOfChoices, ...]:
    """All sections of the settings, in the order of their declaration; hidden fields are left out."""
    environment, _ = from_environment()
    return tuple(_sections(environment))


def _sections(environment: dict[str, dict[str, Any]]) -> Iterator[SectionOfChoices]:
    for key, field in Settings.model_fields.items():
        kind = field.annotation
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            continue
        fixed = {name.casefold() for name in environment.get(key, {})}
        choices = tuple(
            _choice(key, name, inner, name in fixed) for name, inner in kind.model_fields.items() if not _hidden(inner)
        )
        yield SectionOfChoices(key, field.title or key.capitalize(), (kind.__doc__ or "").strip(), choices)


def _choice(section: str, key: str, field: FieldInfo, fixed: bool) -> Choice:
    kind = field.annotation
    if not isinstance(kind, type) or not issubclass(kind, bool | int | float | str | StrEnum):
        raise TypeError(f"the settings page has no editor for {section}.{key}: {kind}")
    minimum = maximum = None
    for limit in field.metadata:
        if isinstance(limit, Ge):
            minimum = float(limit.ge)  # type: ignore[arg-type]
        elif isinstance(limit, Gt):
            minimum = float(limit.gt)  # type: ignore[arg-type]
        elif isinstance(limit, Le):
            maximum = float(limit.le)  # type: ignore[arg-type]
        elif isinstance(limit, Lt):
            maximum = float(limit.lt)  # type: ignore[arg-type]
    return Choice(
        section,
        key,
        field.title or key.replace("_", " ").capitalize(),
        field.description or "",
        kind,
        minimum,
        maximum,
        field.get_default(call_default_factory=True),
        fixed,
        str(_extra(field).get("editor", "")),
    )


def _hidden(field: FieldInfo) -> bool:
    return bool(_extra(field).get("hidden"))


def _extra(field: FieldInfo) -> dict[str, Any]:
    extra = field.json_schema_extra
    return dict(extra) if isinstance(extra, dict) else {}
