"""Full disk, read-only workspace, locked database: a clear message, nothing lost, and work goes on afterwards.

The conditions are real. A small disk is a tmpfs in a namespace of its own. Write protection holds for root too,
because the program is started without the capability that lets root pass it.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import event

from weldspot_desktop import paths
from weldspot_desktop.context import Context
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.store import StoreError, backend, inspections
from weldspot_desktop.store.inspections import Query

SAMPLE = paths.resource("samples", "porosity.jpg")
WITHOUT_ROOTS_RIGHTS = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
OWN_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the conditions are made with POSIX means")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=180)


def weldspot(*arguments: str, before: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    return run(*(before or []), sys.executable, "-m", "weldspot_desktop", *arguments)


def kept(context: Context) -> int:
    with context.database.read() as session:
        return inspections.count(session, Query())


def record(context: Context, *, content: bytes | None = None) -> None:
    inspector = context.inspector()
    item = ToRecord(inspector.content(SAMPLE.read_bytes(), origin=str(SAMPLE)), content=content)
    context.recorder(inspector).record([item], source=Source.IMPORT, person=None)


def fill(ballast: Path) -> None:
    """Write until the disk is full."""
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def record_many(context: Context) -> None:
    for _ in range(200):
        record(context)


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    opened = Context(workspace)
    yield opened
    opened.close()


# -- full disk ---------------------------------------------------------------------------------------------------

_ON_A_SMALL_DISK = """
import json, logging, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_hard_times import SAMPLE, fill, kept, record
from weldspot_desktop.context import Context
from weldspot_desktop.store import StoreError

disk = Path(sys.argv[1])
logging.basicConfig(format="logged: %(message)s")
context = Context(disk / "workspace")
picture = Path(sys.argv[2]).read_bytes()
record(context, content=picture)
context.close()
context = Context(disk / "workspace")
kept(context)
said = []
# Another picture each time: what is kept already needs no room.
others = [picture + bytes([number]) for number in range(4)]
fill(disk / "ballast")
for content in (others[0], None):
    try:
        while True:
            record(context, content=content)
    except StoreError as error:
        said.append(str(error))
full = kept(context)
files = sorted(path.name for path in (disk / "workspace" / "pictures").rglob("*") if path.is_file())
context.close()
fill(disk / "ballast")
try:
    kept(Context(disk / "workspace"))
except StoreError as error:
    said.append(str(error))
(disk / "ballast").unlink()
context = Context(disk / "workspace")
still = kept(context)
record(context, content=others[1])
found = context.verify_trail(lambda done, total: None)
print(json.dumps({"said": said, "files": files, "full": full, "still": still, "after": kept(context),
                  "sound": found.sound, "summary": found.summary(), "records": found.records}))
context.close()
"""


def test_a_full_disk_loses_nothing_and_is_explained(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = 'mount -t tmpfs -o size=6m small "$1" && shift && exec "$@"'
    if run(*OWN_NAMESPACE, "sh", "-c", mounted, "sh", str(disk), "true").returncode != 0:
        pytest.skip("no file system may be mounted here; the two tests below are made without one")
    program = [sys.executable, "-c", _ON_A_SMALL_DISK, str(disk), str(SAMPLE), str(Path(__file__).parent)]
    done = run(*OWN_NAMESPACE, "sh", "-c", mounted, "sh", str(disk), *program)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["said"][0].startswith("The picture could not be kept: No space left on device.")
    assert "The disk is full. What was saved before is safe; free some space and try again." in found["said"][1]
    assert "The disk is full" in found["said"][2]
    assert len(found["files"]) == 1, "half a picture was left"
    assert found["full"] == found["still"] >= 1
    assert found["after"] == found["still"] + 1
    assert found["sound"], found["summary"]


def test_a_database_that_may_not_grow_keeps_what_it_has(context: Context) -> None:
    record(context)
    limit = None

    def stop_growing(connection: object, *_: object) -> None:
        if limit is not None:
            connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")  # type: ignore[attr-defined]

    with context.database.read() as session:
        limit = session.connection().exec_driver_sql("PRAGMA page_count").scalar()
    event.listen(context.database.engine, "begin", stop_growing)
    with pytest.raises(StoreError, match="full") as caught:
        record_many(context)
    before = kept(context)
    assert caught.value.advice == "The disk is full. What was saved before is safe; free some space and try again."
    assert context.verify_trail(lambda done, total: None).entries == before >= 1
    limit = 1_000_000
    record(context)
    assert kept(context) == before + 1
    assert context.verify_trail(lambda done, total: None).sound


_WITH_SMALL_FILES = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_hard_times import SAMPLE, kept, record
from weldspot_desktop.context import Context
from weldspot_desktop.store import StoreError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
context = Context(Path(sys.argv[1]))
record(context)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    record(context, content=SAMPLE.read_bytes())
except StoreError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
record(context, content=SAMPLE.read_bytes())
assert kept(context) == 2
assert context.verify_trail(lambda done, total: None).sound
context.close()
"""


