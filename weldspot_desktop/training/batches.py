"""Pictures of a dataset version as batches for Keras, decoded when they are needed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels, pictures
from weldspot_desktop.dataset.manifest import PictureEntry
from weldspot_desktop.training.augmentation import augment


@dataclass(frozen=True)
class Example:
    """One picture to train or test on."""

    path: Path
    entry: PictureEntry

    @property
    def truth(self) -> NDArray[np.float32]:
        """(7,) of 0 and 1."""
        values = np.zeros(labels.COUNT, dtype=np.float32)
        values[list(self.entry.classes)] = 1
        return values


def read(example: Example, size: int) -> NDArray[np.uint8]:
    """(size, size, 3) RGB, by the same way that inspection takes: reduced decode, then area averaging."""
    picture = pictures.decode(pictures.read_file(example.path), at_least=(size, size))
    if picture.pixels.shape[:2] == (size, size):
        return picture.pixels
    return np.asarray(cv2.resize(picture.pixels, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)


class Batches(keras.utils.PyDataset):
    """Batches of pictures and truths.

    Parameters
    ----------
    examples
        What to read.
    size
        Side of the network's input.
    batch
        Pictures in one batch; the last may be smaller.
    seed
        Shuffles and augments, differently in every pass; None keeps the order and the pictures as they are.
    """

    def __init__(self, examples: Sequence[Example], *, size: int, batch: int, seed: int | None = None) -> None:
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=6)
        self._examples = list(examples)
        self._size = size
        self._batch = batch
        self._seed = seed
        self._pass = 0
        self._order = self._shuffled()

    def __len__(self) -> int:
        return math.ceil(len(self._examples) / self._batch)

    def count(self, index: int) -> int:
        """Pictures in one batch."""
        return min(self._batch, len(self._examples) - index * self._batch)

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        chosen = self._order[index * self._batch : (index + 1) * self._batch]
        images = np.empty((len(chosen), self._size, self._size, 3), dtype=np.float32)
        truths = np.empty((len(chosen), labels.COUNT), dtype=np.float32)
        for row, number in enumerate(chosen):
            example = self._examples[number]
            pixels = read(example, self._size)
            if self._seed is not None:
                # Seeded by place, not by thread: two runs see the same pictures.
                pixels = augment(pixels, np.random.default_rng((self._seed, self._pass, int(number))))
            images[row], truths[row] = pixels, example.truth
        return images, truths

    def on_epoch_end(self) -> None:
        self._pass += 1
        self._order = self._shuffled()

    def _shuffled(self) -> NDArray[np.intp]:
        count = len(self._examples)
        if self._seed is None:
            return np.arange(count)
        return np.random.default_rng((self._seed, self._pass)).permutation(count)
