"""The picture of the row that is selected on the folder page, judged again for its heat map."""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from weldspot_desktop import pictures
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection import stored
from weldspot_desktop.inspection.inspector import Inspector, Region
from weldspot_desktop.model import Prediction
from weldspot_desktop.store.folder_table import Row
from weldspot_desktop.ui.folder_columns import file_name, judgement
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.looking import ENOUGH, current_inspector
from weldspot_desktop.ui.widgets.heat_map_control import HeatMapControl
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.ui.widgets.state_card import StateCard


@dataclass(frozen=True)
class _Seen:
    """Attributes: `note` says why there is no heat map."""

    pixels: NDArray[np.uint8]
    inspector: Inspector
    prediction: Prediction | None = None
    tile: Region | None = None
    note: str = ""


class FolderPicture(QWidget):
    """Shows one row's picture. Only the newest wish is read; rows that were passed on the way are not."""

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._wanted: Row | None = None
        self._reading = False
        self._inspector: Inspector | None = None
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

    def show_row(self, row: Row) -> None:
        """Show the picture of a row, when it is read; nothing happens if it is shown already."""
        if self._wanted is not None and _same(self._wanted, row):
            return
        self._wanted = row
        if row.inspection is not None and row.inspection.verdict is None:
            self._explain(row, row.inspection.error or "The picture could not be judged.")
        elif not self._reading:
            self._read()

    def wanted(self) -> Row | None:
        """What is shown, or read at this moment."""
        return self._wanted

    def reading(self) -> bool:
        """Whether a picture is being read."""
        return self._reading

    def clear(self) -> None:
        """Show nothing."""
        self._wanted = None
        self.view.set_pixels(None)
        self.heat_map.clear()

    def _read(self) -> None:
        assert self._wanted is not None
        row = self._wanted
        self._reading = True
        self._frame.run(
            partial(_look, row, self._frame.context, self._inspector),
            partial(self._show, row),
            partial(self._failed, row),
            owner=self,
        )

    def _show(self, row: Row, seen: _Seen) -> None:
        self._reading = False
        self._inspector = seen.inspector
        if not self._is_wanted(row):
            return
        self._stack.setCurrentIndex(0)
        self.view.set_pixels(seen.pixels)
        said = judgement(row)
        if seen.prediction is not None and said is not None:
            self.view.set_tile(seen.tile)
            boxes = partial(seen.inspector.boxes, seen.prediction)
            self.heat_map.set_result(seen.prediction.heatmap, seen.prediction.scores.tolist(), said, boxes=boxes)
            return
        self.view.set_tile(None)
        self.heat_map.clear()
        if seen.note:
            self._frame.notify(f"{file_name(row)} {seen.note}", advice="The row stays as it was judged.")

    def _failed(self, row: Row, error: ExpectedError) -> None:
        self._reading = False
        if self._is_wanted(row):
            self._explain(row, error.what)

    def _is_wanted(self, row: Row) -> bool:
        """Whether this is the newest wish; if not, the newest is read."""
        if self._wanted is None:
            return False
        if _same(self._wanted, row):
            return True
        if self._wanted.inspection is None or self._wanted.inspection.verdict is not None:
            self._read()
        return False

    def _explain(self, row: Row, what: str) -> None:
        self.view.set_pixels(None)
        self.heat_map.clear()
        self.card.show_failure(
            what, "The file was not changed, and the other pictures are judged. Try another copy of it.",
            details=row.path,
        )  # fmt: skip
        self._stack.setCurrentWidget(self.card)


def _same(one: Row, other: Row) -> bool:
    """Whether two rows show one picture with one result, though they were read at two times."""
    ids = [row.inspection.id if row.inspection is not None else None for row in (one, other)]
    return one.path == other.path and ids[0] == ids[1]


def _look(row: Row, context: Context, before: Inspector | None) -> _Seen:
    """Runs beside the window.

    Raises
    ------
    PictureError
        If the file cannot be read any more, and is not kept either.
    """
    inspector = current_inspector(context, before)
    record = row.inspection
    try:
        content = pictures.read_file(Path(row.path))
    except pictures.PictureError:
        kept = _kept(context, record.sha256) if record is not None and record.sha256 is not None else None
        if kept is None:
            raise
        content = kept
    limit = context.settings.inspection.largest_megapixels
    pixels = pictures.decode(content, at_least=ENOUGH, largest_megapixels=limit).pixels
    if record is None:
        return _Seen(pixels, inspector)
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != record.sha256:
        return _Seen(pixels, inspector, note="is another picture now than the one that was judged.")
    if record.model_sha256 != inspector.model.card.sha256:
        return _Seen(pixels, inspector, note="was judged by another model: there is no heat map.")
    found = inspector.content(content, origin=row.path, sha256=sha256).prediction
    recorded = stored.inspected(record, row.path)
    told = recorded.prediction
    if found is not None and told is not None:
        # The record counts, whatever is computed today.
        found = Prediction(told.scores, found.embedding, found.heatmap, told.distance, told.milliseconds)
    return _Seen(pixels, inspector, found, recorded.tile)


def _kept(context: Context, sha256: str) -> bytes | None:
    with context.database.read() as session:
        path = context.picture_files.path(session, sha256)
    return pictures.read_file(path) if path is not None else None
