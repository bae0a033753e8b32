"""Models: what the model in use was measured to do, and the thresholds that its verdicts rest on.

Nothing changes for the other pages until a set is saved and chosen. Changes stay on this page while another is open.
"""

from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.registry.threshold_basis import Basis
from weldspot_desktop.reports.inspection_table import tsv
from weldspot_desktop.store import threshold_sets
from weldspot_desktop.store.schema import Person
from weldspot_desktop.store.threshold_sets import AS_SHIPPED, ThresholdSetError
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.threshold_dialogs import SaveSetDialog, may_lose_changes
from weldspot_desktop.ui.threshold_draft import Bound
from weldspot_desktop.ui.threshold_reading import Reading, read
from weldspot_desktop.ui.widgets.model_panel import ModelPanel
from weldspot_desktop.ui.widgets.state_card import StateCard
from weldspot_desktop.ui.widgets.threshold_fields import plain
from weldspot_desktop.ui.widgets.threshold_panel import ThresholdPanel
from weldspot_desktop.ui.workers import Lane
from weldspot_desktop.verdict import ThresholdSet

_LIST_WIDTH: Final = 150
_LARGE_STEP: Final = 10


class ModelsPage(Page):
    """The models at the left, the thresholds of the selected one, its card and sets in the panel."""

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__(context, frame)
        self._reading: Reading | None = None
        self._select = ""
        self._announced: tuple[str, str] | None = None
        self.dialog: SaveSetDialog | None = None
        self.models = QListWidget()
        self.models.setAccessibleName("Models")
        self.models.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.thresholds = ThresholdPanel()
        self.card = StateCard()
        self.model_panel = ModelPanel()
        self._lay_out()
        self._make_actions()
        self._connect()
        self.set_panel(self.model_panel)
        self.card.show_empty("tune-vertical", "The model is being read.")

    # ---------------------------------------------------------------- what can be done

    def ask_save(self) -> None:
        """Ask for the name of a new set that holds the changes."""
        draft, reading = self.thresholds.draft, self._reading
        if draft is None or reading is None or not draft.changed:
            self.frame.notify("No threshold was changed.", advice="Drag a line, enter a number or take a preset.")
            return
        if not self._allowed():
            self.frame.notify("Sign in first: a set is saved under a name.", advice="Ctrl+I, or the lower right.")
            return
        self._close_dialog()
        preset = draft.proposal.preset.value if draft.proposal is not None else None
        basis = self.thresholds.basis()
        suggested = self._free_name(f"{preset or 'by hand'} {datetime.now().astimezone():%Y-%m-%d}")
        self.dialog = SaveSetDialog(suggested, self.frame.person_name(), basis.warnings, self)
        self.dialog.answered.connect(partial(self._save, draft.thresholds, preset, basis))
        self.dialog.rejected.connect(self._close_dialog)
        self.dialog.open()

    def choose(self, name: str) -> None:
        """Put a set in force for every page, after asking if changes would be lost."""
        draft = self.thresholds.draft
        if draft is None or self._reading is None:
            return
        if draft.changed and not may_lose_changes(self, _what(draft.changed_classes())):
            return
        self._choose(name)

    def copy_curves(self) -> None:
        """Put the curves of the class that is shown on the clipboard as TSV."""
        rows = self.thresholds.plot.table()
        if len(rows) == 1:
            self.frame.notify("There are no curves to copy.")
            return
        QGuiApplication.clipboard().setText(tsv(rows))
        name = labels.CLASSES[self.thresholds.class_index]
        self.frame.notify(f"The curves of {name} are copied, {len(rows) - 1} thresholds.", Kind.GOOD)

    def read(self) -> None:
        """Read model and sets; changes that are not saved stay."""
        self.frame.run(
            partial(read, self.context, self._reading), self._shown, self._failed, lane=Lane.DATABASE, owner=self
        )

    # ---------------------------------------------------------------- Page

    def activated(self) -> None:
        self.read()

    def may_close(self) -> bool:
        draft = self.thresholds.draft
        return draft is None or not draft.changed or may_lose_changes(self, _what(draft.changed_classes()))

    # ---------------------------------------------------------------- Qt

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "model_panel"):
            self._dress()
        super().changeEvent(event)

    # ---------------------------------------------------------------- inside

    def _lay_out(self) -> None:
        left = QWidget()
        inside = QVBoxLayout(left)
        inside.setContentsMargins(*(theme.space(3),) * 4)
        inside.setSpacing(theme.space(2))
        inside.addWidget(plain("Models", bold=True))
        inside.addWidget(self.models, 1)
        self._left = left
        self._stack = QStackedWidget()
        self._stack.addWidget(self.card)
        self._stack.addWidget(self.thresholds)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(Line(Qt.Orientation.Vertical))
        row.addWidget(self._stack, 1)
        self._dress()

    def _make_actions(self) -> None:
        panel = self.thresholds
        for index, name in enumerate(labels.CLASSES):
            self.add_action(f"Thresholds of {name}", partial(panel.show_class, index), str(index + 1))
        self.add_action("Move the threshold up", partial(panel.plot.step, 1), "Right", icon="arrow-right")
        self.add_action("Move the threshold down", partial(panel.plot.step, -1), "Left", icon="arrow-left")
        self.add_action("Move the threshold far up", partial(panel.plot.step, _LARGE_STEP), "Shift+Right")
        self.add_action("Move the threshold far down", partial(panel.plot.step, -_LARGE_STEP), "Shift+Left")
        self.add_action("Choose the upper threshold", partial(panel.plot.select, Bound.UPPER), "Up")
        self.add_action("Choose the lower threshold", partial(panel.plot.select, Bound.LOWER), "Down")
        self.add_action("Undo the change of a threshold", panel.undo, "U", icon="undo")
        self.add_action("Redo the change of a threshold", panel.redo, "Shift+U", icon="redo")
        self.add_action("Reset the thresholds", panel.reset, icon="restore", tip="Back to the set in force")
        self.add_action("Save the thresholds as a new set", self.ask_save, "Ctrl+S", icon="content-save-outline")
        self.add_action("Show the whole curve", panel.plot.show_all, "Home", icon="arrow-expand-horizontal")
        self.add_action("Copy the curves", self.copy_curves, "Ctrl+C", icon="content-copy")
        self.add_action("Read models and sets again", self.read, "F5", icon="refresh")

    def _connect(self) -> None:
        panel, thresholds = self.model_panel, self.thresholds
        thresholds.changed.connect(self._show_draft)
        thresholds.refused.connect(self.frame.report)
        panel.choose_wanted.connect(self.choose)
        panel.save_wanted.connect(self.ask_save)
        panel.undo_wanted.connect(thresholds.undo)
        panel.reset_wanted.connect(thresholds.reset)
        self.card.pressed.connect(self.read)
        self.frame.person_changed.connect(self._person_changed)

    def _dress(self) -> None:
        # Words grow with the text size; the half of the growth keeps room for the curves.
        self._left.setFixedWidth((theme.pixels(_LIST_WIDTH) + _LIST_WIDTH) // 2)
        self.thresholds.dress()
        if self._reading is not None:
            self._show_sets()

    def _shown(self, reading: Reading) -> None:
        known, self._reading = self._reading, reading
        draft, sets = self.thresholds.draft, reading.sets
        same = known is not None and known.model is reading.model
        if not same:
            self._show_models(reading)
            card = reading.model.card
            self.model_panel.show_card(reading.model.title, card)
            self.thresholds.show_model(card.thresholds, reading.data, reading.missing)
        self._stack.setCurrentWidget(self.thresholds)
        before, self._announced = self._announced, (sets.in_force.name, sets.in_force.digest)
        if before not in (None, self._announced):
            # Another program on this workspace chose it.
            self.frame.thresholds_changed.emit()
        self._show_sets()
        self.thresholds.show_set(sets.in_force, keep=same and draft is not None and draft.changed)

    def _show_models(self, reading: Reading) -> None:
        self.models.clear()
        item = QListWidgetItem(reading.model.title)
        item.setToolTip(f"{reading.model.title}, in use\n{reading.model.path}")
        self.models.addItem(item)
        self.models.setCurrentRow(0)

    def _failed(self, error: ExpectedError) -> None:
        self._reading = None
        self._stack.setCurrentWidget(self.card)
        self.card.show_failure(error.what, error.advice or "Nothing was changed.", "Read again")

    def _show_sets(self) -> None:
        if self._reading is not None:
            self.model_panel.show_sets(self._reading.sets, allowed=self._allowed(), select=self._select)
            self._select = ""
            self._show_draft()

    def _show_draft(self) -> None:
        draft = self.thresholds.draft
        if draft is not None:
            self.model_panel.show_draft(draft.changed_classes(), can_undo=draft.can_undo, unsaved=draft.changed)

    def _allowed(self) -> bool:
        """Whether who is signed in may change sets; the store asks again when it writes."""
        everyone = list(self._reading.sets.everyone) if self._reading is not None else []
        return threshold_sets.may_change(self.frame.person(), everyone)

    def _person_changed(self, _: Person | None) -> None:
        # Somebody may have been added to the station meanwhile.
        if self._reading is not None:
            self.read()

    # Saving and choosing

    def _free_name(self, wanted: str) -> str:
        assert self._reading is not None
        taken = {row.name.casefold() for row in self._reading.sets.made}
        names = [wanted, *(f"{wanted} ({number})" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name.casefold() not in taken)

    def _save(self, thresholds: ThresholdSet, preset: str | None, basis: Basis, name: str, use: bool) -> None:
        named, person = thresholds.model_copy(update={"name": " ".join(name.split())}), self.frame.person()

        def work() -> ThresholdSet:
            self.context.make_thresholds(named, preset=preset, basis=basis.as_json(), person=person)
            if use:
                self.context.choose_thresholds(named.name, person=person)
            return named

        self.frame.run(work, partial(self._saved, use), self._save_failed, lane=Lane.DATABASE, owner=self)

    def _saved(self, use: bool, made: ThresholdSet) -> None:
        self._close_dialog()
        if use:
            self._in_force(made.name, self._chosen_name(), made)
            return
        self.frame.notify(f"“{made.name}” is saved. It is not used yet.", Kind.GOOD)
        # What was changed is safe now.
        self.thresholds.reset()
        self.read()

    def _save_failed(self, error: ExpectedError) -> None:
        if self.dialog is not None and isinstance(error, ThresholdSetError):
            self.dialog.show_fault(str(error))
        else:
            self._close_dialog()
            self.frame.report(error)
        # A set may have been saved although it could not be chosen.
        self.read()

    def _choose(self, name: str) -> None:
        self.frame.run(
            partial(self.context.choose_thresholds, name, person=self.frame.person()),
            partial(self._in_force, name, self._chosen_name()),
            lane=Lane.DATABASE,
            owner=self,
        )

    def _chosen_name(self) -> str:
        chosen = self._reading.sets.chosen if self._reading is not None else None
        return chosen.name if chosen is not None else AS_SHIPPED

    def _in_force(self, name: str, before: str, thresholds: ThresholdSet) -> None:
        """Another set is in force: what was changed is saved or given up, and every page hears of it."""
        if self.thresholds.draft is not None:
            self.thresholds.draft.rebase(self.thresholds.draft.base, keep=False)
        self._select = name
        self._announced = (thresholds.name, thresholds.digest)
        self.read()
        self.frame.thresholds_changed.emit()
        self.frame.notify(f"“{name}” is in force.", Kind.GOOD, button="Undo", action=partial(self.choose, before))

    def _close_dialog(self) -> None:
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            dialog.hide()
            dialog.deleteLater()


def _what(classes: list[str]) -> str:
    return ", ".join(classes) or "the distance limit"
