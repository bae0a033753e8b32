"""Killing a process that records, and looking at what it left; shared by a test and by `tests/bench/kills.py`."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from sqlalchemy import func, select

from weldspot_desktop.context import Context
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.store import folder_runs, trail
from weldspot_desktop.store.schema import FolderItem, Inspection

SECONDS = 300


@dataclass
class Recording:
    """A process that prints a JSON object a line for everything it has saved.

    Attributes
    ----------
    rows
        What it printed so far: `origin` and `sha256` at least.
    """

    process: "subprocess.Popen[str]"
    rows: list[dict[str, object]] = field(default_factory=list)
    reader: threading.Thread | None = None

    @classmethod
    def start(cls, *arguments: str) -> "Recording":
        command = [sys.executable, "-m", "weldspot_desktop", *arguments]
        # Without a buffer a line is there when it was printed.
        environment = os.environ | {"PYTHONUNBUFFERED": "1", "QT_QPA_PLATFORM": "offscreen"}
        made = cls(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment))
        made.reader = threading.Thread(target=made._read)
        made.reader.start()
        return made

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            # The line in which the process died is no row.
            with contextlib.suppress(json.JSONDecodeError):
                self.rows.append(json.loads(line.strip().rstrip(",")))

    def wait_for(self, rows: int) -> bool:
        """Wait until so many rows were printed; False if the process ended before."""
        end = time.monotonic() + SECONDS
        while len(self.rows) < rows and self.process.poll() is None:
            assert time.monotonic() < end, "nothing is printed"
            time.sleep(0.002)
        return len(self.rows) >= rows

    def kill(self) -> None:
        """As the system does when memory runs out: no warning, no last words."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> int:
        """Wait for the end; the exit code."""
        code = self.process.wait(SECONDS)
        assert self.reader is not None
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def folder_of(folder: Path, count: int) -> Path:
    """Small pictures that look alike; every tenth content is there twice, and one file is no picture."""
    folder.mkdir()
    one = folder / "000.jpg"
    Image.fromarray(render_weld(1, size=128).pixels).save(one)
    content = one.read_bytes()
    for number in range(1, count):
        of = number - 1 if number % 10 == 0 else number
        (folder / f"{number:03d}.jpg").write_bytes(content + str(of).encode())
    (folder / "text.jpg").write_text("no picture")
    return folder


def import_folder(workspace: Path, folder: Path) -> Recording:
    """`weldspot inspect --record` of a folder."""
    return Recording.start("--workspace", str(workspace), "inspect", str(folder), "--record", "--json")


def kill_at_random(workspace: Path, folder: Path, chance: random.Random, most_rows: int) -> int:
    """Start an import, kill it after a random number of rows and a moment, check the store; rows printed."""
    recording = import_folder(workspace, folder)
    recording.wait_for(chance.randrange(most_rows))
    time.sleep(chance.random() * 0.1)
    recording.kill()
    check(workspace, recording.rows)
    return len(recording.rows)


def check(workspace: Path, printed: list[dict[str, object]]) -> None:
    """The database is whole, the trail holds, and everything that was printed is there.

    Raises
    ------
    AssertionError
        If it is not so.
    """
    path = Context(workspace).workspace.database
    if not path.exists():
        assert printed == []
        return
    with contextlib.closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    with _opened(workspace) as context, context.database.read() as session:
        assert trail.first_fault(session) is None
        kept = set(session.scalars(select(Inspection.sha256)))
        assert {row["sha256"] for row in printed} <= kept
        for row in session.scalars(select(Inspection).where(Inspection.verdict.is_not(None))):
            file = context.picture_files.path(session, str(row.sha256))
            assert file is not None
            assert file.stat().st_size > 0


def check_finished(workspace: Path, files: int, contents: int) -> None:
    """Every file has its row, and every content exactly one inspection."""
    with _opened(workspace) as context, context.database.read() as session:
        last = folder_runs.latest(session)
        assert last is not None
        assert last.run.finished is not None
        assert (last.done, last.listed, last.run.total) == (files, files, files)
        hashes = list(session.scalars(select(Inspection.sha256)))
        assert len(hashes) == len(set(hashes)) == contents
        items = session.scalar(select(func.count()).where(FolderItem.inspection_id.is_not(None)))
        assert items == files


@contextlib.contextmanager
def _opened(workspace: Path) -> Iterator[Context]:
    context = Context(workspace)
    try:
        yield context
    finally:
        context.close()
