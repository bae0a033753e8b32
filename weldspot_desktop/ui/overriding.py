"""Overriding verdicts from a page: asks, stores in the lane of the database, offers to undo."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from sqlalchemy.orm import Session

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import overrides
from weldspot_desktop.store.overrides import OverrideError
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.override_dialog import OverrideAnswer, OverrideDialog
from weldspot_desktop.ui.signed_in import signed_in
from weldspot_desktop.ui.workers import Lane
from weldspot_desktop.verdict import Verdict


class Overriding(QObject):
    """Override and undo for one page.

    Parameters
    ----------
    frame
        Who is signed in, and where it is stored.
    over
        Over which the dialog appears.

    Signals
    -------
    changed(int)
        Another verdict of this inspection holds now.
    """

    changed = Signal(int)

    def __init__(self, frame: Frame, over: QWidget) -> None:
        super().__init__(over)
        self._frame = frame
        self._over = over
        self.dialog: OverrideDialog | None = None

    def ask(self, inspection_id: int, picture: str, verdict: Verdict | None, classes: Sequence[int]) -> None:
        """Ask for another verdict.

        Parameters
        ----------
        inspection_id
            What is overridden.
        picture
            Its name for people.
        verdict, classes
            What holds now.
        """
        person = signed_in(self._frame, "An override")
        if person is None:
            return
        self.close()
        self.dialog = OverrideDialog(picture, verdict, classes, person.name, self._over.window())
        self.dialog.answered.connect(partial(self._answered, inspection_id, picture, person))
        self.dialog.rejected.connect(self.close)
        self.dialog.open()

    def undo(self, inspection_id: int, picture: str) -> None:
        """Take back the override that holds."""
        person = signed_in(self._frame, "An override")
        if person is None:
            return

        def work(session: Session) -> str:
            return overrides.undo(session, inspection_id, person=person).verdict

        self._write(work, partial(self._undone, inspection_id, picture))

    def close(self) -> None:
        """Close the dialog, if it is open."""
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            dialog.hide()
            dialog.deleteLater()

    def _answered(self, inspection_id: int, picture: str, person: Person, answer: OverrideAnswer) -> None:
        def work(session: Session) -> str:
            return overrides.add(
                session,
                inspection_id,
                verdict=answer.verdict,
                classes=answer.classes,
                reason=answer.reason,
                person=person,
            ).verdict

        self._write(work, partial(self._stored, inspection_id, picture))

    def _stored(self, inspection_id: int, picture: str, verdict: str) -> None:
        self.close()
        self._frame.notify(
            f"{picture} is {verdict} now.",
            Kind.GOOD,
            button="Undo",
            action=partial(self.undo, inspection_id, picture),
        )
        self._tell(inspection_id)

    def _undone(self, inspection_id: int, picture: str, verdict: str) -> None:
        words = f"is {verdict} again" if verdict else "has the program's verdict again"
        self._frame.notify(f"{picture} {words}.", Kind.GOOD)
        self._tell(inspection_id)

    def _tell(self, inspection_id: int) -> None:
        self.changed.emit(inspection_id)
        self._frame.records_changed.emit()

    def _write(self, work: Callable[[Session], str], done: Callable[[str], object]) -> None:
        def write() -> str:
            with self._frame.context.database.write() as session:
                return work(session)

        self._frame.run(write, done, self._failed, lane=Lane.DATABASE, owner=self)

    def _failed(self, error: ExpectedError) -> None:
        if self.dialog is not None:
            # What was typed is not lost: it can be sent again.
            self.dialog.show_fault(str(error))
        elif isinstance(error, OverrideError):
            self._frame.notify(error.what, advice=error.advice)
        else:
            self._frame.report(error)
