"""What is known of something, as titles and words."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.path_label import PathLabel
from weldspot_desktop.ui.theme import Size


class FactsForm(QWidget):
    """A column of titles, a column of words that can be selected.

    Parameters
    ----------
    as_paths
        Titles of what is a path or a file's name: it is broken where the place ends, and its menu copies it.
    """

    def __init__(self, as_paths: Collection[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._as_paths = frozenset(as_paths)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(theme.space(4), 0, theme.space(4), theme.space(4))
        self._form.setHorizontalSpacing(theme.space(3))
        self._form.setVerticalSpacing(theme.space(1))
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show these, in place of what was shown."""
        while self._form.rowCount():
            self._form.removeRow(0)
        for title, value in facts:
            head = _label(QLabel(title), muted=True)
            words = _label(PathLabel(value) if title in self._as_paths else QLabel(value))
            if title not in self._as_paths:
                words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._form.addRow(head, words)

    def text(self) -> str:
        """All of it, a line for each."""
        rows = range(self._form.rowCount())
        return "\n".join(": ".join(self._words(row, role) for role in _ROLES) for row in rows)

    def _words(self, row: int, role: QFormLayout.ItemRole) -> str:
        item = self._form.itemAt(row, role)
        label = item.widget() if item is not None else None
        if isinstance(label, PathLabel):
            return label.accessibleName()
        return label.text() if isinstance(label, QLabel) else ""


_ROLES = (QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole)


def _label(label: QLabel, *, muted: bool = False) -> QLabel:
    # Names of people and files come from anywhere.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    theme.set_text(label, Size.SMALL, muted=muted)
    return label
