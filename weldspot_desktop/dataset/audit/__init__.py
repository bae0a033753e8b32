"""Looking through a dataset version for what spoils training and testing; each remark lists its pictures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from weldspot_desktop import pictures
from weldspot_desktop.dataset import groups
from weldspot_desktop.dataset.audit.balance import class_balance, sources
from weldspot_desktop.dataset.audit.duplicates import duplicates, leaks
from weldspot_desktop.dataset.audit.label_errors import label_errors
from weldspot_desktop.dataset.audit.remark import Remark, Scores, Seen, Subject, Weight
from weldspot_desktop.dataset.audit.shoots import shoots
from weldspot_desktop.dataset.audit.unfit import unfit
from weldspot_desktop.dataset.manifest import Manifest
from weldspot_desktop.pictures import quality
from weldspot_desktop.pictures.quality import LIMITS, Limits

__all__ = ["CHECKS", "Remark", "Scores", "Seen", "Subject", "Weight", "audit", "look"]

CHECKS: Final[Mapping[str, Callable[[Subject], list[Remark]]]] = {
    "balance": class_balance,
    "sources": sources,
    "leaks": leaks,
    "duplicates": duplicates,
    "labels": label_errors,
    "shoots": shoots,
    "unfit": unfit,
}
"""What is looked for, by the kind of the remarks, in the order in which they are shown."""

SMALLEST_SIDE: Final = 320
"""What the networks take in."""


def look(
    manifest: Manifest, folder: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Seen]:
    """Look at every picture once; those that cannot be read are left out.

    Parameters
    ----------
    folder
        That the manifest's files are relative to.
    progress
        Called with the pictures looked at so far and their number; may raise to stop.
    """
    seen = {}
    for done, entry in enumerate(manifest.pictures, start=1):
        try:
            picture = pictures.decode(pictures.read_file(folder / entry.file))
        except pictures.PictureError:
            # Counted by `unfit`, which sees what is missing here.
            continue
        finally:
            progress(done, len(manifest.pictures))
        seen[entry.sha256] = Seen(
            picture.width, picture.height, groups.descriptor(picture.pixels), quality.measure(picture.pixels)
        )
    return seen


def audit(
    manifest: Manifest,
    seen: Mapping[str, Seen],
    *,
    scores: Scores | None = None,
    limits: Limits = LIMITS,
    smallest_side: int = SMALLEST_SIDE,
) -> list[Remark]:
    """All remarks about a version, kind by kind.

    Parameters
    ----------
    seen
        From `look`.
    scores
        Of models that had not learned from the pictures.
    limits
        What pictures are fit to be judged.
    smallest_side
        Pixels that the shorter side should have.
    """
    subject = Subject(manifest, seen, scores, limits, smallest_side)
    return [remark for check in CHECKS.values() for remark in check(subject)]
