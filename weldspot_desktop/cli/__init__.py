"""The command line. Every import that costs time waits until its command runs."""

import sys
from collections.abc import Sequence

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code: 0 done, 1 expected failure, 2 wrong usage."""
    from weldspot_desktop.cli.app import app
    from weldspot_desktop.errors import ExpectedError

    try:
        app(args=list(arguments), prog_name="weldspot")
    except ExpectedError as error:
        print(f"weldspot: {error}", file=sys.stderr)
        return 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
