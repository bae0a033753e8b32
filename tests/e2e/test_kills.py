"""A folder import that is killed at random moments loses nothing, tears nothing, and goes on."""

import os
import random
from pathlib import Path

import killing
import pytest

PICTURES = 150
KILLS = 5


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_five_times_and_then_finished(workspace: Path, tmp_path: Path) -> None:
    folder = killing.folder_of(tmp_path / "welds", PICTURES)
    chance = random.Random(20_260_101)
    printed = [killing.kill_at_random(workspace, folder, chance, PICTURES) for _ in range(KILLS)]
    # The kills came in the middle, not before the first row or after the last.
    assert any(0 < count < PICTURES for count in printed)
    last = killing.import_folder(workspace, folder)
    assert last.end() == 0
    assert len(last.rows) == PICTURES + 1
    killing.check(workspace, last.rows)
    twice = len([number for number in range(1, PICTURES) if number % 10 == 0])
    killing.check_finished(workspace, PICTURES + 1, PICTURES + 1 - twice)
