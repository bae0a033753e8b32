"""Verifying the trail: what somebody does to the database with a tool is named, whatever they did about the hashes."""

import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from weldspot_desktop.context import Context
from weldspot_desktop.store import clock, heat_maps, inspections, people, station_key, trail, trail_head
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Inspection, TrailEntry
from weldspot_desktop.store.station_key import StationKeyError
from weldspot_desktop.store.trail_check import Verification


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    opened = Context(workspace)
    yield opened
    opened.close()


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """Where the station's key and its copies of the heads lie in tests."""
    return tmp_path / "station"


def record(context: Context, count: int, *, by: str | None = None) -> None:
    """Write inspections as the program does, each with an entry; the first comes with a heat map."""
    with context.database.write() as session:
        person = next((found for found in people.everyone(session) if found.name == by), None)
        rows = [
            Inspection(
                created=datetime.now(UTC),
                source="import",
                origin=f"/welds/{number}.jpg",
                verdict="DEFECT",
                reason="Suspect: Crack",
                classes=[2],
                scores=[0.1, 0.25, 0.9, 0.1, 0.3, 0.4, 0.5],
                distance=1.5,
                weld={"weld_id": f"W-{number}"},
                person_id=person.id if person is not None else None,
            )
            for number in range(count)
        ]
        maps = {0: heat_maps.packed(np.linspace(-9, 9, 3 * 4 * 7, dtype=np.float32).reshape(3, 4, 7))}
        inspections.add(session, rows, person=by or "system", heat_maps=maps)


def verified(context: Context) -> Verification:
    return context.verify_trail(lambda done, total: None)


def first_fault(context: Context) -> str:
    found = verified(context)
    assert not found.sound
    return found.faults[0].sentence


