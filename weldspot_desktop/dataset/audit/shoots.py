"""Classes that come mostly from one shoot or source: a model can then learn the plate in place of the defect.

A shoot is what shares a source and a file name but for its numbers (`IMG_1234_block_0_2`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from scipy.stats import fisher_exact

from weldspot_desktop import labels
from weldspot_desktop.dataset.audit.remark import Remark, Subject, Weight
from weldspot_desktop.dataset.manifest import PictureEntry

FEWEST: Final = 8
"""Pictures that make a shoot."""

LEAST_SHARE: Final = 0.3
"""Share of a class's pictures that comes from one place, from which it is said."""

LEAST_FACTOR: Final = 2.0
"""How many times as frequent the class must be there as elsewhere."""

LARGEST_P: Final = 0.001
"""Fisher's exact test: chance alone explains it less often than this."""

_COPY: Final = re.compile(r"\.rf\.[0-9a-f]{32}")
_ENDING: Final = re.compile(r"\.(?:bmp|gif|jpe?g|png|tiff?|webp)$", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"\d+")


def shoot(entry: PictureEntry) -> str:
    """Name of a picture's shoot: its file name with numbers left out."""
    stem = _ENDING.sub("", _COPY.sub("", entry.name))
    return _NUMBERS.sub("#", stem)


def shoots(subject: Subject) -> list[Remark]:
    """Classes that one shoot or one source gives away, the strongest first."""
    # Pictures without welds have sources of their own; they give nothing away about welds.
    entries = [entry for entry in subject.manifest.pictures if set(entry.classes) != {labels.BACKGROUND}]
    places: dict[tuple[str, str], list[PictureEntry]] = defaultdict(list)
    several = len({entry.place for entry in entries}) > 1
    for entry in entries:
        places["shoot", f"{entry.source}: {shoot(entry)}"].append(entry)
        if several:
            places["source", entry.place].append(entry)
    found: list[tuple[float, Remark]] = []
    for (kind, name), inside in places.items():
        if FEWEST <= len(inside) < len(entries):
            found.extend(_of_place(kind, name, inside, entries))
    return [remark for _, remark in sorted(found, key=lambda item: -item[0])]


def _of_place(
    kind: str, name: str, inside: Sequence[PictureEntry], entries: Sequence[PictureEntry]
) -> list[tuple[float, Remark]]:
    here = Counter(index for entry in inside for index in entry.classes)
    everywhere = Counter(index for entry in entries for index in entry.classes)
    rest = len(entries) - len(inside)
    found = []
    for index, count in here.items():
        elsewhere = everywhere[index] - count
        share = count / everywhere[index]
        rate, rate_elsewhere = count / len(inside), elsewhere / rest
        if share < LEAST_SHARE or rate < LEAST_FACTOR * rate_elsewhere:
            continue
        p = float(fisher_exact([[count, len(inside) - count], [elsewhere, rest - elsewhere]]).pvalue)
        if count < FEWEST or p > LARGEST_P:
            continue
        sentence = (
            f"{count} of {everywhere[index]} pictures of {labels.CLASSES[index]} are of one {kind} ({name}): "
            f"{rate:.0%} of its pictures show it, elsewhere {rate_elsewhere:.0%}. "
            "A model can learn the place instead of the weld."
        )
        concerned = tuple(entry.sha256 for entry in inside if index in entry.classes)
        values = {
            "place": kind,
            "name": name,
            "class": labels.CLASSES[index],
            "count": count,
            "of": everywhere[index],
            "share_inside": round(rate, 4),
            "share_elsewhere": round(rate_elsewhere, 4),
            "p": p,
        }
        found.append((share, Remark("shoots", Weight.WARNING, sentence, concerned, values)))
    return found
