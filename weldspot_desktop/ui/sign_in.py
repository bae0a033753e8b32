"""Who works here: choosing a person, asking for the PIN if there is one."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from weldspot_desktop.store import people
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.people_dialogs import PinDialog
from weldspot_desktop.ui.workers import Lane

_REMEMBERED: Final = "person"


class SignIn(QObject):
    """Signs people in and out of the frame.

    Parameters
    ----------
    frame
        Whose person it sets.
    window
        Over which menu and question appear.
    """

    def __init__(self, frame: Frame, window: QWidget) -> None:
        super().__init__(window)
        self._frame = frame
        self._window = window
        self.menu: QMenu | None = None
        self.question: PinDialog | None = None

    def restore(self) -> None:
        """Sign in who was here last, unless that needs a PIN."""
        name = str(self._frame.memory.value(_REMEMBERED, ""))
        if name:
            self._frame.run(partial(self._frame.context.person, name), self._restored, lane=Lane.DATABASE, owner=self)

    def ask(self, at: QPoint) -> None:
        """Show the people to choose from, with the menu's lower right corner at a place of the screen."""
        self._frame.run(self._read, partial(self._offer, at), lane=Lane.DATABASE, owner=self)

    def choose(self, person: Person) -> None:
        """Sign somebody in; asks for the PIN if there is one."""
        if person.pin_hash is None:
            self._set(person)
            return
        self._close_question()
        self.question = PinDialog(person.name, self._window)
        self.question.entered.connect(partial(self._check, person))
        self.question.rejected.connect(self._close_question)
        self.question.open()

    def sign_out(self) -> None:
        """Nobody works here."""
        self._set(None)

    def _read(self) -> list[Person]:
        with self._frame.context.database.read() as session:
            return people.everyone(session)

    def _offer(self, at: QPoint, everyone: list[Person]) -> None:
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = menu = QMenu(self._window)
        current = self._frame.person()
        for person in everyone:
            text = f"{person.name}, {person.role}".replace("&", "&&")
            action = menu.addAction(text)
            action.triggered.connect(partial(self._chosen, person))
            action.setCheckable(True)
            action.setChecked(current is not None and current.id == person.id)
            if person.pin_hash is not None:
                action.setIcon(theme.icon("lock-outline"))
        if not everyone:
            menu.addAction("Nobody is on the list yet").setEnabled(False)
        menu.addSeparator()
        menu.addAction("Sign out", self.sign_out).setEnabled(current is not None)
        menu.addAction("Manage people", self._manage)
        menu.popup(at - QPoint(menu.sizeHint().width(), menu.sizeHint().height()))

    def _chosen(self, person: Person, _checked: bool = False) -> None:
        self.choose(person)

    def _manage(self) -> None:
        self._frame.show_page("settings")

    def _check(self, person: Person, pin: str) -> None:
        # The hash is slow on purpose.
        self._frame.run(partial(people.pin_matches, person, pin), partial(self._checked, person), owner=self)

    def _checked(self, person: Person, right: bool) -> None:
        if self.question is None:
            return
        if right:
            self._close_question()
            self._set(person)
        else:
            self.question.refuse()

    def _set(self, person: Person | None) -> None:
        self._frame.set_person(person)
        free = person is not None and person.pin_hash is None
        self._frame.memory.setValue(_REMEMBERED, person.name if person is not None and free else "")
        if person is not None:
            self._frame.notify(f"{person.name} is signed in.", Kind.GOOD)
        else:
            self._frame.notify("Nobody is signed in.")

    def _restored(self, person: Person | None) -> None:
        if person is not None and person.pin_hash is None and self._frame.person() is None:
            self._frame.set_person(person)

    def _close_question(self) -> None:
        if self.question is not None:
            question, self.question = self.question, None
            question.hide()
            question.deleteLater()
