"""The panel of the folder page: the selected row's verdict, the person's if there is one, and how to override it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from weldspot_desktop.store.folder_table import Row
from weldspot_desktop.ui.folder_columns import file_name, judgement, program_words
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.overriding import Overriding
from weldspot_desktop.ui.widgets.inspection_panel import InspectionPanel
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict


class FolderPanel(InspectionPanel):
    """What is known of one row.

    Parameters
    ----------
    frame
        For the person and the store.
    page
        Over which questions appear.

    Signals
    -------
    changed
        A verdict was overridden, or an override undone.
    """

    changed = Signal()

    def __init__(self, frame: Frame, page: QWidget) -> None:
        super().__init__(weld_fields=False)
        self._frame = frame
        self._row: Row | None = None
        self._recorded = True
        self.overriding = Overriding(frame, page)
        self.overriding.changed.connect(self._changed)
        self.override_button = QPushButton("Override   O")
        self.override_button.setToolTip("Put your verdict in place of the program's (O)")
        self.override_button.clicked.connect(self.override)
        self.undo_button = QPushButton("Undo override   U")
        self.undo_button.setToolTip("Take back the override (U)")
        self.undo_button.clicked.connect(self.undo)
        for button in (self.override_button, self.undo_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.add_button(button)
        self.show_row(None, 0)

    def set_recorded(self, recorded: bool) -> None:
        """Whether the rows are in the log: what is not there cannot be overridden."""
        self._recorded = recorded

    def show_row(self, row: Row | None, selected: int) -> None:
        """Show a row; None with the number of rows that are selected."""
        self._row = row
        record = row.inspection if row is not None else None
        self.override_button.setVisible(record is not None)
        self.undo_button.setVisible(row is not None and row.override is not None)
        if row is None:
            self.clear(f"{selected:,} pictures selected" if selected > 1 else "Select a picture to see it.")
            return
        if record is None:
            self.clear("This picture waits.")
            self.set_note(file_name(row))
            return
        name = f"{file_name(row)} · {record.width} × {record.height}" if record.width is not None else file_name(row)
        said = _holding(row)
        if said is not None and record.scores is not None and record.thresholds is not None:
            self.show_judgement(said, record.scores, ThresholdSet.model_validate(record.thresholds))
        elif said is not None:
            self.verdict.set_judgement(said)
        else:
            self.show_not_judged(record.error or "")
        if said is not None:
            self.set_quality(record.quality)
        if row.override is not None:
            at = row.override.at.astimezone().strftime("%Y-%m-%d %H:%M")
            name = f"{name}\n\nOverridden by {row.override.person.name}, {at}: {row.override.reason}"
            name += f"\n\nThe program said {program_words(row)}"
        self.set_note(name)

    def override(self) -> None:
        """Ask for a verdict in place of the program's."""
        row = self._row
        if row is None or row.inspection is None:
            self._frame.notify("Select one judged picture first.")
        elif not self._recorded:
            self._frame.notify(
                "This result is not in the log, so it cannot be overridden.",
                Kind.WARNING,
                advice="Free some space, and judge the folder again.",
            )
        else:
            word = row.verdict
            self.overriding.ask(row.inspection.id, file_name(row), Verdict(word) if word else None, row.classes)

    def undo(self) -> None:
        """Take back the override of the row."""
        row = self._row
        if row is None or row.inspection is None or row.override is None:
            self._frame.notify("There is no override to undo.")
        else:
            self.overriding.undo(row.inspection.id, file_name(row))

    def _changed(self, _inspection_id: int) -> None:
        self.changed.emit()


def _holding(row: Row) -> Judgement | None:
    """The judgement that holds: the person's, or the program's."""
    if row.override is None:
        return judgement(row)
    return Judgement(Verdict(row.override.verdict), tuple(row.override.classes), row.override.reason)
