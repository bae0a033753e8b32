"""Pictures that show the same: within a split they count double, across splits they make results too good."""

from weldspot_desktop import labels
from weldspot_desktop.dataset.audit.remark import Remark, Subject, Weight
from weldspot_desktop.dataset.diff import side
from weldspot_desktop.dataset.manifest import PictureEntry


def duplicates(subject: Subject) -> list[Remark]:
    """Sets of near-duplicates, those with disagreeing labels as warnings."""
    remarks = []
    for alike in _sets(subject.alike):
        said = {entry.classes for entry in alike}
        values = {"pictures": len(alike), "labels": [labels.names(classes) for classes in sorted(said)]}
        concerned = tuple(entry.sha256 for entry in alike)
        if len(said) > 1:
            shown = " or ".join(" + ".join(labels.names(classes)) for classes in sorted(said))
            sentence = f"{len(alike)} pictures show nearly the same and are labelled differently: {shown}."
            remarks.append(Remark("duplicates", Weight.WARNING, sentence, concerned, values))
        else:
            sentence = f"{len(alike)} pictures show nearly the same."
            remarks.append(Remark("duplicates", Weight.NOTE, sentence, concerned, values))
    return sorted(remarks, key=lambda remark: (remark.weight is Weight.NOTE, -len(remark.pictures)))


def leaks(subject: Subject) -> list[Remark]:
    """Scenes with pictures in several splits: near-duplicates by pixels, and groups that a split cuts."""
    if subject.manifest.seed is None:
        return []
    entries = [entry for entry in subject.manifest.pictures if entry.split is not None]
    remarks = []
    for a, b in subject.alike:
        if a.split is not None and b.split is not None and a.split != b.split:
            sentence = f"{a.name} ({side(a)}) and {b.name} ({side(b)}) show nearly the same."
            remarks.append(Remark("leaks", Weight.FAULT, sentence, (a.sha256, b.sha256)))
    groups: dict[int, list[int]] = {}
    for index, entry in enumerate(entries):
        if entry.group is not None:
            groups.setdefault(entry.group, []).append(index)
    for number, indices in groups.items():
        if len({entries[index].split for index in indices}) > 1:
            concerned = tuple(entries[index].sha256 for index in indices)
            sentence = f"The {len(indices)} pictures of scene {number} lie in several splits."
            remarks.append(Remark("leaks", Weight.FAULT, sentence, concerned, {"group": number}))
    return remarks


def _sets(pairs: list[tuple[PictureEntry, PictureEntry]]) -> list[list[PictureEntry]]:
    """Pictures that are linked by pairs, also over others, in the order of their hashes."""
    set_of: dict[str, list[PictureEntry]] = {}
    for first, second in pairs:
        a, b = set_of.setdefault(first.sha256, [first]), set_of.setdefault(second.sha256, [second])
        if a is not b:
            a.extend(b)
            set_of.update((entry.sha256, a) for entry in b)
    distinct = {id(members): members for members in set_of.values()}
    return [sorted(members, key=lambda entry: entry.sha256) for members in distinct.values()]
