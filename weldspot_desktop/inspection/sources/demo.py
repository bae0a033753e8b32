"""The demonstration camera: moving pictures of drawn welds, for a workstation without a camera."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.inspection.sources.source import Frame, Metronome, Source, SourceOptions
from weldspot_desktop.pictures.synthetic_weld import render_weld

TEXT: Final = "demo"
FRAMES_PER_SECOND: Final = 30.0
SECONDS_PER_WELD: Final = 6.0
SEEDS: Final = (11, 12, 13, 14, 15, 16, 17, 18)

_WIDTH, _HEIGHT = 1280, 720
_RENDERED: Final = 960
"""Side of a render in pixels; less than the frame's width, since drawing time grows with the area."""
_WIDEST, _NARROWEST = 0.96, 0.80
"""Largest and smallest part of a render's width that is seen: the zoom."""


class DemoSource(Source):
    """A camera that passes slowly over one drawn weld after another."""

    held_by_pause = True

    def __init__(self, text: str, options: SourceOptions) -> None:
        super().__init__(text, options)
        self._renders: dict[int, Future[NDArray[np.uint8]]] = {}
        self._artist: ThreadPoolExecutor | None = None
        self._metronome: Metronome | None = None
        self._shown = 0

    @staticmethod
    def accepts(text: str) -> bool:
        return text.casefold() == TEXT

    @property
    def title(self) -> str:
        return "Demo camera"

    def open(self) -> None:
        self._artist = ThreadPoolExecutor(1, thread_name_prefix="demo-weld")
        self._metronome = Metronome(FRAMES_PER_SECOND, self._interrupted)

    def read(self) -> Frame | None:
        if self._metronome is None:
            return None
        self._shown += self._metronome.wait()
        if self._interrupted.is_set():
            return None
        seconds = self._shown / FRAMES_PER_SECOND
        turn = int(seconds / SECONDS_PER_WELD)
        render = self._render(turn).result()
        # Drawn while this one is shown: it takes up to half a second, and a frame only 33 ms.
        self._render(turn + 1)
        return self._frame(view(render, seconds))

    def close(self) -> None:
        self._metronome = None
        if self._artist is not None:
            self._artist.shutdown(wait=True, cancel_futures=True)
            self._artist = None
            self._renders = {seed: render for seed, render in self._renders.items() if not render.cancelled()}

    def _render(self, turn: int) -> Future[NDArray[np.uint8]]:
        seed = SEEDS[turn % len(SEEDS)]
        if seed not in self._renders:
            assert self._artist is not None
            self._renders[seed] = self._artist.submit(_draw, seed)
        return self._renders[seed]


def _draw(seed: int) -> NDArray[np.uint8]:
    return render_weld(seed, size=_RENDERED).pixels


def view(render: NDArray[np.uint8], seconds: float) -> NDArray[np.uint8]:
    """What the camera sees of a (n, n, 3) render at a moment: (720, 1280, 3), panning and zooming."""
    side = render.shape[0]
    width = side * (_WIDEST + _NARROWEST + (_WIDEST - _NARROWEST) * np.sin(seconds * 0.5)) / 2
    height = width * _HEIGHT / _WIDTH
    left = (side - width) * (1 + np.sin(seconds * 0.37)) / 2
    top = (side - height) * (0.5 + 0.3 * np.sin(seconds * 0.29))
    scale = width / _WIDTH
    # Back from frame to render, so that the motion has no steps of whole pixels.
    transform = np.array([[scale, 0, left], [0, scale, top]], dtype=np.float64)
    return np.asarray(
        cv2.warpAffine(render, transform, (_WIDTH, _HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP),
        dtype=np.uint8,
    )
