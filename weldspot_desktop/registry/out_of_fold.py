"""Out-of-fold scores, the companion of a model that thresholds are chosen on.

They are calibrated scores of train and validation pictures by models that had not seen them; `training.release`
writes them.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.metrics.threshold_curves import ThresholdCurve, curve
from weldspot_desktop.model import ModelFile

ROLE: Final = "out_of_fold"
"""Name of the companion in the model's card."""

_LARGEST_BYTES: Final = 256_000_000


class OutOfFoldError(ExpectedError):
    """The file of out-of-fold scores cannot be used."""


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Scores of n pictures by models that had not seen them.

    Attributes
    ----------
    truth : (n, 7) bool
    scores : (n, 7) float64, 0 to 1
    groups : (n,) group numbers; pictures of one group are not independent
    distances : (n,) distance to the training data; NaN where unknown
    sha256 : of the file
    hashes : SHA-256 of each picture; empty where the file does not say
    """

    truth: NDArray[np.bool_]
    scores: NDArray[np.float64]
    groups: NDArray[np.intp]
    distances: NDArray[np.float64]
    sha256: str
    hashes: tuple[str, ...] = ()

    @cached_property
    def curves(self) -> tuple[ThresholdCurve, ...]:
        """What can be counted of each class, in class order."""
        return tuple(curve(self.truth[:, i], self.scores[:, i], self.groups) for i in range(labels.COUNT))

    @cached_property
    def defective(self) -> NDArray[np.bool_]:
        """(n,): which pictures show at least one defect."""
        return np.asarray(self.truth[:, list(labels.DEFECTS)].any(axis=1))

    @property
    def pictures(self) -> int:
        return len(self.truth)

    @cached_property
    def welds(self) -> int:
        """Number of groups."""
        return int(np.unique(self.groups).size)


def read(model: ModelFile) -> OutOfFold | None:
    """The scores that travel with a model; None if its card names none.

    Raises
    ------
    OutOfFoldError
        If the file is missing, altered, or not what it should be.
    """
    companion = model.card.companions.get(ROLE)
    if companion is None:
        return None
    advice = "Thresholds can still be set by numbers. Copy the model with its companions again for the curves."
    try:
        content = model.path.with_name(companion.file).read_bytes()
    except (OSError, ValueError) as error:
        raise OutOfFoldError(f"The scores {companion.file} of {model.title} could not be read.", advice) from error
    if hashlib.sha256(content).hexdigest() != companion.sha256:
        raise OutOfFoldError(f"{companion.file} is not the file that the card of {model.title} names.", advice)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_BYTES:
                raise OutOfFoldError(f"{companion.file} is too large to be scores.", advice)
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            truth = np.asarray(arrays["truth"]).astype(bool)
            scores = np.asarray(arrays["scores"]).astype(np.float64)
            hashes = tuple(np.asarray(arrays["sha256"]).astype(str).tolist()) if "sha256" in arrays else ()
            groups = np.unique(arrays["groups"], return_inverse=True)[1].astype(np.intp)
            distances = (
                np.asarray(arrays["distances"]).astype(np.float64)
                if "distances" in arrays
                else np.full(len(truth), np.nan)
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise OutOfFoldError(f"The scores {companion.file} cannot be read ({error}).", advice) from error
    count = len(truth)
    fits = truth.shape == scores.shape == (count, labels.COUNT) and groups.shape == distances.shape == (count,)
    if not fits or count == 0 or len(hashes) not in (0, count) or not ((scores >= 0) & (scores <= 1)).all():
        raise OutOfFoldError(f"{companion.file} does not hold seven scores between 0 and 1 for each picture.", advice)
    return OutOfFold(truth, scores, groups, distances, companion.sha256, hashes)
