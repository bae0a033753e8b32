"""A look at every page, for `--self-test` and the frozen program."""

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from weldspot_desktop.context import Context
from weldspot_desktop.ui.app import make_window
from weldspot_desktop.ui.pages import PAGES

_SETTLE_MS = 150
_FEWEST_COLOURS = 3


def self_test(context: Context) -> list[str]:
    """Open and paint every page of the registry; the platform plugin is the caller's choice.

    Returns
    -------
    list of str
        One sentence for each page that failed; empty if all is well.
    """
    failures: list[str] = []
    window = make_window(context)
    window.workers.broke.connect(lambda error: failures.append(f"background work: {error!r}"))
    window.resize(1280, 800)
    window.show()
    for key in PAGES:
        try:
            window.show_page(key)
            _settle()
            image = window.page(key).grab().toImage()
            seen = {image.pixel(x, y) for x in range(0, image.width(), 5) for y in range(0, image.height(), 5)}
            if image.isNull() or len(seen) < _FEWEST_COLOURS:
                failures.append(f"page {key}: nothing was painted")
        except Exception as error:  # noqa: BLE001 - whatever a page raises is what this looks for
            failures.append(f"page {key}: {error!r}")
    window.close()
    window.deleteLater()
    _settle()
    return failures


def _settle() -> None:
    """Let events and first results arrive."""
    loop = QEventLoop()
    QTimer.singleShot(_SETTLE_MS, loop.quit)
    loop.exec()
    QApplication.sendPostedEvents()
