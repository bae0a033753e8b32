"""How far a picture lies from everything the model was trained on."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.errors import ExpectedError

COMPONENTS = 96


class StatisticsError(ExpectedError):
    """The statistics of the training embeddings are missing or broken."""


@dataclass(frozen=True)
class EmbeddingStatistics:
    """Gaussian of the training embeddings in their main directions, and what is left over.

    The distance is Mahalanobis within `components` plus the residual outside them, scaled by what is usual
    (probabilistic PCA; Tipping and Bishop, JRSS B 61 (1999) 611; as detector: Ndiour et al., arXiv:2012.04250).

    Attributes
    ----------
    mean : (d,) float32
    components : (k, d) float32, orthonormal rows
    variances : (k,) float32, variance along each component
    residual : float, mean squared length outside the components
    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    variances: NDArray[np.float32]
    residual: float

    @classmethod
    def fit(cls, embeddings: NDArray[np.float32], *, components: int = COMPONENTS) -> Self:
        """Statistics of (n, d) embeddings, n at least 2."""
        x = np.asarray(embeddings, dtype=np.float64)
        if x.ndim != 2 or len(x) < 2:
            raise ValueError(f"expected at least two embeddings, got shape {x.shape}")
        mean = x.mean(axis=0)
        centred = x - mean
        _, singular, directions = np.linalg.svd(centred, full_matrices=False)
        kept = min(components, len(x) - 1, x.shape[1])
        variances = singular[:kept] ** 2 / (len(x) - 1)
        residual = max(float((singular[kept:] ** 2).sum() / (len(x) - 1)), 1e-6)
        return cls(
            mean.astype(np.float32),
            directions[:kept].astype(np.float32),
            np.maximum(variances, 1e-6).astype(np.float32),
            residual,
        )

    @classmethod
    def load(cls, path: Path, sha256: str) -> Self:
        """Read statistics whose bytes must match `sha256`.

        Raises
        ------
        StatisticsError
            If the file is missing, altered or not what it should be.
        """
        try:
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != sha256:
                raise StatisticsError(f"{path.name} is not the file the model's card names.")
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return cls(arrays["mean"], arrays["components"], arrays["variances"], float(arrays["residual"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise StatisticsError(f"The statistics {path.name} cannot be read ({error}).") from error

    def save(self, path: Path) -> None:
        """Write as `.npz`."""
        np.savez(
            path,
            mean=self.mean,
            components=self.components,
            variances=self.variances,
            residual=np.float64(self.residual),
        )

    def distance(self, embedding: NDArray[np.float32]) -> float:
        """Distance of one (d,) embedding; about 1 for a picture like those trained on."""
        centred = np.asarray(embedding, dtype=np.float64) - self.mean
        along = self.components @ centred
        outside = max(float(centred @ centred - along @ along), 0.0)
        within = float((along**2 / self.variances).mean())
        return float(np.sqrt((within + outside / self.residual) / 2))
