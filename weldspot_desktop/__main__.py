"""Start of the program: no arguments opens the window, anything else is the command line."""

import multiprocessing
import sys


def main() -> int:
    """Run the program; returns the exit code."""
    # First of all: a frozen program starts itself again for each child process (PyInstaller #2322).
    multiprocessing.freeze_support()
    from weldspot_desktop.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
