"""Synthetic welds: pictures drawn by the program, for tests and first tries."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Final

from weldspot_desktop.dataset.importers import FORMATS
from weldspot_desktop.dataset.sources.source import Opened, Report, Room, SourceError
from weldspot_desktop.dataset.synthetic import BACKGROUNDS, write_dataset

MOST: Final = 20_000
_ASKED: Final = re.compile(r"(?P<count>\d{1,6})(?:,seed=(?P<seed>\d{1,6}))?(?:,size=(?P<size>\d{2,4}))?")


class SyntheticSource:
    """So many drawn pictures: "60", "60,seed=3", "60,seed=3,size=320"."""

    title = "synthetic welds (synthetic:60, synthetic:60,seed=3)"

    @contextmanager
    def open(self, argument: str, room: Room, *, format_name: str | None, progress: Report) -> Iterator[Opened]:
        asked = _ASKED.fullmatch(argument)
        if asked is None or not 1 <= int(asked["count"]) <= MOST or not 32 <= int(asked["size"] or 640) <= 2048:
            raise SourceError(
                f"“{argument}” does not say how many synthetic welds to draw.",
                f"Write a number up to {MOST}: synthetic:60, or with a seed synthetic:60,seed=3.",
            )
        count, seed = int(asked["count"]), int(asked["seed"] or 0)
        try:
            room.temporary.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix="synthetic-", dir=room.temporary))
        except OSError as error:
            raise SourceError(f"Nothing can be drawn: {error.strerror}.", "Check the workspace.") from error
        try:
            export = _drawn(folder, count, seed, int(asked["size"] or 640), progress)
            items = chain(FORMATS["yolo"].read(export), FORMATS["backgrounds"].read(folder / BACKGROUNDS))
            yield Opened("synthetic welds", "yolo", items, facts={"pictures": count, "seed": seed})
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _drawn(folder: Path, count: int, seed: int, size: int, progress: Report) -> Path:
    try:
        return write_dataset(folder, count, seed, size=size, progress=lambda done: progress("Drawing", done, count))
    except OSError as error:
        raise SourceError(
            f"The pictures could not be drawn: {error.strerror}.", "Free some space and try again."
        ) from error
