"""How often each class is there, in each split and from each source."""

from collections import Counter
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.dataset import split_report
from weldspot_desktop.dataset.audit.remark import Remark, Subject, Weight, counted
from weldspot_desktop.dataset.split import Split

FEWEST: Final = 10
"""Pictures of a class under which a split says nothing of it: the interval of an AUC covers everything."""

RAREST: Final = 0.1
"""Share of the most frequent class under which a class counts as rare."""


def class_balance(subject: Subject) -> list[Remark]:
    """Counts of each class, and classes that are missing or rare, in all and in each split."""
    entries = subject.manifest.pictures
    counts = Counter(index for entry in entries for index in entry.classes)
    values = {labels.CLASSES[index]: counts[index] for index in range(labels.COUNT)}
    shown = ", ".join(f"{name} {count}" for name, count in values.items())
    remarks = [Remark("balance", Weight.NOTE, f"Pictures of each class: {shown}.", values=values)]
    most = max(counts.values(), default=0)
    for index, name in enumerate(labels.CLASSES):
        of_class = tuple(entry.sha256 for entry in entries if index in entry.classes)
        if len(of_class) < RAREST * most:
            sentence = f"{name} is rare: {counted(len(of_class))}, where the most frequent class has {most}."
            remarks.append(Remark("balance", Weight.WARNING, sentence, of_class, {"class": name}))
    if subject.manifest.seed is None:
        return remarks
    for row in split_report.counts(subject.manifest):
        few = [i for i in range(labels.COUNT) if row.per_class[i] < FEWEST]
        if few and not row.newer:
            shown = ", ".join(f"{labels.CLASSES[i]} ({row.per_class[i]})" for i in few)
            what = "learn" if row.split is Split.TRAIN else "measure"
            sentence = f"Too few pictures to {what} in the {row.title} split: {shown}; at least {FEWEST} are needed."
            concerned = tuple(
                entry.sha256 for entry in subject.manifest.of(row.split) if not set(few).isdisjoint(entry.classes)
            )
            remarks.append(Remark("balance", Weight.WARNING, sentence, concerned, {"split": row.title}))
    return remarks


def sources(subject: Subject) -> list[Remark]:
    """Pictures of each source, with their classes."""
    remarks = []
    entries = subject.manifest.pictures
    for source, count in Counter(entry.place for entry in entries).most_common():
        of_source = [entry for entry in entries if entry.place == source]
        classes = Counter(index for entry in of_source for index in entry.classes)
        shown = ", ".join(f"{labels.CLASSES[i]} {classes[i]}" for i in range(labels.COUNT) if classes[i])
        remarks.append(
            Remark(
                "sources",
                Weight.NOTE,
                f"{source}: {counted(count)} ({shown}).",
                tuple(entry.sha256 for entry in of_source),
                {"source": source, "pictures": count, **{labels.CLASSES[i]: n for i, n in sorted(classes.items())}},
            )
        )
    return remarks
