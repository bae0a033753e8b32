"""What time it is, by the one clock of the database."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def now(session: Session) -> datetime:
    """The time now, UTC: the server's where several workstations share a database, else this machine's."""
    if session.get_bind().dialect.name == "postgresql":
        # Not now(), which stands still within a transaction, also while that waited for its turn to write.
        time: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return time.astimezone(UTC)
    return datetime.now(UTC)
