"""Signs as high as the words beside them, in a table whose icons are thumbnails."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import Size


class SmallSigns(QStyledItemDelegate):
    """Paints the column of verdicts."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        side = theme.pixels(Size.HEAD)
        option.decorationSize = QSize(side, side)
