"""A few kills of a recording station; tests/bench/kills_live.py does fifty."""

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parent.parent / "bench" / "kills_live.py"


@pytest.fixture(scope="module")
def kills() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kills_live", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX; Windows ends a process in the same way only")
def test_nothing_that_was_shown_as_saved_is_lost_by_a_kill(kills: ModuleType, tmp_path: Path) -> None:
    chance = random.Random(20)
    source = kills.film(tmp_path / "weld.avi")
    answered = 0
    for _ in range(5):
        shown = kills.record_and_kill(tmp_path / "workspace", source, chance.uniform(0.0, 0.6))
        answered += len(shown.answered)
        assert kills.faults(tmp_path / "workspace", shown) == []
    assert answered >= 5
    # The check itself sees a loss.
    shown.answered[10**6] = "0" * 64
    assert kills.faults(tmp_path / "workspace", shown) == ["record 1000000 was answered and is not there"]
