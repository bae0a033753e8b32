"""The middle of the review page: the picture of an upload, with heat map and the reviewer's boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from weldspot_desktop import pictures
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.store.uploads import State
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.looking import current_inspector
from weldspot_desktop.ui.review_ahead import PicturesAhead
from weldspot_desktop.ui.review_rows import ReviewRow, plain
from weldspot_desktop.ui.widgets.box_tool import BoxTool
from weldspot_desktop.ui.widgets.heat_map_control import HeatMapControl
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.ui.widgets.state_card import StateCard

_HEAT_MAP: Final = "review/heat map"


@dataclass(frozen=True)
class _Seen:
    inspector: Inspector
    found: Inspected


class ReviewPicture(QWidget):
    """Shows one upload's picture at once if it was decoded ahead, else as soon as it is.

    Signals
    -------
    shown(int)
        The picture of this upload is in view.
    judged(int, object)
        The seven scores of the active model for it, newly computed.
    """

    shown = Signal(int)
    judged = Signal(int, object)

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._row: ReviewRow | None = None
        self._in_view = False
        self._inspector: Inspector | None = None
        self._looking = False
        self._looked_at: int | None = None
        self._scores_wanted = False
        self.ahead = PicturesAhead(frame, self)
        self.view = PictureView()
        self.boxes = BoxTool(self)
        self.view.set_tool(self.boxes)
        self.heat_map = HeatMapControl(self.view, frame, boxes_alone=False)
        # A heat map that lies there from the start would do the looking for the reviewer.
        if self.heat_map.is_on() != frame.memory.value(_HEAT_MAP, False, type=bool):
            self.heat_map.toggle()
        self.card = StateCard()
        picture = QWidget()
        inside = QVBoxLayout(picture)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.view, 1)
        inside.addWidget(Line(Qt.Orientation.Horizontal))
        inside.addWidget(self.heat_map)
        self._picture = picture
        self._stack = QStackedWidget()
        self._stack.addWidget(picture)
        self._stack.addWidget(self.card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.boxes.changed.connect(self.view.tool_changed)
        self.heat_map.class_changed.connect(self._heat_map_changed)
        self.ahead.ready.connect(self._came)
        self.ahead.failed.connect(self._failed)

    def show_row(self, row: ReviewRow | None, following: Sequence[Path] = (), *, scores_wanted: bool = False) -> None:
        """Show the picture of an upload.

        Parameters
        ----------
        row
            None shows nothing.
        following
            Pictures that come next: they are decoded meanwhile.
        scores_wanted
            Whether the active model's scores are not known: it then looks, whether the heat map is on or not.
        """
        same = row is not None and self._row is not None and row.number == self._row.number
        self._row, self._scores_wanted = row, scores_wanted
        if same and row is not None and self._in_view:
            self._look()
            return
        self._in_view, self._looked_at = False, None
        self.heat_map.clear()
        if row is None:
            self.view.set_pixels(None)
            self._stack.setCurrentWidget(self._picture)
            return
        if row.picture is None:
            self._explain(row, None)
            self.ahead.want(following)
            return
        self.ahead.want([row.picture, *following])
        self._show()

    def in_view(self, number: int) -> bool:
        """Whether the picture of this upload can be seen."""
        return self._in_view and self._row is not None and self._row.number == number

    def remember(self) -> None:
        """Keep whether the heat map is on."""
        self._frame.memory.setValue(_HEAT_MAP, self.heat_map.is_on())

    def _show(self) -> None:
        row = self._row
        if row is None or row.picture is None or self._in_view:
            return
        pixels = self.ahead.get(row.picture)
        if pixels is None:
            # The picture before must not be taken for this one.
            self.view.set_pixels(None)
            self._stack.setCurrentWidget(self._picture)
            return
        self.view.set_pixels(pixels)
        self.view.fit()
        self.view.setAccessibleName(f"Picture of {row.title}")
        self._stack.setCurrentWidget(self._picture)
        self._in_view = True
        self.shown.emit(row.number)
        self._look()

    def _came(self, path: str) -> None:
        if self._row is not None and str(self._row.picture) == path:
            self._show()

    def _failed(self, path: str, error: ExpectedError) -> None:
        if self._row is not None and str(self._row.picture) == path:
            self._explain(self._row, error)

    def _explain(self, row: ReviewRow, error: ExpectedError | None) -> None:
        self.view.set_pixels(None)
        if error is not None:
            self.card.show_failure(
                error.what,
                "The upload stays as it is. Restore the workspace's pictures from a copy, or reject it with R.",
                details=str(row.picture),
            )
        elif row.state is State.QUARANTINED:
            self.card.show_failure(plain(row.upload.reason), "The object stays where it came from. Reject it with R.",
                                   details=plain(row.upload.name))  # fmt: skip
        else:
            self.card.show_empty("image-off-outline", "No picture of this upload is kept.")
        self._stack.setCurrentWidget(self.card)

    # ---------------------------------------------------------------- what the model sees

    def _heat_map_changed(self, _class_index: object) -> None:
        self._look()

    def _look(self) -> None:
        """Let the active model look at the picture in view, if that is of use; only the newest wish counts."""
        row = self._row
        if row is None or row.picture is None or not self._in_view or self._looking or self._looked_at == row.number:
            return
        if not (self.heat_map.is_on() or self._scores_wanted):
            return
        self._looking = True
        look = partial(_look, row.picture, self._frame.context, self._inspector)
        self._frame.run(look, partial(self._seen, row), partial(self._not_seen, row), owner=self)

    def _seen(self, row: ReviewRow, seen: _Seen) -> None:
        self._looking = False
        self._inspector = seen.inspector
        if self._row is None or self._row.number != row.number or not self._in_view:
            self._look()
            return
        self._looked_at = row.number
        prediction, judgement = seen.found.prediction, seen.found.judgement
        if prediction is not None and judgement is not None:
            boxes = partial(seen.inspector.boxes, prediction)
            scores = prediction.scores.tolist()
            self.heat_map.set_result(prediction.heatmap, scores, judgement, boxes=boxes)
            self.judged.emit(row.number, scores)

    def _not_seen(self, row: ReviewRow, error: ExpectedError) -> None:
        self._looking = False
        # Not asked again for this picture: the same fault would be told without end.
        self._looked_at = row.number
        if self.heat_map.is_on():
            self._frame.report(error)


def _look(path: Path, context: Context, before: Inspector | None) -> _Seen:
    """Runs beside the window.

    Raises
    ------
    PictureError, ModelFileError, StoreError, ThresholdSetError
        If the picture or the model cannot be used.
    """
    inspector = current_inspector(context, before)
    return _Seen(inspector, inspector.content(pictures.read_file(path), origin=str(path)))
