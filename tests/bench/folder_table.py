"""How long the folder table's questions take. Usage: folder_table.py [ROWS], 100,000 by default.

The rows point to inspections as the program writes them, in a database file; each question is asked several times, as
the window does, and the median is printed.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from weldspot_desktop.store import Database, folder_runs, folder_table
from weldspot_desktop.store.folder_runs import Found, Manner
from weldspot_desktop.store.folder_table import UNJUDGED, Key, Question
from weldspot_desktop.store.schema import FolderRun, Inspection
from weldspot_desktop.verdict import ThresholdSet

PIECE = 2000
ROUNDS = 5
WORDS = ("DEFECT", "CLEAR", "UNSURE", "NO WELD", "RETAKE", UNJUDGED)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weldspot.sqlite3"
        database = Database(path)
        begun = time.perf_counter()
        run_id = fill(database, count)
        print(f"{count} rows written in {time.perf_counter() - begun:.1f} s, {path.stat().st_size / 1e6:.0f} MB")
        questions = {
            "all, as listed": Question(),
            "by name": Question(key=Key.NAME),
            "most uncertain first": Question(key=Key.UNCERTAINTY, descending=True),
            "by a score": Question(key=Key.SCORE, key_class=2, descending=True),
            "by verdict": Question(key=Key.VERDICT),
            "by time": Question(key=Key.TIME),
            "DEFECT only": Question(verdicts=("DEFECT",)),
            "not judged": Question(verdicts=(UNJUDGED,)),
            "class and score range": Question(class_index=2, score_class=2, score_from=0.6, score_to=0.9),
            "two words of the path": Question(text="part 0099"),
            "overridden": Question(overridden=True),
        }
        with database.read() as session:
            for name, question in questions.items():
                places = folder_table.order(session, run_id, question)
                show(name, lambda q=question: folder_table.order(session, run_id, q), f"{len(places)} rows")
                page = places[len(places) // 2 :][:100]
                show("  a page of it", lambda p=page: (session.expunge_all(), folder_table.rows(session, run_id, p)))
            show("counts by verdict", lambda: folder_table.counts(session, run_id))
            show("count of overrides", lambda: folder_table.overridden_count(session, run_id))
        database.close()


def show(name: str, ask: Callable[[], object], note: str = "") -> None:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    print(f"{name:26}{statistics.median(times):8.1f} ms  {note}")


def fill(database: Database, count: int) -> int:
    """Write a run with so many files, each with its inspection."""
    random.seed(1)
    thresholds = ThresholdSet(name="balanced", lower=(0.4,) * 7, upper=(0.6,) * 7)
    with database.write() as session:
        run: FolderRun = folder_runs.begin(
            session, "/welds", recursive=True, chosen=False, manner=Manner("a" * 64, "b" * 12, "c" * 12), person=None
        )
    for start in range(0, count, PIECE):
        with database.write() as session:
            files = [
                f"/welds/line {n % 7}/part-{n:06d}/W-{random.randrange(10**6)}.jpg" for n in range(start, start + PIECE)
            ]
            folder_runs.add_files(session, run.id, start, files, "/welds")
            found = {}
            rows = []
            for number, origin in enumerate(files, start=start):
                verdict, scores = random.choice(WORDS), [round(random.random(), 6) for _ in range(7)]
                found[number] = Found(
                    number + 1, verdict, (random.randrange(7),), False, random.random(), tuple(scores)
                )
                rows.append(row(number, origin, verdict, scores, thresholds))
            session.execute(insert(Inspection), rows)
            folder_runs.settle(session, run.id, found)
    return run.id


def row(number: int, origin: str, verdict: str, scores: list[float], thresholds: ThresholdSet) -> dict[str, object]:
    return {
        "id": number + 1, "created": datetime.now(UTC), "source": "folder", "origin": origin,
        "sha256": f"{number:064x}",
        "width": 640, "height": 480, "verdict": verdict or None, "reason": "Suspect: Crack", "classes": [2],
        "scores": scores, "distance": 1.0, "milliseconds": 4.0, "model_name": "weld", "model_version": 1,
        "model_sha256": "a" * 64, "thresholds_name": "balanced", "thresholds_digest": "b" * 12,
        "thresholds": thresholds.model_dump(mode="json"), "manner": "c" * 12, "weld": {}, "uncertainty": 0.5,
    }  # fmt: skip


if __name__ == "__main__":
    main()