def tampered(context: Context, *statements: str) -> None:
    """What a tool for SQLite files does; another connection, no help from the program."""
    with closing(sqlite3.connect(context.workspace.database)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def rewritten(context: Context, number: int, person: str = "Mallory") -> None:
    """Another name in an entry, and right hashes from there to the end."""
    with context.database.write() as session:
        previous = None
        for entry in session.scalars(select(TrailEntry).where(TrailEntry.number >= number).order_by(TrailEntry.number)):
            entry.person = person if entry.number == number else entry.person
            entry.previous = previous or entry.previous
            previous = entry.hash = trail.entry_hash(entry)


# -- chain and heads ---------------------------------------------------------------------------------------------


def test_an_honest_trail_is_whole_and_says_up_to_where_it_is_signed(context: Context) -> None:
    assert verified(context).summary() == "The trail is empty."
    record(context, 5)
    unsigned = verified(context)
    assert unsigned.sound
    assert "No head signed by this station is known" in unsigned.notes[0]
    head = context.seal_trail("report")
    assert head is not None
    assert context.seal_trail("export") == head, "nothing changed, nothing new to sign"
    record(context, 2)
    found = verified(context)
    assert (found.sound, found.entries, found.records, found.signed) == (True, 7, 9, head)
    assert found.notes == (
        "Entries 6 to 7 are newer than the last signature; the chain alone vouches for what came since.",
    )


def test_a_cut_end_is_named_with_the_day_of_the_signature(context: Context) -> None:
    record(context, 9)
    head = context.seal_trail("report")
    assert head is not None
    tampered(context, "DELETE FROM trail WHERE number > 7", "DELETE FROM inspection WHERE id > 7")
    found = verified(context)
    assert (found.faults[0].first, found.faults[0].last) == (8, 9)
    assert found.summary() == f"Entries 8 to 9 were cut off: the chain was signed at 9 entries on {head.when()}."
    tampered(context, "DELETE FROM trail")
    assert first_fault(context).startswith("entries 1 to 9 were cut off")


def test_a_cut_end_stays_visible_when_work_goes_on(context: Context) -> None:
    record(context, 9)
    context.seal_trail("report")
    tampered(context, "DELETE FROM trail WHERE number > 7", "DELETE FROM inspection WHERE id > 7")
    record(context, 5)
    context.seal_trail("report")
    assert "between entry 1 and entry 9 was rewritten after it was signed" in first_fault(context)


def test_a_rewrite_with_right_hashes_lies_in_the_named_span(context: Context, tmp_path: Path) -> None:
    """Whatever was signed when: the span is from the last head that fits to the first that does not."""
    for _ in range(14):
        record(context, 1)
        context.seal_trail("report")
    context.close()
    lines = context.seal_places.beside_database.read_text().splitlines(keepends=True)
    station_heads = context.seal_places.of_station(json.loads(lines[0])["workspace"])
    station_heads.unlink()
    draw = random.Random(20)
    for case in range(15):
        copy = Context(tmp_path / f"copy-{case}")
        copy.workspace.root.mkdir()
        shutil.copy(context.workspace.database, copy.workspace.database)
        kept = sorted(draw.sample(range(14), draw.randint(1, 4)))
        copy.seal_places.beside_database.write_text("".join(lines[place] for place in kept))
        counts = [json.loads(lines[place])["count"] for place in kept]
        number = draw.randint(1, 14)
        rewritten(copy, number)
        found = verified(copy)
        copy.close()
        station_heads.unlink()
        later = [count for count in counts if count >= number]
        if later:
            before = max((count for count in counts if count < number), default=0)
            assert (found.faults[0].first, found.faults[0].last) == (before + 1, later[0])
            assert "rewritten after it was signed" in found.faults[0].sentence
        else:
            # Younger than every signature, and the hashes are right: nothing can show it.
            assert found.signed is not None
            assert found.signed.count < number


def test_signatures_on_both_sides_name_the_rewritten_entry_itself(context: Context) -> None:
    for _ in range(4):
        record(context, 1)
        context.seal_trail("export")
    rewritten(context, 4)
    assert first_fault(context).startswith("entry 4 was rewritten after it was signed on ")


def test_a_rewrite_that_stops_half_way_reaches_back_to_the_last_signature(context: Context) -> None:
    record(context, 3)
    context.seal_trail("report")
    record(context, 6)
    with context.database.write() as session:
        entry = session.get_one(TrailEntry, 7)
        entry.person, entry.hash = "Mallory", "0"
        entry.hash = trail.entry_hash(entry)
    fault = verified(context).faults[0]
    assert (fault.first, fault.last) == (4, 7)
    assert fault.sentence.startswith("entry 7 was rewritten: entry 8 continues another one")


def test_a_whole_new_history_does_not_fit_the_old_signatures(context: Context) -> None:
    """Somebody removes the database and plays another one in; the files of heads stay."""
    record(context, 5)
    context.seal_trail("report")
    tampered(context, "DELETE FROM trail", "DELETE FROM inspection", "DELETE FROM heat_map")
    record(context, 8)
    context.seal_trail("report")
    assert "was rewritten after it was signed" in first_fault(context)


def test_a_new_history_without_the_workspaces_file_of_heads_is_mentioned(context: Context) -> None:
    record(context, 5)
    context.seal_trail("report")
    tampered(context, "DELETE FROM trail", "DELETE FROM inspection", "DELETE FROM heat_map")
    context.seal_places.beside_database.unlink()
    record(context, 8)
    context.seal_trail("report")
    found = verified(context)
    assert any("last with 5 entries on" in note and "its database was replaced" in note for note in found.notes)


# -- records -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE inspection SET verdict = 'CLEAR' WHERE id = 3", "inspection 3 was altered after entry 4 recorded it"),
        ("UPDATE inspection SET tile = '[0,0,1,1]' WHERE id = 3", "inspection 3 was altered after entry 4 recorded it"),
        ("UPDATE inspection SET distance = NULL WHERE id = 3", "inspection 3 was altered after entry 4 recorded it"),
        ("DELETE FROM inspection WHERE id = 3", "inspection 3 was deleted; entry 4 recorded it"),
        ("UPDATE heat_map SET content = x'00'", "heat map 1 was altered after entry 2 recorded it"),
        ("DELETE FROM heat_map", "heat map 1 was deleted; entry 2 recorded it"),
        (
            "INSERT INTO inspection (id, created, source, origin, reason, classes, weld) "
            "VALUES (77, '2026-01-01', 'live', 'x', '', '[]', '{}')",
            "inspection 77 was added without an entry",
        ),
        ("UPDATE person SET name = 'Bo'", "inspection 1 bears the name Bo, but entry 2 is by Åsa"),
        ("DELETE FROM person", "inspection 1 is by Åsa, who was deleted from the list of people"),
    ],
)
def test_a_record_that_was_tampered_with_is_named(context: Context, statement: str, sentence: str) -> None:
    with context.database.write() as session:
        people.add(session, name="Åsa", role=Role.INSPECTOR, by="system")
    record(context, 4, by="Åsa")
    assert verified(context).sound
    tampered(context, statement)
    assert first_fault(context) == sentence


