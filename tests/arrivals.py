"""Uploads for tests and measurements, as a sync would add them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from weldspot_desktop.store import people, uploads
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import KeptPicture, Person
from weldspot_desktop.store.uploads import Arrival

PICTURE = "a" * 64
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def arrival(number: int, **values: object) -> Arrival:
    """One upload that can be reviewed; each a second after the one before."""
    plain: dict[str, object] = {
        "inbox": "local:/inbox",
        "name": f"uploads/bo/W{number}.jpg",
        "generation": number,
        "bytes": 1000,
        "sent": BEGIN + timedelta(seconds=number),
        "ticks": 1 << 2,
        "phone_scores": [0.1, 0.2, 0.9, 0.0, 0.1, 0.0, 0.0],
        "picture_sha256": PICTURE,
    }
    return Arrival(**(plain | values))


def fill(session: Session, count: int, **values: object) -> list[int]:
    """Add so many uploads and the picture they share; returns their numbers."""
    if session.get(KeptPicture, PICTURE) is None:
        session.add(KeptPicture(sha256=PICTURE, suffix=".jpg", bytes=1000, width=64, height=64, added=BEGIN))
        session.flush()
    made = [uploads.add(session, arrival(number, **values)) for number in range(count)]
    session.flush()
    return [upload.id for upload in made]


def reviewer(session: Session, name: str) -> Person:
    return people.add(session, name=name, role=Role.REVIEWER, by="system")
