"""Several programs review one queue at once: each upload is decided once, also when one of them dies."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
import reviewing
from arrivals import fill, reviewer
from sqlalchemy import select

from weldspot_desktop.store import Database, trail, uploads
from weldspot_desktop.store.schema import Upload, UploadDecision
from weldspot_desktop.store.uploads import State

CREW = ("Anna", "Bo")
VICTIM = "Cy"
LEASE_SECONDS = 3


def start(place: Path | str, name: str) -> "subprocess.Popen[str]":
    command = [sys.executable, reviewing.__file__, str(place), name, str(LEASE_SECONDS)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def killed(place: Path | str, database: Database, chance: random.Random) -> tuple[list[int], list[int]]:
    """Let a reviewer work and die at a random moment; what it printed, and what it held when it died."""
    process = start(place, VICTIM)
    assert process.stdin is not None
    assert process.stdout is not None
    go(process)
    first = process.stdout.readline()
    time.sleep(chance.uniform(0.1, 0.4))
    process.send_signal(signal.SIGKILL)
    printed = [int(line) for line in [first, *process.stdout] if line.endswith("\n")]
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    process.stdin.close()
    with database.read() as session:
        return printed, list(session.scalars(select(Upload.id).where(Upload.lease_token == VICTIM)))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_reviewers_at_once_decide_each_upload_once_though_one_is_killed(store_place: Path | str) -> None:
    # The full 2,000 are in tests/bench/reviewers.py.
    review(store_place, 400)


def review(store_place: Path | str, count: int) -> None:
    """Let the crew decide so many uploads, one of them killed, and check every one."""
    chance = random.Random(7)
    with closing(Database(store_place)) as database:
        with database.write() as session:
            fill(session, count)
            for name in (*CREW, VICTIM):
                reviewer(session, name)
        by_victim, held = [], []
        # Until one died with a lease in its hand; between two decisions most of the time goes by with one.
        while not held:
            printed, held = killed(store_place, database, chance)
            by_victim += printed
        crew = [start(store_place, name) for name in CREW]
        for process in crew:
            go(process)
        done = [[int(line) for line in process.communicate(timeout=280)[0].split()] for process in crew]
        assert [process.returncode for process in crew] == [0, 0]

        with database.read() as session:
            decided = session.execute(select(UploadDecision.upload_id, UploadDecision.person_id)).all()
            assert uploads.counts(session)[State.CONFIRMED] == count
            assert session.scalars(select(Upload.id).where(Upload.lease_token.is_not(None))).all() == []
            assert trail.first_fault(session) is None
            assert trail.last_entry(session).number == count + len(CREW) + 1
    # None twice, none lost; and what was printed was saved by the one who printed it.
    assert sorted(row.upload_id for row in decided) == list(range(1, count + 1))
    who = {row.upload_id: row.person_id for row in decided}
    assert [{who[number] for number in numbers} for numbers in done] == [{1}, {2}]
    assert {who[number] for number in by_victim} == {3}
    # The victim may have saved a decision that it did not come to print, once for each kill.
    shares = Counter(who.values())
    assert [shares[1], shares[2]] == [len(numbers) for numbers in done]
    assert shares[3] >= len(by_victim)
    # SQLite lets a program that waits for its turn sleep meanwhile, so the shares may be far apart there.
    assert min(shares[1], shares[2]) > 0, "both had their part"
    assert who[held[0]] in (1, 2), "what the victim held was taken over when its lease ran out"
