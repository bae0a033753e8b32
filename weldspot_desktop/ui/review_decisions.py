"""Deciding about the upload on the reviewer's desk: confirm, correct, flag, reject, reopen, mend, undo."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.schema import Person
from weldspot_desktop.store.uploads import WAITING, State
from weldspot_desktop.ui.fix_dialog import FixDialog
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.reject_dialog import RejectDialog
from weldspot_desktop.ui.review_desk import ReviewDesk
from weldspot_desktop.ui.review_list import ReviewList
from weldspot_desktop.ui.review_panel import ReviewPanel
from weldspot_desktop.ui.review_picture import ReviewPicture
from weldspot_desktop.ui.review_rows import ReviewRow
from weldspot_desktop.ui.review_sitting import Made, Sitting
from weldspot_desktop.ui.signed_in import signed_in
from weldspot_desktop.upload_name import UploadName

_DONE: Final = {
    Action.CONFIRMED: "confirmed",
    Action.CORRECTED: "corrected",
    Action.REJECTED: "rejected",
    Action.FLAGGED: "flagged for a second opinion",
    Action.REOPENED: "reopened: it waits again",
    Action.RENAMED: "in the queue now",
}


class ReviewDecisions(QObject):
    """Each is signed by the person who sits here, and goes on to the next upload at once; the database follows.

    Signals
    -------
    changed
        Something was decided or undone.
    did(str)
        What, in words.
    """

    changed = Signal()
    did = Signal(str)

    def __init__(
        self,
        frame: Frame,
        sitting: Sitting,
        desk: ReviewDesk,
        uploads: ReviewList,
        picture: ReviewPicture,
        panel: ReviewPanel,
        over: QWidget,
    ) -> None:
        super().__init__(over)
        self._frame = frame
        self._sitting = sitting
        self._desk = desk
        self._list = uploads
        self._picture = picture
        self._panel = panel
        self._over = over
        self.dialog: RejectDialog | FixDialog | None = None
        sitting.stored.connect(self._stored)
        sitting.refused.connect(self._refused)
        sitting.undone.connect(self._undone)

    def confirm(self) -> None:
        """Store the labels as they are marked, and go on; in quarantine, mend the name."""
        row = self._desk.row
        if row is not None and row.state is State.QUARANTINED:
            self.fix()
            return
        fault = self._fault()
        if fault:
            self._panel.show_fault(fault)
            return
        self._decide(Action.CONFIRMED)

    def flag(self) -> None:
        """Ask for a second opinion, and go on."""
        self._decide(Action.FLAGGED)

    def reject(self) -> None:
        """Ask why the upload is of no use."""
        row = self._desk.row
        if row is None or not (self._panel.is_open() or (row.state is State.QUARANTINED and row.holder is None)):
            self._desk.say_closed()
            return
        person = signed_in(self._frame, "A decision")
        if person is not None:
            self.close_dialog()
            self.dialog = RejectDialog(row.title, person.name, self._over.window())
            self.dialog.answered.connect(partial(self._rejected, row, person))
            self._open_dialog()

    def reopen(self) -> None:
        """Put a decided upload back into the queue."""
        row = self._desk.row
        if row is None or row.state in (*WAITING, State.QUARANTINED):
            self._frame.notify("Only a decided upload can be reopened.")
            return
        person = signed_in(self._frame, "Reopening")
        if person is not None:
            self._desk.drafts.forget(row.number)
            self._sitting.reopen(row, person)
            self._desk.leave_for(row, State.NEW)

    def fix(self) -> None:
        """Ask for a name that can be read."""
        row = self._desk.row
        if row is None or row.state is not State.QUARANTINED or row.holder is not None:
            self._frame.notify("Only the name of an upload in quarantine can be mended.")
        elif row.picture is None or row.upload.ticks is not None:
            self._panel.show_fault("Not its name is wrong: it can only be rejected (R).")
        else:
            person = signed_in(self._frame, "A name")
            if person is not None:
                self.close_dialog()
                self.dialog = FixDialog(row.upload.name, row.upload.reason, person.name, self._over.window())
                self.dialog.answered.connect(partial(self._fixed, row, person))
                self._open_dialog()

    def undo(self) -> None:
        """Take back the last decision of this sitting."""
        if not self._sitting.can_undo():
            self._frame.notify("Nothing was decided in this sitting that could be undone.")
            return
        person = signed_in(self._frame, "Undoing")
        if person is not None:
            self._sitting.undo(person)

    def close_dialog(self) -> None:
        """Close the question, if one is open."""
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            dialog.hide()
            dialog.deleteLater()

    # ---------------------------------------------------------------- what came back

    def _stored(self, made: Made) -> None:
        self.did.emit(f"{made.title} {_DONE[made.action]}")
        if made.action is Action.RENAMED:
            self.close_dialog()
            row = self._desk.row
            if row is not None and row.number == made.number:
                self._desk.leave_for(row, State.NEW)
        if made.action in (Action.RENAMED, Action.REOPENED) and not self._desk.is_listed(State.NEW):
            self._frame.notify(
                f"{made.title} waits in the queue.",
                Kind.GOOD,
                button="Show it",
                action=partial(self._go_to, made.number),
            )
        self._list.model.read_again(made.number)
        self.changed.emit()

    def _refused(self, made: Made, error: ExpectedError) -> None:
        if made.draft is not None:
            self._desk.drafts.keep(made.number, made.draft)
        if isinstance(self.dialog, FixDialog) and made.action is Action.RENAMED:
            # What was typed is not lost: it can be sent again.
            self.dialog.show_fault(str(error))
            return
        self._frame.report(error)
        self._list.model.refresh()

    def _undone(self, made: Made) -> None:
        if made.draft is not None:
            self._desk.drafts.keep(made.number, made.draft)
        self.did.emit(f"{made.title}: taken back")
        self._desk.read_anew(made.number)
        self.changed.emit()

    def _go_to(self, number: int) -> None:
        self._list.keep(number)
        self._list.filters.clear()

    # ---------------------------------------------------------------- inside

    def _fault(self) -> str:
        """What is missing to confirm; empty if nothing is."""
        if self._desk.boxes.unnamed():
            return "A box has no class. Select it and press 1 to 7, or remove it with Del."
        if not self._desk.draft.labels:
            return "Mark at least one class; a picture without a weld is Background."
        return ""

    def _decide(self, action: Action) -> None:
        row = self._desk.row
        if row is None or not self._panel.is_open():
            self._desk.say_closed()
            return
        person = signed_in(self._frame, "A decision")
        if person is None:
            return
        if row.picture is not None and not self._picture.in_view(row.number):
            self._frame.notify("The picture is not in view yet.", advice="Look at it first.")
            return
        self._desk.drafts.forget(row.number)
        same = self._desk.draft.labels == row.upload.ticks
        self._sitting.decide(row, action, self._desk.draft, person)
        if action is Action.CONFIRMED and not same:
            action = Action.CORRECTED
        self._desk.leave_for(row, State(action.value))

    def _rejected(self, row: ReviewRow, person: Person, reason: str) -> None:
        self.close_dialog()
        self._desk.drafts.forget(row.number)
        self._sitting.decide(row, Action.REJECTED, None, person, reason=reason)
        self._desk.leave_for(row, State.REJECTED)

    def _fixed(self, row: ReviewRow, person: Person, name: UploadName) -> None:
        self._sitting.rename(row, name, person)

    def _open_dialog(self) -> None:
        assert self.dialog is not None
        self.dialog.rejected.connect(self.close_dialog)
        self.dialog.open()
