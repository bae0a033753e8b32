"""Which columns of a table are shown, in which order and how wide: chosen by people and remembered."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QSettings, Qt
from PySide6.QtWidgets import QMenu, QTableView

from weldspot_desktop.ui import theme


class Column(Protocol):
    """What has to be known of a column."""

    @property
    def title(self) -> str: ...
    @property
    def shown(self) -> bool: ...
    @property
    def width(self) -> int: ...


class TableColumns(QObject):
    """Chooser and memory for the columns of one table; the header's context menu opens the chooser.

    Parameters
    ----------
    table
        With its model set.
    columns
        One for each column of the model.
    memory, key
        Where the choice is kept.
    filling
        A column that grows into the room that is left.
    """

    def __init__(
        self, table: QTableView, columns: Sequence[Column], memory: QSettings, key: str, *, filling: int | None = None
    ) -> None:
        super().__init__(table)
        self._table = table
        self._columns = columns
        self._memory = memory
        self._key = key
        self._filling = filling
        self._percent = theme.pixels(100)
        header = table.horizontalHeader()
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_at)
        for place, column in enumerate(columns):
            table.setColumnWidth(place, theme.pixels(column.width))
            table.setColumnHidden(place, not column.shown)
        table.installEventFilter(self)
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FontChange:
            self._scale()
        elif event.type() is QEvent.Type.Resize and watched is not self._table:
            self._fill()
        return False

    def recall(self) -> None:
        """Take what was chosen before; a choice for other columns is ignored."""
        state = self._memory.value(self._key)
        header = self._table.horizontalHeader()
        if isinstance(state, QByteArray) and self._memory.value(f"{self._key} titles") == self._titles():
            header.restoreState(state)
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self._percent = int(str(self._memory.value(f"{self._key} percent", 100)))
            self._scale()

    def remember(self) -> None:
        """Keep the choice for the next time."""
        self._memory.setValue(self._key, self._table.horizontalHeader().saveState())
        self._memory.setValue(f"{self._key} titles", self._titles())
        self._memory.setValue(f"{self._key} percent", self._percent)

    def visible(self) -> list[int]:
        """Columns that are shown, as they stand from the left."""
        header = self._table.horizontalHeader()
        places = sorted(range(len(self._columns)), key=header.visualIndex)
        return [place for place in places if not header.isSectionHidden(place)]

    def menu(self) -> QMenu:
        """A menu with a mark for each column that is shown."""
        menu = QMenu(self._table)
        for place, column in enumerate(self._columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self._table.isColumnHidden(place))
            # The last column cannot go: an empty table has no header to bring it back.
            action.setEnabled(self.visible() != [place])
            action.toggled.connect(partial(self._show, place))
        return menu

    def open_menu(self, at: QPoint) -> None:
        """Open the chooser at a place of the screen."""
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _open_at(self, place: QPoint) -> None:
        self.open_menu(self._table.horizontalHeader().mapToGlobal(place))

    def _show(self, place: int, shown: bool) -> None:
        self._table.setColumnHidden(place, not shown)
        if shown and self._table.columnWidth(place) < theme.space(6):
            self._table.setColumnWidth(place, theme.pixels(self._columns[place].width))
        self.remember()

    def _scale(self) -> None:
        """Let the widths grow and shrink with the text."""
        before, self._percent = self._percent, theme.pixels(100)
        if before != self._percent:
            for place in self.visible():
                self._table.setColumnWidth(place, round(self._table.columnWidth(place) * self._percent / before))
            self._fill()

    def _fill(self) -> None:
        place = self._filling
        if place is None or self._table.isColumnHidden(place):
            return
        others = sum(self._table.columnWidth(other) for other in self.visible() if other != place)
        least = theme.pixels(self._columns[place].width)
        self._table.setColumnWidth(place, max(least, self._table.viewport().width() - others))

    def _titles(self) -> str:
        return "\n".join(column.title for column in self._columns)
