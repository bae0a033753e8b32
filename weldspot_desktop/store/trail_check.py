"""Verifying: the chain, every signed head against it, and every record against the entry that vouches for it."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, Table, func, select
from sqlalchemy.orm import Session

from weldspot_desktop.store import record_digest, trail
from weldspot_desktop.store.database import Database
from weldspot_desktop.store.schema import Base, Finding, Inspection, Override, Person, TrailEntry
from weldspot_desktop.store.trail import Fault
from weldspot_desktop.store.trail_head import Head
from weldspot_desktop.store.trail_seal import KnownHeads

MOST_FAULTS: Final = 50
"""Faults that are listed; the rest is counted."""

_MOST_NOTES: Final = 5
_BATCH: Final = 500
_CLOCK_TOLERANCE: Final = timedelta(seconds=2)
_OLD_SUBJECT: Final = "inspection "
_COMPLETE: Final = tuple(Base.metadata.tables[kind.__tablename__] for kind in (Inspection, Override, Finding))
"""Tables of which every row must be vouched for by an entry."""


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes
    ----------
    at
        When it was looked.
    entries
        Entries that were read; up to the first fault of the chain.
    records
        Records that were compared with their digests.
    faults
        What is wrong, the first affected entry first; empty for a sound trail. At most `MOST_FAULTS`.
    more_faults
        How many others there are.
    signed
        The newest head of this station that fits; what came after it is proved by the chain alone.
    notes
        What a reader should know and what is no fault.
    """

    at: datetime
    entries: int
    records: int
    faults: tuple[Fault, ...]
    more_faults: int
    signed: Head | None
    notes: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.faults

    def summary(self) -> str:
        """The result in one sentence."""
        if self.faults:
            rest = len(self.faults) + self.more_faults - 1
            more = f", and {rest} more {'fault' if rest == 1 else 'faults'}" if rest else ""
            sentence = self.faults[0].sentence
            return f"{sentence[:1].upper()}{sentence[1:]}{more}."
        if not self.entries:
            return "The trail is empty."
        word = "entry" if self.entries == 1 else "entries"
        return f"The trail is whole: {self.entries} {word}, {self.records} records compared."

    def lines(self) -> list[str]:
        """The whole result as lines for people."""
        lines = [self.summary()]
        lines += [f"  also: {fault.sentence}" for fault in self.faults[1:]]
        if self.more_faults:
            lines.append(f"  and {self.more_faults} more")
        if self.signed is not None:
            head = self.signed
            lines.append(f"Signed at entry {head.count} on {head.when()} by station {head.station} ({head.occasion}).")
        return lines + [f"Note: {note}" for note in self.notes]


def verify(database: Database, heads: KnownHeads, report: Callable[[int, int], None]) -> Verification:
    """Read the whole trail and compare it with its signed heads and its records.

    Parameters
    ----------
    database
        Read in one transaction; memory does not grow with the number of entries, but for the records' numbers.
    heads
        Read before, so that none is newer than what is read here.
    report
        Called with entries done and entries in all; whatever it raises stops the work.

    Raises
    ------
    StoreError
        If the database cannot be read.
    """
    with database.read() as session:
        return _Check(session, heads, report).run()


class _Vouched(NamedTuple):
    entry: int
    person: str
    id: int
    sha256: str | None


@dataclass
class _Seen:
    """Rows of one table that entries vouch for."""

    ids: set[int] = field(default_factory=set)
    waiting: list[_Vouched] = field(default_factory=list)


