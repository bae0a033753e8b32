"""Log: every kept inspection, searchable, with its picture."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QEvent, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.recording import Source
from weldspot_desktop.reports.inspection_table import tsv, write_csv
from weldspot_desktop.store.inspections import UNJUDGED, Query
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.chips import Chips
from weldspot_desktop.ui.class_style import VERDICTS, sign_icon
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.inspection_details import InspectionDetails
from weldspot_desktop.ui.inspection_model import COLUMNS, TIME, InspectionModel
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.log_table import KeptSelection, make_table
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.report_dialog import ReportChoice
from weldspot_desktop.ui.report_job import ReportJob
from weldspot_desktop.ui.trail_strip import TrailStrip
from weldspot_desktop.ui.widgets.state_card import StateCard
from weldspot_desktop.ui.workers import Progress
from weldspot_desktop.verdict import Verdict

_TYPING_MS: Final = 250
_HEADER: Final = "log/header"
_VERDICTS: Final = "log/verdicts"
_SOURCE: Final = "log/source"
_EXPORT_FOLDER: Final = "log/export folder"
_ROOMY: Final = 760
_MOST_COPIED: Final = 5000


class LogPage(Page):
    """Search field, chips and a table that reads its rows as they are seen."""

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__(context, frame)
        self._export: Progress | None = None
        self.model = InspectionModel(frame, self)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search picture, reason, weld")
        self.search.setAccessibleName("Search the log")
        self.search.setClearButtonEnabled(True)
        self.verdicts = Chips(
            "Verdict", [*((verdict.value, verdict.value) for verdict in Verdict), (UNJUDGED, "NOT JUDGED")]
        )
        self.source = QComboBox()
        self.source.setAccessibleName("Source")
        self.source.addItem("All sources", "")
        for source in Source:
            self.source.addItem(source.value.capitalize(), source.value)
        self.found = QLabel()
        theme.set_text(self.found, theme.Size.BODY, muted=True)
        self.columns_button = QPushButton("Columns")
        self.export_button = QPushButton("Export CSV")
        self.report_button = QPushButton("Report")
        self.reports = ReportJob(frame, self)
        self.table = make_table(self.model)
        self._kept = KeptSelection(self.table, self.model)
        self.empty = StateCard()
        self.details = InspectionDetails(frame)
        self.trail = TrailStrip(frame)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        self._lay_out()
        self.set_panel(self.details)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._connect()
        self.add_action("Search the log", self._focus_search, "Ctrl+F", icon="magnify")
        self.add_action("Copy the selected rows", self.copy_selected, "Ctrl+C", icon="content-copy")
        self.add_action("Export as CSV", self.ask_export, "Ctrl+E", icon="file-delimited-outline")
        self.add_action("Write a report", self.ask_report, "Ctrl+R", icon="file-document-outline")
        self.add_action("Clear the filters", self.clear_filters, icon="filter-off-outline")
        self.add_action("Choose the columns", self._open_columns, icon="table-column")
        self.add_action("Show or hide heat map", self.details.heat_map.toggle, "H", icon="fire")
        self.add_action("Override the verdict", self.details.additions.override, "O", icon="account-edit-outline")
        self.add_action("Undo the override", self.details.additions.undo_override, "U", icon="undo")
        self.add_action("Add a finding", self.details.additions.ask, "N", icon="ruler")
        self.add_action("Verify the trail", self.trail.verify, "Ctrl+Shift+V", icon="shield-check-outline")
        self.add_action("Read the log again", self.model.refresh, "F5", icon="refresh")
        self._dress()
        self._fit()
        self._recall()

    # ---------------------------------------------------------------- Page

    def activated(self) -> None:
        self.model.refresh()

    def deactivated(self) -> None:
        self._remember()

    # ---------------------------------------------------------------- what can be done

    def query(self) -> Query:
        """What is looked for now."""
        return Query(
            text=self.search.text(),
            verdicts=self.verdicts.chosen(),
            sources=(self.source.currentData(),) if self.source.currentData() else (),
            newest_first=self.model.query.newest_first,
        )

    def clear_filters(self) -> None:
        """Show everything again."""
        self.search.clear()
        self.verdicts.choose(())
        self.source.setCurrentIndex(0)
        self._search_now()

    def selected_rows(self) -> list[int]:
        """Rows that are selected, from the top."""
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def copy_selected(self) -> None:
        """Put the selected rows, in the columns that are shown, on the clipboard as TSV."""
        rows = self.selected_rows()
        if not rows:
            self.frame.notify("No row is selected.")
            return
        if len(rows) > _MOST_COPIED:
            self.frame.notify(
                f"{len(rows)} rows are too many to copy.", Kind.WARNING, advice="Export them as CSV instead."
            )
            return
        found = [self.model.inspection(row) for row in rows]
        known = [row for row in found if row is not None]
        if len(known) < len(found):
            self.frame.notify("Some of the rows are still being read.", advice="Copy again in a moment.")
            return
        shown = self._shown_columns()
        head = [COLUMNS[column].title for column in shown]
        table = [head, *([COLUMNS[column].words(row) for column in shown] for row in known)]
        QGuiApplication.clipboard().setText(tsv(table))
        self.frame.notify(f"{len(known)} rows copied." if len(known) > 1 else "One row copied.", Kind.GOOD)

    def ask_export(self) -> None:
        """Ask where to write the CSV file."""
        if self._export is not None:
            self.frame.notify("An export is running already.")
            return
        folder = str(self.frame.memory.value(_EXPORT_FOLDER, str(Path.home())))
        name, _ = QFileDialog.getSaveFileName(
            self, "Export the log", str(Path(folder) / "inspections.csv"), "CSV (*.csv)"
        )
        if name:
            path = Path(name)
            self.frame.memory.setValue(_EXPORT_FOLDER, str(path.parent))
            self.export(path if path.suffix else path.with_suffix(".csv"))

    def export(self, path: Path) -> None:
        """Write what the filters leave as a CSV file, beside the window."""
        self.export_button.setEnabled(False)
        query, context = self.query(), self.context

        def work(progress: Progress) -> int:
            count = write_csv(context.database, query, path, progress.report)
            context.seal_exported()
            return count

        self._export = self.frame.run_job(
            "CSV export", work, partial(self._exported, path), owner=self, on_end=self._export_ended
        )

    def ask_report(self) -> None:
        """Ask for a report on the selected rows or on all that the filters leave."""
        total, rows = self.model.rowCount(), self.selected_rows()
        if not total:
            self.frame.notify("There is no inspection to report on.")
            return
        everything = ReportChoice(f"All {_count(total)} that the filters leave", self.query())
        known = [row.id for place in rows if (row := self.model.inspection(place)) is not None]
        if not rows or len(rows) == total:
            self.reports.ask([everything])
        elif len(known) < len(rows):
            self.frame.notify("Some of the rows are still being read.", advice="Ask again in a moment.")
        else:
            self.reports.ask([ReportChoice(f"{_count(len(rows))}, selected", known), everything])

    # ---------------------------------------------------------------- Qt

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "details"):
            self._dress()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # ---------------------------------------------------------------- inside

    def _lay_out(self) -> None:
        bar = QWidget()
        first = QHBoxLayout()
        first.setSpacing(theme.space(2))
        first.addWidget(self.search, 1)
        first.addWidget(self.source)
        first.addWidget(self.columns_button)
        first.addWidget(self.export_button)
        first.addWidget(self.report_button)
        second = QHBoxLayout()
        second.setSpacing(theme.space(2))
        second.addWidget(self.verdicts, 1)
        second.addWidget(self.found)
        both = QVBoxLayout(bar)
        both.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        both.setSpacing(theme.space(2))
        both.addLayout(first)
        both.addLayout(second)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self._stack, 1)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self.trail)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._search_now)
        self.verdicts.changed.connect(self._search_now)
        self.source.activated.connect(self._search_now)
        self.columns_button.clicked.connect(self._open_columns)
        self.export_button.clicked.connect(self.ask_export)
        self.report_button.clicked.connect(self.ask_report)
        self.reports.changed.connect(self._report_changed)
        self.empty.pressed.connect(self._empty_pressed)
        self.model.counted.connect(self._counted)
        self.model.arrived.connect(self._rows_arrived)
        self.table.selectionModel().selectionChanged.connect(self._selection_changed)
        header = self.table.horizontalHeader()
        header.sectionClicked.connect(self._header_clicked)
        header.customContextMenuRequested.connect(self._columns_at)
        self.frame.records_changed.connect(self._records_changed)

    def _dress(self) -> None:
        for verdict in VERDICTS:
            self.verdicts.set_icon(verdict.value, sign_icon(verdict, theme.pixels(16)))
        self.columns_button.setIcon(theme.icon("table-column"))
        self.export_button.setIcon(theme.icon("file-delimited-outline"))
        self.report_button.setIcon(theme.icon("file-document-outline"))
        self.table.setIconSize(QSize(theme.pixels(16), theme.pixels(16)))
        self.table.verticalHeader().setDefaultSectionSize(theme.pixels(theme.Size.BODY) + theme.space(5))

    def _fit(self) -> None:
        """Show the buttons as icons where words would squeeze the search field."""
        roomy = self.width() >= theme.pixels(_ROOMY)
        for button, words in (
            (self.columns_button, "Columns"),
            (self.export_button, "Export CSV"),
            (self.report_button, "Report"),
        ):
            button.setText(words if roomy else "")
            button.setToolTip("" if roomy else words)
            button.setAccessibleName(words)

    def _search_now(self) -> None:
        self._typing.stop()
        self.model.set_query(self.query())

    def _records_changed(self) -> None:
        if self.isVisible():
            self._kept.remember()
            self.model.refresh()

    def _counted(self, count: int) -> None:
        query = self.model.query
        filtered = bool(query.text.split() or query.verdicts or query.sources)
        self.found.setText(_count(count))
        self.export_button.setEnabled(count > 0 and self._export is None)
        self._report_changed()
        if count:
            self._stack.setCurrentWidget(self.table)
        elif filtered:
            self.empty.show_empty("filter-off-outline", "No inspection matches.", "Clear the filters")
            self._stack.setCurrentWidget(self.empty)
        else:
            self.empty.show_empty("format-list-bulleted", "No inspection is kept yet.", "Judge a picture")
            self._stack.setCurrentWidget(self.empty)
        self._kept.restore()
        self._selection_changed()

    def _empty_pressed(self) -> None:
        if self.query() == Query(newest_first=self.model.query.newest_first):
            self.frame.show_page("import")
        else:
            self.clear_filters()

    def _rows_arrived(self, first: int, last: int) -> None:
        self._kept.confirm()
        rows = self.selected_rows()
        if len(rows) == 1 and first <= rows[0] <= last:
            self._selection_changed()

    def _selection_changed(self) -> None:
        rows = self.selected_rows()
        if not rows and self._kept.waiting:
            return
        if len(rows) != 1:
            self.details.clear(len(rows))
            return
        row = self.model.inspection(rows[0])
        if row is not None:
            self.details.show_inspection(row)

    def _header_clicked(self, section: int) -> None:
        header = self.table.horizontalHeader()
        if section == TIME:
            newest_first = not self.model.query.newest_first
            order = Qt.SortOrder.DescendingOrder if newest_first else Qt.SortOrder.AscendingOrder
            self.model.sort(TIME, order)
        order = Qt.SortOrder.DescendingOrder if self.model.query.newest_first else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(TIME, order)

    def _shown_columns(self) -> list[int]:
        header = self.table.horizontalHeader()
        places = sorted(range(len(COLUMNS)), key=header.visualIndex)
        return [place for place in places if not header.isSectionHidden(place)]

    def _open_columns(self) -> None:
        button = self.columns_button
        self._popup_columns(button.mapToGlobal(QPoint(0, button.height())))

    def _columns_at(self, place: QPoint) -> None:
        self._popup_columns(self.table.horizontalHeader().mapToGlobal(place))

    def _popup_columns(self, at: QPoint) -> None:
        menu = self.columns_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def columns_menu(self) -> QMenu:
        """A menu with a mark for each column that is shown."""
        menu = QMenu(self)
        for place, column in enumerate(COLUMNS):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.table.isColumnHidden(place))
            # The last column cannot go: an empty table has no header to bring it back.
            action.setEnabled(self._shown_columns() != [place])
            action.toggled.connect(partial(self._show_column, place))
        return menu

    def _show_column(self, place: int, shown: bool) -> None:
        self.table.setColumnHidden(place, not shown)
        if shown and self.table.columnWidth(place) < theme.space(6):
            self.table.setColumnWidth(place, theme.pixels(COLUMNS[place].width))
        self._remember()

    def _focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _exported(self, path: Path, count: int) -> None:
        self.frame.notify(f"{count} inspections written to {path.name}.", Kind.GOOD, advice=str(path.parent))

    def _export_ended(self) -> None:
        self._export = None
        self.export_button.setEnabled(self.model.rowCount() > 0)

    def _report_changed(self) -> None:
        self.report_button.setEnabled(self.model.rowCount() > 0 and not self.reports.running)

    def _remember(self) -> None:
        memory = self.frame.memory
        memory.setValue(_HEADER, self.table.horizontalHeader().saveState())
        memory.setValue(_VERDICTS, ",".join(key or "-" for key in self.verdicts.chosen()))
        memory.setValue(_SOURCE, self.source.currentData())

    def _recall(self) -> None:
        memory = self.frame.memory
        state = memory.value(_HEADER)
        header = self.table.horizontalHeader()
        if isinstance(state, QByteArray) and header.restoreState(state) and header.count() == len(COLUMNS):
            header.setSortIndicator(TIME, Qt.SortOrder.DescendingOrder)
        keys = str(memory.value(_VERDICTS, "")).split(",")
        self.verdicts.choose([UNJUDGED if key == "-" else key for key in keys if key])
        self.source.setCurrentIndex(max(0, self.source.findData(memory.value(_SOURCE, ""))))
        self.model.set_query(self.query())


def _count(inspections: int) -> str:
    word = "inspection" if inspections == 1 else "inspections"
    return f"{inspections:,} {word}".replace(",", "\u202f")
