"""Two programs decide 2,000 uploads of one queue at once, a third is killed. Usage: reviewers.py [UPLOADS].

On a real PostgreSQL without fsync (the server of the tests) and on SQLite. A fault ends it with its assertion: an
upload decided twice or lost, a lease that did not end, a trail that does not hold.
"""

import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "e2e"), str(TESTS.parent)]

import postgresql  # noqa: E402 - after the path is set
from test_reviewing import review  # noqa: E402


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    found = postgresql.programs()
    assert found is not None, "PostgreSQL is not installed"
    with tempfile.TemporaryDirectory() as folder, postgresql.server(found) as server, server.database() as address:
        places: dict[str, str | Path] = {"PostgreSQL": address, "SQLite": Path(folder) / "weldspot.sqlite3"}
        for name, place in places.items():
            begun = time.perf_counter()
            review(place, count)
            seconds = time.perf_counter() - begun
            print(f"{name}: {count} uploads, each decided once; {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
