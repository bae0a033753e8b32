"""How long the review queue takes. Usage: review.py [UPLOADS] [STEPS] [--database ADDRESS]; 100,000 and 2,000.

The uploads lie in a database file, as on one workstation, or on a PostgreSQL server (an empty database). Opening is
what the page does before its list stands: numbers of all uploads in order, the first page of rows, and the counts. A
step is what Enter does: a decision in its own transaction, and the next upload with its row. The baseline reads all
rows and sorts them. Prints a table with the limits; the exit code is 1 if one is missed.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
from sqlalchemy import insert, select

from weldspot_desktop.store import Database, decisions, review_queue, uploads
from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.review_queue import Order, Scope
from weldspot_desktop.store.schema import Person, Upload
from weldspot_desktop.store.uploads import State

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from arrivals import BEGIN, PICTURE, fill, reviewer

PAGE, PIECE, ROUNDS, WARM = 60, 5000, 7, 200
OPEN_MS, NEXT_MS, GROWTH_MB = 300, 50, 5
missed: list[str] = []


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("uploads", nargs="?", type=int, default=100_000)
    given.add_argument("steps", nargs="?", type=int, default=2000)
    given.add_argument("--database", default="")
    asked = given.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weldspot.sqlite3"
        database = Database(asked.database or path)
        begun = time.perf_counter()
        bo = begin(database)
        write(database, asked.uploads)
        size = f", {path.stat().st_size / 1e6:.0f} MB" if path.exists() else ""
        print(f"{asked.uploads} uploads written in {time.perf_counter() - begun:.1f} s{size}; {database.title}\n")
        print(f"{'':44}{'median':>9}{'worst':>9}{'limit':>9}")
        opening(database)
        stepping(database, bo, asked.steps)
        database.close()
    print(f"\nmissed: {', '.join(missed) or 'none'}")
    sys.exit(bool(missed))


def opening(database: Database) -> None:
    every = Scope(states=tuple(State))
    cases = {
        "waiting": Scope(),
        "all states": every,
        "a group": replace(every, group="group 3"),
        "two words": replace(every, text="W99 bo"),
    }
    for order in Order:
        for name, scope in cases.items():
            timed(f"open, {order}: {name}", lambda s=scope, o=order: look(database, s, o), OPEN_MS)
    timed("groups", lambda: read(database, review_queue.groups))
    timed("audit sample's progress", lambda: read(database, lambda s: review_queue.audit_progress(s, Scope())))
    page = list(look(database, every, Order.NEWEST))[50_000:][:PAGE]
    timed("a page far down", lambda: read(database, lambda s: review_queue.rows(s, page)))
    timed("baseline: read all rows and sort", lambda: plainly(database), rounds=2)


def look(database: Database, scope: Scope, order: Order) -> object:
    with database.read() as session:
        found = review_queue.ids(session, scope, order)
        review_queue.rows(session, found[:PAGE])
        uploads.counts(session, scope.group)
        return found


def read(database: Database, ask: Callable[..., object]) -> object:
    with database.read() as session:
        return ask(session)


def plainly(database: Database) -> None:
    with database.read() as session:
        rows = [row for row in session.scalars(select(Upload)) if row.state in ("new", "flagged")]
        rows.sort(key=lambda row: (row.disagreement or -1, row.id), reverse=True)


def stepping(database: Database, bo: Person, steps: int) -> None:
    process = psutil.Process()
    for order in Order:
        takes, decides, memory = [], [], []
        after = None
        scope = Scope(audit_share=0.5)
        for number in range(steps // len(Order)):
            if number >= min(WARM, steps // 8):
                memory.append(process.memory_info().rss / 1e6)
            begun = time.perf_counter()
            with database.write() as session:
                found = review_queue.take(session, scope, order, bo, token="bench", after=after)
            takes.append((time.perf_counter() - begun) * 1000)
            if found is None:
                break
            begun = time.perf_counter()
            with database.write() as session:
                decisions.decide(session, found.id, action=Action.CONFIRMED, person=bo, token="bench")
            decides.append((time.perf_counter() - begun) * 1000)
            after = found.id
        line(f"next, {order} ({len(takes)} steps)", takes, NEXT_MS)
        line("  decision", decides, NEXT_MS)
        if len(memory) > 1:
            growth = memory[-1] - memory[0]
            note(f"  growth of memory {growth:+.1f} MB, limit {GROWTH_MB} MB", missing=growth > GROWTH_MB)


def timed(name: str, ask: Callable[[], object], limit: float | None = None, rounds: int = ROUNDS) -> None:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    line(name, times, limit)


def line(name: str, times: list[float], limit: float | None) -> None:
    """Print a row of the table; the median counts for openings, 99 of 100 for steps."""
    ordered = sorted(times)
    held = statistics.median(ordered) if len(ordered) < 100 else ordered[int(len(ordered) * 0.99)]
    bound = f"{limit:9.0f}" if limit else ""
    note(f"{name:44}{statistics.median(ordered):9.1f}{ordered[-1]:9.1f}{bound}", missing=bool(limit and held > limit))


def note(text: str, *, missing: bool) -> None:
    print(f"{text}{'   MISSED' if missing else ''}", flush=True)
    if missing:
        missed.append(" ".join(text.split("  ")[0].split()) or text.strip())


def begin(database: Database) -> Person:
    with database.write() as session:
        fill(session, 0)
        return reviewer(session, "Bo")


def write(database: Database, count: int) -> None:
    """Uploads of which most still wait: the hardest case for every order."""
    random.seed(1)
    for start in range(0, count, PIECE):
        with database.write() as session:
            session.execute(insert(Upload), [row(number) for number in range(start, min(start + PIECE, count))])


def row(number: int) -> dict[str, object]:
    scores = [round(random.random(), 6) for _ in range(7)]
    scored = random.random() < 0.9
    return {
        "inbox": "firebase:weldspot-demo.appspot.com",
        "name": f"uploads/bo{number % 40}/W{number}" + "_0-0.123456" * 7 + ".jpg",
        "generation": 1_700_000_000_000_000 + number,
        "bytes": 180_000,
        "crc32c": "AAAAAA==",
        "content_type": "image/jpeg",
        "sent": BEGIN + timedelta(seconds=random.randrange(10**7)),
        "received": BEGIN,
        "uid": f"bo{number % 40}",
        "phone_id": f"W{number}",
        "ticks": random.randrange(1, 128),
        "phone_scores": scores,
        "model_name": "weldspot-lite0",
        "model_version": "7",
        "model_sha256": "b" * 64,
        "group": f"group {number % 8}" if number % 10 else None,
        "weld_id": f"weld {number % 999}",
        "audit": random.random() < 0.01,
        "original_sha256": f"{number:064x}",
        "picture_sha256": PICTURE,
        "state": random.choices(list(State), [80, 8, 4, 2, 3, 3])[0].value,
        "reason": "",
        "lot": random.random(),
        "own_scores": scores if scored else None,
        "own_model_sha256": "c" * 64 if scored else None,
        "uncertainty": random.random() if scored else None,
        "disagreement": random.random() if scored else None,
    }


if __name__ == "__main__":
    main()
