"""Types of columns that give back exactly what was stored, in every kind of database."""

import os
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from sqlalchemy import DateTime, Text, TypeDecorator
from sqlalchemy.engine import Dialect

_CODED: Final = "bytes:"


class UtcTime(TypeDecorator[datetime]):
    """A time that is always UTC and always aware; SQLite itself would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo is not None else value.replace(tzinfo=UTC)


class FilePath(TypeDecorator[str]):
    """An absolute path that comes back exactly, also if its name is not valid Unicode, which no text column takes.

    Such a path is stored as its bytes, percent-coded after a word that begins no absolute path.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or value.isascii():
            return value
        try:
            value.encode()
        except UnicodeEncodeError:
            return _CODED + quote(os.fsencode(value))
        return value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith(_CODED):
            return value
        return os.fsdecode(unquote_to_bytes(value.removeprefix(_CODED)))


class ObjectName(TypeDecorator[str]):
    """A name that a stranger chose, and that comes back exactly, also with what no text column takes.

    A name with a NUL or half a character, or one that looks coded itself, is stored as its bytes, percent-coded.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or (fit_for_text(value) == value and not value.startswith(_CODED)):
            return value
        return _CODED + quote(value.encode("utf-8", "surrogatepass"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith(_CODED):
            return value
        return unquote_to_bytes(value.removeprefix(_CODED)).decode("utf-8", "surrogatepass")


def fit_for_text(value: str) -> str:
    """A text without what PostgreSQL or UTF-8 cannot hold: NUL and halves of characters become question marks."""
    return value.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")
