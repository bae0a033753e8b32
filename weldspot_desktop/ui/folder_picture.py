"""The picture of the row that is selected on the folder page, judged again for its heat map."""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from weldspot_desktop import pictures
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.model import Prediction
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.results_model import file_name
from weldspot_desktop.ui.widgets.heat_map_control import HeatMapControl
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.ui.widgets.state_card import StateCard

_ENOUGH: Final = (2000, 2000)
"""A JPEG is not decoded larger than needed to look at it."""


@dataclass(frozen=True)
class _Seen:
    pixels: NDArray[np.uint8]
    prediction: Prediction | None
    """None if the file is not the one that was judged."""


class FolderPicture(QWidget):
    """Shows one row's picture. Only the newest wish is read; rows that were passed on the way are not."""

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._wanted: tuple[Inspected, Inspector] | None = None
        self._reading = False
        self.view = PictureView()
        self.heat_map = HeatMapControl(self.view, frame)
        self.card = StateCard()
        shown = QWidget()
        inside = QVBoxLayout(shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.view, 1)
        inside.addWidget(Line(Qt.Orientation.Horizontal))
        inside.addWidget(self.heat_map)
        self._stack = QStackedWidget()
        self._stack.addWidget(shown)
        self._stack.addWidget(self.card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def show_row(self, row: Inspected, inspector: Inspector) -> None:
        """Show the picture of a row, when it is read."""
        self._wanted = row, inspector
        if row.judgement is None:
            self._explain(row, row.error or "The picture could not be judged.")
        elif not self._reading:
            self._read()

    def clear(self) -> None:
        """Show nothing."""
        self._wanted = None
        self.view.set_pixels(None)
        self.heat_map.clear()

    def _read(self) -> None:
        assert self._wanted is not None
        row, inspector = self._wanted
        self._reading = True
        limit = self._frame.context.settings.inspection.largest_megapixels
        self._frame.run(
            partial(_look, row, inspector, limit),
            partial(self._show, row, inspector),
            partial(self._failed, row),
            owner=self,
        )

    def _show(self, row: Inspected, inspector: Inspector, seen: _Seen) -> None:
        self._reading = False
        if not self._is_wanted(row):
            return
        self._stack.setCurrentIndex(0)
        self.view.set_pixels(seen.pixels)
        self.view.set_tile(row.tile if seen.prediction is not None else None)
        if seen.prediction is not None and row.judgement is not None:
            boxes = partial(inspector.boxes, seen.prediction)
            self.heat_map.set_result(
                seen.prediction.heatmap, seen.prediction.scores.tolist(), row.judgement, boxes=boxes
            )
        else:
            self.heat_map.clear()
            self._frame.notify(
                f"{file_name(row)} is another picture now than the one that was judged.",
                advice="The row stays as it was judged. Judge the folder again to see the new one.",
            )

    def _failed(self, row: Inspected, error: ExpectedError) -> None:
        self._reading = False
        if self._is_wanted(row):
            self._explain(row, error.what)

    def _is_wanted(self, row: Inspected) -> bool:
        """Whether this is the newest wish; if not, the newest is read."""
        if self._wanted is None:
            return False
        if self._wanted[0] is row:
            return True
        if self._wanted[0].judgement is not None:
            self._read()
        return False

    def _explain(self, row: Inspected, what: str) -> None:
        self.view.set_pixels(None)
        self.heat_map.clear()
        self.card.show_failure(
            what, "The file was not changed, and the other pictures are judged. Try another copy of it.",
            details=row.origin,
        )  # fmt: skip
        self._stack.setCurrentWidget(self.card)


def _look(row: Inspected, inspector: Inspector, largest_megapixels: float) -> _Seen:
    """Runs beside the window.

    Raises
    ------
    PictureError
        If the file cannot be read any more.
    """
    content = pictures.read_file(Path(row.origin))
    pixels = pictures.decode(content, at_least=_ENOUGH, largest_megapixels=largest_megapixels).pixels
    if hashlib.sha256(content).hexdigest() != row.sha256:
        return _Seen(pixels, None)
    return _Seen(pixels, inspector.content(content, origin=row.origin).prediction)
