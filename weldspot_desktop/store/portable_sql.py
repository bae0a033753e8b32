"""The few expressions that SQLite and PostgreSQL write differently."""

from typing import Any

from sqlalchemy import ColumnElement, FunctionElement, Integer, TableValuedAlias
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from weldspot_desktop.store.schema import Base


class _Position(FunctionElement[int]):
    name = "position_of"
    type = Integer()
    inherit_cache = True


class _Members(FunctionElement[Any]):
    name = "members_of"
    inherit_cache = True


def position(column: ColumnElement[str], word: str) -> ColumnElement[int]:
    """Where a word begins in a text, exactly as written: 1 for the first character, 0 if it is not there."""
    return _Position(column, word)


def members(column: ColumnElement[Any]) -> TableValuedAlias:
    """The members of a JSON object of texts as a table, with the column `value`."""
    return _Members(column).table_valued("value")


def insert_or_update(session: Session, table: type[Base], key: str, others: tuple[str, ...]) -> Any:
    """An INSERT that replaces the other columns of a row whose key is there already."""
    if session.get_bind().dialect.name == "postgresql":
        to_server = postgresql.insert(table)
        values = {name: to_server.excluded[name] for name in others}
        return to_server.on_conflict_do_update(index_elements=[key], set_=values)
    to_file = sqlite.insert(table)
    values = {name: to_file.excluded[name] for name in others}
    return to_file.on_conflict_do_update(index_elements=[key], set_=values)


@compiles(_Position, "sqlite")
def _position_sqlite(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(_Position, "postgresql")
def _position_postgresql(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(_Members, "sqlite")
def _members_sqlite(element: _Members, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Members, "postgresql")
def _members_postgresql(element: _Members, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each_text({compiler.process(element.clauses, **options)})"
