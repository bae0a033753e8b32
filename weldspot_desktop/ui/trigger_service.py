"""The HTTP trigger as the window sees it: on or off as the settings say, its port, its token."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.station import Station
from weldspot_desktop.server import TOKEN_FILE, Token, TriggerServer
from weldspot_desktop.ui.frame import Frame, Kind


class TriggerService(QObject):
    """Starts and stops the server beside the window.

    Parameters
    ----------
    frame
        The window's services.
    station
        What is triggered.

    Signals
    -------
    changed
        It runs, or not any more, or could not.
    """

    changed = Signal()

    def __init__(self, frame: Frame, station: Station, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._station = station
        self.token = Token(frame.context.workspace.root / TOKEN_FILE)
        self._server: TriggerServer | None = None
        self._failure: ExpectedError | None = None
        self._turn = 0
        frame.settings_changed.connect(self._setting_changed)

    @property
    def url(self) -> str | None:
        """Where it listens; None while it does not."""
        return self._server.url if self._server is not None else None

    @property
    def failure(self) -> ExpectedError | None:
        """Why it does not listen although it is switched on."""
        return self._failure

    @property
    def is_on(self) -> bool:
        """Whether the settings ask for it."""
        return self._frame.context.settings.live.http_trigger

    def switch(self, on: bool) -> None:
        """Switch it on or off, and remember that."""
        if on != self.is_on:
            self._frame.context.settings.live.http_trigger = on
            self._frame.save_settings("live", "http_trigger")

    def apply(self) -> None:
        """Do what the settings say."""
        self._turn += 1
        old, self._server = self._server, None
        self._failure = None
        live = self._frame.context.settings.live
        wanted = None
        if live.http_trigger:
            broke = self._frame.workers.broke.emit
            wanted = TriggerServer(
                self._station, self.token, address=live.http_address, port=live.http_port, broke=broke
            )
        if old is None and wanted is None:
            return
        self._frame.run(
            partial(_replace, old, wanted, self.token),
            partial(self._started, self._turn),
            partial(self._failed, self._turn),
            owner=self,
        )
        self.changed.emit()

    def shutdown(self) -> None:
        """Stop, and wait for it."""
        self._turn += 1
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _started(self, turn: int, server: TriggerServer | None) -> None:
        if turn != self._turn:
            if server is not None:
                self._frame.run(server.stop, owner=self)
            return
        self._server = server
        if server is not None:
            self._frame.notify(f"The HTTP trigger listens on {server.url}.", Kind.GOOD)
        self.changed.emit()

    def _failed(self, turn: int, error: ExpectedError) -> None:
        if turn == self._turn:
            self._failure = error
            self._frame.report(error)
            self.changed.emit()

    def _setting_changed(self, section: str, key: str) -> None:
        if section == "live" and key.startswith("http_"):
            self.apply()


def _replace(old: TriggerServer | None, wanted: TriggerServer | None, token: Token) -> TriggerServer | None:
    if old is not None:
        old.stop()
    if wanted is not None:
        token.value()
        wanted.start()
    return wanted
