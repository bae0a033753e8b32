"""The Qt binding itself: faults of a release that would kill a shift, found before it is shipped."""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

CALLS = 1000


def paint() -> None:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setPen(QColor(1, 2, 3))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillRect(0, 0, 4, 4, QColor(1, 2, 3))
    painter.end()


@pytest.mark.parametrize(
    "call",
    [
        lambda: QFont().setPixelSize(12),
        lambda: QFont().setFeature(QFont.Tag("tnum"), 1),
        lambda: QApplication.processEvents(),
        lambda: QWidget().setObjectName("x"),
        paint,
    ],
    ids=["font size", "font feature", "events", "object name", "painter"],
)
def test_calls_without_a_result_own_the_none_they_return(qapp: QApplication, call: Callable[[], object]) -> None:
    """PySide6 6.12.0 on Python 3.11 lost a reference to None at each of these, until Python died of it."""
    call()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    assert sys.getrefcount(None) > before - CALLS // 10
