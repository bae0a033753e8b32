"""What a split holds, and how its groups compare with a reference."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weldspot_desktop import labels
from weldspot_desktop.dataset.manifest import Manifest, PictureEntry
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.errors import ExpectedError


class GroupsFileError(ExpectedError):
    """A reference of groups that cannot be read."""


@dataclass(frozen=True)
class SplitCounts:
    """Pictures, groups and pictures per class of one split; the newer part of the test split is one of its own."""

    split: Split
    newer: bool
    pictures: int
    groups: int
    per_class: tuple[int, ...]

    @property
    def title(self) -> str:
        return "newer test" if self.newer else self.split.value


@dataclass(frozen=True)
class PairAgreement:
    """Agreement on pairs of pictures that share a group.

    Attributes
    ----------
    precision
        Share of our pairs that the reference has too.
    recall
        Share of the reference's pairs that we have too.
    ours, theirs, both
        Numbers of pairs.
    pictures
        Pictures that both know.
    """

    precision: float
    recall: float
    ours: int
    theirs: int
    both: int
    pictures: int


def counts(manifest: Manifest) -> list[SplitCounts]:
    """Counts of each split of a version that was split."""
    learned = (Split.TRAIN, Split.VALIDATION)
    parts: list[tuple[Split, bool, list[PictureEntry]]] = [(split, False, manifest.of(split)) for split in learned]
    parts.append((Split.TEST, False, manifest.reference_test()))
    if manifest.newer_test():
        parts.append((Split.TEST, True, manifest.newer_test()))
    result = []
    for split, newer, entries in parts:
        present = Counter(index for entry in entries for index in entry.classes)
        groups = len({entry.group for entry in entries})
        per_class = tuple(present[i] for i in range(labels.COUNT))
        result.append(SplitCounts(split, newer, len(entries), groups, per_class))
    return result


def lines(rows: list[SplitCounts]) -> list[tuple[str, list[int]]]:
    """Rows of a table with a column for each split: pictures, groups, and pictures of each class."""
    found = [("pictures", [row.pictures for row in rows]), ("groups", [row.groups for row in rows])]
    return found + [(name, [row.per_class[i] for row in rows]) for i, name in enumerate(labels.CLASSES)]


def compare(manifest: Manifest, reference: Path) -> PairAgreement:
    """Compare the groups with a CSV that has the columns `image` and `group`.

    Raises
    ------
    GroupsFileError
        If the file cannot be read or has other columns.
    """
    try:
        with reference.open(newline="", encoding="utf-8") as file:
            theirs = {row["image"]: row["group"] for row in csv.DictReader(file)}
    except (OSError, KeyError, csv.Error, UnicodeDecodeError) as error:
        raise GroupsFileError(f"{reference} is no table with the columns image and group ({error}).") from error
    ours = {entry.name: entry.group for entry in manifest.pictures if entry.name in theirs}
    both = Counter((group, theirs[name]) for name, group in ours.items())
    our_pairs = _pairs(Counter(ours.values()))
    their_pairs = _pairs(Counter(theirs[name] for name in ours))
    shared = _pairs(both)
    return PairAgreement(
        precision=shared / our_pairs if our_pairs else 1.0,
        recall=shared / their_pairs if their_pairs else 1.0,
        ours=our_pairs,
        theirs=their_pairs,
        both=shared,
        pictures=len(ours),
    )


def _pairs(sizes: Counter[Any]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())
