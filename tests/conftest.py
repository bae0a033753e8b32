"""Shared by all tests: no display needed, no home directory touched."""

import faulthandler
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import firebase_emulators
import numpy as np
import postgresql
import pytest

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No test touches the keyring of whoever runs it; those that want one bring their own.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

ROOT = Path(__file__).resolve().parent.parent
DATASETS = Path(os.environ.get("WELDSPOT_DATASETS", ROOT.parent / "shared" / "datasets"))
POSTGRESQL = postgresql.programs()
FIREBASE = firebase_emulators.programs()

# What tests with a mark need: where it was found, and the variable that makes it an error to go without.
NEEDS = {
    "real_data": (DATASETS if DATASETS.is_dir() else None, "WELDSPOT_REQUIRE_REAL_DATA", f"photographs: {DATASETS}"),
    "postgresql": (POSTGRESQL, "WELDSPOT_REQUIRE_POSTGRESQL", f"programs: {POSTGRESQL or 'not found'}"),
    "firebase": (FIREBASE, "WELDSPOT_REQUIRE_FIREBASE", f"emulators: {FIREBASE.package if FIREBASE else 'not found'}"),
}
counted: dict[str, Counter[str]] = {mark: Counter() for mark in NEEDS}


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has its own empty workspace and station key; the user's are never touched."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("WELDSPOT_WORKSPACE", str(folder))
    monkeypatch.setenv("WELDSPOT_KEYS", str(tmp_path / "station"))
    monkeypatch.delenv("WELDSPOT_DATABASE", raising=False)
    return folder


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """A running PostgreSQL; tests that use it are marked `postgresql`."""
    assert POSTGRESQL is not None
    with postgresql.server(POSTGRESQL) as server:
        yield server


@pytest.fixture(scope="session")
def emulators() -> Iterator[firebase_emulators.Emulators]:
    """Google's emulators of Firebase, running."""
    assert FIREBASE is not None
    with firebase_emulators.running(FIREBASE) as found:
        yield found


@pytest.fixture
def firebase(emulators: firebase_emulators.Emulators, monkeypatch: pytest.MonkeyPatch) -> firebase_emulators.Emulators:
    """The emulators, which the program takes for Firebase; tests that use them are marked `firebase`."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", emulators.auth)
    monkeypatch.setenv("FIREBASE_STORAGE_EMULATOR_HOST", emulators.storage)
    return emulators


@pytest.fixture(params=postgresql.BOTH_KINDS)
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where a test's database lies, once as a file and once on a server; see `Database`."""
    with postgresql.place(request, tmp_path) as found:
        yield found


@pytest.fixture(params=postgresql.BOTH_KINDS)
def empty_store_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """The same, but on the server too without any tables."""
    with postgresql.place(request, tmp_path, empty=True) as found:
        yield found


@pytest.fixture(params=postgresql.BOTH_KINDS)
def each_database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the workspaces of a test keep their database once in a file and once on a server."""
    with postgresql.place(request, tmp_path) as found:
        if isinstance(found, str):
            monkeypatch.setenv("WELDSPOT_DATABASE", found)
        yield


@pytest.fixture(scope="session")
def datasets() -> Path:
    """Folder of the real photographs; tests that use it are marked `real_data`."""
    return DATASETS


@pytest.fixture(scope="session")
def crack_counts() -> SimpleNamespace:
    """Out-of-fold cracks and others of the model that ships, counted plainly at its own thresholds.

    `all_but_ten` is the highest threshold that catches all cracks but ten.
    """
    models = ROOT / "resources" / "models"
    card = json.loads(next(models.glob("*-int8.tflite.card.json")).read_text(encoding="utf-8"))
    with np.load(models / card["companions"]["out_of_fold"]["file"]) as file:
        scores, cracks = file["scores"][:, 2], file["truth"][:, 2] > 0
    lower, upper = card["thresholds"]["lower"][2], card["thresholds"]["upper"][2]
    between = (scores >= lower) & (scores < upper)
    return SimpleNamespace(
        found=int((scores[cracks] >= upper).sum()),
        false_alarms=int((scores[~cracks] >= upper).sum()),
        between=int(between.sum()),
        cracks_between=int(between[cracks].sum()),
        all_but_ten=float(np.sort(scores[cracks])[10]),
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests whose needs are not met are deselected and counted, not silently passed."""
    for mark, (found, _, _) in NEEDS.items():
        needing = [item for item in items if item.get_closest_marker(mark)] if found is None else []
        if needing:
            config.hook.pytest_deselected(items=needing)
            items[:] = [item for item in items if item not in needing]
            counted[mark]["left out"] += len(needing)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the tests with needs: what ran, and what was skipped."""
    for mark, counts in counted.items():
        if mark in report.keywords:
            if report.skipped:
                counts["left out"] += 1
            elif report.when == "call":
                counts["ran"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail when tests with needs are required and did not all run."""
    for mark, counts in counted.items():
        if _required(mark) and (counts["left out"] or not counts["ran"]):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _required(mark: str) -> bool:
    return os.environ.get(NEEDS[mark][1]) == "1"


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """A thread that a failed test left behind must not keep the finished run alive: say where it stands, and end."""
    left = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    for thread in left:
        thread.join(10)
    if any(thread.is_alive() for thread in left):
        print(f"threads that did not end: {[thread.name for thread in left]}", file=sys.stderr)
        faulthandler.dump_traceback(all_threads=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(pytest.ExitCode.INTERNAL_ERROR)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests with needs ran."""
    for mark, counts in counted.items():
        _, variable, place = NEEDS[mark]
        wish = f" (all are required: {variable}=1)" if _required(mark) else ""
        line = f"{mark} tests: {counts['ran']} ran, {counts['left out']} left out{wish}; {place}"
        terminalreporter.write_line(line)
