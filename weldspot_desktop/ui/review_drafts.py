"""What a reviewer has marked and not decided yet, upload by upload."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.schema import UploadDecision
from weldspot_desktop.store.uploads import TRUE
from weldspot_desktop.ui.review_rows import ReviewRow
from weldspot_desktop.ui.review_sitting import Draft
from weldspot_desktop.ui.widgets.box_tool import DrawnBox

_KEPT: Final = 500


class Drafts:
    """Remembers what was marked, so that stepping to another upload and back loses nothing."""

    def __init__(self) -> None:
        self._touched: OrderedDict[int, Draft] = OrderedDict()

    def of(self, row: ReviewRow, history: Sequence[UploadDecision]) -> Draft:
        """What the switches and boxes show: what was marked, else what was decided, else the phone's ticks."""
        if row.number in self._touched:
            return self._touched[row.number]
        said = _said_before(history)
        if row.state in TRUE:
            return Draft(row.upload.labels or 0, _boxes(said))
        if said is not None and history[-1].action == Action.REOPENED:
            # Reopened to be mended: what was decided is the start.
            return Draft(said.labels or 0, _boxes(said))
        return Draft(row.upload.ticks or 0)

    def keep(self, number: int, draft: Draft) -> None:
        """Remember what was marked."""
        self._touched[number] = draft
        self._touched.move_to_end(number)
        while len(self._touched) > _KEPT:
            self._touched.popitem(last=False)

    def forget(self, number: int) -> None:
        """It is decided."""
        self._touched.pop(number, None)


def _said_before(history: Sequence[UploadDecision]) -> UploadDecision | None:
    """The last decision that settled labels and was not undone."""
    undone = {row.undoes for row in history}
    settled = (Action.CONFIRMED, Action.CORRECTED)
    return next((row for row in reversed(history) if row.action in settled and row.id not in undone), None)


def _boxes(said: UploadDecision | None) -> tuple[DrawnBox, ...]:
    if said is None:
        return ()
    return tuple(DrawnBox((left, top, right, low), int(index)) for index, left, top, right, low in said.boxes)
