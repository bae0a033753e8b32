"""Pictures of a dataset version as batches, read, varied and joined with their targets while the network computes."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels, pictures
from weldspot_desktop.dataset.manifest import PictureEntry
from weldspot_desktop.training.augmentation import Frame, Look
from weldspot_desktop.training.targets import Target, target

_AHEAD: Final = 4
"""Batches prepared before they are asked for."""

_FINER: Final = 1.25
"""Pictures are kept this much larger than the input, so that a crop of them is still sharp."""

_MEMORY: Final = 1_500_000_000
"""Bytes of decoded pictures kept between passes; what does not fit is decoded again."""


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


@dataclass(frozen=True)
class Batch:
    """n pictures with their targets; see `Target` for the shapes of one."""

    images: NDArray[np.uint8]
    truth: NDArray[np.float32]
    known: NDArray[np.float32]
    evidence: NDArray[np.float32]
    placed: NDArray[np.float32]

    @classmethod
    def of(cls, images: Sequence[NDArray[np.uint8]], targets: Sequence[Target]) -> "Batch":
        """Stack pictures and targets."""
        return cls(
            np.stack(images),
            np.stack([t.truth for t in targets]),
            np.stack([t.known for t in targets]),
            np.stack([t.evidence for t in targets]),
            np.stack([t.placed for t in targets]),
        )


class TrainingBatches:
    """Endless passes over training pictures, shuffled and varied anew in each.

    Parameters
    ----------
    examples
        What to read.
    size, stride
        Side of the network's input, and pixels of it in one cell of the map.
    batch
        Pictures in one batch; the last of a pass may be smaller.
    seed
        Of order and variants. Both hang on place and pass, not on threads: two runs see the same pictures.
    vary
        Whether to augment.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        *,
        size: int,
        stride: int,
        batch: int,
        seed: int,
        vary: bool = True,
    ) -> None:
        self._examples = list(examples)
        self._size = size
        self._cells = size // stride
        self._batch = batch
        self._seed = seed
        self._look = Look(seed) if vary else None
        self._kept: dict[int, NDArray[np.uint8]] = {}
        self._kept_bytes = 0

    def __len__(self) -> int:
        return math.ceil(len(self._examples) / self._batch)

    def one_pass(self, number: int) -> Iterator[Batch]:
        """Batches of pass `number`, made ahead by two threads."""
        order = np.random.default_rng((self._seed, number)).permutation(len(self._examples))
        with ThreadPoolExecutor(2, thread_name_prefix="pictures") as pool:
            waiting: deque[Future[Batch]] = deque()
            for start in range(0, len(order), self._batch):
                waiting.append(pool.submit(self._make, number, order[start : start + self._batch]))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _make(self, number: int, chosen: NDArray[np.intp]) -> Batch:
        made = [self._variant(number, int(index)) for index in chosen]
        return Batch.of([image for image, _ in made], [answer for _, answer in made])

    def _variant(self, number: int, index: int) -> tuple[NDArray[np.uint8], Target]:
        example = self._examples[index]
        random = np.random.default_rng((self._seed, number, index))
        frame = Frame.random(random) if self._look is not None else Frame.whole()
        pixels = frame.picture(self._pixels(index), self._size)
        if self._look is not None:
            pixels = self._look.vary(pixels, random)
        return pixels, target(example.entry, frame, self._cells)

    def _pixels(self, index: int) -> NDArray[np.uint8]:
        kept = self._kept.get(index)
        if kept is None:
            kept = read(self._examples[index], round(self._size * _FINER))
            if self._kept_bytes + kept.nbytes <= _MEMORY:
                self._kept[index] = kept
                self._kept_bytes += kept.nbytes
        return kept


def plain(examples: Sequence[Example], *, size: int, batch: int) -> Iterator[NDArray[np.float32]]:
    """Pictures as inspection sees them, in order, in batches of (n, size, size, 3)."""
    for start in range(0, len(examples), batch):
        yield np.stack([read(example, size) for example in examples[start : start + batch]]).astype(np.float32)