class _Check:
    """One verification."""

    def __init__(self, session: Session, heads: KnownHeads, report: Callable[[int, int], None]) -> None:
        self._session = session
        self._report = report
        self._heads: dict[int, list[Head]] = defaultdict(list)
        for head in heads.own:
            self._heads[head.count].append(head)
        self._foreign: dict[int, list[Head]] = defaultdict(list)
        for head in heads.foreign:
            self._foreign[head.count].append(head)
        self._faults: list[Fault] = []
        self._notes = list(heads.notes)
        self._signed: Head | None = None
        self._seen: dict[str, _Seen] = defaultdict(_Seen)
        self._records = self._without_digest = self._steps_back = self._misfits = 0
        people = session.execute(select(Person.id, Person.name))
        self._people: dict[int, str] = {person.id: person.name for person in people}

    def run(self) -> Verification:
        total = self._session.scalar(select(func.count(TrailEntry.number))) or 0
        entries, whole = self._walk(total)
        self._compare()
        if whole:
            self._cut_off(entries)
            self._unvouched()
        self._report(total, total)
        self._conclude(entries)
        # What lies before a break of the chain is proved, and comes first.
        ordered = sorted(self._faults, key=lambda fault: (fault.first is None, fault.first or 0))
        return Verification(
            at=datetime.now(UTC),
            entries=entries,
            records=self._records,
            faults=tuple(ordered[:MOST_FAULTS]),
            more_faults=max(0, len(ordered) - MOST_FAULTS),
            signed=self._signed,
            notes=tuple(self._notes),
        )

    # ---------------------------------------------------------------- chain and heads

    def _walk(self, total: int) -> tuple[int, bool]:
        """Read the entries up to the first that is wrong; how many are right, and whether those are all."""
        entries, before = 0, None
        for row in trail.checked(self._session):
            fault = self._widened(row) if isinstance(row, Fault) else self._against_heads(row)
            if isinstance(row, Fault) or fault is not None:
                self._faults += [fault] if fault is not None else []
                return entries, False
            entries += 1
            self._clock(before, row)
            before = row.at
            self._collect(row)
            if entries % _BATCH == 0:
                self._report(entries, total)
        return entries, True

    def _against_heads(self, row: "Row[Any]") -> Fault | None:
        """A rewrite with right hashes lies anywhere between the last head that fits and the first that does not."""
        for head in self._foreign.get(row.number, ()):
            self._misfits += head.hash != row.hash
        for head in self._heads.get(row.number, ()):
            if head.hash != row.hash:
                first, last = self._first_unproved(), row.number
                where = f"entry {first}" if first == last else f"something between entry {first} and entry {last}"
                return Fault(first, last, f"{where} was rewritten after it was signed on {head.when()}")
            self._signed = head
        return None

    def _widened(self, fault: Fault) -> Fault:
        """A fault of the chain, with the entries before it that may be affected too."""
        first = self._first_unproved()
        if not fault.reaches_back or fault.first is None or first >= fault.first:
            return fault
        sentence = f"{fault.sentence}; no signature tells whether others from entry {first} on were too"
        return Fault(first, fault.last, sentence)

    def _first_unproved(self) -> int:
        return self._signed.count + 1 if self._signed is not None else 1

    def _cut_off(self, entries: int) -> None:
        longest = max(self._heads, default=0)
        if longest > entries:
            head = self._heads[longest][-1]
            first = entries + 1
            which = f"entry {first} was" if first == longest else f"entries {first} to {longest} were"
            signed = f"the chain was signed at {longest} entries on {head.when()}"
            self._faults.append(Fault(first, longest, f"{which} cut off: {signed}"))
        self._misfits += sum(len(heads) for count, heads in self._foreign.items() if count > entries)

    def _clock(self, before: datetime | None, row: "Row[Any]") -> None:
        if before is None or before - row.at <= _CLOCK_TOLERANCE:
            return
        self._steps_back += 1
        if self._steps_back <= _MOST_NOTES:
            self._notes.append(f"The clock went back by {_words(before - row.at)} at entry {row.number}.")

    # ---------------------------------------------------------------- records

    def _collect(self, row: "Row[Any]") -> None:
        for table, found in _vouched(row):
            seen = self._seen[table]
            seen.ids.add(found.id)
            seen.waiting.append(found)
            if len(seen.waiting) >= _BATCH:
                self._compare_table(Base.metadata.tables[table], seen)

    def _compare(self) -> None:
        for name, seen in self._seen.items():
            self._compare_table(Base.metadata.tables[name], seen)

    def _compare_table(self, table: Table, seen: _Seen) -> None:
        key = next(iter(table.primary_key.columns))
        wanted = [found.id for found in seen.waiting]
        found_rows = self._session.execute(select(table).where(key.in_(wanted))).mappings()
        rows = {row[key.name]: {str(name): value for name, value in row.items()} for row in found_rows}
        for found in seen.waiting:
            name = f"{table.name.replace('_', ' ')} {found.id}"
            row = rows.get(found.id)
            if row is None:
                self._fault(found, f"{name} was deleted; entry {found.entry} recorded it")
            elif found.sha256 is None:
                self._without_digest += 1
            elif record_digest.of_values(table, row) != found.sha256:
                self._fault(found, f"{name} was altered after entry {found.entry} recorded it")
            else:
                self._records += 1
                self._compare_person(found, name, row.get("person_id"))
        seen.waiting.clear()

    def _compare_person(self, found: _Vouched, name: str, person: int | None) -> None:
        named = self._people.get(person) if person is not None else found.person
        if named is None:
            self._fault(found, f"{name} is by {found.person}, who was deleted from the list of people")
        elif named != found.person:
            self._fault(found, f"{name} bears the name {named}, but entry {found.entry} is by {found.person}")

    def _fault(self, found: _Vouched, sentence: str) -> None:
        self._faults.append(Fault(found.entry, found.entry, sentence))

    def _unvouched(self) -> None:
        """Rows that were put into a table behind the trail's back."""
        for table in _COMPLETE:
            key = next(iter(table.primary_key.columns))
            known = self._seen[table.name].ids
            for id_ in self._session.scalars(select(key).order_by(key).execution_options(yield_per=_BATCH)):
                if id_ not in known:
                    self._faults.append(Fault(None, None, f"{table.name} {id_} was added without an entry"))

    def _conclude(self, entries: int) -> None:
        if self._steps_back > _MOST_NOTES:
            self._notes.append(f"The clock went back {self._steps_back - _MOST_NOTES} times more.")
        if self._without_digest:
            count = self._without_digest
            self._notes.append(
                f"{count} records were written without a digest, by an older version: "
                "only that they are there was compared."
            )
        if self._misfits:
            self._notes.append(
                "What another station signed does not fit this trail. If you trust that station, verify again "
                "with its key: the trail was then changed after it signed."
            )
        if self._signed is not None and self._signed.count < entries and not self._faults:
            first = self._signed.count + 1
            which = f"Entry {first} is" if first == entries else f"Entries {first} to {entries} are"
            self._notes.append(f"{which} newer than the last signature; the chain alone vouches for what came since.")


def _vouched(row: "Row[Any]") -> Iterator[tuple[str, _Vouched]]:
    """Table and row of everything an entry vouches for."""
    try:
        details = json.loads(row.details)
    except ValueError:
        return
    records = details.get(trail.RECORDS) if isinstance(details, dict) else None
    if isinstance(records, list):
        for record in records:
            table = str(record.get("table")) if isinstance(record, dict) else ""
            if table in Base.metadata.tables and isinstance(record.get("id"), int):
                yield table, _Vouched(row.number, row.person, record["id"], str(record.get("sha256")))
    elif isinstance(details, dict) and isinstance(details.get("override"), int):
        yield Override.__tablename__, _Vouched(row.number, row.person, details["override"], None)
    elif row.action == "inspection recorded" and row.subject.removeprefix(_OLD_SUBJECT).isdecimal():
        number = int(row.subject.removeprefix(_OLD_SUBJECT))
        yield Inspection.__tablename__, _Vouched(row.number, row.person, number, None)


def _words(span: timedelta) -> str:
    """A length of time in its largest fitting unit: "2 h", "3 days"."""
    seconds = span.total_seconds()
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length or (unit != "days" and seconds >= length):
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
