"""Names of uploads: what a phone says in the name of a picture, the protocol that phone and workstation share.

`<id>`, seven times `_<tick>-<score>`, `.jpg`: `A0Z_1-0.9_0-0.1_0-0.2_0-0.3_0-0.4_0-0.5_0-0.6.jpg`. The id is 1 to 64
of `A-Z a-z 0-9 -`, a tick is 0 or 1 as marked by the person, a score is 0, 1 or 0. with one to six digits; `1.0` is
what the first generation of phones writes. Reviewed files have seven plain labels: `A0Z_1_0_0_0_0_0_0.jpg`.

`tests/data/upload_names.json` holds names with what is read from them, for this parser and the phone's.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.errors import ExpectedError

SUFFIX: Final = ".jpg"
LONGEST_ID: Final = 64
LONGEST: Final = LONGEST_ID + labels.COUNT * len("_0-0.123456") + len(SUFFIX)
"""Characters of the longest name that can be valid."""

_DIGITS: Final = 6
_SHOWN: Final = 40
# Digits are spelled out: \d is every digit of Unicode, and `$` would forgive a line's end.
_ID: Final = re.compile(rf"[A-Za-z0-9-]{{1,{LONGEST_ID}}}")
_SCORE: Final = re.compile(rf"[01]|0\.[0-9]{{1,{_DIGITS}}}|1\.0")
_TICKS: Final = ("0", "1")


class Fault(StrEnum):
    """What is wrong with a name; the words are those of the shared vectors."""

    EMPTY = "empty"
    CHARACTERS = "characters"
    PATH = "path"
    EXTENSION = "extension"
    LENGTH = "length"
    ID = "id"
    COUNT = "count"
    PAIR = "pair"
    TICK = "tick"
    SCORE = "score"


class UploadNameError(ExpectedError):
    """A name that is none of the protocol.

    Attributes
    ----------
    fault
        The first thing that is wrong, in the order of `Fault`.
    """

    def __init__(self, fault: Fault, what: str, advice: str = "") -> None:
        super().__init__(what, advice)
        self.fault = fault


@dataclass(frozen=True)
class UploadName:
    """What a name says.

    Attributes
    ----------
    id
        Of the picture, given by the phone.
    ticks
        Classes that the person marked, as bits, class 0 the lowest.
    scores
        The phone's seven, 0 to 1, in class order; None in the name of a reviewed file.
    """

    id: str
    ticks: int
    scores: tuple[float, ...] | None


def parse(name: str) -> UploadName:
    """Read the name of a file, without folders.

    Raises
    ------
    UploadNameError
        If it is anything but a name of the protocol; the sentence says what is wrong.
    """
    _check_whole(name)
    id_, *pairs = name.removesuffix(SUFFIX).split("_")
    if not _ID.fullmatch(id_):
        raise UploadNameError(
            Fault.ID, f"The id “{_short(id_)}” is not 1 to {LONGEST_ID} letters, digits and hyphens without accents."
        )
    if len(pairs) != labels.COUNT:
        raise UploadNameError(
            Fault.COUNT, f"The name speaks of {len(pairs)} classes, not of {labels.COUNT}.", "Tick them by hand."
        )
    if all(pair in _TICKS for pair in pairs):
        return UploadName(id_, _bits(pairs), None)
    found = [_pair(pair, class_name) for pair, class_name in zip(pairs, labels.CLASSES, strict=True)]
    return UploadName(id_, _bits([tick for tick, _ in found]), tuple(float(score) for _, score in found))


def write(name: UploadName) -> str:
    """The name that says this; scores are rounded to six digits.

    Raises
    ------
    ValueError
        If id, ticks or scores are none that a name can hold.
    """
    if not _ID.fullmatch(name.id):
        raise ValueError(f"{name.id!r} is no id of an upload")
    if not 0 <= name.ticks < 1 << labels.COUNT:
        raise ValueError(f"ticks {name.ticks} are not bits of {labels.COUNT} classes")
    ticks = [name.ticks >> index & 1 for index in range(labels.COUNT)]
    if name.scores is None:
        pairs = [str(tick) for tick in ticks]
    else:
        pairs = [f"{tick}-{score}" for tick, score in zip(ticks, _written(name.scores), strict=True)]
    return "_".join((name.id, *pairs)) + SUFFIX


def _check_whole(name: str) -> None:
    if not name:
        raise UploadNameError(Fault.EMPTY, "The name is empty.")
    odd = next((character for character in name if not character.isprintable()), None)
    if odd is not None:
        raise UploadNameError(Fault.CHARACTERS, f"The name holds the character U+{ord(odd):04X}, which is not printed.")
    if "/" in name or "\\" in name:
        raise UploadNameError(Fault.PATH, "The name holds a slash: it would be a path to another place.")
    if not name.endswith(SUFFIX):
        raise UploadNameError(Fault.EXTENSION, f"The name does not end in {SUFFIX}, in small letters.")
    if len(name) > LONGEST:
        raise UploadNameError(Fault.LENGTH, f"The name has {len(name)} characters, more than {LONGEST}.")


def _pair(pair: str, class_name: str) -> tuple[str, str]:
    tick, hyphen, score = pair.partition("-")
    if not hyphen:
        raise UploadNameError(Fault.PAIR, f"“{_short(pair)}” for {class_name} is no tick and score as in 1-0.9.")
    if tick not in _TICKS:
        raise UploadNameError(Fault.TICK, f"The tick “{_short(tick)}” for {class_name} is neither 0 nor 1.")
    if not _SCORE.fullmatch(score):
        raise UploadNameError(
            Fault.SCORE,
            f"The score “{_short(score)}” for {class_name} is not 0, 1 or 0. with one to {_DIGITS} digits.",
        )
    return tick, score


def _bits(ticks: Sequence[str]) -> int:
    return sum(1 << index for index, tick in enumerate(ticks) if tick == "1")


def _written(scores: Sequence[float]) -> list[str]:
    if len(scores) != labels.COUNT or not all(math.isfinite(score) and 0 <= score <= 1 for score in scores):
        raise ValueError(f"scores {list(scores)} are not {labels.COUNT} numbers within 0 to 1")
    # abs: minus zero is within 0 to 1, but its sign would be written.
    return [f"{abs(score):.{_DIGITS}f}".rstrip("0").rstrip(".") for score in scores]


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
