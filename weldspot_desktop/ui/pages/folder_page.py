"""Folder: all pictures of a folder, judged in the background, in a table that sorts and filters."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QEvent, QPoint, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
)

from weldspot_desktop import paths
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.folder import Target
from weldspot_desktop.model import ModelFileError
from weldspot_desktop.store import Database, folder_runs
from weldspot_desktop.store.folder_runs import RunState
from weldspot_desktop.store.folder_table import WAITING
from weldspot_desktop.ui.folder_export import FolderExport
from weldspot_desktop.ui.folder_job import FolderJob
from weldspot_desktop.ui.folder_panel import FolderPanel
from weldspot_desktop.ui.folder_picture import FolderPicture
from weldspot_desktop.ui.folder_progress import pictures_words
from weldspot_desktop.ui.folder_results import FolderResults
from weldspot_desktop.ui.folder_toolbar import FolderToolbar
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.widgets.state_card import StateCard
from weldspot_desktop.ui.workers import Lane

_LAST: Final = "folder/last"
_SPLIT: Final = "folder/split"


class FolderPage(Page):
    """Chooses or takes a folder, judges it, and shows the results; goes on where an earlier run stopped."""

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__(context, frame)
        self._target: Target | None = None
        self._stopped: RunState | None = None
        self._failure: ExpectedError | None = None
        self._recalled = False
        self._again: int | None = None
        self.job = FolderJob(context, frame, self)
        self.results = FolderResults(frame)
        self.model, self.table, self.filters = self.results.model, self.results.table, self.results.filters
        self.picture = FolderPicture(frame)
        self.judged_panel = FolderPanel(frame, self)
        self.export = FolderExport(frame, self.model, self)
        self.card = StateCard()
        self._lay_out()
        self._connect()
        self._make_actions()
        self.set_panel(self.judged_panel)
        self.results.dress()
        split = frame.memory.value(_SPLIT)
        if isinstance(split, QByteArray):
            self._splitter.restoreState(split)
        self._show_empty()

    # ---------------------------------------------------------------- Page

    def activated(self) -> None:
        if not self._recalled:
            self._recalled = True
            self.frame.run(self._read_last, self._show_last, lane=Lane.DATABASE, owner=self)

    def deactivated(self) -> None:
        self.results.columns.remember()
        if not self.enlarged:
            self.frame.memory.setValue(_SPLIT, self._splitter.saveState())

    def shutdown(self) -> None:
        self.job.shutdown()

    def open_paths(self, paths: Sequence[Path]) -> None:
        if len(paths) == 1 and paths[0].is_dir():
            self.judge(Target(paths[0]))
        else:
            self.judge(Target(paths[0].parent, tuple(paths)))

    # ---------------------------------------------------------------- what can be done

    def ask_folder(self) -> None:
        """Ask for a folder."""
        last = str(self.frame.memory.value(_LAST, str(Path.home())))
        name = QFileDialog.getExistingDirectory(self, "Choose a folder of pictures", last)
        if name:
            self.judge(Target(Path(name)))

    def judge(self, target: Target) -> None:
        """Judge a folder or files, or go on with it; pictures that were judged before are not judged again."""
        if self._is_free():
            self.frame.memory.setValue(_LAST, str(target.folder))
            self._begin(target)
            self.job.start(target)
            self._show_running()

    def judge_again(self) -> None:
        """Go on where a run stopped, or judge the same folder again, or the last one."""
        last = str(self.frame.memory.value(_LAST, ""))
        if self._stopped is not None:
            self.go_on()
        elif self._again is not None:
            self._run_again(self._again)
        elif self._target is not None:
            self.judge(self._target)
        elif last and Path(last).is_dir():
            self.judge(Target(Path(last)))
        else:
            self.ask_folder()

    def go_on(self) -> None:
        """Go on with the run that was stopped."""
        if self._stopped is not None:
            self._run_again(self._stopped.run.id)

    def pause(self) -> None:
        """Pause judging, or go on."""
        if self.job.running:
            self.job.pause(not self.job.paused)
            self._show_running()

    def cancel(self) -> None:
        """Stop judging; what was judged stays, and can be gone on with."""
        self.job.cancel()

    def escape(self) -> None:
        """Leave the large picture, else stop judging."""
        if self.enlarged:
            self.enlarge(False)
        else:
            self.cancel()

    @property
    def enlarged(self) -> bool:
        """Whether the picture takes the place of the table."""
        return self.results.isHidden()

    def enlarge(self, large: bool | None = None) -> None:
        """Show the picture alone, or with the table again; without an argument the other of both."""
        large = not self.enlarged if large is None else large
        if large and self.results.current() is None:
            self.frame.notify("Select one picture first.")
            return
        self.results.setVisible(not large)
        focus = self.picture.view if large else self.table
        focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def override(self) -> None:
        """Ask for a verdict in place of the program's, for the selected picture."""
        self.judged_panel.override()

    def undo_override(self) -> None:
        """Take back the override of the selected picture."""
        self.judged_panel.undo()

    # ---------------------------------------------------------------- Qt

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "toolbar"):
            self.results.dress()
            self.toolbar.dress()
        super().changeEvent(event)

    # ---------------------------------------------------------------- made once

    def _lay_out(self) -> None:
        self.toolbar = FolderToolbar()
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.results)
        self._splitter.addWidget(self.picture)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([1000, 1000])
        self._stack = QStackedWidget()
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(self.card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.toolbar.choose.clicked.connect(self.ask_folder)
        self.toolbar.again.clicked.connect(self.judge_again)
        self.toolbar.pause.clicked.connect(self.pause)
        self.toolbar.cancel.clicked.connect(self.cancel)
        self.toolbar.export.clicked.connect(self._open_export)
        self.card.pressed.connect(self.ask_folder)
        self.model.counted.connect(self._counted)
        self.results.chosen.connect(self._show_current)
        self.results.opened.connect(partial(self.enlarge, True))
        self.judged_panel.class_clicked.connect(self.picture.heat_map.show_class)
        self.judged_panel.changed.connect(self.model.refresh)
        self.export.changed.connect(self._counted)
        self.job.moved.connect(self._moved)
        self.job.advanced.connect(self.model.refresh)
        self.job.looked.connect(self._show_running)
        self.job.failed.connect(self._job_failed)
        self.job.record_failed.connect(self._recording_failed)
        self.job.ended.connect(self._job_ended)
        self.frame.thresholds_changed.connect(self._thresholds_changed)

    def _make_actions(self) -> None:
        self.add_action("Choose folder", self.ask_folder, "Ctrl+O", icon="folder-open-outline")
        self.add_action("Judge the folder again, or go on", self.judge_again, "F5", icon="refresh")
        self.add_action("Pause judging, or go on", self.pause, "Space", icon="pause")
        self.add_action("Leave the large picture, or stop judging", self.escape, "Escape", icon="stop")
        self.add_action("Enlarge the picture, or show the table", self.enlarge, "Return", icon="arrow-expand-all")
        self.add_action("Next picture", partial(self.results.step, 1), "Right", icon="arrow-right")
        self.add_action("Previous picture", partial(self.results.step, -1), "Left", icon="arrow-left")
        self.add_action("Override the verdict", self.override, "O", icon="account-edit-outline")
        self.add_action("Undo the override", self.undo_override, "U", icon="undo")
        self.add_action("Most uncertain pictures first", self.filters.doubtful.click, icon="sort-descending")
        self.add_action("Search the results", self.filters.focus_search, "Ctrl+F", icon="magnify")
        self.add_action("Filter by name", self.filters.focus_search, "/", icon="filter-outline")
        self.add_action("Clear the filters", self.filters.clear, icon="filter-off-outline")
        self.add_action("Copy the selected rows", self.results.copy_selected, "Ctrl+C", icon="content-copy")
        self.add_action("Export as CSV", self._open_export, "Ctrl+E", icon="file-delimited-outline")
        self.add_action("Write a report", self.export.ask_report, "Ctrl+R", icon="file-document-outline")
        self.add_action("Choose the columns", self.results.open_columns, icon="table-column")
        self.picture.heat_map.add_actions(self)

    # ---------------------------------------------------------------- what happens

    def _is_free(self) -> bool:
        if self.job.running:
            self.frame.notify("A folder is being judged.", advice="Cancel it first, or wait for its end.")
        return not self.job.running

    def _run_again(self, run_id: int) -> None:
        if self._target is not None and self._is_free():
            self._begin(self._target)
            self.job.go_on(run_id)
            self._show_running()

    def _begin(self, target: Target) -> None:
        """Show a run that is about to begin."""
        self._target, self._stopped, self._failure, self._again = target, None, None, None
        self._recalled = True
        self.enlarge(False)
        self.results.show_run(None)
        self._show_results()

    def _read_last(self) -> RunState | None:
        """Runs in the lane of the database."""
        with self.context.database.read() as session:
            return folder_runs.latest(session)

    def _show_last(self, last: RunState | None) -> None:
        """Show the last run as it was left, and offer to go on with it."""
        if last is None or self.job.running or self._target is not None:
            return
        self._target = Target(Path(last.run.folder))
        self._stopped = last if last.run.finished is None else None
        # Files that were chosen one by one are only known to their run.
        self._again = last.run.id if last.run.chosen else None
        self.toolbar.place.show_text(paths.printable(Path(last.run.folder).name or last.run.folder))
        self.results.show_run(self.context.database, last.run.id)
        self._show_results()
        self._show_running()

    def _moved(self, database: Database, run_id: int) -> None:
        self.judged_panel.set_recorded(not self.job.in_memory)
        if self.model.source is None:
            self.results.show_run(database, run_id)
        else:
            # The same run, in memory from now on: filters and order stay.
            self.model.set_run(database, run_id)

    def _show_current(self) -> None:
        row = self.results.current()
        self.picture.setVisible(row is not None or self.enlarged)
        self.judged_panel.show_row(row, self.results.selected_count())
        if row is not None:
            self.picture.show_row(row)
        elif self.results.selected_count() != 1:
            self.picture.clear()
            if self.enlarged:
                self.enlarge(False)

    def _thresholds_changed(self) -> None:
        """Rows keep the set that judged them; say so, and how to get new ones."""
        name = self.job.thresholds
        if name is None or not (self.job.running or self.model.total()):
            return
        words = "The folder that is being judged goes on" if self.job.running else "The folder's results were judged"
        self.frame.notify(f"{words} with the thresholds “{name}”.", advice="Judge it again for the new ones.")

    def _job_failed(self, error: ExpectedError) -> None:
        self._failure = error

    def _recording_failed(self, error: ExpectedError) -> None:
        advice = f"Judging goes on, but the results are not kept in the log. {error.advice}".strip()
        self.frame.notify(error.what, Kind.ERROR, advice=advice)

    def _job_ended(self) -> None:
        self._show_running()
        assert self._target is not None
        name = paths.printable(self._target.folder.name)
        run = self.job.run
        if self._failure is not None:
            model = isinstance(self._failure, ModelFileError)
            what = "No picture can be judged: the model cannot be used." if model else self._failure.what
            advice = self._failure.advice or "No file was changed."
            self._show_card()
            self.card.show_failure(what, advice, "Choose another folder", details=str(self._failure))
        elif run is not None and run.total == 0 and not self.job.cancelled:
            self._show_card()
            self.card.show_empty("folder-off-outline", f"There are no pictures in “{name}”.", "Choose another folder")
        elif run is not None:
            self.frame.notify(self._summary(run.judged, run.reused), Kind.WARNING if self.job.in_memory else Kind.GOOD)
            if self.job.cancelled and not self.job.in_memory:
                self.frame.run(self._read_last, self._offer_to_go_on, lane=Lane.DATABASE, owner=self)

    def _offer_to_go_on(self, last: RunState | None) -> None:
        run = self.job.run
        if last is not None and run is not None and last.run.id == run.run_id and not self.job.running:
            self._stopped = last if last.run.finished is None else None
            self._show_running()

    def _summary(self, judged: int, reused: int) -> str:
        begun = "Cancelled: " if self.job.cancelled else ""
        parts = [f"{begun}{pictures_words(judged + reused)} done"]
        if reused:
            parts.append(f"{reused:,} of them known already" if judged else "all of them known already")
        return f"{', '.join(parts)}."

    def _counted(self) -> None:
        self.filters.show_counts(self.model)
        self.toolbar.export.setEnabled(self.model.total() > 0 and not self.export.running)
        self._show_running()

    def _show_running(self) -> None:
        self.toolbar.show_state(self.job, self._resting_words(), stopped=self._stopped is not None)

    def _resting_words(self) -> str:
        total, shown = self.model.total(), self.model.rowCount()
        if self._stopped is not None:
            if self._stopped.run.total is None:
                return "Stopped while the files were listed"
            if not total:
                # Not counted yet.
                return "Stopped"
            return f"Stopped: {total - self.model.verdict_count(WAITING):,} of {total:,} done"
        return (pictures_words(total) if shown == total else f"{shown:,} of {pictures_words(total)}") if total else ""

    def _show_results(self) -> None:
        if self._target is not None:
            self.toolbar.place.show_text(paths.printable(self._target.folder.name or str(self._target.folder)))
            self.toolbar.place.setToolTip(paths.printable(str(self._target.folder)))
        self.toolbar.show()
        self.toolbar.export.show()
        self._stack.setCurrentWidget(self._splitter)
        self._show_current()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_empty(self) -> None:
        self._show_card()
        # Its one button is enough.
        self.toolbar.hide()
        self.card.show_empty(
            "folder-outline", "Choose or drop a folder to judge all its pictures.", "Choose folder   Ctrl+O"
        )

    def _show_card(self) -> None:
        self._stack.setCurrentWidget(self.card)
        self.picture.hide()
        self.toolbar.export.hide()
        self.judged_panel.show_row(None, 0)
        self._show_running()

    def _open_export(self) -> None:
        name = self._target.folder.name if self._target is not None else ""
        self.export.open_menu(name, self.toolbar.export.mapToGlobal(QPoint(0, self.toolbar.export.height())))