def test_faults_come_in_the_order_of_their_entries_and_are_counted(context: Context) -> None:
    record(context, 80)
    context.seal_trail("report")
    tampered(context, "UPDATE inspection SET verdict = 'CLEAR' WHERE id > 10", "DELETE FROM trail WHERE number = 78")
    found = verified(context)
    assert [fault.first for fault in found.faults[:3]] == [11, 12, 13]
    assert len(found.faults) + found.more_faults == 67 + 1
    assert found.summary().endswith("recorded it, and 67 more faults.")


def test_entries_of_an_older_version_are_taken_as_they_are(context: Context) -> None:
    record(context, 2)
    with context.database.write() as session:
        for entry in session.scalars(select(TrailEntry)):
            session.delete(entry)
        session.flush()
        entries = [
            trail.append(
                session, person="system", action="inspection recorded", subject=f"inspection {number}", details={}
            )
            for number in (1, 2)
        ]
        entries[0].details = "{}"
        entries[0].hash = entries[1].previous = trail.entry_hash(entries[0])
        entries[1].hash = trail.entry_hash(entries[1])
    found = verified(context)
    assert (found.sound, found.records) == (True, 0)
    head = context.seal_trail("report")
    assert head is not None
    assert head.count == 3, "the workspace was given a number, by an entry of its own"
    assert context.seal_trail("report") == head
    assert "2 records were written without a digest" in found.notes[-1]
    tampered(context, "DELETE FROM inspection WHERE id = 2")
    assert first_fault(context) == "inspection 2 was deleted; entry 2 recorded it"


def test_a_clock_that_was_set_back_is_told_and_is_no_fault(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    record(context, 2)

    class EarlierClock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) - timedelta(hours=2)

    with monkeypatch.context() as patched:
        patched.setattr(clock, "datetime", EarlierClock)
        record(context, 1)
    found = verified(context)
    assert found.sound
    assert "The clock went back by 2 h at entry 3." in found.notes


# -- files and keys ----------------------------------------------------------------------------------------------


def test_either_file_of_heads_is_enough_and_the_other_ones_loss_is_told(context: Context) -> None:
    record(context, 5)
    head = context.seal_trail("report")
    assert head is not None
    places = context.seal_places
    own = places.of_station(head.workspace)
    kept = own.read_bytes()
    assert kept == places.beside_database.read_bytes()
    own.unlink()
    lost = verified(context)
    assert (lost.sound, lost.signed) == (True, head)
    assert lost.notes == ("This station's own copy of the signed heads is lost; those in the workspace were used.",)
    own.write_bytes(kept)
    places.beside_database.unlink()
    tampered(context, "DELETE FROM trail WHERE number > 4", "DELETE FROM inspection WHERE id > 4")
    found = verified(context)
    assert found.summary().startswith("Entry 5 was cut off")


