"""Mutated and hostile pictures through the way of an import; `tests/bench/fuzz_pictures.py` has the longer run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FUZZER = Path(__file__).parents[1] / "bench" / "fuzz_pictures.py"

MOST_MEGABYTES = 1200
"""Peak of a process. A picture of 100 megapixels takes 400 MB in Pillow and 300 MB as pixels, the model 100 MB."""


def fuzz(*arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, str(FUZZER), "--json", *arguments], capture_output=True, text=True, timeout=600
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_a_thousand_mutated_pictures_are_judged_or_refused(datasets: Path, tmp_path: Path) -> None:
    found = fuzz("--count", "1000", "--seed", "1", "--photographs", str(datasets), "--keep", str(tmp_path))
    assert found["problems"] == []
    assert found["cases"] == 1000
    assert 100 < found["judged"] < 900, "nearly all or nearly none come through: the mutations test nothing"
    assert found["peak_megabytes"] < MOST_MEGABYTES


@pytest.mark.parametrize("bomb", ["PNG alpha", "JPEG of 90 passes"])
def test_a_bomb_takes_neither_memory_nor_time(bomb: str) -> None:
    found = fuzz("--bombs", bomb)
    assert found["cases"] == 1
    assert found["problems"] == []
    assert found["peak_megabytes"] < MOST_MEGABYTES
