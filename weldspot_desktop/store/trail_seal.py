"""Signing the head of a workspace's trail, and finding the heads that were signed."""

import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop import paths
from weldspot_desktop.store import station_key, trail, trail_head
from weldspot_desktop.store.database import Database
from weldspot_desktop.store.schema import TrailEntry
from weldspot_desktop.store.trail_head import Head

NAMED: Final = "workspace named"
"""Action of the entry that numbers a workspace begun by an older version, whose first entry does not."""

_NUMBER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class SealPlaces:
    """Where heads and key lie.

    Attributes
    ----------
    workspace
        Folder of the workspace.
    station
        Folder of this station's key and of its own copies of the heads, outside every workspace.
    """

    workspace: Path
    station: Path

    @property
    def beside_database(self) -> Path:
        return self.workspace / "trail-heads.jsonl"

    @property
    def station_heads(self) -> Path:
        return self.station / "heads"

    def of_station(self, workspace: str) -> Path:
        """The station's file for a workspace's number, which must be one (`workspace_number` gives no other)."""
        return self.station_heads / f"{workspace}.jsonl"


def workspace_number(session: Session) -> str | None:
    """The number that the trail gives its workspace; None if it has none yet."""
    number = TrailEntry.number
    for which in (number == 1, TrailEntry.action == NAMED):
        details = session.scalar(select(TrailEntry.details).where(which).order_by(number).limit(1))
        try:
            content = json.loads(details or "null")
        except ValueError:
            continue
        found = content.get(trail.WORKSPACE) if isinstance(content, dict) else None
        if isinstance(found, str) and _NUMBER.fullmatch(found):
            return found
    return None


def seal(database: Database, places: SealPlaces, occasion: str) -> Head | None:
    """Sign the trail as it is now, and append the head to both files.

    Parameters
    ----------
    occasion
        Why: "report", "export", "shutdown".

    Returns
    -------
    Head or None
        The head, which a report may print; the newest one again if it says the same. None for an empty trail.

    Raises
    ------
    StationKeyError, HeadFileError, StoreError
        If it cannot be signed or written. The trail itself is not affected.
    """
    with database.read() as session:
        last, number = trail.last_entry(session), workspace_number(session)
    if last is None:
        return None
    key = station_key.existing_or_new(places.station)
    if number is None:
        last, number = _name(database)
    beside, own = places.beside_database, places.of_station(number)
    unsigned = Head(
        count=last.number,
        hash=last.hash,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        occasion=occasion,
        workspace=number,
        folder=paths.printable(str(places.workspace)),
        station="",
        public="",
    )
    head = unsigned.signed(key)
    for path in (own, beside):
        known = next((old for old in reversed(trail_head.read(path).heads) if _says_the_same(old, head)), None)
        if known is not None:
            head = known
        else:
            trail_head.append(path, head)
    return head


def _says_the_same(old: Head, new: Head) -> bool:
    same = (old.count, old.hash, old.workspace, old.station) == (new.count, new.hash, new.workspace, new.station)
    return same and old.is_whole()


def _name(database: Database) -> tuple[TrailEntry, str]:
    """Give the workspace a number of its own, unless another program just did."""
    with database.write() as session:
        number = workspace_number(session)
        if number is None:
            number = str(uuid.uuid4())
            details = {trail.WORKSPACE: number}
            trail.append(session, person="system", action=NAMED, subject="workspace", details=details)
        last = trail.last_entry(session)
    assert last is not None
    return last, number


@dataclass(frozen=True)
class KnownHeads:
    """Every head that is known for a workspace.

    Attributes
    ----------
    own
        Signed by this station (or one that was named as trusted), each once, by count.
    foreign
        Whole, but signed by other stations.
    notes
        What is wrong with the files themselves, as sentences: none of it is a fault of the trail.
    """

    own: tuple[Head, ...]
    foreign: tuple[Head, ...]
    notes: tuple[str, ...]


def known_heads(database: Database, places: SealPlaces, *, trusted: frozenset[str] = frozenset()) -> KnownHeads:
    """Collect the heads from both files.

    Parameters
    ----------
    trusted
        Numbers of other stations' keys that count as this one's.

    Raises
    ------
    StationKeyError, HeadFileError, StoreError
        If key, files or database cannot be read.
    """
    with database.read() as session:
        number, last = workspace_number(session), trail.last_entry(session)
    notes: list[str] = []
    key = station_key.existing(places.station)
    accepted = trusted | ({key.id} if key is not None else set())
    beside = trail_head.read(places.beside_database)
    kept = trail_head.read(places.of_station(number)) if number is not None else trail_head.ReadHeads((), 0)
    unique = list(dict.fromkeys([*kept.heads, *beside.heads]))
    whole = [head for head in unique if head.is_whole()]
    damaged = beside.damaged + kept.damaged
    if damaged:
        notes.append(f"{_lines(damaged)} in the files of signed heads cannot be read and was left out.")
    if len(whole) < len(unique):
        notes.append(
            f"{_heads(len(unique) - len(whole))} with a damaged or forged signature in the files of signed heads: "
            "left out, because it proves nothing either way."
        )
    own = sorted((head for head in whole if head.station in accepted), key=lambda head: head.count)
    foreign = tuple(head for head in whole if head.station not in accepted)
    if number is not None and not kept.heads and any(head.station in accepted for head in beside.heads):
        notes.append("This station's own copy of the signed heads is lost; those in the workspace were used.")
    if kept.heads and not beside.heads:
        notes.append("The workspace's file of signed heads is lost; this station's own copy was used.")
    if foreign:
        stations = ", ".join(sorted({head.station for head in foreign}))
        notes.append(f"{_heads(len(foreign))} signed by another station ({stations}), whose key is not trusted here.")
    if last is not None and not own:
        notes.append("No head signed by this station is known: a cut end or a complete rewrite would not be seen.")
    notes += _replaced(places, number, accepted)
    return KnownHeads(tuple(own), foreign, tuple(notes))


def _replaced(places: SealPlaces, number: str | None, accepted: frozenset[str] | set[str]) -> list[str]:
    """Another workspace that this station signed in the same folder: begun anew by somebody, or replaced."""
    folder = paths.printable(str(places.workspace))
    found = []
    for path in sorted(places.station_heads.glob("*.jsonl")) if places.station_heads.is_dir() else []:
        newest = next((head for head in reversed(trail_head.read(path).heads) if head.station in accepted), None)
        if newest is not None and newest.folder == folder and newest.workspace != number and newest.is_whole():
            found.append(
                f"This station signed another trail in this folder, last with {newest.count} entries on "
                f"{newest.when()}. If nobody began the workspace anew since then, its database was replaced."
            )
    return found


def _lines(count: int) -> str:
    return "One line" if count == 1 else f"{count} lines"


def _heads(count: int) -> str:
    return "One head" if count == 1 else f"{count} heads"
