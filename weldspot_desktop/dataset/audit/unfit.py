"""Pictures that are too small, too dark, too bright, blurred or full of glare to teach or test anything."""

from collections import defaultdict
from typing import Final

from weldspot_desktop.dataset.audit.remark import Remark, Subject, Weight, counted
from weldspot_desktop.pictures import quality

_WORST: Final = {
    "too dark": ("brightness", 1),
    "too bright": ("brightness", -1),
    "glare": ("glare", -1),
    "blurred": ("blur", -1),
}
"""By what the worst of each reason is found: a measure, and whether little (1) or much (-1) of it is bad."""


def unfit(subject: Subject) -> list[Remark]:
    """One remark for each reason, with all pictures that have it."""
    entries = subject.manifest.pictures
    looks = [(entry, subject.seen[entry.sha256]) for entry in entries if entry.sha256 in subject.seen]
    reasons: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for entry, look in looks:
        side = min(look.width, look.height)
        if side < subject.smallest_side:
            reasons["small"].append((side, entry.sha256))
        failure = quality.failure(look.quality, subject.limits)
        if failure is not None:
            word = failure.partition(":")[0]
            measure, sign = _WORST.get(word, ("brightness", 1))
            reasons[word].append((sign * look.quality.get(measure, 0.0), entry.sha256))
    remarks = []
    for reason, found in sorted(reasons.items()):
        concerned = tuple(sha256 for _, sha256 in sorted(found))
        sentence = (
            f"{counted(len(found))} with fewer than {subject.smallest_side} pixels on their shorter side."
            if reason == "small"
            else f"{counted(len(found))} not fit to be judged ({reason})."
        )
        remarks.append(Remark("unfit", Weight.WARNING, sentence, concerned, {"reason": reason, "count": len(found)}))
    unread = tuple(entry.sha256 for entry in entries if entry.sha256 not in subject.seen)
    if unread:
        sentence = f"{counted(len(unread))} of the version missing or not to be read."
        remarks.append(Remark("unfit", Weight.FAULT, sentence, unread, {"reason": "unreadable", "count": len(unread)}))
    return remarks
