"""Kills a recording process fifty times and checks what it left each time. Usage: kills.py [KILLS] [PICTURES] [SEED].

A fault ends it with the traceback. The folder import is killed here; `WAYS` has a place for others.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))

import killing

Way = Callable[[Path, int, int, random.Random], None]


def folder_import(place: Path, kills: int, pictures: int, chance: random.Random) -> None:
    """`weldspot inspect --record`: killed, resumed, killed, and again from nothing when it is done."""
    folder = killing.folder_of(place / "welds", pictures)
    round_, done = 0, 0
    for number in range(1, kills + 1):
        workspace = place / f"workspace {round_}"
        printed = killing.kill_at_random(workspace, folder, chance, pictures)
        done = max(done, printed)
        print(f"kill {number:3}: {printed:4} rows were printed; the store is whole and has them", flush=True)
        if number % 10 == 0 or number == kills:
            last = killing.import_folder(workspace, folder)
            assert last.end() == 0
            killing.check(workspace, last.rows)
            twice = len(range(10, pictures, 10))
            killing.check_finished(workspace, pictures + 1, pictures + 1 - twice)
            print(f"          finished: {len(last.rows)} rows, one inspection for each content", flush=True)
            round_ += 1
    assert done > 0, "no kill came after the first row: raise PICTURES"


WAYS: dict[str, Way] = {"folder import": folder_import}


def main() -> None:
    kills, pictures, seed = (int(word) for word in (*sys.argv[1:], *("50", "400", "1")[len(sys.argv) - 1 :]))
    for name, way in WAYS.items():
        with tempfile.TemporaryDirectory() as place:
            begun = time.perf_counter()
            way(Path(place), kills, pictures, random.Random(seed))
            print(f"{name}: {kills} kills in {time.perf_counter() - begun:.0f} s, nothing lost, nothing torn")


if __name__ == "__main__":
    main()
