"""Reports of many welds: time, size and the most memory they take.

Usage: report.py [WELDS] [FOLDER]. FOLDER holds photographs; without one, drawn welds are used. Every report is written
by a process of its own, as `weldspot report` does it, so that its memory can be told from that of the others. Pictures
repeat after a hundred; each record has a heat map and a fifth of them an override.
"""

import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import psutil

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.reports import report
from weldspot_desktop.reports.sources import Details
from weldspot_desktop.store import people
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import HeatMap, Override

DIFFERENT = 100


def main() -> None:
    if len(sys.argv) > 2 and sys.argv[1] == "--one":
        return one(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    welds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as place:
        workspace = Path(place) / "workspace"
        fill(workspace, welds, contents(folder))
        print(f"{welds} welds")
        print(f"{'kind':6}{'seconds':>10}{'MB':>10}{'memory, MB':>14}{'first report, s':>18}")
        for kind in report.Kind:
            out = Path(place) / f"report.{kind.value}"
            command = [sys.executable, __file__, "--one", kind.value, str(workspace), str(out)]
            seconds, memory, first = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[
                -3:
            ]
            size = out.stat().st_size / 1e6
            print(f"{kind.value:6}{float(seconds):10.1f}{size:10.1f}{float(memory):14.0f}{float(first):18.2f}")
    return None


def one(kind: str, workspace: Path, out: Path) -> None:
    context = Context(workspace)
    sources = context.report_sources()
    peak = [0]
    threading.Thread(target=watch, args=(peak,), daemon=True).start()
    start, first = time.perf_counter(), []

    def progress(done: int, total: int) -> None:
        if not first:
            first.append(time.perf_counter() - start)

    details = Details("Bench", "B-1", datetime.now(UTC))
    report.write(report.Kind(kind), Query(newest_first=False), out, progress, sources=sources, details=details)
    seconds = time.perf_counter() - start
    context.close()
    print(seconds, peak[0] / 1e6, first[0])


def watch(peak: list[int]) -> None:
    process = psutil.Process()
    while True:
        peak[0] = max(peak[0], process.memory_info().rss)
        time.sleep(0.02)


def contents(folder: Path | None) -> list[bytes]:
    if folder is not None:
        return [path.read_bytes() for path in sorted(folder.glob("*.jpg"))[:DIFFERENT]]
    return [
        cv2.imencode(".jpg", render_weld(seed, size=960).pixels[..., ::-1])[1].tobytes() for seed in range(DIFFERENT)
    ]


def fill(workspace: Path, welds: int, pictures: list[bytes]) -> None:
    context = Context(workspace)
    inspector = context.inspector()
    recorder = context.recorder(inspector)
    with context.database.write() as session:
        people.add(session, name="M. Inspector", role=Role.INSPECTOR, by="system")
    person = context.person("M. Inspector")
    assert person is not None
    judged = [inspector.content(content, origin=f"weld-{i}.jpg") for i, content in enumerate(pictures)]
    for start in range(0, welds, DIFFERENT):
        some = range(start, min(welds, start + DIFFERENT))
        items = [ToRecord(judged[i % len(judged)], pictures[i % len(judged)], weld={"weld_id": f"W-{i}"}) for i in some]
        numbers = recorder.record(items, source=Source.FOLDER, person=person)
        with context.database.write() as session:
            for number, i in zip(numbers, some, strict=True):
                keep_heat_map(session, number, judged[i % len(judged)].prediction)
                if i % 5 == 0:
                    session.add(
                        Override(
                            inspection_id=number,
                            at=datetime.now(UTC) + timedelta(seconds=i),
                            person_id=person.id,
                            verdict="CLEAR",
                            classes=[labels.GOOD_WELDING],
                            reason="Measured: within the drawing",
                        )
                    )
    context.close()


def keep_heat_map(session, number: int, prediction) -> None:
    from weldspot_desktop.store import heat_maps

    if prediction is not None and session.get(HeatMap, number) is None:
        row = heat_maps.packed(np.asarray(prediction.heatmap))
        row.inspection_id = number
        session.add(row)


if __name__ == "__main__":
    main()
