"""Faults nobody expected: written to the log, shown once, and the program goes on if the person wants."""

import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop import __version__
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import Size

_LOG = logging.getLogger(__name__)


class CrashDialog(QDialog):
    """Says what happened, what is safe, what to do; the details are folded."""

    def __init__(self, details: str, log_file: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("WeldSpot met a fault")
        self.details = details
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(3))
        head = QLabel("Something went wrong that should not.")
        theme.set_text(head, Size.TITLE, bold=True)
        safe = QLabel(
            "What was saved before is safe. You can go on; if the program behaves strangely, close it and start it "
            f"again. The fault was written to {log_file}."
        )
        safe.setWordWrap(True)
        safe.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QPushButton("Details")
        self.more.setCheckable(True)
        self.text = QPlainTextEdit(details)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Details of the fault")
        self.text.setMinimumHeight(theme.pixels(220))
        self.text.hide()
        self.more.toggled.connect(self.text.setVisible)
        self.more.toggled.connect(self._fit)
        copy = QPushButton("Copy details")
        copy.clicked.connect(self._copy)
        self.leave = QPushButton("Close the program")
        self.leave.clicked.connect(QApplication.closeAllWindows)
        self.leave.clicked.connect(self.accept)
        go_on = QPushButton("Go on")
        theme.set_look(go_on, "main")
        go_on.setDefault(True)
        go_on.clicked.connect(self.accept)
        row = QHBoxLayout()
        for button in (self.more, copy):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.leave, go_on):
            row.addWidget(button)
        for part in (head, safe, self.text):
            column.addWidget(part)
        column.addLayout(row)
        self.setMinimumWidth(theme.pixels(560))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details)

    def _fit(self) -> None:
        self.adjustSize()


class CrashReporter(QObject):
    """Catches exceptions that nobody caught, from any thread.

    Parameters
    ----------
    log_file
        Named in the dialog.

    Signals
    -------
    reported(details)
        After a fault was logged, in the window's thread.
    """

    reported = Signal(str)
    _caught = Signal(str)

    def __init__(self, log_file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_file = log_file
        self._dialog: CrashDialog | None = None
        self._window: QWidget | None = None
        self._before = (sys.excepthook, threading.excepthook)
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self, window: QWidget | None = None) -> None:
        """Catch from now on; `uninstall` ends it."""
        self._window = window
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._from_main
        threading.excepthook = self._from_thread

    def uninstall(self) -> None:
        """Leave the exceptions to who had them before."""
        sys.excepthook, threading.excepthook = self._before

    def report(self, error: BaseException) -> None:
        """Log and show a fault; may be called from any thread."""
        details = "".join(traceback.format_exception(error))
        _LOG.error("unexpected fault, version %s\n%s", __version__, details)
        self._caught.emit(f"WeldSpot Desktop {__version__}, Python {sys.version.split()[0]}\n\n{details}")

    def _from_main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.closeAllWindows()
            return
        self.report(error.with_traceback(trace))

    def _from_thread(self, hook: threading.ExceptHookArgs) -> None:
        if hook.exc_value is not None and not issubclass(hook.exc_type, SystemExit):
            self.report(hook.exc_value)

    def _show(self, details: str) -> None:
        self.reported.emit(details)
        # A fault in a timer would otherwise cover the screen with dialogs.
        if self._dialog is None:
            self._dialog = CrashDialog(details, self._log_file, self._window)
            self._dialog.finished.connect(self._closed)
            self._dialog.open()

    def _closed(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
