"""Pictures that are too small, too dark, too bright, blurred or full of glare to teach or test anything."""

from collections import defaultdict

from weldspot_desktop.dataset.audit.remark import Remark, Subject, Weight
from weldspot_desktop.pictures import quality


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
            measure = {"too dark": 1.0, "too bright": -1.0}.get(word)
            value = look.quality["brightness"] * measure if measure else -look.quality.get(word, 0.0)
            reasons[word].append((value, entry.sha256))
    remarks = []
    for reason, found in sorted(reasons.items()):
        concerned = tuple(sha256 for _, sha256 in sorted(found))
        sentence = (
            f"{len(found)} pictures have fewer than {subject.smallest_side} pixels on their shorter side."
            if reason == "small"
            else f"{len(found)} pictures are not fit to be judged ({reason})."
        )
        remarks.append(Remark("unfit", Weight.WARNING, sentence, concerned, {"reason": reason, "count": len(found)}))
    unread = tuple(entry.sha256 for entry in entries if entry.sha256 not in subject.seen)
    if unread:
        sentence = f"{len(unread)} pictures of the version are missing or cannot be read."
        remarks.append(Remark("unfit", Weight.FAULT, sentence, unread, {"reason": "unreadable", "count": len(unread)}))
    return remarks
