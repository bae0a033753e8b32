"""Review: what phones sent, confirmed or corrected by a person, fast and by keyboard."""

from functools import partial
from typing import Final

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.review_decisions import ReviewDecisions
from weldspot_desktop.ui.review_desk import ReviewDesk
from weldspot_desktop.ui.review_list import ReviewList
from weldspot_desktop.ui.review_model import WAITING_STATES
from weldspot_desktop.ui.review_panel import ReviewPanel
from weldspot_desktop.ui.review_picture import ReviewPicture
from weldspot_desktop.ui.review_sitting import Sitting
from weldspot_desktop.ui.review_toolbar import ReviewToolbar
from weldspot_desktop.ui.widgets.state_card import StateCard

_SPLIT: Final = "review/split"
_AGAIN_MS: Final = 30_000
"""How often the list is read again while the page is open: others sync and review too."""

_LIST_WIDTH: Final = 364
_SYNC: Final = "Sync now"
_CONNECT: Final = "Connect to the phones' pictures"
"""Words of the window's actions that this page offers too."""

_ARROWS: Final = (("Right", 1, 0), ("Left", -1, 0), ("Down", 0, 1), ("Up", 0, -1))


class ReviewPage(Page):
    """List, picture and panel over the queue of uploads."""

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__(context, frame)
        self.sitting = Sitting(frame, self)
        self.list = ReviewList(frame, self.sitting.token)
        self.model, self.table, self.filters = self.list.model, self.list.table, self.list.filters
        self.picture = ReviewPicture(frame)
        self.review_panel = ReviewPanel()
        self.toolbar = ReviewToolbar()
        self.card = StateCard()
        self.desk = ReviewDesk(frame, self.sitting, self.list, self.picture, self.review_panel, self)
        self.decisions = ReviewDecisions(
            frame, self.sitting, self.desk, self.list, self.picture, self.review_panel, self
        )
        self._again = QTimer(self)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self.model.refresh)
        self._telling = False
        self._lay_out()
        self._connect()
        self._make_actions()
        self.set_panel(self.review_panel)
        split = frame.memory.value(_SPLIT)
        if isinstance(split, QByteArray):
            self._splitter.restoreState(split)

    # ---------------------------------------------------------------- Page

    def activated(self) -> None:
        self.toolbar.sync.setVisible(self.frame.action(_SYNC) is not None)
        self.desk.read_model()
        self.list.ask()
        self.desk.resume()
        self._again.start()
        # The keys belong to the page from the start, not to the first of its chips.
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def deactivated(self) -> None:
        self._again.stop()
        self.desk.pause()
        self.decisions.close_dialog()
        self.picture.remember()
        self.frame.memory.setValue(_SPLIT, self._splitter.saveState())

    def shutdown(self) -> None:
        self._again.stop()
        self.sitting.finish()

    # ---------------------------------------------------------------- what can be done

    def step(self, across: int, down: int) -> None:
        """The next or previous upload; with the box tool the selected box is moved."""
        if not self.desk.boxes.move(across, down):
            self.list.step(across + down)

    def resize_box(self, across: int, down: int) -> None:
        """Make the selected box larger or smaller."""
        self.desk.boxes.move(across, down, resize=True)

    def press_class(self, class_index: int) -> None:
        """Switch a class; with the box tool say what a box shows."""
        if self.picture.boxes.active:
            self.desk.boxes.name_class(class_index)
        else:
            self.desk.switch(class_index)

    def draw_boxes(self) -> None:
        """Take the box tool in hand, or put it away."""
        active = not self.picture.boxes.active and self.review_panel.is_open()
        if not active and not self.picture.boxes.active:
            self.frame.notify("Boxes are drawn on uploads that wait for a decision.")
        self.picture.boxes.set_active(active)
        self.toolbar.box.setChecked(active)
        if active:
            # The arrow keys move boxes there, not the list.
            self.picture.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def add_box(self) -> None:
        """A box in the middle, to be moved by keys."""
        if not self.picture.boxes.active:
            self.draw_boxes()
        if self.picture.boxes.active:
            self.picture.boxes.add_in_middle()

    def escape(self) -> None:
        """Let go of a box, then of the tool."""
        tool = self.picture.boxes
        if tool.active and not tool.cancel() and not tool.deselect():
            self.draw_boxes()
        self.picture.view.tool_changed()

    def sync_now(self) -> None:
        """Look for new uploads."""
        action = self.frame.action(_SYNC)
        if action is not None:
            action.trigger()

    # ---------------------------------------------------------------- Qt

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "desk"):
            self.list.dress()
            self.toolbar.dress()
        super().changeEvent(event)

    # ---------------------------------------------------------------- made once

    def _lay_out(self) -> None:
        shown = QWidget()
        inside = QVBoxLayout(shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.toolbar)
        inside.addWidget(Line(Qt.Orientation.Horizontal))
        inside.addWidget(self.picture, 1)
        self._shown = shown
        self._stack = QStackedWidget()
        self._stack.addWidget(shown)
        self._stack.addWidget(self.card)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.list)
        self._splitter.addWidget(self._stack)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([theme.wider(_LIST_WIDTH), 600])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._splitter)

    def _connect(self) -> None:
        desk, decisions, panel = self.desk, self.decisions, self.review_panel
        self.list.counted.connect(self._counted)
        desk.shown.connect(self._show_place)
        desk.changed.connect(self._tell)
        decisions.changed.connect(self._tell)
        decisions.did.connect(self.toolbar.show_done)
        desk.left.connect(self._counted)
        panel.switched.connect(desk.switch)
        panel.confirm.connect(decisions.confirm)
        panel.flag.connect(decisions.flag)
        panel.reject.connect(decisions.reject)
        panel.reopen.connect(decisions.reopen)
        panel.fix.connect(decisions.fix)
        panel.sign_in.connect(self._sign_in)
        self.toolbar.box.clicked.connect(self.draw_boxes)
        self.toolbar.undo.clicked.connect(decisions.undo)
        self.toolbar.sync.clicked.connect(self.sync_now)
        self.card.pressed.connect(self._card_pressed)
        self.frame.person_changed.connect(self._person_changed)
        self.frame.thresholds_changed.connect(desk.read_model)
        self.frame.uploads_changed.connect(self._uploads_changed)

    def _make_actions(self) -> None:
        for index, name in enumerate(labels.CLASSES):
            switch = self.add_action(f"Switch {name}", partial(self.press_class, index), str(index + 1))
            switch.setAutoRepeat(False)
        confirm = self.add_action("Confirm or correct, and go on", self.decisions.confirm, icon="check")
        confirm.setShortcuts([QKeySequence("Return"), QKeySequence("Enter")])
        # A key that is held down must not confirm what nobody has looked at.
        confirm.setAutoRepeat(False)
        for key, across, down in _ARROWS:
            words = "Next upload" if across + down > 0 else "Previous upload"
            self.add_action(f"{words}, or move the box ({key})", partial(self.step, across, down), key)
        self.add_action("Undo the last decision", self.decisions.undo, "U", icon="undo")
        self.add_action("Reject with a reason", self.decisions.reject, "R", icon="close").setAutoRepeat(False)
        self.add_action("Flag for a second opinion", self.decisions.flag, "F", icon="flag-outline").setAutoRepeat(False)
        self.add_action("Reopen a decided upload", self.decisions.reopen, "Shift+R", icon="lock-open-variant-outline")
        self.add_action("Fix the name of an upload in quarantine", self.decisions.fix, "Shift+F", icon="form-textbox")
        self.add_action("Draw boxes, or stop", self.draw_boxes, "B", icon="vector-square-plus")
        self.add_action("Add a box in the middle", self.add_box, "Shift+B", icon="plus-box-outline")
        self.add_action("Select the next box", self.picture.boxes.select_next, "N", icon="select")
        self.add_action("Remove the selected box", self.desk.boxes.remove, "Del", icon="delete-outline")
        for key, across, down in _ARROWS:
            resize = partial(self.resize_box, across, down)
            self.add_action(f"Resize the box (Shift+{key})", resize, f"Shift+{key}")
        self.add_action("Leave the box, then the box tool", self.escape, "Escape", icon="selection-off")
        self.add_action("Show or hide heat map", self.picture.heat_map.toggle, "H", icon="fire")
        self.add_action("Show or hide the model's boxes", self.picture.heat_map.toggle_boxes, "Shift+H")
        self.add_action("Search the uploads", self.filters.focus_search, "Ctrl+F", icon="magnify")
        self.add_action("Show what waits", self.filters.clear, icon="filter-off-outline")
        self.add_action("Show uploads of every state", self.filters.show_all, icon="filter-outline")
        self.add_action("Read the list again", self.list.ask, "F5", icon="refresh")

    # ---------------------------------------------------------------- what happens

    def _counted(self) -> None:
        """The list is another: show it, or say why it is empty."""
        count = self.model.rowCount()
        if count:
            self._stack.setCurrentWidget(self._shown)
            return
        self.desk.clear()
        self._stack.setCurrentWidget(self.card)
        if self._nothing_came():
            self.card.show_empty("cloud-outline", "No pictures have come from phones yet.", "Connect",
                                 advice="Connect a cloud, or choose a folder that they arrive in.")  # fmt: skip
        elif self.filters.is_filtered() or set(self.filters.states.chosen()) - set(WAITING_STATES):
            self.card.show_empty("filter-off-outline", "No upload matches.", "Show what waits")
        else:
            self.card.show_empty("check-circle-outline", "Nothing waits for review.", "Show what was decided")

    def _nothing_came(self) -> bool:
        return not self.model.total() and not self.filters.is_filtered()

    def _card_pressed(self) -> None:
        if self._nothing_came():
            connect = self.frame.action(_CONNECT)
            if connect is not None:
                connect.trigger()
            else:
                self.frame.show_page("settings")
        elif self.filters.is_filtered() or set(self.filters.states.chosen()) - set(WAITING_STATES):
            self.filters.clear()
        else:
            self.filters.show_all()

    def _show_place(self) -> None:
        row = self.desk.row
        place = self.list.place()
        self.toolbar.show_place(place, self.model.rowCount(), row.title if row is not None else "")
        if not self.review_panel.is_open() and self.picture.boxes.active:
            self.picture.boxes.set_active(False)
        self.toolbar.box.setChecked(self.picture.boxes.active)
        self.toolbar.box.setEnabled(self.review_panel.is_open())
        self.toolbar.undo.setEnabled(self.sitting.can_undo())

    def _tell(self) -> None:
        self.filters.show_counts(self.model)
        self._telling = True
        self.frame.uploads_changed.emit()
        self._telling = False
        self.toolbar.undo.setEnabled(self.sitting.can_undo())

    def _uploads_changed(self) -> None:
        if not self._telling and self.isVisible():
            self.model.refresh()

    def _sign_in(self) -> None:
        action = self.frame.action("Sign in")
        if action is not None:
            action.trigger()

    def _person_changed(self, person: Person | None) -> None:
        self.desk.person_changed(person, visible=self.isVisible())
