"""Records of the page Live: asking for them, the strip of the latest, and looking at one again."""

from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Signal

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.triggers import Asked
from weldspot_desktop.ui import live_records
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.live_display import LiveDisplay
from weldspot_desktop.ui.live_records import Brief, Recalled
from weldspot_desktop.ui.live_session import LiveSession
from weldspot_desktop.ui.weld_form import WeldForm
from weldspot_desktop.ui.widgets.filmstrip import Filmstrip, FilmstripEntry
from weldspot_desktop.ui.workers import Lane

STRIP: Final = 30
"""Records that the filmstrip shows at first."""

_BY_ITSELF: Final = {Asked.REST: "Came to rest. ", Asked.HTTP: "Triggered over HTTP. "}


class LiveRecorder(QObject):
    """Writes through the session's station, and shows what was written, whatever triggered it.

    Parameters
    ----------
    session, display, form, frame
        Of the page.

    Signals
    -------
    recalled(Recalled)
        A record is to be shown.
    """

    recalled = Signal(object)

    def __init__(
        self, session: LiveSession, display: LiveDisplay, form: WeldForm, frame: Frame, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._display, self._form, self._frame = session, display, form, frame
        self.filmstrip = Filmstrip()
        self.filmstrip.hide()
        self.filmstrip.chosen.connect(self._recall)
        session.recorded.connect(self._recorded)
        session.not_recorded.connect(self._not_recorded)

    def record(self, asked: Asked, *, go_on: bool) -> bool:
        """Write the picture that is shown, beside the window; False if there is none to write."""
        judged = self._display.judged
        if judged is None or self._display.recalled is not None:
            return False
        self._form.commit()
        self._session.station.record(judged, asked, go_on=go_on)
        self._form.refresh()
        return True

    def read_latest(self) -> None:
        """Fill the strip from the log."""
        read = partial(live_records.latest, self._frame.context, STRIP)
        self._frame.run(read, self._strip_read, lane=Lane.DATABASE, owner=self)

    def leave_record(self) -> None:
        """No record is looked at any more."""
        self.filmstrip.setCurrentIndex(QModelIndex())

    def _recorded(self, brief: Brief) -> None:
        self._put_in_strip(brief)
        self._form.refresh()
        if self._display.recalled is None:
            verdict = f": {brief.verdict.value}" if brief.verdict is not None else ""
            how = _BY_ITSELF.get(brief.asked, "") if brief.asked is not None else ""
            what = f"{brief.weld_id or 'Picture'} is recorded as number {brief.number}{verdict}."
            frozen = " Space goes on." if self._display.frozen else ""
            self._display.panel.set_note(f"{how}{what}{frozen}")
        self._frame.records_changed.emit()

    def _not_recorded(self, asked: str, error: ExpectedError) -> None:
        self._form.refresh()
        self._display.panel.set_note("The last picture was not recorded.")
        self._frame.notify(error.what, Kind.ERROR, advice=f"Nothing was recorded (trigger: {asked}). {error.advice}")

    def _strip_read(self, briefs: list[Brief]) -> None:
        for brief in reversed(briefs):
            self._put_in_strip(brief)

    def _put_in_strip(self, brief: Brief) -> None:
        caption = brief.weld_id or f"No. {brief.number}"
        self.filmstrip.put(FilmstripEntry(brief.number, brief.thumbnail, brief.verdict, caption), current=False)
        self.filmstrip.show()

    def _recall(self, number: object) -> None:
        if isinstance(number, int):
            work = partial(live_records.recall, self._frame.context, number)
            self._frame.run(work, self._recall_read, lane=Lane.DATABASE, owner=self)

    def _recall_read(self, record: Recalled | None) -> None:
        if record is None or record.pixels is None:
            self._frame.notify("The picture of this record is not kept any more.", advice="See the page Log.")
            return
        self.recalled.emit(record)
