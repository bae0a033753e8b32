"""What changed from one dataset version to another."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.dataset.manifest import Manifest, PictureEntry
from weldspot_desktop.dataset.split import Split

LEFT_OUT: Final = "in no split"
NEWER_TEST: Final = "newer test"


@dataclass(frozen=True)
class Change:
    """A picture as it was and as it is."""

    before: PictureEntry
    after: PictureEntry


@dataclass(frozen=True)
class Difference:
    """Pictures by what happened to them; one can be relabelled and moved at once.

    Attributes
    ----------
    before, after
        Names of the versions.
    added, removed
        Only in the later, only in the earlier.
    relabelled
        Shows other classes.
    redrawn
        Shows the same classes in other places.
    moved
        In another split, where both versions have one.
    """

    before: str
    after: str
    added: tuple[PictureEntry, ...]
    removed: tuple[PictureEntry, ...]
    relabelled: tuple[Change, ...]
    redrawn: tuple[Change, ...]
    moved: tuple[Change, ...]

    @property
    def empty(self) -> bool:
        return not (self.added or self.removed or self.relabelled or self.redrawn or self.moved)

    def class_counts(self) -> list[dict[str, int]]:
        """For each class how many pictures with it were added and removed, and how often it was given and taken."""
        rows = [{"added": 0, "removed": 0, "given": 0, "taken": 0} for _ in range(labels.COUNT)]
        for entry in self.added:
            for index in entry.classes:
                rows[index]["added"] += 1
        for entry in self.removed:
            for index in entry.classes:
                rows[index]["removed"] += 1
        for change in self.relabelled:
            for index in set(change.after.classes) - set(change.before.classes):
                rows[index]["given"] += 1
            for index in set(change.before.classes) - set(change.after.classes):
                rows[index]["taken"] += 1
        return rows

    def moves(self) -> dict[tuple[str, str], int]:
        """How many pictures moved, by the names of both splits."""
        return dict(Counter((side(change.before), side(change.after)) for change in self.moved))


def difference(before: Manifest, after: Manifest) -> Difference:
    """Compare two versions; pictures are the same if their bytes are."""
    old = {entry.sha256: entry for entry in before.pictures}
    new = {entry.sha256: entry for entry in after.pictures}
    both = [Change(old[sha256], entry) for sha256, entry in new.items() if sha256 in old]
    split = before.seed is not None and after.seed is not None
    return Difference(
        before=before.name,
        after=after.name,
        added=tuple(entry for sha256, entry in new.items() if sha256 not in old),
        removed=tuple(entry for sha256, entry in old.items() if sha256 not in new),
        relabelled=tuple(change for change in both if set(change.before.classes) != set(change.after.classes)),
        redrawn=tuple(
            change
            for change in both
            if set(change.before.classes) == set(change.after.classes) and change.before.regions != change.after.regions
        ),
        moved=tuple(change for change in both if split and side(change.before) != side(change.after)),
    )


def side(entry: PictureEntry) -> str:
    """Name of a picture's split in a version that has one."""
    if entry.split is None:
        return LEFT_OUT
    return NEWER_TEST if entry.newer else str(Split(entry.split).value)
