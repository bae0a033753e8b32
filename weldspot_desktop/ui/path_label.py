"""A file path in a narrow place."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

_BREAK = "\u200b"


class PathLabel(QLabel):
    """A path that is broken where the place ends; its menu copies it as it is."""

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setText(_BREAK.join(path))
        self.setToolTip(path)
        self.setAccessibleName(path)
        copy = QAction("Copy the path", self)
        copy.triggered.connect(self._copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._path)
