"""Judging many pictures: several threads, results in order, memory that does not grow with the number."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.pictures.decode import SUFFIXES

AHEAD = 4
"""Pictures in work or waiting for each thread."""

_MOST_WAITING: Final = 2000

Item = TypeVar("Item")
Result = TypeVar("Result")


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
    return in_order(inspector.file, paths, threads=threads)


def in_order(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    threads: int = 0,
    ready: Callable[[Item], Result | None] = lambda item: None,
) -> Generator[Result, None, None]:
    """Results of a function on several threads, in the order of the items; see `inspect_files`.

    Parameters
    ----------
    ready
        Gives the result of an item that needs no work, else None.
    """
    count = threads or usable_cores()
    waiting: deque[Future[Result] | Result] = deque()
    working = 0
    with ThreadPoolExecutor(count, thread_name_prefix="inspect") as pool:
        try:
            for item in items:
                known = ready(item)
                waiting.append(pool.submit(work, item) if known is None else known)
                working += known is None
                while waiting and (
                    working >= count * AHEAD or len(waiting) >= _MOST_WAITING or not isinstance(waiting[0], Future)
                ):
                    front = waiting.popleft()
                    if isinstance(front, Future):
                        working -= 1
                    yield front.result() if isinstance(front, Future) else front
            while waiting:
                front = waiting.popleft()
                yield front.result() if isinstance(front, Future) else front
        finally:
            for left in waiting:
                if isinstance(left, Future):
                    left.cancel()


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
