"""Shared by all tests: no display needed, no home directory touched."""

import faulthandler
import json
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parent.parent
DATASETS = Path(os.environ.get("WELDSPOT_DATASETS", ROOT.parent / "shared" / "datasets"))
REAL_DATA_REQUIRED = os.environ.get("WELDSPOT_REQUIRE_REAL_DATA") == "1"

real_data_tests: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has its own empty workspace and station key; the user's are never touched."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("WELDSPOT_WORKSPACE", str(folder))
    monkeypatch.setenv("WELDSPOT_KEYS", str(tmp_path / "station"))
    return folder


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
    """Without the photographs their tests are deselected and counted, not silently passed."""
    if DATASETS.is_dir():
        return
    real = [item for item in items if item.get_closest_marker("real_data")]
    if real:
        config.hook.pytest_deselected(items=real)
        items[:] = [item for item in items if item not in real]
        real_data_tests["left out"] += len(real)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the tests on the photographs: what ran, and what was skipped."""
    if "real_data" in report.keywords:
        if report.skipped:
            real_data_tests["left out"] += 1
        elif report.when == "call":
            real_data_tests["ran"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail when the tests on the photographs are required and did not all run."""
    if REAL_DATA_REQUIRED and (real_data_tests["left out"] or not real_data_tests["ran"]):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


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
    """Say how many tests on the photographs ran."""
    counts = f"{real_data_tests['ran']} ran, {real_data_tests['left out']} left out"
    wish = " (all are required: WELDSPOT_REQUIRE_REAL_DATA=1)" if REAL_DATA_REQUIRED else ""
    terminalreporter.write_line(f"real_data tests: {counts}{wish}; photographs: {DATASETS}")
