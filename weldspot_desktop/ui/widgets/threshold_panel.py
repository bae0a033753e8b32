"""The thresholds of a model: curves, lines, counts, presets and consequences, all of one draft."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from weldspot_desktop.registry import threshold_basis, threshold_presets
from weldspot_desktop.registry.out_of_fold import OutOfFold
from weldspot_desktop.registry.threshold_basis import Basis, Consequence
from weldspot_desktop.registry.threshold_presets import CRACK, Preset, PresetError, Proposal
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.threshold_draft import Bound, ThresholdDraft
from weldspot_desktop.ui.widgets.consequence_table import ConsequenceTable
from weldspot_desktop.ui.widgets.preset_panel import PresetPanel
from weldspot_desktop.ui.widgets.threshold_fields import ClassChooser, ThresholdFields, plain
from weldspot_desktop.ui.widgets.threshold_plot import ThresholdPlot
from weldspot_desktop.verdict import ThresholdSet

_DRAG: Final = "drag"


class ThresholdPanel(QWidget):
    """Changes a draft; whoever holds the panel saves it.

    Signals
    -------
    changed
        The draft was changed, by the person or by `show_set`.
    refused(PresetError)
        A preset cannot be made of the data.
    """

    changed = Signal()
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: OutOfFold | None = None
        self._shipped: ThresholdSet | None = None
        self._class = CRACK
        self._drag = 0
        self._as_shipped: Proposal | None = None
        self._before: Consequence | None = None
        self.draft: ThresholdDraft | None = None
        self.chooser = ClassChooser()
        self.plot = ThresholdPlot()
        self.fields = ThresholdFields()
        self.missing = plain()
        self.counts = plain()
        self.counts.setAccessibleName("Counts at these thresholds")
        self.presets = PresetPanel()
        self.table = ConsequenceTable()
        self._table_title = plain("Verdicts of the whole rule on these pictures", bold=True)
        self._lay_out()
        self.chooser.chosen.connect(self.show_class)
        self.plot.moved.connect(self._moved)
        self.plot.released.connect(self._released)
        self.fields.edited.connect(self.set_value)
        self.presets.wanted.connect(self.take_preset)

    @property
    def class_index(self) -> int:
        """The class that is shown."""
        return self._class

    def show_model(self, shipped: ThresholdSet, data: OutOfFold | None, missing: str) -> None:
        """Show a model: what it ships, and the scores to count on, or why there are none."""
        self._shipped, self._data = shipped, data
        self._as_shipped = threshold_presets.balanced(data, shipped)
        self.missing.setText(missing)
        self.missing.setVisible(bool(missing))
        for widget in (self.plot, self.counts, self.table, self._table_title):
            widget.setVisible(data is not None)
        self.presets.show_data(data, is_balanced=shipped.name == Preset.BALANCED.value)

    def show_set(self, in_force: ThresholdSet, *, keep: bool) -> None:
        """Start from the set in force; with `keep` the changes that are not saved stay."""
        if self.draft is None:
            self.draft = ThresholdDraft(in_force)
        else:
            self.draft.rebase(in_force, keep=keep)
        if self._data is not None:
            self._before = threshold_basis.consequence(self._data, in_force)
        self._show()

    def show_class(self, class_index: int) -> None:
        """Show the curves and thresholds of a class."""
        self._class = class_index
        self._show()

    def set_value(self, bound: Bound, value: float) -> None:
        """Change a threshold of the class that is shown."""
        if self.draft is not None:
            self.draft.set_value(self._class, bound, value)
            self._show()

    def take_preset(self, preset: Preset) -> None:
        """Take the thresholds of a preset, with the parameters that the panel shows."""
        if self.draft is None:
            return
        try:
            self.draft.take(self._proposal(preset))
        except PresetError as error:
            self.refused.emit(error)
        self._show()

    def undo(self) -> None:
        """Take back the last change."""
        if self.draft is not None:
            self.draft.undo()
            self._show()

    def redo(self) -> None:
        """Make the change again that was taken back."""
        if self.draft is not None:
            self.draft.redo()
            self._show()

    def reset(self) -> None:
        """Back to the set in force."""
        if self.draft is not None:
            self.draft.reset()
            self._show()

    def basis(self) -> Basis:
        """What the draft rests on: the preset's words if it is one, else the counts."""
        assert self.draft is not None
        if self.draft.proposal is not None:
            return self.draft.proposal.basis
        changed = ", ".join(self.draft.changed_classes())
        said = (f"Set by hand, from “{self.draft.base.name}”: {changed}.",) if changed else ()
        if self._data is not None:
            counts = threshold_basis.class_counts(self._data, self.draft.thresholds, CRACK)
            said = (*said, f"Cracks: {counts.sentences()[0]}")
        return threshold_basis.basis(self._data, self.draft.thresholds, rests_on=said)

    def dress(self) -> None:
        """Follow the theme in force."""
        self.chooser.dress()
        self.plot.dress()
        self.presets.dress()
        self.table.dress()

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(*(theme.space(4),) * 4)
        column.setSpacing(theme.space(2))
        column.addWidget(self.chooser)
        column.addWidget(self.missing)
        column.addWidget(self.plot, 10)
        column.addWidget(self.fields)
        column.addWidget(self.counts)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(plain("Presets", bold=True))
        column.addWidget(self.presets)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self._table_title)
        column.addWidget(self.table)
        note = plain("In brackets: the difference to the set in force.", muted=True, size=Size.SMALL)
        column.addWidget(note)
        self._note = note
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def _proposal(self, preset: Preset) -> Proposal:
        assert self._shipped is not None
        if preset is Preset.BALANCED or self._data is None:
            return self._as_shipped or threshold_presets.balanced(self._data, self._shipped)
        if preset is Preset.MISS_NO_CRACK:
            return threshold_presets.miss_no_crack(self._data, self._shipped, allowed=self.presets.allowed.value())
        return threshold_presets.by_cost(self._data, self._shipped, self.presets.costs.costs())

    def _moved(self, bound: Bound, value: float) -> None:
        if self.draft is not None:
            self.draft.set_value(self._class, bound, value, gesture=(_DRAG, self._drag, self._class, bound))
            self._show()

    def _released(self) -> None:
        self._drag += 1

    def _show(self) -> None:
        """Show the draft; at every movement of a line, so only what takes a few milliseconds."""
        draft = self.draft
        if draft is None:
            return
        self.chooser.show_class(self._class, draft.changed_classes())
        self.fields.show_draft(draft, self._class)
        if self._data is not None:
            self.plot.show_curve(self._data.curves[self._class], self._class)
            self.plot.show_values(draft.thresholds.lower[self._class], draft.thresholds.upper[self._class])
            counts = threshold_basis.class_counts(self._data, draft.thresholds, self._class)
            self.counts.setText("\n".join(counts.sentences()))
            now = threshold_basis.consequence(self._data, draft.thresholds)
            self.table.show_counts(now, self._before or now)
        self._note.setVisible(self._data is not None and draft.changed)
        proposal = draft.proposal
        if proposal is None and self._as_shipped is not None:
            shipped = draft.thresholds.digest == self._as_shipped.thresholds.digest
            proposal = self._as_shipped if shipped else None
        self.presets.show_preset(
            proposal.preset if proposal is not None else None, proposal.basis if proposal is not None else None
        )
        self.changed.emit()
