"""Start the built program once, as on a machine that has nothing of ours, and look at what it says and weighs.

    python packaging/smoke_test.py dist/weldspot

Its own check (`--self-test`) opens every page without a display, judges one picture with a known answer and resolves
the training command; then the samples are judged and reported on. Exit code 0 if all is well.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SELF_TEST_SECONDS = 180
START_SECONDS = 60
UNWANTED = ("tensorflow", "keras", "h5py", "grpc", "torch", "pytest")
"""Packages that must not be in the build: they are large, and inspection does without them."""


def bare_environment(home: Path) -> dict[str, str]:
    """The least that a system gives a program: no Python path, no virtual environment, its own home."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    return kept | {
        "PATH": os.defpath,
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LANG": "C.UTF-8",
        "QT_QPA_PLATFORM": "offscreen",
        "WELDSPOT_WORKSPACE": str(home / "workspace"),
    }


def run(command: list[str], home: Path, limit: float) -> float:
    """Run the program in an empty place.

    Returns
    -------
    float
        Seconds it took.

    Raises
    ------
    SystemExit
        If it fails or takes longer than `limit` seconds.
    """
    started = time.perf_counter()
    try:
        done = subprocess.run(
            command, cwd=home, env=bare_environment(home), stdin=subprocess.DEVNULL, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        sys.exit(f"{' '.join(command)} was not done after {limit:.0f} s")
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with exit code {done.returncode}")
    return time.perf_counter() - started


def unwanted_files(folder: Path) -> list[Path]:
    """Files of packages that the build must not hold; the project's own resources do not count."""
    return [
        path
        for path in folder.rglob("*")
        if any(part.lower().split(".")[0].split("-")[0] in UNWANTED for part in path.relative_to(folder).parts)
        or "tensorflow" in path.name.lower()
    ]


def main() -> None:
    """Check one build folder."""
    parser = argparse.ArgumentParser(description="Start a built program once and check it.")
    parser.add_argument("folder", type=Path, help="the built folder, for example dist/weldspot")
    folder = parser.parse_args().folder.resolve()
    program = folder / ("weldspot.exe" if os.name == "nt" else "weldspot")
    if not program.is_file():
        sys.exit(f"there is no program {program}")
    unwanted = unwanted_files(folder)
    if unwanted:
        sys.exit(f"{len(unwanted)} files do not belong into the build, for example {unwanted[0]}")
    megabytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6
    with tempfile.TemporaryDirectory(prefix="weldspot-smoke-") as place:
        home = Path(place)
        started = run([str(program), "--version"], home, START_SECONDS)
        tested = run([str(program), "--self-test"], home, SELF_TEST_SECONDS)
        # Reports need fonts, templates and modules that are imported late: all of them must be in the build.
        run([str(program), "inspect", str(next(folder.rglob("samples"))), "--record"], home, SELF_TEST_SECONDS)
        for kind in ("pdf", "xlsx"):
            run([str(program), "report", "--output", f"report.{kind}"], home, SELF_TEST_SECONDS)
    print(
        f"{folder.name}: {megabytes:.0f} MB; --version answers in {started:.1f} s; self-test passed in {tested:.1f} s"
    )


if __name__ == "__main__":
    main()
