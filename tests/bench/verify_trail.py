"""How long verifying a long trail takes, and what memory it needs.

    PYTHONPATH=. python tests/bench/verify_trail.py [--entries 100000]

Every entry records an inspection as the program writes them, each hundredth with a heat map; the trail is signed.
"""

import argparse
import os
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil

from weldspot_desktop.context import Context
from weldspot_desktop.store import heat_maps, inspections
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.verdict import ThresholdSet

BATCH = 1000


def inspection(number: int, thresholds: ThresholdSet) -> Inspection:
    return Inspection(
        created=datetime.now(UTC),
        source="folder",
        origin=f"/welds/day-{number // 1000}/part-{number:06d}.jpg",
        sha256=f"{number:064x}",
        width=4000,
        height=3000,
        verdict="DEFECT",
        reason="Suspect: Crack",
        classes=[2],
        scores=[0.012345, 0.2, 0.9, 0.1, 0.3, 0.4, 0.5],
        distance=1.5,
        milliseconds=4.2,
        model_name="weld",
        model_version=1,
        model_sha256="ab" * 32,
        thresholds_name=thresholds.name,
        thresholds_digest=thresholds.digest,
        thresholds=thresholds.model_dump(mode="json"),
        manner="0" * 12,
        weld={"weld_id": f"W-{number}", "method_standard": "ISO 17637"},
    )


def fill(context: Context, count: int) -> None:
    thresholds = ThresholdSet(name="balanced", lower=(0.4,) * 7, upper=(0.6,) * 7)
    logits = np.random.default_rng(1).normal(size=(14, 14, 7)).astype(np.float32)
    for start in range(0, count, BATCH):
        rows = [inspection(number, thresholds) for number in range(start, min(start + BATCH, count))]
        maps = {place: heat_maps.packed(logits) for place in range(0, len(rows), 100)}
        with context.database.write() as session:
            inspections.add(session, rows, person="system", heat_maps=maps)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=100_000)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WELDSPOT_KEYS"] = str(Path(folder) / "station")
        context = Context(Path(folder) / "workspace")
        started = time.perf_counter()
        fill(context, entries)
        print(f"{entries} records written in {time.perf_counter() - started:.1f} s")
        context.seal_trail("report")
        process = psutil.Process()
        before = peak = process.memory_info().rss
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.05):
                peak = max(peak, process.memory_info().rss)

        watcher = threading.Thread(target=watch)
        watcher.start()
        started = time.perf_counter()
        found = context.verify_trail(lambda done, total: None)
        seconds = time.perf_counter() - started
        done.set()
        watcher.join()
        assert found.sound, found.summary()
        print("| entries | records | seconds | entries/s | memory grew by |")
        print("|---|---|---|---|---|")
        grew = (peak - before) / 1e6
        print(f"| {found.entries} | {found.records} | {seconds:.1f} | {found.entries / seconds:.0f} | {grew:.0f} MB |")
        context.close()


if __name__ == "__main__":
    main()
