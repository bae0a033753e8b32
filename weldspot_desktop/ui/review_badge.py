"""How many uploads wait, in the rail, whatever page is open."""

import logging
from typing import Final

from PySide6.QtCore import QObject, QTimer

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import uploads
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.workers import Lane

PAGE: Final = "review"
_AGAIN_MS: Final = 30_000
"""Other programs sync and review too."""

_REST_MS: Final = 300
"""Several decisions in a row are counted once."""

_LOG = logging.getLogger(__name__)


class ReviewBadge(QObject):
    """Counts at the start, after each change, and now and then."""

    def __init__(self, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._counting = self._stopped = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.count)
        self._again = QTimer(self)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self.count)
        frame.uploads_changed.connect(self._rest.start)

    def start(self) -> None:
        """Count now, and from now on."""
        if not self._stopped:
            self.count()
            self._again.start()

    def count(self) -> None:
        """Count what waits, beside the window."""
        if not self._counting and not self._stopped:
            self._counting = True
            self._frame.run(self._read, self._counted, self._failed, lane=Lane.DATABASE, owner=self)

    def stop(self) -> None:
        """Count no more."""
        self._stopped = True
        self._rest.stop()
        self._again.stop()

    def _read(self) -> int:
        with self._frame.context.database.read() as session:
            counts = uploads.counts(session)
        return sum(counts[state] for state in uploads.WAITING)

    def _counted(self, waiting: int) -> None:
        self._counting = False
        self._frame.set_badge(PAGE, waiting)

    def _failed(self, error: ExpectedError) -> None:
        # Whoever needs the database says that it cannot be read; here it would be said again and again.
        self._counting = False
        self.stop()
        _LOG.warning("uploads are not counted any more: %s", error)
