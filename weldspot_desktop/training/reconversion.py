"""The files of a model made again from its Keras weights, and compared with the network they are made from."""

import hashlib
import io
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.model import ModelCard, ModelFile
from weldspot_desktop.model.card import InputCard, Precision
from weldspot_desktop.model.file import save
from weldspot_desktop.model.graph import Graph
from weldspot_desktop.registry import evaluation, parity
from weldspot_desktop.registry.scoring import latency
from weldspot_desktop.training import conversion, folds, network, scoring
from weldspot_desktop.training.batches import Example

WEIGHTS: Final = "keras_weights"
"""Name of the companion."""

_BATCH: Final = 16
_LARGEST_BYTES: Final = 500_000_000


class ReconversionError(ExpectedError):
    """A model that cannot be converted again."""


@dataclass(frozen=True)
class Pictures:
    """What conversion needs of a dataset.

    Attributes
    ----------
    calibration
        Training pictures for int8.
    test
        Pictures that the model did not learn from, to compare file and network on.
    """

    calibration: Sequence[Example]
    test: Sequence[Example]


def convert_again(
    source: Path,
    target: Path,
    precisions: Sequence[Precision],
    pictures: Pictures,
    *,
    command: str,
    report: Callable[[str], None] = lambda text: None,
) -> list[Path]:
    """Write model files with cards and companions into a folder.

    Parameters
    ----------
    source
        A model file, with the companion that holds its weights.
    target
        Folder; made if missing. Files of the same name are replaced.
    precisions
        Which files.
    pictures
        For int8 and for the comparison; without test pictures the cards hold no figures, and the files cannot be
        published.
    command
        For the card.
    report
        Called with what is done at the moment, in words.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ReconversionError, ConversionError, ModelFileError
        If the weights are missing or do not fit, or int8 is asked for without pictures.
    OSError
        If the folder cannot be written.
    """
    if "int8" in precisions and not pictures.calibration:
        raise ReconversionError(
            "int8 needs training pictures, and the data that the model was trained on are not in this workspace.",
            "Import them, name a dataset version with --dataset, or leave int8 out.",
        )
    opened = ModelFile.open(source)
    card = opened.card
    model = load_network(opened)
    target.mkdir(parents=True, exist_ok=True)
    for companion in card.companions.values():
        if (target / companion.file).absolute() != source.with_name(companion.file).absolute():
            shutil.copyfile(source.with_name(companion.file), target / companion.file)
    calibration = folds.calibration_pictures(pictures.calibration, card.input.shape[1]) if pictures.calibration else []
    made = []
    for precision in precisions:
        report(f"converting to {precision}")
        path = target / f"{card.name}-{card.version}-{precision}.tflite"
        graph = conversion.convert(model, precision, calibration=calibration)
        save(path, graph, _card(card, graph, precision, command))
        made.append(path)
    if pictures.test:
        _measure(model, made, opened, pictures.test, report)
    return made


def load_network(opened: ModelFile) -> keras.Model:
    """The network behind a model file, from the companion that holds its weights in half precision.

    Raises
    ------
    ReconversionError
        If there is none, it was altered, or the weights do not fit the network of this version.
    """
    companion = opened.card.companions.get(WEIGHTS)
    if companion is None or opened.card.is_first_generation:
        raise ReconversionError(
            f"No Keras weights travel with {opened.title}: it cannot be converted again.",
            "Models that this program trains have them.",
        )
    try:
        content = opened.path.with_name(companion.file).read_bytes()
        if hashlib.sha256(content).hexdigest() != companion.sha256:
            raise ReconversionError(f"{companion.file} is not the file that the model's card names.")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_BYTES:
                raise ReconversionError(f"{companion.file} is too large to be weights.")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            weights = [arrays[name].astype(np.float32) for name in sorted(arrays.files)]
        model = network.build(opened.card.input.shape[1], imagenet_weights=False)
        model.set_weights(weights)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ReconversionError(f"The weights {companion.file} cannot be used: {str(error)[:200]}.") from error
    return model


def _card(card: ModelCard, graph: bytes, precision: Precision, command: str) -> ModelCard:
    tensors = Graph(graph)
    return card.model_copy(
        update={
            "precision": precision,
            "input": InputCard(**tensors.input.model_dump()),
            "outputs": tensors.outputs,
            "metrics": {},
            "command": command,
        }
    )


def _measure(
    model: keras.Model,
    files: Sequence[Path],
    source: ModelFile,
    test: Sequence[Example],
    report: Callable[[str], None],
) -> None:
    card, statistics = source.card, source.statistics
    if statistics is None:
        raise ReconversionError(f"No statistics of the training embeddings travel with {source.title}.")
    report(f"the network judges {len(test)} test pictures")
    size = card.input.shape[1]
    reference = scoring.with_keras(
        model, test, size=size, batch=_BATCH, statistics=statistics, advance=lambda pictures: None
    )
    levels = dict(card.box_levels)
    of_keras = evaluation.report(reference, card.thresholds, levels)
    for path in files:
        report(f"{path.name} judges {len(test)} test pictures")
        made = ModelFile.open(path)
        found = scoring.with_file(made.content, test, statistics)
        metrics: dict[str, Any] = {
            "split": "test",
            "file": evaluation.report(found, card.thresholds, levels),
            "keras": of_keras,
            "parity": parity.figures(found, reference, card.thresholds),
            "latency_ms": {f"{threads} threads": latency(made, threads) for threads in (1, 2)},
        }
        if "out_of_fold" in card.metrics:
            # Of the same training: thresholds rest on them.
            metrics["out_of_fold"] = card.metrics["out_of_fold"]
        save(path, made.content, made.card.model_copy(update={"metrics": metrics}))
