"""One person's sitting at the review queue: leases, decisions and their undoing, in the lane of the database."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer, Signal
from sqlalchemy.orm import Session

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import decisions, review_queue
from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.review_queue import LEASE_SECONDS, Order
from weldspot_desktop.store.schema import Person, UploadDecision
from weldspot_desktop.store.uploads import WAITING, State
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.review_rows import ReviewRow, rows_in
from weldspot_desktop.ui.widgets.box_tool import DrawnBox
from weldspot_desktop.ui.workers import Lane
from weldspot_desktop.upload_name import UploadName, write

Result = TypeVar("Result")

RENEW_MS: Final = round(LEASE_SECONDS * 1000 / 3)
"""Between two renewals of a lease: two may fail before it runs out."""

_PATIENCE_S: Final = 30.0

_LEASED: Final = (*WAITING, State.QUARANTINED)
"""States in which an upload is opened to be decided."""


@dataclass(frozen=True)
class Draft:
    """What a person is about to decide: classes as bits, and all boxes, those of unmarked classes included."""

    labels: int
    boxes: tuple[DrawnBox, ...] = ()

    def stored_boxes(self) -> list[list[float]]:
        """Boxes of the marked classes, as a decision keeps them."""
        return [
            [box.class_index, *box.region]
            for box in self.boxes
            if box.class_index is not None and self.labels >> box.class_index & 1
        ]


@dataclass(frozen=True)
class Opened:
    """An upload that was opened.

    Attributes
    ----------
    row
        As it is now; None if it is gone.
    history
        What was decided about it, the oldest first.
    leased
        Whether this window holds it now.
    passed
        Those before it that somebody else holds.
    asked
        The number that was asked for.
    """

    row: ReviewRow | None
    history: tuple[UploadDecision, ...]
    leased: bool
    passed: tuple[ReviewRow, ...]
    asked: int


@dataclass
class Made:
    """One change of this sitting, for undoing it. `decision` is its number, known once it is stored."""

    number: int
    title: str
    action: Action
    draft: Draft | None = None
    decision: int | None = None


class Sitting(QObject):
    """Opens uploads one at a time, and writes decisions in order.

    Signals
    -------
    opened(Opened)
        Answers the newest `open`.
    stored(Made)
        A change is in the database.
    refused(Made, ExpectedError)
        It is not.
    undone(Made)
        It was taken back.
    lost(int)
        The lease of this upload is somebody else's now.
    """

    opened = Signal(object)
    stored = Signal(object)
    refused = Signal(object, object)
    undone = Signal(object)
    lost = Signal(int)

    def __init__(self, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self.token = uuid4().hex
        self._made: list[Made] = []
        self._held: int | None = None
        self._wanted: tuple[tuple[int, ...], Order] | None = None
        self._opening = False
        # What was opened before the page was left is not held any more.
        self._visit = 0
        self._pending: set[Future[Any]] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(RENEW_MS)
        self._timer.timeout.connect(self.renew)

    # ---------------------------------------------------------------- leases

    @property
    def held(self) -> int | None:
        """The upload whose lease this window has."""
        return self._held

    def open(self, numbers: Sequence[int], order: Order) -> None:
        """Lease the first of these that nobody else holds, and read it; what was held before is given back.

        Without a person nothing is leased: the first is only read.
        """
        self._wanted = (tuple(numbers), order)
        if not self._opening:
            self._open()

    def leave(self) -> None:
        """Give back what is held."""
        self._wanted = None
        self._visit += 1
        self._timer.stop()
        held, self._held = self._held, None
        if held is not None or self._opening:
            # What is being leased at this moment is given back after it: the lane keeps its order.
            number = held if not self._opening else None
            self._keep(partial(self._release, number))

    def renew(self) -> None:
        """Let the lease run on."""
        if self._held is not None:
            self._frame.run(
                partial(self._renew, self._held), partial(self._renewed, self._held), lane=Lane.DATABASE, owner=self
            )

    # ---------------------------------------------------------------- decisions

    def decide(self, row: ReviewRow, action: Action, draft: Draft | None, person: Person, *, reason: str = "") -> None:
        """Confirm, correct, reject or flag."""

        def work(session: Session) -> UploadDecision:
            return decisions.decide(
                session,
                row.number,
                action=action,
                labels=draft.labels if draft is not None else None,
                boxes=draft.stored_boxes() if draft is not None else (),
                reason=reason,
                person=person,
                token=self.token,
            )

        self._write(Made(row.number, row.title, action, draft), work)

    def reopen(self, row: ReviewRow, person: Person) -> None:
        """Put a decided upload back."""

        def work(session: Session) -> UploadDecision:
            return decisions.reopen(session, row.number, person=person, token=self.token)

        self._write(Made(row.number, row.title, Action.REOPENED), work)

    def rename(self, row: ReviewRow, name: UploadName, person: Person) -> None:
        """Bring an upload out of quarantine."""

        def work(session: Session) -> UploadDecision:
            return decisions.rename(
                session,
                row.number,
                name=write(name),
                phone_id=name.id,
                ticks=name.ticks,
                scores=name.scores,
                person=person,
                token=self.token,
            )

        self._write(Made(row.number, row.title, Action.RENAMED), work)

    def can_undo(self) -> bool:
        """Whether anything was changed in this sitting that stands."""
        return bool(self._made)

    def undo(self, person: Person) -> None:
        """Take back the last change of this sitting that stands."""
        if not self._made:
            return
        made = self._made.pop()

        def work() -> bool:
            # The lane keeps its order: the number is known by now, unless the change was refused.
            if made.decision is None:
                return False
            with self._frame.context.database.write() as session:
                decisions.undo(session, made.decision, person=person, token=self.token)
            return True

        self._keep(work, partial(self._taken_back, made), partial(self._not_undone, made))

    def finish(self) -> None:
        """Wait until everything that was decided is stored and what was held is given back; the window closes."""
        self.leave()
        wait(tuple(self._pending), timeout=_PATIENCE_S)

    # ---------------------------------------------------------------- inside

    def _keep(
        self,
        work: Callable[[], Result],
        done: Callable[[Result], object] | None = None,
        failed: Callable[[ExpectedError], object] | None = None,
    ) -> None:
        """Run what must not be dropped when the window closes."""
        future = self._frame.workers.run(work, done, failed, lane=Lane.DATABASE, owner=self)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)

    def _write(self, made: Made, work: Callable[[Session], UploadDecision]) -> None:
        self._made.append(made)
        if self._held == made.number:
            # A decision ends the lease.
            self._held = None

        def write() -> None:
            with self._frame.context.database.write() as session:
                decision = work(session)
                number, action = decision.id, Action(decision.action)
            made.decision, made.action = number, action

        self._keep(write, lambda _: self.stored.emit(made), partial(self._refused, made))

    def _refused(self, made: Made, error: ExpectedError) -> None:
        if made in self._made:
            self._made.remove(made)
        self.refused.emit(made, error)

    def _taken_back(self, made: Made, done: bool) -> None:
        if done:
            self.undone.emit(made)

    def _not_undone(self, made: Made, error: ExpectedError) -> None:
        if not isinstance(error, decisions.DecisionError):
            # The disk was full, or somebody else wrote: it can be tried again.
            self._made.append(made)
        self._frame.report(error)

    def _open(self) -> None:
        assert self._wanted is not None
        (numbers, order), self._wanted = self._wanted, None
        self._opening = True
        work = partial(self._lease_first, numbers, order, self._frame.person(), self._held)
        self._frame.run(work, partial(self._opened, self._visit), self._not_opened, lane=Lane.DATABASE, owner=self)

    def _lease_first(self, numbers: Sequence[int], order: Order, person: Person | None, held: int | None) -> Opened:
        """Runs in the lane of the database."""
        database = self._frame.context.database
        if person is None:
            with database.read() as session:
                return self._found(session, numbers[0], numbers[0])
        passed: list[ReviewRow] = []
        with database.write() as session:
            if held is not None and held != numbers[0]:
                review_queue.release(session, token=self.token, upload_id=held)
            for number in numbers:
                found = self._found(session, number, numbers[0], tuple(passed))
                if found.row is None or found.row.state not in _LEASED:
                    return found
                if review_queue.lease(session, number, person, token=self.token, order=order):
                    return replace(found, leased=True, row=replace(found.row, holder=None))
                passed.append(found.row)
            # Somebody looks at every one of them: the first is shown, to look at only.
            return self._found(session, numbers[0], numbers[0], tuple(passed))

    def _found(self, session: Session, number: int, asked: int, passed: tuple[ReviewRow, ...] = ()) -> Opened:
        rows = rows_in(session, self._frame.context.picture_files, self.token, [number])
        return Opened(rows[0] if rows else None, tuple(decisions.history(session, number)), False, passed, asked)

    def _opened(self, visit: int, opened: Opened) -> None:
        self._opening = False
        if visit == self._visit:
            self._held = opened.row.number if opened.leased and opened.row is not None else None
            if self._held is not None:
                self._timer.start()
            else:
                self._timer.stop()
        if self._wanted is not None:
            self._open()
        elif visit == self._visit:
            self.opened.emit(opened)

    def _not_opened(self, error: ExpectedError) -> None:
        self._opening, self._held = False, None
        self._frame.report(error)
        if self._wanted is not None:
            self._open()

    def _release(self, number: int | None) -> None:
        """Runs in the lane of the database; without a number everything that this window holds."""
        with self._frame.context.database.write() as session:
            review_queue.release(session, token=self.token, upload_id=number)

    def _renew(self, number: int) -> bool:
        """Runs in the lane of the database."""
        with self._frame.context.database.write() as session:
            return review_queue.renew(session, number, token=self.token)

    def _renewed(self, number: int, still: bool) -> None:
        if not still and self._held == number:
            self._held = None
            self._timer.stop()
            self.lost.emit(number)
