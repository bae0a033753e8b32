"""The people of the station: who they are, and adding, changing, leaving, coming back."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from sqlalchemy.orm import Session

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import people
from weldspot_desktop.store.people import PersonError
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.people_dialogs import PersonAnswer, PersonDialog
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.workers import Lane

_COLUMNS: Final = ("Name", "Role", "PIN", "State")
_MOST_ROWS_SHOWN: Final = 8


class PeopleSection(QWidget):
    """List of people with what can be done.

    Parameters
    ----------
    frame
        The window's services.

    Signals
    -------
    shown
        The list was read and is shown.
    """

    shown = Signal()

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._people: list[Person] = []
        self.dialog: PersonDialog | None = None
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName("People")
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.table.itemSelectionChanged.connect(self._update_buttons)
        self.table.itemDoubleClicked.connect(self._change_clicked)
        self.empty = QLabel("Nobody is on the list yet. Records are signed “system” until somebody signs in.")
        self.empty.setWordWrap(True)
        theme.set_text(self.empty, Size.BODY, muted=True)
        self.add_button = QPushButton("Add a person")
        self.change_button = QPushButton("Change")
        self.leave_button = QPushButton("Has left")
        self.former = QCheckBox("Show people who left")
        self.add_button.clicked.connect(self.ask_new)
        self.change_button.clicked.connect(self._change_clicked)
        self.leave_button.clicked.connect(self._leave_clicked)
        self.former.toggled.connect(self.read)
        title = QLabel("People")
        theme.set_text(title, Size.HEAD, bold=True)
        about = QLabel("Whose name stands behind what is recorded. Press the name at the lower right to sign in.")
        about.setWordWrap(True)
        theme.set_text(about, Size.SMALL, muted=True)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(2))
        for button in (self.add_button, self.change_button, self.leave_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.former)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        for widget in (title, about, self.table, self.empty):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        frame.person_changed.connect(self._update_buttons)
        self._fill([])

    def read(self) -> None:
        """Read the list again."""
        former = self.former.isChecked()
        self._frame.run(partial(self._read, former), self._fill, lane=Lane.DATABASE, owner=self)

    def selected(self) -> Person | None:
        """Who is selected."""
        rows = self.table.selectionModel().selectedRows()
        return self._people[rows[0].row()] if rows else None

    def ask_new(self) -> None:
        """Ask who is to be added."""
        self._open(PersonDialog(None, self.window()), self._add)

    def ask_change(self, person: Person) -> None:
        """Ask what is to be changed."""
        self._open(PersonDialog(person, self.window()), partial(self._change, person))

    def set_active(self, person: Person, active: bool) -> None:
        """Let somebody leave or come back, with a way back."""

        def work(session: Session) -> None:
            people.set_active(session, self._again(session, person), active, by=by)

        def done(_: None) -> None:
            current = self._frame.person()
            if not active and current is not None and current.id == person.id:
                self._frame.set_person(None)
            words = "came back" if active else "has left; the records stay"
            self._frame.notify(
                f"{person.name} {words}.",
                Kind.GOOD,
                button="Undo",
                action=partial(self.set_active, person, not active),
            )
            self.read()

        by = self._frame.person_name()
        self._write(work, done)

    def _read(self, former: bool) -> list[Person]:
        with self._frame.context.database.read() as session:
            return people.everyone(session, former=former)

    def _fill(self, everyone: list[Person]) -> None:
        chosen = self.selected()
        self._people = everyone
        self.table.setRowCount(len(everyone))
        for row, person in enumerate(everyone):
            state = "here" if person.active else "has left"
            for column, text in enumerate(
                (person.name, person.role, "PIN" if person.pin_hash is not None else "–", state)
            ):
                self.table.setItem(row, column, QTableWidgetItem(text))
            if chosen is not None and chosen.id == person.id:
                self.table.selectRow(row)
        self.table.setVisible(bool(everyone))
        self.empty.setVisible(not everyone)
        rows = min(len(everyone), _MOST_ROWS_SHOWN)
        row_height = self.table.verticalHeader().defaultSectionSize()
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + rows * row_height + 4)
        self._update_buttons()
        self.shown.emit()

    def _update_buttons(self) -> None:
        person = self.selected()
        allowed = person is not None and people.may_change(self._frame.person(), person)
        why = "" if person is None or allowed else f"{person.name} has a PIN: sign in as {person.name} or as a manager."
        for button in (self.change_button, self.leave_button):
            button.setEnabled(allowed)
            button.setToolTip(why)
        self.leave_button.setText("Is back" if person is not None and not person.active else "Has left")

    def _change_clicked(self) -> None:
        person = self.selected()
        if person is not None and people.may_change(self._frame.person(), person):
            self.ask_change(person)

    def _leave_clicked(self) -> None:
        person = self.selected()
        if person is not None:
            self.set_active(person, not person.active)

    def _open(self, dialog: PersonDialog, answered: Callable[[PersonAnswer], None]) -> None:
        self._close_dialog()
        self.dialog = dialog
        dialog.answered.connect(answered)
        dialog.rejected.connect(self._close_dialog)
        dialog.open()

    def _close_dialog(self) -> None:
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            dialog.hide()
            dialog.deleteLater()

    def _add(self, answer: PersonAnswer) -> None:
        by = self._frame.person_name()

        def work(session: Session) -> None:
            people.add(
                session,
                name=answer.name,
                role=answer.role,
                pin=answer.pin,
                certificate=answer.certificate,
                by=by,
            )

        self._write(work, partial(self._stored, "is on the list", " ".join(answer.name.split())))

    def _change(self, person: Person, answer: PersonAnswer) -> None:
        by = self._frame.person_name()

        def work(session: Session) -> None:
            found = self._again(session, person)
            people.change(
                session,
                found,
                role=answer.role,
                pin=answer.pin,
                keep_pin=answer.keep_pin,
                certificate=answer.certificate,
                by=by,
            )

        self._write(work, partial(self._stored, "was changed", person.name))

    def _stored(self, words: str, name: str, _: None) -> None:
        self._close_dialog()
        self._frame.notify(f"{name} {words}.", Kind.GOOD)
        self.read()

    def _write(self, work: Callable[[Session], None], done: Callable[[None], None]) -> None:
        def write() -> None:
            with self._frame.context.database.write() as session:
                work(session)

        self._frame.run(write, done, self._failed, lane=Lane.DATABASE, owner=self)

    def _failed(self, error: ExpectedError) -> None:
        if self.dialog is not None and isinstance(error, PersonError):
            self.dialog.show_fault(error.what)
        else:
            self._frame.report(error)

    @staticmethod
    def _again(session: Session, person: Person) -> Person:
        """The person in this transaction: the one we hold was read in another."""
        found = session.get(Person, person.id)
        if found is None:
            raise PersonError(f"{person.name} is not on the list any more.")
        return found
