"""Evaluations kept as files, by what was judged and on what: the same question is not computed twice.

The name of a file is a digest of model and pictures with their truth, so that another label is another evaluation.
Nothing is believed that cannot be read: it is computed again.
"""

import hashlib
import io
import json
import logging
import os
import secrets
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry import scoring
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.registry.localisation import Regions
from weldspot_desktop.registry.scoring import Evaluated, LabelledFile

_LOG = logging.getLogger(__name__)

_FORM: Final = 1
_LARGEST_BYTES: Final = 4_000_000_000


def evaluated(
    model: ModelFile,
    files: Sequence[LabelledFile],
    folder: Path,
    *,
    threads: int = 2,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluated:
    """What a model file says of pictures: read if it was computed before, else computed and kept; see `scoring.score`.

    Raises
    ------
    ScoringError
        If there are no pictures or one cannot be read.
    """
    path = folder / f"{key(model.card.sha256, files)}.npz"
    known = _read(path, files)
    if known is not None:
        return known
    found = scoring.score(model, files, threads=threads, advance=advance)
    _write(path, found)
    return found


def key(model_sha256: str, files: Sequence[LabelledFile]) -> str:
    """Digest of the question: which file, on which pictures, with which truth and groups."""
    pictures = [
        [
            file.sha256,
            sorted(file.classes),
            file.group,
            {index: [region.tolist() for region in regions] for index, regions in sorted(file.regions.items())},
        ]
        for file in files
    ]
    return hashlib.sha256(json.dumps([_FORM, model_sha256, pictures]).encode()).hexdigest()


def _read(path: Path, files: Sequence[LabelledFile]) -> Evaluated | None:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_BYTES:
                return None
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        scored = Scored(
            sha256=tuple(file.sha256 for file in files),
            truth=found["truth"].astype(bool),
            scores=found["scores"].astype(np.float32),
            points=found["points"].astype(np.float32),
            distances=found["distances"].astype(np.float32),
            heatmaps=found["heatmaps"].astype(np.float16),
            groups=np.array([file.group for file in files], dtype=np.intp),
            regions=_regions(files),
        )
        sizes = {len(value) for value in found.values()}
        if sizes != {len(files)} or not np.isfinite(scored.scores).all():
            return None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        _LOG.warning("an evaluation cannot be read and is computed again: %s", path.name, exc_info=True)
        return None
    sources, names = (tuple(getattr(file, what) for file in files) for what in ("source", "name"))
    return Evaluated(scored, sources, names, found["brightness"], found["blur"])


def _write(path: Path, found: Evaluated) -> None:
    """Keep an evaluation; a full disk costs the next one its time, nothing else."""
    scored = found.scored
    content = io.BytesIO()
    np.savez_compressed(
        content,
        truth=scored.truth,
        scores=scored.scores,
        points=scored.points,
        distances=scored.distances,
        heatmaps=scored.heatmaps,
        brightness=found.brightness,
        blur=found.blur,
    )
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content.getvalue())
        os.replace(temporary, path)
    except OSError:
        _LOG.warning("an evaluation could not be kept", exc_info=True)
        temporary.unlink(missing_ok=True)


def _regions(files: Sequence[LabelledFile]) -> tuple[Regions, ...]:
    return tuple(file.regions for file in files)
