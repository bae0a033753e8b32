"""Starting and ending the window."""

import faulthandler
import logging
import os
import signal
import sys
import time
from types import FrameType

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from weldspot_desktop import __version__
from weldspot_desktop.context import Context
from weldspot_desktop.ui import log_file, theme
from weldspot_desktop.ui.crash import CrashReporter
from weldspot_desktop.ui.main_window import MainWindow

_LOG = logging.getLogger(__name__)

_LISTEN_MS = 300


def make_application() -> QApplication:
    """The application with its names; the running one if there is one."""
    # cv2 points Qt at its own plugins when it was imported first; they do not belong to our Qt.
    if "cv2" in os.environ.get("QT_QPA_PLATFORM_PLUGIN_PATH", ""):
        del os.environ["QT_QPA_PLATFORM_PLUGIN_PATH"]
    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("WeldSpot")
    application.setApplicationDisplayName("WeldSpot Desktop")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("weldspot")
    return application


def make_window(context: Context) -> MainWindow:
    """A window in the theme of the settings, not shown and with no page open yet."""
    look = context.settings.appearance
    theme.apply(make_application(), look.theme, look.text_percent)
    return MainWindow(context)


def run(context: Context, *, page: str | None = None) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    context
        The library; closed at the end.
    page
        Key of the page to open first; the last one used by default.

    Returns
    -------
    int
        Exit code: 0, or 1 if the workspace cannot be used.
    """
    application = make_application()
    try:
        context.workspace.create()
        handler = log_file.start(context.workspace.logs)
    except OSError as error:
        return _refuse(f"The workspace {context.workspace.root} cannot be used: {error.strerror}.")
    with (context.workspace.logs / "fault.txt").open("a", encoding="utf-8") as faults:
        faulthandler.enable(faults)
        reporter = CrashReporter(context.workspace.logs / log_file.NAME)
        try:
            window = make_window(context)
            window.setObjectName("window")
            window.workers.broke.connect(reporter.report)
            reporter.install(window)
            window.painted.connect(_log_first_paint)
            window.show()
            QTimer.singleShot(0, window, lambda: window.start(page))
            _listen_to_signals(window)
            return application.exec()
        finally:
            reporter.uninstall()
            context.close()
            faulthandler.disable()
            log_file.stop(handler)


def _refuse(what: str) -> int:
    """The window cannot open: say why, where it can be seen."""
    advice = "Choose another folder with --workspace."
    sys.stderr.write(f"{what} {advice}\n")
    QMessageBox.critical(None, "WeldSpot Desktop", f"{what}\n\n{advice}")
    return 1


def _log_first_paint() -> None:
    seconds = time.time() - psutil.Process().create_time()
    _LOG.info("first paint %.2f s after the start of the process", seconds)


def _listen_to_signals(window: MainWindow) -> None:
    """Close the window on Ctrl+C and on SIGTERM, the same way as a person does."""

    def close(number: int, frame: FrameType | None) -> None:
        window.shutdown()
        window.close()

    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, close)
    # Python looks at signals only while it runs; Qt would sleep until the next event.
    timer = QTimer(window)
    timer.timeout.connect(lambda: None)
    timer.start(_LISTEN_MS)