def test_a_picture_that_cannot_be_written_whole_is_not_kept_in_part(workspace: Path) -> None:
    done = run(sys.executable, "-c", _WITH_SMALL_FILES, str(workspace), str(Path(__file__).parent))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The picture could not be kept: File too large.")
    assert [path.read_bytes() for path in (workspace / "pictures").rglob("*.*")] == [SAMPLE.read_bytes()]


# -- read-only workspace -----------------------------------------------------------------------------------------


_ADDS_A_PERSON = """
import sys
from pathlib import Path
from weldspot_desktop.context import Context
from weldspot_desktop.store import StoreError, people
from weldspot_desktop.store.people import Role
try:
    with Context(Path(sys.argv[1])).database.write() as session:
        people.add(session, name="Bo", role=Role.INSPECTOR, by="system")
except StoreError as error:
    print(error)
"""


def test_a_write_protected_workspace_is_refused_in_words_and_left_as_it_is(context: Context, workspace: Path) -> None:
    record(context)
    context.close()
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
    for path in (workspace, *workspace.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    program = WITHOUT_ROOTS_RIGHTS if os.geteuid() == 0 else []
    try:
        refused = weldspot("inspect", str(SAMPLE), "--record", before=program)
        judged = weldspot("inspect", str(SAMPLE), "--json", before=program)
        verified = weldspot("log", "verify", before=program)
        denied = run(*program, sys.executable, "-c", _ADDS_A_PERSON, str(workspace))
    finally:
        for path in (workspace, *workspace.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert refused.returncode == 1
    assert "The workspace cannot be written. Check its rights" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert denied.stdout.endswith(
        "The workspace cannot be written. Check its rights, or choose another with --workspace.\n"
    )
    assert (verified.returncode, verified.stdout[:18]) == (0, "The trail is whole"), verified.stderr
    assert judged.returncode == 0, judged.stderr
    assert len(json.loads(judged.stdout)) == 1
    assert {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()} == before
    assert weldspot("inspect", str(SAMPLE), "--record").returncode == 0
    assert weldspot("log", "verify").returncode == 0


def test_a_place_where_no_workspace_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = weldspot("--workspace", str(tmp_path / "file" / "w"), "inspect", str(SAMPLE), "--record")
    assert done.returncode == 1
    assert "cannot be made: Not a directory. Choose another folder with --workspace" in done.stderr


# -- locked by another process -----------------------------------------------------------------------------------

_HOLDS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.execute("BEGIN " + sys.argv[3])
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
connection.close()
print("let go", flush=True)
sys.stdin.readline()
"""


def test_a_database_that_another_program_holds_is_waited_for_and_then_explained(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "BUSY_SECONDS", 1)
    context = Context(workspace)
    record(context)
    command = [sys.executable, "-c", _HOLDS, str(context.workspace.database), "PRAGMA user_version", "IMMEDIATE"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="locked") as caught:
            record(context)
        assert caught.value.advice.startswith("Another program is writing to this workspace. Nothing was lost")
        assert kept(context) == 1, "reading goes on meanwhile"
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "let go\n"
        record(context)
        assert kept(context) == 2
        other.stdin.write("\n")
    assert context.verify_trail(lambda done, total: None).sound
    context.close()


# -- the command -------------------------------------------------------------------------------------------------


def test_log_verify_says_what_is_wrong_and_how_it_ends(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "welds"
    folder.mkdir()
    for sample in sorted(SAMPLE.parent.glob("*.jpg"))[:2]:
        shutil.copy(sample, folder)
    assert weldspot("inspect", str(folder), "--record").returncode == 0
    good = weldspot("log", "verify")
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("The trail is whole: 2 entries, 4 records compared.\nSigned at entry 2 on ")
    with Context(workspace).database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE inspection SET verdict = 'CLEAR' WHERE id = 2")
    bad = weldspot("log", "verify", "--json")
    assert bad.returncode == 1
    found = json.loads(bad.stdout)
    assert found["sound"] is False
    assert found["faults"] == [
        {"first": 2, "last": 2, "sentence": "inspection 2 was altered after entry 2 recorded it"}
    ]
    assert found["signed"]["count"] == 2
