"""Judging many pictures: several threads, results in order, memory that does not grow with the number."""

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.pictures.decode import SUFFIXES

AHEAD = 4
"""Pictures in work or waiting for each thread."""


def picture_paths(folder: Path, *, recursive: bool = True) -> Iterator[Path]:
    """Picture files of a folder by ending, sorted by name within each folder; hidden ones are left out.

    Links to folders are not followed, so that a circle cannot trap the search.
    """
    for root, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if recursive else []
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.casefold() in SUFFIXES:
                yield Path(root) / name


def inspect_files(inspector: Inspector, paths: Iterable[Path], *, threads: int = 0) -> Generator[Inspected, None, None]:
    """Judge files on several threads; results come in the order of `paths`.

    Parameters
    ----------
    inspector
        Shared by the threads; each opens its own interpreter.
    paths
        Read lazily: at most `AHEAD` files a thread are in work.
    threads
        0 takes one for each core that this process may use.

    Notes
    -----
    Closing the iterator drops what has not begun and waits for what has.
    """
    count = threads or usable_cores()
    waiting: deque[Future[Inspected]] = deque()
    with ThreadPoolExecutor(count, thread_name_prefix="inspect") as pool:
        try:
            for path in paths:
                waiting.append(pool.submit(inspector.file, path))
                if len(waiting) >= count * AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
