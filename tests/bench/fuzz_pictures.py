"""Mutated pictures through the way of an import: no crash, nothing over five seconds, memory bounded.

    PYTHONPATH=. python tests/bench/fuzz_pictures.py [--count 20000] [--seed 1] [--bombs [NAME ...]] [--json]

Each worker is a process of its own, which says what it begins before it begins it: a crash or a hang names its case.
`--keep FOLDER` writes the files that failed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).parent
LONGEST_SECONDS = 5.0
STUCK_SECONDS = 120.0


def work(options: argparse.Namespace) -> None:
    """The worker: judges every case of its share and writes a line before and after each."""
    import resource

    from picture_mutations import case, photograph_seeds, synthetic_seeds

    from weldspot_desktop.inspection.inspector import Inspector
    from weldspot_desktop.registry.active import open_model

    inspector = Inspector(open_model())
    if options.file is not None:
        cases = iter([(options.file.stem, options.file.read_bytes())])
    else:
        seeds = synthetic_seeds() + photograph_seeds(options.photographs)
        first, step = options.share
        cases = (case(number, options.seed, seeds) for number in range(first, options.count, step))
    for name, content in cases:
        say({"begins": name})
        # Of the processor: the machine may have other work. Nothing here waits for anything.
        started = time.process_time()
        try:
            found = inspector.content(content, origin=name)
            problem = None if (found.error is None) == (found.judgement is not None) else "neither judged nor refused"
            outcome = found.error or "judged"
        except Exception as error:  # noqa: BLE001 - what is looked for
            problem, outcome = f"{type(error).__name__}: {error}", "raised"
        seconds = time.process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        if seconds > LONGEST_SECONDS:
            problem = problem or f"took {seconds:.1f} s"
        say({"ended": name, "seconds": round(seconds, 3), "problem": problem, "outcome": outcome, "peak": peak})
        if problem is not None and options.keep is not None:
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / name.replace(" ", "_").replace("/", "_")).write_bytes(content)


def say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


class Watch:
    """One worker and what it said."""

    def __init__(self, arguments: list[str]) -> None:
        command = [sys.executable, "-X", "faulthandler", str(HERE / "fuzz_pictures.py"), "--work", *arguments]
        self.program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.begun: str | None = None
        self.last_word = time.monotonic()
        self.ended: list[dict[str, Any]] = []
        assert self.program.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self.program.stdout,))
        self._reader.start()

    def problems(self) -> list[str]:
        """Wait for the end; what went wrong."""
        stuck = False
        while self._reader.is_alive():
            self._reader.join(0.5)
            if self.begun is not None and time.monotonic() - self.last_word > STUCK_SECONDS:
                stuck = True
                self.program.kill()
        code = self.program.wait()
        found = [f"{row['ended']}: {row['problem']}" for row in self.ended if row["problem"] is not None]
        if stuck:
            found.append(f"{self.begun}: hangs")
        elif code != 0:
            found.append(f"{self.begun}: the process ended with {code}")
        return found

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            said = json.loads(line)
            self.last_word = time.monotonic()
            if "begins" in said:
                self.begun = said["begins"]
            else:
                self.begun = None
                self.ended.append(said)


def explode(wanted: list[str]) -> tuple[list[Watch], list[str]]:
    """Judge bombs, each in a process of its own, so that each has its own peak of memory."""
    from picture_bombs import bombs

    watches, problems = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in bombs(wanted):
            path = Path(folder) / f"{name}.bin"
            path.write_bytes(content)
            watches.append(Watch(["--file", str(path)]))
            problems += watches[-1].problems()
    return watches, problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--photographs", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--bombs", nargs="*", help="judge bombs instead: those named, or all")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--share", type=int, nargs=2, default=(0, 1), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options)
        return 0
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--json", "--bombs")]
    started = time.perf_counter()
    if options.bombs is not None:
        watches, problems = explode(options.bombs)
    else:
        workers = options.workers
        watches = [Watch([*arguments, "--share", str(number), str(workers)]) for number in range(workers)]
        problems = [problem for watch in watches for problem in watch.problems()]
    rows = [row for watch in watches for row in watch.ended]
    result = {
        "cases": len(rows),
        "seconds": round(time.perf_counter() - started, 1),
        "judged": sum(row["outcome"] == "judged" for row in rows),
        "slowest": max(((row["seconds"], row["ended"]) for row in rows), default=None),
        "peak_megabytes": round(max((row["peak"] for row in rows), default=0) / 1e6),
        "problems": problems,
    }
    if options.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name}: {value}" for name, value in result.items()))
        reasons = Counter(row["outcome"].split("(")[0][:70] for row in rows)
        print("\n".join(f"{count:6} {reason}" for reason, count in reasons.most_common(25)))
        if options.bombs is not None:
            print(
                "\n".join(
                    f"{r['seconds']:7.2f} s {r['peak'] / 1e6:6.0f} MB  {r['ended']}: {r['outcome']}" for r in rows
                )
            )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
