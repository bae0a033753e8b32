"""Keeps the weld fields of the page Live, the station's current weld and what is remembered in step."""

from typing import Final

from PySide6.QtCore import QObject, Signal

from weldspot_desktop.inspection.current_weld import CurrentWeld
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.widgets.weld_fields import FIELDS, WeldFields

_WELD: Final = "live/weld/"
_EXPANDED: Final = "live/weld_expanded"


class WeldForm(QObject):
    """The station's weld is the truth: triggers take it from any thread. The form shows it and changes it.

    A field counts when it is left, when Enter is pressed in it, or when the window triggers; so a record that is
    triggered from outside while somebody types holds the weld as it was before.

    Parameters
    ----------
    fields
        The form.
    weld
        The station's.
    frame
        For what is remembered, and who is signed in.

    Signals
    -------
    committed
        The weld is another one.
    """

    committed = Signal()

    def __init__(self, fields: WeldFields, weld: CurrentWeld, frame: Frame) -> None:
        super().__init__(fields)
        self.fields = fields
        self._weld = weld
        self._frame = frame
        memory = frame.memory
        weld.set({name: str(memory.value(_WELD + name, "")) for name in FIELDS})
        fields.show_values(weld.values())
        fields.set_expanded(str(memory.value(_EXPANDED, "")) == "yes")
        fields.committed.connect(self.commit)
        fields.expanded.connect(self._remember_expanded)
        frame.person_changed.connect(self._show_person)
        frame.settings_changed.connect(self._setting_changed)
        self._show_person(frame.person())
        self._setting_changed("station", "station")

    def commit(self) -> None:
        """Take over what was typed."""
        typed = self.fields.take()
        if typed:
            self._weld.change(typed)
            self._remember()
            self.committed.emit()

    def refresh(self) -> None:
        """Show the weld as it is after a record."""
        self.fields.show_values(self._weld.values())
        self._remember()

    def scanned(self, code: str) -> None:
        """A barcode was read while no field had the focus: it names the weld."""
        self.fields.field("weld_id").setText(code.strip())
        self.commit()

    def _remember(self) -> None:
        values = self._weld.values()
        for name in FIELDS:
            self._frame.memory.setValue(_WELD + name, values.get(name, ""))

    def _remember_expanded(self, expanded: bool) -> None:
        self._frame.memory.setValue(_EXPANDED, "yes" if expanded else "")

    def _setting_changed(self, section: str, key: str) -> None:
        if section == "station":
            self.fields.show_usual({"station": self._frame.context.settings.station.station})

    def _show_person(self, person: Person | None) -> None:
        self.fields.show_inspector(person.name if person is not None else "nobody is signed in (Ctrl+I)")
