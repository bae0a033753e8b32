"""Filters of the folder's table: verdict, override, text, class, and the range of a score."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop import labels
from weldspot_desktop.store.folder_table import UNJUDGED, WAITING, Key, Question
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.chips import Chips
from weldspot_desktop.ui.class_style import VERDICTS, mark_icon, sign_icon
from weldspot_desktop.ui.flow_layout import FlowLayout
from weldspot_desktop.ui.folder_columns import NOT_JUDGED
from weldspot_desktop.ui.folder_model import FolderModel
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.verdict import Verdict

OVERRIDDEN: Final = "overridden"
_TYPING_MS: Final = 250
_ANY: Final = -1

_WORDS: Final = (*((verdict.value, verdict.value) for verdict in Verdict), (UNJUDGED, NOT_JUDGED), (WAITING, "WAITING"))


class FolderFilters(QWidget):
    """Two rows over the table.

    Signals
    -------
    changed
        The person filters in another way, or wants another order (`doubtful_first`).
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdicts = Chips("Verdict", [*_WORDS, (OVERRIDDEN, "OVERRIDDEN")])
        self.doubtful = QPushButton("Most uncertain first")
        self.doubtful.setCheckable(True)
        theme.set_look(self.doubtful, "chip")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search file or folder")
        self.search.setAccessibleName("Search file or folder")
        self.search.setClearButtonEnabled(True)
        self.classes = _class_choice("All classes", "Class that decided")
        self.score = _class_choice("Any score", "Class whose score is filtered")
        self.low, self.high = _score_field("Lowest score", "from ", 0.0), _score_field("Highest score", "to ", 1.0)
        self.columns_button = QPushButton("Columns")
        chips = QHBoxLayout()
        chips.setSpacing(theme.space(2))
        chips.addWidget(self.verdicts, 1)
        for button in (self.doubtful, self.columns_button):
            chips.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        # The search keeps a width that can be read: what has no room beside it goes below.
        rest = QWidget()
        flow = FlowLayout(rest, spacing=theme.space(2))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        rest.setSizePolicy(policy)
        for widget in (self.classes, self.score, self.low, self.high):
            flow.addWidget(widget)
        fields = QHBoxLayout()
        fields.setSpacing(theme.space(2))
        fields.addWidget(self.search, 1, Qt.AlignmentFlag.AlignTop)
        fields.addWidget(rest, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        column.setSpacing(theme.space(2))
        column.addLayout(chips)
        column.addLayout(fields)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._change)
        self.search.textChanged.connect(self._typing.start)
        self.verdicts.changed.connect(self._change)
        self.doubtful.clicked.connect(self._change)
        self.classes.activated.connect(self._change)
        self.score.activated.connect(self._change)
        for field in (self.low, self.high):
            field.valueChanged.connect(self._typing.start)
        self._show_range()
        self.dress()

    def applied_to(self, question: Question) -> Question:
        """The question with these filters; the order stays, unless the most uncertain are wanted first."""
        chosen = self.verdicts.chosen()
        deciding, scored = int(self.classes.currentData()), int(self.score.currentData())
        asked = replace(
            question,
            text=self.search.text(),
            verdicts=tuple(word for word in chosen if word != OVERRIDDEN),
            overridden=OVERRIDDEN in chosen,
            class_index=deciding if deciding != _ANY else None,
            score_class=scored if scored != _ANY else None,
            score_from=self.low.value() if scored != _ANY else 0.0,
            score_to=self.high.value() if scored != _ANY else 1.0,
        )
        if self.doubtful.isChecked():
            return replace(asked, key=Key.UNCERTAINTY, key_class=0, descending=True)
        if asked.key is Key.UNCERTAINTY and asked.descending:
            return replace(asked, key=Key.LISTED, descending=False)
        return asked

    def show_order(self, question: Question) -> None:
        """Press the chip if rows come in its order, whoever chose it."""
        self.doubtful.setChecked(question.key is Key.UNCERTAINTY and question.descending)

    def clear(self) -> None:
        """Filter nothing."""
        with QSignalBlocker(self.search), QSignalBlocker(self.low), QSignalBlocker(self.high):
            self.search.clear()
            self.low.setValue(0.0)
            self.high.setValue(1.0)
        self.verdicts.choose(())
        self.classes.setCurrentIndex(0)
        self.score.setCurrentIndex(0)
        self._change()

    def show_counts(self, model: FolderModel) -> None:
        """Write the number of rows on each chip."""
        counts = {key: model.verdict_count(key) for key, _ in _WORDS} | {OVERRIDDEN: model.overridden_count()}
        for key, word in (*_WORDS, (OVERRIDDEN, "OVERRIDDEN")):
            chip, text = self.verdicts.chip(key), f"{word}  {counts[key]}"
            if chip.text() != text:
                chip.setText(text)
            # Verdicts that do not occur would only take the place of those that do.
            chip.setVisible(counts[key] > 0 or chip.isChecked())

    def focus_search(self) -> None:
        """Let the person type what to look for."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def dress(self) -> None:
        """Take signs, marks and text size of the theme in force."""
        self.search.setMinimumWidth(theme.pixels(150))
        for field in (self.low, self.high):
            field.setFixedWidth(theme.pixels(104))
        for verdict in VERDICTS:
            self.verdicts.set_icon(verdict.value, sign_icon(verdict, theme.pixels(Size.HEAD)))
        self.verdicts.set_icon(UNJUDGED, theme.icon("alert", theme.colours().bad))
        self.verdicts.set_icon(WAITING, theme.icon("clock-outline"))
        self.verdicts.set_icon(OVERRIDDEN, theme.icon("account-edit-outline"))
        self.doubtful.setIcon(theme.icon("sort-descending"))
        for choice in (self.classes, self.score):
            for index in range(labels.COUNT):
                choice.setItemIcon(index + 1, mark_icon(index))
        self.columns_button.setIcon(theme.icon("table-column"))

    def _change(self) -> None:
        self._typing.stop()
        self._show_range()
        self.changed.emit()

    def _show_range(self) -> None:
        shown = int(self.score.currentData()) != _ANY
        for widget in (self.low, self.high):
            widget.setVisible(shown)


def _class_choice(everything: str, name: str) -> QComboBox:
    choice = QComboBox()
    choice.setAccessibleName(name)
    choice.setToolTip(name)
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    choice.setMinimumContentsLength(11)
    choice.addItem(everything, _ANY)
    for index, title in enumerate(labels.CLASSES):
        choice.addItem(mark_icon(index), title, index)
    return choice


def _score_field(name: str, prefix: str, value: float) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setAccessibleName(name)
    field.setPrefix(prefix)
    field.setRange(0.0, 1.0)
    field.setSingleStep(0.05)
    field.setDecimals(2)
    field.setValue(value)
    return field
