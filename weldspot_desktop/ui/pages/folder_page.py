"""Folder: all pictures of a folder, judged in the background, in a table that sorts and filters."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QEvent, QItemSelectionModel, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop import labels, paths
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.model import ModelFileError
from weldspot_desktop.reports import csv_table
from weldspot_desktop.reports.inspection_table import tsv
from weldspot_desktop.ui import theme, thumbnails
from weldspot_desktop.ui.chips import Chips
from weldspot_desktop.ui.class_style import VERDICTS, mark_icon, sign_icon
from weldspot_desktop.ui.folder_job import FolderJob, Target
from weldspot_desktop.ui.folder_picture import FolderPicture
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.results_model import (
    COLUMNS,
    NOT_JUDGED,
    REASON,
    VERDICT,
    Filter,
    ResultsModel,
    SmallSigns,
    file_name,
)
from weldspot_desktop.ui.status import duration
from weldspot_desktop.ui.table_columns import TableColumns
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.widgets.elided_label import ElidedLabel
from weldspot_desktop.ui.widgets.inspection_panel import InspectionPanel
from weldspot_desktop.ui.widgets.state_card import StateCard
from weldspot_desktop.ui.workers import Progress
from weldspot_desktop.verdict import Verdict

_LAST: Final = "folder/last"
_HEADER: Final = "folder/header"
_SPLIT: Final = "folder/split"
_EXPORT_FOLDER: Final = "folder/export folder"
_TYPING_MS: Final = 250
_PROGRESS_MS: Final = 200
_ANY: Final = -1


class FolderPage(Page):
    """Chooses or takes a folder, judges it, and shows the results."""

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__(context, frame)
        self._target: Target | None = None
        self._inspector: Inspector | None = None
        self._export: Progress | None = None
        self._failure: ExpectedError | None = None
        self._recording_stopped = False
        self.job = FolderJob(context, frame, self)
        self.model = ResultsModel(thumbnails.Thumbnails(frame, self), self)
        self.judged_panel = InspectionPanel(weld_fields=False)
        self.picture = FolderPicture(frame)
        self.card = StateCard()
        self.table = self._make_table()
        self.columns = TableColumns(self.table, COLUMNS, frame.memory, _HEADER, filling=REASON)
        self._make_controls()
        self._lay_out()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._ticking = QTimer(self)
        self._ticking.setInterval(_PROGRESS_MS)
        self._connect()
        self._make_actions()
        self.set_panel(self.judged_panel)
        self._dress()
        self.columns.recall()
        split = frame.memory.value(_SPLIT)
        if isinstance(split, QByteArray):
            self._splitter.restoreState(split)
        self._show_empty()

    # ---------------------------------------------------------------- Page

    def deactivated(self) -> None:
        self.columns.remember()
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
        """Judge a folder or files; the results of the one before leave the table (their records stay)."""
        if self.job.running:
            self.frame.notify("A folder is being judged.", advice="Cancel it first, or wait for its end.")
            return
        self._target = target
        self._failure = None
        self._recording_stopped = False
        self.frame.memory.setValue(_LAST, str(target.folder))
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.clear_filters()
        self.model.clear()
        self.job.start(target)
        self._ticking.start()
        self._show_results()
        self._show_running()

    def judge_again(self) -> None:
        """Judge the same folder again, or the last one."""
        last = str(self.frame.memory.value(_LAST, ""))
        if self._target is not None:
            self.judge(self._target)
        elif last and Path(last).is_dir():
            self.judge(Target(Path(last)))
        else:
            self.ask_folder()

    def cancel(self) -> None:
        """Stop judging; what was judged stays."""
        self.job.cancel()

    def clear_filters(self) -> None:
        """Show all rows."""
        self.search.clear()
        self.verdicts.choose(())
        self.classes.setCurrentIndex(0)
        self._filter_now()

    def selected_rows(self) -> list[int]:
        """Rows of the table that are selected, from the top."""
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def copy_selected(self) -> None:
        """Put the selected rows, in the columns that are shown, on the clipboard as TSV."""
        rows = self.selected_rows()
        if not rows:
            self.frame.notify("No row is selected.")
            return
        columns = [COLUMNS[place] for place in self.columns.visible() if COLUMNS[place].key != "picture"]
        table = [[c.title for c in columns], *([c.words(self.model.row(row)) for c in columns] for row in rows)]
        QGuiApplication.clipboard().setText(tsv(table))
        self.frame.notify("One row copied." if len(rows) == 1 else f"{len(rows)} rows copied.", Kind.GOOD)

    def ask_export(self, *, all_rows: bool) -> None:
        """Ask where to write the CSV file."""
        assert self._target is not None
        folder = str(self.frame.memory.value(_EXPORT_FOLDER, str(Path.home())))
        proposed = str(Path(folder) / f"{self._target.folder.name or 'pictures'}.csv")
        name, _ = QFileDialog.getSaveFileName(self, "Export the results", proposed, "CSV (*.csv)")
        if name:
            path = Path(name)
            self.frame.memory.setValue(_EXPORT_FOLDER, str(path.parent))
            self.export(path if path.suffix else path.with_suffix(".csv"), all_rows=all_rows)

    def export(self, path: Path, *, all_rows: bool) -> None:
        """Write all rows, or those that the filters leave in their order, as a CSV file beside the window."""
        if self._export is not None:
            self.frame.notify("An export is running already.")
            return
        self.export_button.setEnabled(False)
        rows = self.model.all_rows() if all_rows else self.model.shown_rows()
        model = self._inspector.model.title if self._inspector is not None else ""

        def work(progress: Progress) -> int:
            return csv_table.write(_reported(rows, progress), path, model=model)

        self._export = self.frame.run_job(
            "CSV export", work, partial(self._exported, path), owner=self, on_end=self._export_ended
        )

    def step(self, by: int) -> None:
        """Select the next (1) or previous (-1) row."""
        row = min(max(self.table.currentIndex().row() + by, 0), self.model.rowCount() - 1)
        if row >= 0:
            self.table.selectRow(row)

    def export_menu(self) -> QMenu:
        """What can be exported: all rows, or those that the filters leave."""
        menu = QMenu(self)
        total, shown = self.model.total(), self.model.rowCount()
        menu.addAction(f"All rows ({total})").triggered.connect(partial(self._export_chosen, True))
        some = menu.addAction(f"Filtered rows ({shown})")
        some.setEnabled(0 < shown < total)
        some.triggered.connect(partial(self._export_chosen, False))
        return menu

    # ---------------------------------------------------------------- Qt

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_ticking"):
            self._dress()
        super().changeEvent(event)

    # ---------------------------------------------------------------- made once

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName("Judged pictures")
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setIconSize(QSize(thumbnails.WIDTH, thumbnails.HEIGHT))
        table.setItemDelegateForColumn(VERDICT, SmallSigns(table))
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        return table

    def _make_controls(self) -> None:
        self.choose_button = QPushButton("Choose folder")
        self.again_button = QPushButton("Judge again")
        self.cancel_button = QPushButton("Cancel")
        self.columns_button = QPushButton("Columns")
        self.export_button = QPushButton("Export CSV")
        self.place = ElidedLabel()
        self.state = QLabel()
        theme.set_text(self.place, Size.BODY, bold=True)
        theme.set_text(self.state, Size.BODY, muted=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Pictures judged")
        self.verdicts = Chips("Verdict", [(word, word) for word in (*(v.value for v in Verdict), NOT_JUDGED)])
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search name, reason")
        self.search.setAccessibleName("Search the results")
        self.search.setClearButtonEnabled(True)
        self.classes = QComboBox()
        self.classes.setAccessibleName("Class")
        self.classes.addItem("All classes", _ANY)
        for index, name in enumerate(labels.CLASSES):
            self.classes.addItem(mark_icon(index), name, index)

    def _lay_out(self) -> None:
        self._filters = QWidget()
        filters = _column(_row(self.verdicts, None), _row(self.search, self.classes, self.columns_button))
        filters.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        self._filters.setLayout(filters)
        results = QWidget()
        inside = _column(self._filters, Line(Qt.Orientation.Horizontal), self.table)
        inside.setSpacing(0)
        results.setLayout(inside)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(results)
        self._splitter.addWidget(self.picture)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([1000, 1000])
        self._stack = QStackedWidget()
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(self.card)
        top = _row(self.choose_button, self.again_button, self.place, None, self.state, self.cancel_button)
        top.addWidget(self.export_button)
        top.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._bar = QWidget()
        self._bar.setLayout(top)
        column.addWidget(self._bar)
        column.addWidget(self.bar)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.choose_button.clicked.connect(self.ask_folder)
        self.again_button.clicked.connect(self.judge_again)
        self.cancel_button.clicked.connect(self.cancel)
        self.columns_button.clicked.connect(self._open_columns)
        self.export_button.clicked.connect(self._open_export)
        self.card.pressed.connect(self.ask_folder)
        self.search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._filter_now)
        self.verdicts.changed.connect(self._filter_now)
        self.classes.activated.connect(self._filter_now)
        self.model.counted.connect(self._counted)
        self.table.selectionModel().selectionChanged.connect(self._selection_changed)
        self.judged_panel.class_clicked.connect(self.picture.heat_map.show_class)
        self._ticking.timeout.connect(self._show_running)
        self.job.started.connect(self._job_started)
        self.job.rows.connect(self.model.extend)
        self.job.failed.connect(self._job_failed)
        self.job.record_failed.connect(self._recording_failed)
        self.job.ended.connect(self._job_ended)
        self.frame.thresholds_changed.connect(self._thresholds_changed)

    def _make_actions(self) -> None:
        self.add_action("Choose folder", self.ask_folder, "Ctrl+O", icon="folder-open-outline")
        self.add_action("Judge the folder again", self.judge_again, "F5", icon="refresh")
        self.add_action("Cancel judging", self.cancel, "Escape", icon="stop")
        self.add_action("Next picture", partial(self.step, 1), "Right", icon="arrow-right")
        self.add_action("Previous picture", partial(self.step, -1), "Left", icon="arrow-left")
        self.add_action("Search the results", self._focus_search, "Ctrl+F", icon="magnify")
        self.add_action("Clear the filters", self.clear_filters, icon="filter-off-outline")
        self.add_action("Copy the selected rows", self.copy_selected, "Ctrl+C", icon="content-copy")
        self.add_action("Export as CSV", self._open_export, "Ctrl+E", icon="file-delimited-outline")
        self.add_action("Choose the columns", self._open_columns, icon="table-column")
        self.picture.heat_map.add_actions(self)

    def _dress(self) -> None:
        for verdict in VERDICTS:
            self.verdicts.set_icon(verdict.value, sign_icon(verdict, theme.pixels(Size.HEAD)))
        self.verdicts.set_icon(NOT_JUDGED, theme.icon("alert", theme.colours().bad))
        for index in range(labels.COUNT):
            self.classes.setItemIcon(index + 1, mark_icon(index))
        self.columns_button.setIcon(theme.icon("table-column"))
        self.export_button.setIcon(theme.icon("file-delimited-outline"))
        self.table.verticalHeader().setDefaultSectionSize(max(thumbnails.HEIGHT, theme.pixels(28)) + theme.space(2))

    # ---------------------------------------------------------------- what happens

    def _filter_now(self) -> None:
        self._typing.stop()
        chosen = int(self.classes.currentData())
        current = self._current()
        self.model.set_filter(Filter(self.search.text(), self.verdicts.chosen(), chosen if chosen != _ANY else None))
        place = self.model.place_of(current.origin) if current is not None else None
        if place is not None:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.table.selectionModel().setCurrentIndex(self.model.index(place, 0), flags)
        else:
            self._selection_changed()

    def _current(self) -> Inspected | None:
        rows = self.selected_rows()
        return self.model.row(rows[0]) if len(rows) == 1 else None

    def _selection_changed(self) -> None:
        row = self._current()
        self.picture.setVisible(row is not None)
        if row is None:
            self.picture.clear()
            count = len(self.selected_rows())
            self.judged_panel.clear(f"{count} pictures selected" if count else "Select a picture to see it.")
            return
        if row.judgement is not None and row.prediction is not None and self._inspector is not None:
            self.judged_panel.show_judgement(row.judgement, row.prediction.scores.tolist(), self._inspector.thresholds)
            self.judged_panel.set_note(f"{file_name(row)} · {row.width} × {row.height}")
        else:
            self.judged_panel.show_not_judged(row.error or "")
            self.judged_panel.set_note(file_name(row))
        if self._inspector is not None:
            self.picture.show_row(row, self._inspector)

    def _job_started(self, inspector: Inspector) -> None:
        self._inspector = inspector

    def _thresholds_changed(self) -> None:
        """Rows keep the set that judged them; say so, and how to get new ones."""
        if self._inspector is None or not (self.job.running or self.model.total()):
            return
        name = self._inspector.thresholds.name
        words = "The folder that is being judged goes on" if self.job.running else "The folder's results were judged"
        self.frame.notify(f"{words} with the thresholds “{name}”.", advice="Judge it again for the new ones.")

    def _job_failed(self, error: ExpectedError) -> None:
        self._failure = error

    def _recording_failed(self, error: ExpectedError) -> None:
        self._recording_stopped = True
        advice = f"Judging goes on, but the results are not kept in the log. {error.advice}".strip()
        self.frame.notify(error.what, Kind.ERROR, advice=advice)

    def _job_ended(self) -> None:
        self._ticking.stop()
        self._show_running()
        assert self._target is not None
        name = paths.printable(self._target.folder.name)
        if self._failure is not None:
            model = isinstance(self._failure, ModelFileError)
            what = "No picture can be judged: the model cannot be used." if model else self._failure.what
            advice = self._failure.advice or "No file was changed."
            self._show_card()
            self.card.show_failure(what, advice, "Choose another folder", details=str(self._failure))
        elif self.model.total() == 0 and not self.job.cancelled:
            self._show_card()
            self.card.show_empty("folder-off-outline", f"There are no pictures in “{name}”.", "Choose another folder")
        else:
            self.frame.notify(self._summary(), Kind.WARNING if self._recording_stopped else Kind.GOOD)

    def _summary(self) -> str:
        total = self.model.total()
        begun = "Cancelled: " if self.job.cancelled else ""
        counts = [
            f"{self.model.verdict_count(word)} {word}"
            for word in (*(verdict.value for verdict in Verdict), NOT_JUDGED)
            if self.model.verdict_count(word)
        ]
        return f"{begun}{_pictures(total)} done ({', '.join(counts)})." if counts else f"{begun}no picture was judged."

    def _counted(self) -> None:
        for word in (*(verdict.value for verdict in Verdict), NOT_JUDGED):
            count, chip = self.model.verdict_count(word), self.verdicts.chip(word)
            text = f"{word}  {count}"
            if chip.text() != text:
                chip.setText(text)
            # Verdicts that do not occur would only take the place of those that do.
            chip.setVisible(count > 0 or chip.isChecked())
        self.export_button.setEnabled(self.model.total() > 0 and self._export is None)
        self._show_running()

    def _show_running(self) -> None:
        running, progress = self.job.running, self.job.progress
        self.cancel_button.setVisible(running)
        self.again_button.setEnabled(not running)
        self.choose_button.setEnabled(not running)
        self.bar.setVisible(running)
        if running and progress is not None:
            self.state.setText(_progress_words(progress))
            self.bar.setRange(0, progress.total or 0)
            self.bar.setValue(progress.done)
            return
        total, shown = self.model.total(), self.model.rowCount()
        words = _pictures(total) if shown == total else f"{shown} of {_pictures(total)}"
        self.state.setText(words + (", cancelled" if self.job.cancelled else "") if total else "")

    def _show_results(self) -> None:
        assert self._target is not None
        self.place.show_text(paths.printable(self._target.folder.name or str(self._target.folder)))
        self.place.setToolTip(paths.printable(str(self._target.folder)))
        self._bar.show()
        self.export_button.show()
        self._stack.setCurrentWidget(self._splitter)
        self._selection_changed()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_empty(self) -> None:
        self._show_card()
        # Its one button is enough.
        self._bar.hide()
        self.card.show_empty(
            "folder-outline", "Choose or drop a folder to judge all its pictures.", "Choose folder   Ctrl+O"
        )

    def _show_card(self) -> None:
        self._stack.setCurrentWidget(self.card)
        self.picture.hide()
        self.export_button.hide()
        self.judged_panel.clear("No picture yet")
        self._show_running()

    def _open_columns(self) -> None:
        self.columns.open_menu(self.columns_button.mapToGlobal(QPoint(0, self.columns_button.height())))

    def _open_export(self) -> None:
        if self.model.total() == 0:
            self.frame.notify("There is nothing to export yet.")
            return
        menu = self.export_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.export_button.mapToGlobal(QPoint(0, self.export_button.height())))

    def _export_chosen(self, all_rows: bool, _checked: bool = False) -> None:
        self.ask_export(all_rows=all_rows)

    def _exported(self, path: Path, count: int) -> None:
        words = "One row" if count == 1 else f"{count} rows"
        self.frame.notify(f"{words} written to {path.name}.", Kind.GOOD, advice=str(path.parent))

    def _export_ended(self) -> None:
        self._export = None
        self.export_button.setEnabled(self.model.total() > 0)

    def _focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()


def _progress_words(progress: Progress) -> str:
    total = progress.total
    if total is None:
        return "Looking for pictures …"
    parts = [f"{progress.done} of {total}"]
    if progress.done and progress.rate > 0:
        parts.append(
            f"{progress.rate:.0f} pictures/s" if progress.rate >= 1 else f"{1 / progress.rate:.0f} s a picture"
        )
    if progress.done and progress.seconds_left is not None:
        parts.append(f"{duration(progress.seconds_left)} left")
    return "  ·  ".join(parts)


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"


def _reported(rows: Sequence[Inspected], progress: Progress) -> Iterable[Inspected]:
    for done, row in enumerate(rows):
        progress.report(done, len(rows))
        yield row


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets side by side; None takes the room that is left."""
    row = QHBoxLayout()
    row.setSpacing(theme.space(2))
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row


def _column(*parts: QWidget | QHBoxLayout) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.space(2))
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part, 1 if isinstance(part, QTableView) else 0)
        else:
            column.addLayout(part)
    return column
