"""Commands that start TensorFlow: quietly, with its files where they belong, or with a sentence where it is missing."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from weldspot_desktop.jobs import JobError


def needed() -> None:
    """Say it in words if it is not installed.

    Raises
    ------
    JobError
        If it is not.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise JobError(
            "TensorFlow is not installed, so nothing can be trained or converted.",
            "Inspecting works without it. Install the training extra; in a checkout: make dev.",
        )


def prepare(folder: Path) -> None:
    """Keep TensorFlow quiet, and what it writes in a folder; before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("KERAS_HOME", str(folder / "keras"))


@contextmanager
def noise_to(path: Path) -> Iterator[None]:
    """Send to a file what TensorFlow's C++ says on standard error while it loads: nobody can act on it."""
    sys.stderr.flush()
    saved = os.dup(2)
    with path.open("ab") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(saved, 2)
        os.close(saved)
