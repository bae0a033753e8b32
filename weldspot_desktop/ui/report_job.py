"""Writing a report beside the window: the question before, the progress, the notice after."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from weldspot_desktop.reports import report
from weldspot_desktop.reports.report import Written
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.report_dialog import ReportChoice, ReportDialog, ReportWish
from weldspot_desktop.ui.workers import Progress


class ReportJob(QObject):
    """Asks for a report and writes it, one at a time.

    Parameters
    ----------
    frame
        The window's services.
    over
        The page that the question belongs to.

    Signals
    -------
    changed
        Writing began or ended.
    """

    changed = Signal()

    def __init__(self, frame: Frame, over: QWidget) -> None:
        super().__init__(over)
        self._frame = frame
        self._over = over
        self._progress: Progress | None = None
        self.dialog: ReportDialog | None = None

    @property
    def running(self) -> bool:
        """Whether a report is being written."""
        return self._progress is not None

    def ask(self, choices: Sequence[ReportChoice]) -> None:
        """Ask what to write; the likeliest choice first."""
        if self.running:
            self._frame.notify("A report is being written already.", advice="The status bar can stop it.")
            return
        self.dialog = ReportDialog(choices, self._frame.memory, self._frame.person_name(), self._over)
        self.dialog.answered.connect(self.start)
        self.dialog.finished.connect(self._asked)
        self.dialog.open()

    def start(self, wish: ReportWish) -> None:
        """Write a report in the background."""
        context = self._frame.context

        def work(progress: Progress) -> Written:
            return report.write(
                wish.kind,
                wish.selection,
                wish.path,
                progress.report,
                sources=context.report_sources(),
                details=wish.details,
            )

        self._progress = self._frame.run_job("Report", work, self._written, owner=self, on_end=self._ended)
        self.changed.emit()

    def _asked(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _written(self, written: Written) -> None:
        welds = "1 weld" if written.welds == 1 else f"{written.welds} welds"
        self._frame.notify(
            f"Report written: {written.path.name}, {welds}.",
            Kind.WARNING if written.notes else Kind.GOOD,
            advice=" ".join([*written.notes, str(written.path.parent)]),
            button="Open",
            action=partial(_open, written.path),
            also=("Show in folder", partial(_open, written.path.parent)),
        )

    def _ended(self) -> None:
        self._progress = None
        self.changed.emit()


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
