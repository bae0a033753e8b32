"""The box tool in the hands of the review page: classes of boxes, keys, taking a removal back."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from weldspot_desktop import labels
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.review_rows import classes_of
from weldspot_desktop.ui.widgets.box_tool import BoxTool, DrawnBox

_STEP: Final = 0.01


class ReviewBoxes(QObject):
    """Gives boxes their classes.

    A number names the class of the selected box, else of the next one; without a number the single defect that is
    marked is meant.

    Parameters
    ----------
    frame
        For notices.
    tool
        The tool of the picture.

    Signals
    -------
    marked(int)
        A box shows this class: it is marked too.
    edited
        The person changed boxes.
    """

    marked = Signal(int)
    edited = Signal()

    def __init__(self, frame: Frame, tool: BoxTool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._tool = tool
        self._named: int | None = None
        self._known: tuple[DrawnBox, ...] = ()
        tool.drawn.connect(self._drawn)
        tool.changed.connect(self._changed)

    def show(self, boxes: tuple[DrawnBox, ...], bits: int) -> None:
        """Show the boxes of another upload."""
        self._known, self._named = boxes, None
        self._tool.set_boxes(boxes)
        self.set_marked(bits)

    def set_marked(self, bits: int) -> None:
        """Say which classes are marked."""
        self._tool.set_marked(bits)
        defects = [index for index in classes_of(bits) if index in labels.DEFECTS]
        single = defects[0] if len(defects) == 1 else None
        self._tool.set_next_class(self._named if self._named is not None else single)

    def name_class(self, class_index: int) -> None:
        """A number was pressed while the tool is out."""
        # Marked first: boxes of classes that are not marked are not shown, and none of these stays selected.
        self.marked.emit(class_index)
        if not self._tool.set_class(class_index):
            self._named = class_index
            self._tool.set_next_class(class_index)

    def unnamed(self) -> bool:
        """Whether a box still has no class."""
        return any(box.class_index is None for box in self._tool.all_boxes())

    def move(self, across: int, down: int, *, resize: bool = False) -> bool:
        """Move the selected box by keys; False if none is selected."""
        if not self._tool.takes_arrows:
            return False
        self._tool.nudge(across * _STEP, down * _STEP, resize=resize)
        return True

    def remove(self) -> None:
        """Remove the selected box, with a way back."""
        before = self._tool.all_boxes()
        if self._tool.remove_selected() is None:
            self._frame.notify("No box is selected.", advice="Click one, or press N for the next.")
            return
        self._frame.notify("The box was removed.", button="Undo", action=partial(self._bring_back, before))

    def _bring_back(self, before: tuple[DrawnBox, ...]) -> None:
        # Another upload may be shown by now: its boxes are not touched.
        if set(self._tool.all_boxes()) <= set(before):
            self._tool.set_boxes(before)

    def _drawn(self, class_index: int | None) -> None:
        if class_index is not None:
            self.marked.emit(class_index)
        else:
            self._frame.notify("Press 1 to 7 to say what the box shows.")

    def _changed(self) -> None:
        boxes = self._tool.all_boxes()
        if boxes != self._known:
            self._known = boxes
            self.edited.emit()
