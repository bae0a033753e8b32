"""The reviewer's desk: which upload lies on it, and what is marked on it."""

from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store.schema import Person, UploadDecision
from weldspot_desktop.store.uploads import State
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.looking import ModelInForce, model_in_force
from weldspot_desktop.ui.review_boxes import ReviewBoxes
from weldspot_desktop.ui.review_drafts import Drafts
from weldspot_desktop.ui.review_list import ReviewList
from weldspot_desktop.ui.review_panel import ReviewPanel
from weldspot_desktop.ui.review_picture import ReviewPicture
from weldspot_desktop.ui.review_rows import ReviewRow
from weldspot_desktop.ui.review_sitting import Draft, Opened, Sitting
from weldspot_desktop.ui.workers import Lane

_AHEAD: Final = 2
"""Pictures decoded ahead."""

_CANDIDATES: Final = 50
"""Uploads tried when others hold the first of them."""

_SCORES_KEPT: Final = 200


class ReviewDesk(QObject):
    """Follows the selection of the list, with a lease on what lies here, and holds what is marked on it.

    Signals
    -------
    shown
        Another upload lies on the desk, or what is known of it is new.
    changed
        An upload is in another state than the list said.
    left
        The list became empty.
    """

    shown = Signal()
    changed = Signal()
    left = Signal()

    def __init__(
        self,
        frame: Frame,
        sitting: Sitting,
        uploads: ReviewList,
        picture: ReviewPicture,
        panel: ReviewPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._frame = frame
        self._sitting = sitting
        self._list = uploads
        self._picture = picture
        self._panel = panel
        self.row: ReviewRow | None = None
        self.draft = Draft(0)
        self.boxes = ReviewBoxes(frame, picture.boxes, self)
        self.drafts = Drafts()
        self._history: tuple[UploadDecision, ...] = ()
        self._model: ModelInForce | None = None
        self._scores: OrderedDict[int, list[float]] = OrderedDict()
        self._place = -1
        self._backwards = False
        self._resting = True
        uploads.chosen.connect(self._chosen)
        sitting.opened.connect(self._opened)
        sitting.lost.connect(self._lost)
        picture.judged.connect(self._judged)
        self.boxes.marked.connect(self._mark)
        self.boxes.edited.connect(self._boxes_edited)
        panel.set_person(frame.person() is not None)

    # ---------------------------------------------------------------- coming and going

    def resume(self) -> None:
        """The page is open: take the lease of what lies here."""
        self._resting = False
        self._open()

    def pause(self) -> None:
        """The page is left: give the lease back."""
        self._resting = True
        self._sitting.leave()

    def clear(self) -> None:
        """Nothing lies here."""
        self._sitting.leave()
        self.row, self._history, self._place = None, (), -1
        self._picture.show_row(None)
        self._panel.show_row(None)
        self.boxes.show((), 0)
        self.shown.emit()

    def person_changed(self, person: Person | None, *, visible: bool) -> None:
        """Somebody else sits here now, or nobody."""
        self._panel.set_person(person is not None)
        self._sitting.leave()
        if visible:
            self._open()

    def read_model(self) -> None:
        """Ask which model and thresholds are in force."""
        read = partial(model_in_force, self._frame.context)
        self._frame.run(read, self._model_known, self._no_model, lane=Lane.DATABASE, owner=self)

    # ---------------------------------------------------------------- marking

    def switch(self, class_index: int) -> None:
        """Mark or unmark a class."""
        if self._panel.is_open():
            self._set_draft(Draft(self.draft.labels ^ 1 << class_index, self.draft.boxes))
        else:
            self.say_closed()

    # ---------------------------------------------------------------- showing

    def _chosen(self) -> None:
        row = self._list.current()
        if row is None:
            return
        place = self._list.place()
        assert place is not None
        if self.row is not None and self.row.number == row.number:
            self._place = place
            self.shown.emit()
            return
        self._backwards = 0 <= place < self._place
        self._place = place
        self._show(row, ())
        self._open()

    def _open(self) -> None:
        if self._resting or self.row is None or self._list.number() != self.row.number:
            return
        candidates = self._list.following(_CANDIDATES, backwards=self._backwards)
        if candidates:
            self._sitting.open(candidates, self._list.model.review_order)

    def _show(self, row: ReviewRow, history: tuple[UploadDecision, ...]) -> None:
        another = self.row is None or self.row.number != row.number
        self.row, self._history = row, history
        own = self._own_scores(row)
        self._panel.show_row(row, history, own=own, model=self._model)
        draft = self.drafts.of(row, history)
        if another or draft != self.draft:
            self.draft = draft
            self.boxes.show(draft.boxes, draft.labels)
        self._panel.show_draft(self.draft.labels)
        self._picture.show_row(row, self._next_pictures(), scores_wanted=own is None and self._model is not None)
        self.shown.emit()

    def _next_pictures(self) -> list[Path]:
        place = self._list.place()
        if place is None:
            return []
        step = -1 if self._backwards else 1
        rows = [self._list.model.row(place + step * ahead) for ahead in range(1, _AHEAD + 1)]
        return [row.picture for row in rows if row is not None and row.picture is not None]

    def _own_scores(self, row: ReviewRow) -> list[float] | None:
        """Scores of the model in force; those of an older one are not shown as its own."""
        stored = row.upload.own_scores
        if self._model is None or (stored is not None and row.upload.own_model_sha256 == self._model.sha256):
            return stored
        return self._scores.get(row.number)

    def _judged(self, number: int, scores: list[float]) -> None:
        self._scores[number] = scores
        while len(self._scores) > _SCORES_KEPT:
            self._scores.popitem(last=False)
        if self.row is not None and self.row.number == number:
            fault = self._panel.fault.text()
            self._panel.show_row(self.row, self._history, own=self._own_scores(self.row), model=self._model)
            self._panel.show_draft(self.draft.labels)
            self._panel.show_fault(fault)

    def _model_known(self, model: ModelInForce) -> None:
        if model != self._model:
            self._model = model
            self._scores.clear()
            if self.row is not None:
                self._show(self.row, self._history)

    def _no_model(self, _error: ExpectedError) -> None:
        # The window has said it, and says it in the status bar all the time: reviewing goes on without.
        self._model = None

    # ---------------------------------------------------------------- what came back

    def _opened(self, opened: Opened) -> None:
        row = opened.row
        if row is None:
            self._frame.notify("This upload is gone.")
            self._list.model.refresh()
            return
        before = self.row
        model = self._list.model
        for passed in opened.passed:
            model.put(passed)
        model.put(row)
        if opened.passed and row.number != opened.asked:
            first = opened.passed[0]
            self._frame.notify(f"{first.holder} is looking at {first.title}.", advice="The next free one is shown.")
            place = model.place_of(row.number)
            if place is not None:
                self._show(row, opened.history)
                self._list.select(place)
                self._place = place
            return
        if before is None or before.number != row.number:
            return
        if before.state is not row.state:
            self._changed_meanwhile(before, row, opened)
            return
        self._show(row, opened.history)

    def _changed_meanwhile(self, before: ReviewRow, row: ReviewRow, opened: Opened) -> None:
        last = opened.history[-1].person.name if opened.history else "somebody else"
        self._frame.notify(
            f"{row.title} is {row.look.word.lower()} now, by {last}.", Kind.WARNING,
            advice="It was another when the list was read.",
        )  # fmt: skip
        if self.is_listed(row.state):
            self._show(row, opened.history)
        else:
            self.drafts.forget(row.number)
            self._leave(row.number)
            self._list.model.moved(before.state.value, row.state.value)
            self.changed.emit()

    def _lost(self, number: int) -> None:
        if self.row is not None and self.row.number == number:
            self._frame.notify(f"The time for {self.row.title} ran out, and somebody else took it.", Kind.WARNING)
            self._open()

    # ---------------------------------------------------------------- leaving

    def leave_for(self, row: ReviewRow, state: State) -> None:
        """The upload is in another state: it leaves the list if that is not shown, and the next one is opened."""
        self._list.model.moved(row.state.value, state.value)
        if self.is_listed(state):
            self._list.step(1)
        else:
            self._leave(row.number)

    def _leave(self, number: int) -> None:
        if self.row is not None and self.row.number == number:
            self.row = None
        # From the end of the list it goes on upwards, and that is no turning round.
        self._place = -1
        self._list.take_out(number)
        if not self._list.model.rowCount():
            self.left.emit()

    def is_listed(self, state: State) -> bool:
        """Whether the list shows uploads of this state."""
        scope = self._list.model.scope
        return state in scope.states

    def read_anew(self, number: int) -> None:
        """The list is being read again: this upload lies here then, with what the database says of it."""
        if self.row is not None and self.row.number == number:
            self.row = None
        self._list.keep(number)
        self._list.model.read_again(number)
        self._list.model.refresh()

    def _set_draft(self, draft: Draft) -> None:
        if self.row is None or draft == self.draft:
            return
        self.draft = draft
        self.drafts.keep(self.row.number, draft)
        self._panel.show_draft(draft.labels)
        self.boxes.set_marked(draft.labels)

    def _mark(self, class_index: int) -> None:
        self._set_draft(Draft(self.draft.labels | 1 << class_index, self._picture.boxes.all_boxes()))

    def _boxes_edited(self) -> None:
        self._set_draft(Draft(self.draft.labels, self._picture.boxes.all_boxes()))

    def say_closed(self) -> None:
        """Say why nothing can be marked or decided here."""
        row = self.row
        if row is None:
            self._frame.notify("Select an upload first.")
        elif row.holder is not None:
            self._frame.notify(f"{row.holder} is looking at {row.title}.", advice="Take another one.")
        elif row.state is State.QUARANTINED:
            self._frame.notify(f"{row.title} is in quarantine.", advice="Mend its name first, or reject it.")
        else:
            self._frame.notify(f"{row.title} was {row.state.value} already.", advice="Reopen it to decide again.")
