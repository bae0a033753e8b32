"""kill -9 at random moments of live recording: what was shown as saved is there, and nothing is half there.

Usage: kills_live.py [--kills 50] [--seed 1]. Runs `weldspot serve --record` over and over on one workspace, triggers
without pause from two clients, kills the process, and looks at the workspace. A few kills run in the tests.
"""

import argparse
import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import httpx
import numpy as np
from sqlalchemy import select

from weldspot_desktop import pictures
from weldspot_desktop.context import Context
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.store.schema import Inspection, TrailEntry

_CLIENTS = 2
_START_SECONDS = 60.0


@dataclass
class Shown:
    """What somebody was told: numbers with the picture's hash (the answers), numbers alone (the lines printed)."""

    answered: dict[int, str] = field(default_factory=dict)
    printed: set[int] = field(default_factory=set)


def film(path: Path) -> Path:
    """Half a second of a weld under a moving light, small so that much is recorded in little time."""
    weld = render_weld(5, size=240).pixels
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (240, 240))
    for number in range(15):
        writer.write(np.clip(weld[..., ::-1].astype(np.int16) + 2 * number, 0, 255).astype(np.uint8))
    writer.release()
    return path


def record_and_kill(workspace: Path, source: Path, seconds: float) -> Shown:
    """Record live, triggered by two clients, and kill -9 so many seconds after the first answer."""
    command = [sys.executable, "-m", "weldspot_desktop", "--workspace", str(workspace)]
    process = subprocess.Popen(
        [*command, "serve", "--source", str(source), "--record", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "WELDSPOT_KEYS": str(workspace.parent / "keys")},
    )
    shown = Shown()
    first = threading.Event()
    ended = threading.Event()
    try:
        assert process.stdout is not None
        found = re.match(r"Listening on (\S+); the token is in (.+)", process.stdout.readline())
        assert found is not None, "the station did not start"
        url, headers = f"{found[1]}/trigger", {"Authorization": f"Bearer {Path(found[2]).read_text()}"}

        def ask() -> None:
            while not ended.is_set():
                try:
                    answer = httpx.post(url, headers=headers, timeout=10)
                except httpx.HTTPError:
                    continue
                if answer.status_code == httpx.codes.OK:
                    shown.answered[answer.json()["record"]] = answer.json()["picture_sha256"]
                    first.set()

        clients = [threading.Thread(target=ask) for _ in range(_CLIENTS)]
        for client in clients:
            client.start()
        assert first.wait(_START_SECONDS), "no trigger was answered"
        time.sleep(seconds)
    finally:
        process.send_signal(signal.SIGKILL)
        ended.set()
        process.wait()
    for client in clients:
        client.join()
    with process.stdout:
        shown.printed = {int(number) for number in re.findall(r"^saved (\d+)\b.*\n", process.stdout.read(), re.M)}
    return shown


def faults(workspace: Path, shown: Shown) -> list[str]:
    """What is lost or half there, in words; empty if the workspace is whole."""
    found = []
    context = Context(workspace)
    try:
        with context.database.read() as session:
            rows = {row.id: row for row in session.scalars(select(Inspection))}
            entries = list(session.scalars(select(TrailEntry).where(TrailEntry.action == "inspection recorded")))
            files = {row.id: context.picture_files.path(session, row.sha256 or "") for row in rows.values()}
        trail = context.verify_trail(lambda done, total: None)
    finally:
        context.close()
    if not trail.sound:
        found.append(trail.summary())
    if sorted(entry.subject for entry in entries) != sorted(f"inspection {number}" for number in rows):
        found.append("the trail does not name exactly the records")
    found += [f"record {number} was shown as saved and is not there" for number in shown.printed - rows.keys()]
    for number, sha256 in shown.answered.items():
        if number not in rows or rows[number].sha256 != sha256:
            found.append(f"record {number} was answered and is not there")
    for number, row in rows.items():
        path = files[number]
        if row.verdict is None or row.scores is None or len(row.scores) != 7 or row.trigger != "http":
            found.append(f"record {number} is half there")
        if path is None or not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
            found.append(f"the picture of record {number} is not there")
        elif pictures.decode(path.read_bytes()).pixels.shape[:2] != (row.height, row.width):
            found.append(f"the picture of record {number} is another one")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)
    bad = records = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # The key of this computer's own station is left alone.
        os.environ["WELDSPOT_KEYS"] = str(Path(folder) / "keys")
        source = film(Path(folder) / "weld.avi")
        for number in range(1, chosen.kills + 1):
            seconds = chance.uniform(0.0, 1.5)
            shown = record_and_kill(Path(folder) / "workspace", source, seconds)
            found = faults(Path(folder) / "workspace", shown)
            records += len(shown.answered)
            bad += bool(found)
            print(
                f"kill {number:3} after {seconds:4.2f} s: {len(shown.answered):3} answered, {found or 'whole'}",
                flush=True,
            )
    print(f"{chosen.kills} kills, {records} records answered, {bad} with a fault (seed {chosen.seed})")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
