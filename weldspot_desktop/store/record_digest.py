"""What a row says as one SHA-256, so that the trail can hold it to its word."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Float, Table, inspect

from weldspot_desktop.store.schema import Base


def of_row(row: Base) -> str:
    """Digest of a mapped row that was flushed."""
    mapper = inspect(type(row))
    values = {column.name: getattr(row, mapper.get_property_by_column(column).key) for column in mapper.columns}
    return of_values(table_of(row), values)


def of_values(table: Table, values: Mapping[str, Any]) -> str:
    """Digest of a row as Python values by column name.

    Empty columns are left out: one that a later version of the program adds does not change what was written before
    it, and emptying one, or filling one, does.
    """
    content = {
        column.name: _plain(float(values[column.name]) if isinstance(column.type, Float) else values[column.name])
        for column in table.columns
        if values[column.name] is not None
    }
    return hashlib.sha256(json.dumps([table.name, content], sort_keys=True).encode()).hexdigest()


def table_of(row: Base) -> Table:
    """The table in which a row lies."""
    table = inspect(type(row)).local_table
    assert isinstance(table, Table)
    return table


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value
