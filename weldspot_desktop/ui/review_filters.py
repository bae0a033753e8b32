"""Which uploads the review page lists, and in which order."""

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from weldspot_desktop.store.review_queue import Order, Scope
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.chips import Chips
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.review_model import WAITING_STATES, ReviewModel, scope_of
from weldspot_desktop.ui.review_rows import IN_REVIEW, LOOKS, plain
from weldspot_desktop.ui.theme import Size

_TYPING_MS: Final = 250
_STATES: Final = "review/states"
_ORDER: Final = "review/order"
_GROUP: Final = "review/group"
_NONE: Final = "none"

ORDERS: Final = {
    Order.NEWEST: ("Newest first", "sort-clock-descending-outline"),
    Order.UNCERTAIN: ("Most uncertain first", "help-circle-outline"),
    Order.DISAGREEMENT: ("Largest disagreement first", "compare-horizontal"),
    Order.AUDIT: ("Random audit sample", "dice-5-outline"),
}
"""Words and icon of every order."""


class ReviewFilters(QWidget):
    """Chips for the states, a search field, order and group; choices are remembered, what is searched is not.

    Signals
    -------
    changed
        The person wants other uploads, or another order.
    """

    changed = Signal()

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self.states = Chips("State", [(state, look.word) for state, look in LOOKS.items()])
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search weld, sender, name")
        self.search.setAccessibleName("Search the uploads")
        self.search.setClearButtonEnabled(True)
        self.order = _narrow("Order of the uploads")
        for order, (words, _) in ORDERS.items():
            self.order.addItem(words, order.value)
        self.group = _narrow("Group")
        self.group.addItem("All groups", None)
        self.audit = QLabel()
        self.audit.setWordWrap(True)
        self.audit.hide()
        theme.set_text(self.audit, Size.SMALL, muted=True)
        choices = QHBoxLayout()
        choices.setSpacing(theme.space(2))
        choices.addWidget(self.order, 3)
        choices.addWidget(self.group, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(3), theme.space(2), theme.space(3), theme.space(2))
        column.setSpacing(theme.space(2))
        column.addWidget(self.states)
        column.addWidget(self.search)
        column.addLayout(choices)
        column.addWidget(self.audit)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._change)
        self.search.textChanged.connect(self._typing.start)
        self.states.changed.connect(self._change)
        self.order.activated.connect(self._change)
        self.group.activated.connect(self._change)
        self._recall()
        self.dress()

    def scope(self) -> Scope:
        """What is asked for."""
        return scope_of(self.states.chosen(), self.group.currentData(), self.search.text())

    def in_review(self) -> bool:
        """Whether what others look at is wanted too."""
        return IN_REVIEW in self.states.chosen()

    def review_order(self) -> Order:
        """The order that is asked for."""
        return Order(self.order.currentData())

    def is_filtered(self) -> bool:
        """Whether uploads may be hidden for another reason than their state."""
        return bool(self.search.text().split()) or self.group.currentData() is not None

    def clear(self) -> None:
        """Show every upload that waits."""
        with QSignalBlocker(self.search):
            self.search.clear()
        self.group.setCurrentIndex(0)
        self.states.choose(WAITING_STATES)
        self._change()

    def show_all(self) -> None:
        """Show uploads of every state."""
        self.states.choose(())
        self._change()

    def choose_order(self, order: Order) -> None:
        """Choose an order, as the person does."""
        self.order.setCurrentIndex(self.order.findData(order.value))
        self._change()

    def show_counts(self, model: ReviewModel) -> None:
        """Write the counts on the chips, and the groups into the choice."""
        for state, look in LOOKS.items():
            chip, number = self.states.chip(state), model.count(state)
            chip.setText(f"{look.word}  {number:,}")
            # States that do not occur would only take the place of those that do.
            chip.setVisible(number > 0 or chip.isChecked())
        self._show_groups(model.groups)
        progress = model.audit
        self.audit.setVisible(progress is not None)
        if progress is not None:
            decided, waiting = progress.decided, progress.waiting
            self.audit.setText(
                f"Random audit sample: {decided:,} of {decided + waiting:,} decided. "
                "What is decided here counts as unbiased."
            )

    def focus_search(self) -> None:
        """Let the person type what to look for."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def dress(self) -> None:
        """Take signs of the theme in force."""
        for state, look in LOOKS.items():
            self.states.set_icon(state, theme.icon(look.icon, look.ink()))
        for place, (_, icon) in enumerate(ORDERS.values()):
            self.order.setItemIcon(place, theme.icon(icon))

    def _change(self) -> None:
        self._typing.stop()
        memory = self._frame.memory
        memory.setValue(_STATES, ",".join(self.states.chosen()) or _NONE)
        memory.setValue(_ORDER, self.order.currentData())
        memory.setValue(_GROUP, self.group.currentData() or "")
        self.changed.emit()

    def _recall(self) -> None:
        memory = self._frame.memory
        states = str(memory.value(_STATES, ",".join(WAITING_STATES)))
        self.states.choose([state for state in states.split(",") if state in LOOKS])
        self.order.setCurrentIndex(max(0, self.order.findData(str(memory.value(_ORDER, "")))))
        group = str(memory.value(_GROUP, ""))
        if group:
            self.group.addItem(plain(group), group)
            self.group.setCurrentIndex(1)

    def _show_groups(self, groups: list[str]) -> None:
        chosen = self.group.currentData()
        known = [*groups] if chosen is None or chosen in groups else [chosen, *groups]
        if known != [self.group.itemData(place) for place in range(1, self.group.count())]:
            self.group.clear()
            self.group.addItem("All groups", None)
            for group in known:
                self.group.addItem(plain(group), group)
            self.group.setCurrentIndex(known.index(chosen) + 1 if chosen is not None else 0)
        # Without groups there is nothing to choose.
        self.group.setVisible(bool(known))


def _narrow(name: str) -> QComboBox:
    choice = QComboBox()
    choice.setAccessibleName(name)
    choice.setToolTip(name)
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    choice.setMinimumContentsLength(6)
    return choice