@pytest.mark.parametrize(
    ("damage", "note"),
    [
        (lambda line: line[:50] + "\n", "One line in the files of signed heads cannot be read"),
        (lambda line: "[" * 3000 + "\n", "One line in the files of signed heads cannot be read"),
        (lambda line: line.replace('"count": 5', '"count": 900'), "One head with a damaged or forged signature"),
        (lambda line: line.replace('"signature": "', '"signature": "AAAA'), "One head with a damaged or forged"),
    ],
)
def test_a_damaged_line_is_told_and_is_no_fault(context: Context, damage: Callable[[str], str], note: str) -> None:
    record(context, 5)
    context.seal_trail("report")
    line = context.seal_places.beside_database.read_text()
    context.seal_places.beside_database.write_text(damage(line) + line)
    found = verified(context)
    assert found.sound
    assert found.signed is not None
    assert any(note in text for text in found.notes)


def test_what_another_station_signed_is_told_apart_and_can_be_trusted(
    context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record(context, 5)
    other = context.seal_trail("report")
    assert other is not None
    monkeypatch.setenv("WELDSPOT_KEYS", str(tmp_path / "another station"))
    found = verified(context)
    assert found.sound
    assert any(f"signed by another station ({other.station})" in note for note in found.notes)
    rewritten(context, 3)
    assert any("does not fit this trail" in note for note in verified(context).notes)
    trusted = context.verify_trail(lambda done, total: None, trusted=frozenset({other.station}))
    assert "rewritten after it was signed" in trusted.summary()


def test_the_key_is_the_users_alone_and_is_made_once(station: Path) -> None:
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(station_key.existing_or_new(station).id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [path.name for path in station.iterdir()] == [station_key.NAME]
    if os.name == "posix":
        assert stat.S_IMODE((station / station_key.NAME).stat().st_mode) == 0o600


def test_a_damaged_key_is_no_reason_to_lose_a_record(
    context: Context, station: Path, caplog: pytest.LogCaptureFixture
) -> None:
    station.mkdir()
    (station / station_key.NAME).write_text("-----BEGIN PRIVATE KEY-----\nnot really")
    record(context, 2)
    with pytest.raises(StationKeyError, match="damaged"):
        context.seal_trail("report")
    context.close()
    assert "The trail was not signed" in caplog.text
    again = Context(context.workspace.root)
    with again.database.read() as session:
        assert inspections.count(session, inspections.Query()) == 2
    again.close()


def test_leaving_signs_what_was_written_and_nothing_else(context: Context, workspace: Path) -> None:
    record(context, 3)
    context.close()
    heads = trail_head.read(context.seal_places.beside_database).heads
    assert [(head.count, head.occasion) for head in heads] == [(3, "shutdown")]
    again = Context(workspace)
    assert verified(again).signed == heads[-1]
    again.close()
    assert trail_head.read(context.seal_places.beside_database).heads == heads


_PROGRAM = """
import sys
from pathlib import Path
from weldspot_desktop.context import Context
from weldspot_desktop.store import people
from weldspot_desktop.store.people import Role
context = Context(Path(sys.argv[1]))
for number in range(15):
    with context.database.write() as session:
        people.add(session, name=f"{sys.argv[2]} {number}", role=Role.INSPECTOR, by="system")
    context.seal_trail("report")
context.close()
"""


def test_two_programs_write_and_sign_one_trail(context: Context, workspace: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", _PROGRAM, str(workspace), name], stderr=subprocess.PIPE)
        for name in ("first", "second")
    ]
    errors = [program.communicate(timeout=120)[1].decode() for program in running]
    assert errors == ["", ""]
    found = verified(context)
    assert found.sound, found.summary()
    assert found.entries == 30
    assert found.signed is not None
    assert found.signed.count == 30
    assert found.notes == ()
    lines = context.seal_places.beside_database.read_text().splitlines()
    assert all(trail_head.Head(**without_version(line)).is_whole() for line in lines)


def without_version(line: str) -> dict:
    values = json.loads(line)
    values.pop("version")
    return values
