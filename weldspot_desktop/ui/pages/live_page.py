"""Live: what a camera or a video shows, judged picture by picture, recorded at the press of a key.

While another page is open nothing is judged: nobody sees the verdicts, and folders need the processor. The source
stays open and the choice stays as it was, so that coming back takes no time.
"""

from collections.abc import Sequence
from concurrent.futures import Future, wait
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from weldspot_desktop.context import Context
from weldspot_desktop.inspection import sources
from weldspot_desktop.inspection.inspector import Region
from weldspot_desktop.inspection.live import Judged, State
from weldspot_desktop.inspection.sources import CameraInfo, SourceError
from weldspot_desktop.inspection.sources.address import lacks_password
from weldspot_desktop.inspection.sources.demo import TEXT as DEMO
from weldspot_desktop.inspection.sources.watched_folder import PREFIX as WATCHED
from weldspot_desktop.inspection.weld_id import following
from weldspot_desktop.store.database import BUSY_SECONDS
from weldspot_desktop.ui import live_records, theme
from weldspot_desktop.ui.address_dialog import AddressDialog
from weldspot_desktop.ui.frame import Frame, Kind, Slot
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.live_records import Brief, Recalled
from weldspot_desktop.ui.live_session import NO_PACE, LiveSession
from weldspot_desktop.ui.live_toolbar import LiveToolbar
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.source_choice import SourceMemory, video_filter
from weldspot_desktop.ui.source_controls import SourceControls
from weldspot_desktop.ui.widgets.filmstrip import Filmstrip, FilmstripEntry
from weldspot_desktop.ui.widgets.heat_map_control import HeatMapControl
from weldspot_desktop.ui.widgets.inspection_panel import InspectionPanel
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.ui.widgets.state_card import StateCard
from weldspot_desktop.ui.widgets.weld_fields import FIELDS
from weldspot_desktop.ui.workers import Lane

STRIP: Final = 30
"""Records that the filmstrip shows at first."""

_FOLDER: Final = "live/folder"
_WELD: Final = "live/weld/"
_KINDS: Final = {State.LIVE: Kind.GOOD, State.LOST: Kind.ERROR, State.CONNECTING: Kind.WARNING}


class LivePage(Page):
    """Toolbar, picture with heat map, filmstrip of records, and the verdict in the panel."""

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__(context, frame)
        self.session = LiveSession(frame, self)
        self.memory = SourceMemory(frame)
        self.toolbar = LiveToolbar(self.memory)
        self.view = PictureView()
        self.heat_map = HeatMapControl(self.view, frame)
        self.card = StateCard()
        self.filmstrip = Filmstrip()
        self.judged_panel = InspectionPanel()
        self.record_button = QPushButton()
        self._judged: Judged | None = None
        self._recalled: Recalled | None = None
        self._state: tuple[object, ...] | None = None
        self._card_action = self.start_demo
        self._writing: set[Future[Brief]] = set()
        self._began = False
        self._lay_out()
        self._make_actions()
        self.source_controls = SourceControls(self, self.session, self.toolbar)
        self._connect()
        self._recall_weld()
        self.set_panel(self.judged_panel)
        self._show_state()

    # ---------------------------------------------------------------- what can be done

    def start(self, text: str) -> None:
        """Judge what this source shows (`sources.parse` says how one is written), and remember it."""
        try:
            written = self.memory.choose(text)
        except SourceError as error:
            self.frame.report(error)
            return
        region = self.memory.region(written)
        self._forget_picture()
        self.toolbar.choice.show_current(written)
        self._show_region(region)
        self.session.start(text, region)

    def start_demo(self) -> None:
        """Judge what the demo camera shows."""
        self.start(DEMO)

    def start_known(self, written: str) -> None:
        """Judge a source that was used before, asking for a password if it had one that is not known any more."""
        full = self.memory.full(written)
        if sources.SOURCES["network"].accepts(full) and lacks_password(full):
            self.ask_address(full)
        else:
            self.start(full)

    def play_or_pause(self) -> None:
        """Start, hold, or go on."""
        if self._recalled is not None:
            self._go_live()
        elif self.session.status is None or self.session.status.state is State.ENDED:
            written = self.toolbar.choice.current()
            if written:
                self.start_known(written)
            else:
                self.start_demo()
        else:
            self.session.set_paused(not self.session.paused)

    def trigger(self) -> None:
        """What Space does: record the picture while live, otherwise play."""
        status = self.session.status
        if self._recalled is None and status is not None and status.state is State.LIVE:
            self.record_and_next()
        else:
            self.play_or_pause()

    def record_and_next(self) -> None:
        """Record the picture that is shown, and go on to the next weld ID."""
        if self._record() and self.judged_panel.weld is not None:
            field = self.judged_panel.weld.field("weld_id")
            field.setText(following(field.text().strip()))

    def snapshot(self) -> None:
        """Record the picture that is shown; the weld stays the same."""
        self._record()

    def stop(self) -> None:
        """Let go of the source, for another program."""
        self._forget_picture()
        self.session.stop()

    def ask_file(self) -> None:
        """Ask for a video file."""
        folder = str(self.frame.memory.value(_FOLDER, str(Path.home())))
        name, _ = QFileDialog.getOpenFileName(self, "Open a video", folder, video_filter())
        if name:
            self.frame.memory.setValue(_FOLDER, str(Path(name).parent))
            self.start(name)

    def ask_folder(self) -> None:
        """Ask for a folder into which somebody else puts pictures."""
        folder = str(self.frame.memory.value(_FOLDER, str(Path.home())))
        name = QFileDialog.getExistingDirectory(self, "Watch a folder", folder)
        if name:
            self.frame.memory.setValue(_FOLDER, name)
            self.start(f"{WATCHED}{name}")

    def ask_address(self, written: str = "") -> None:
        """Ask for a network address."""
        dialog = AddressDialog(written, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.start(dialog.text()))
        dialog.open()

    def draw_region(self, on: bool) -> None:
        """While on, dragging over the picture draws the region of interest."""
        on = on and self._judged is not None
        self.view.set_region_editing(on)
        self.toolbar.region_button.setChecked(on)
        if on:
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear_region(self) -> None:
        """Judge the whole picture again."""
        if self._recalled is not None:
            return
        self.draw_region(False)
        self.view.clear_region()

    def look_for_cameras(self) -> None:
        """Read anew which cameras are plugged in."""
        self.frame.run(sources.cameras, self._cameras_found, owner=self)

    # ---------------------------------------------------------------- Page

    def activated(self) -> None:
        self.look_for_cameras()
        self.session.set_watched(True)
        if not self._began:
            self._began = True
            self.frame.run(
                partial(live_records.latest, self.context, STRIP), self._strip_read, lane=Lane.DATABASE, owner=self
            )
            self._start_last()

    def deactivated(self) -> None:
        self.session.set_watched(False)
        self._remember_weld()

    def shutdown(self) -> None:
        self._remember_weld()
        self.source_controls.close()
        self.session.shutdown()
        # What was recorded must be written before the workers close, which drops what has not begun.
        wait(self._writing, timeout=BUSY_SECONDS)

    def open_paths(self, paths: Sequence[Path]) -> None:
        self.start(str(paths[0]))

    # ---------------------------------------------------------------- Qt

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "judged_panel"):
            self.toolbar.dress()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.toolbar.fit(self.width())

    # ---------------------------------------------------------------- inside

    def _lay_out(self) -> None:
        self._picture = QWidget()
        inside = QVBoxLayout(self._picture)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.view, 1)
        inside.addWidget(Line(Qt.Orientation.Horizontal))
        inside.addWidget(self.heat_map)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.card)
        self._stack.addWidget(self._picture)
        self._strip_line = Line(Qt.Orientation.Horizontal)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self._stack, 1)
        column.addWidget(self._strip_line)
        column.addWidget(self.filmstrip)
        self.filmstrip.hide()
        self._strip_line.hide()
        theme.set_look(self.record_button, "main")
        self.judged_panel.add_button(self.record_button)

    def _make_actions(self) -> None:
        self.add_action("Record and next, or start", self.trigger, "Space", icon="record-circle-outline")
        self.add_action("Start or pause", self.play_or_pause, "P", icon="play-pause")
        self.add_action("Snapshot", self.snapshot, "S", icon="camera-outline", tip="Record without going on")
        self.add_action("Draw the region of interest", self._toggle_region, "R", icon="crop")
        self.add_action("Clear the region of interest", self.clear_region, "Shift+R", icon="crop-free")
        self.add_action("Open a video", self.ask_file, "Ctrl+O", icon="folder-open-outline")
        self.add_action("Watch a folder", self.ask_folder, "Ctrl+Shift+O", icon="folder-eye-outline")
        self.add_action("Open a network address", self.ask_address, "Ctrl+L", icon="plus-network-outline")
        self.add_action("Start the demo camera", self.start_demo, icon="creation-outline")
        self.add_action("Look for cameras", self.look_for_cameras, "F5", icon="refresh")
        self.add_action("Stop and let go of the source", self.stop, icon="stop-circle-outline")
        self.add_action("Next record", partial(self.filmstrip.step, 1), "Right", icon="arrow-right")
        self.add_action("Previous record", partial(self.filmstrip.step, -1), "Left", icon="arrow-left")
        self.heat_map.add_actions(self)

    def _connect(self) -> None:
        bar = self.toolbar
        bar.choice.picked.connect(self.start_known)
        bar.choice.file_wanted.connect(self.ask_file)
        bar.choice.folder_wanted.connect(self.ask_folder)
        bar.choice.address_wanted.connect(self.ask_address)
        bar.play_button.clicked.connect(self.play_or_pause)
        bar.snapshot_button.clicked.connect(self.snapshot)
        bar.region_button.toggled.connect(self.draw_region)
        bar.clear_button.clicked.connect(self.clear_region)
        self.view.region_changed.connect(self._region_drawn)
        self.session.judged.connect(self._show_judged)
        self.session.reported.connect(self._show_state)
        self.card.pressed.connect(self._card_pressed)
        self.filmstrip.chosen.connect(self._recall_record)
        self.judged_panel.class_clicked.connect(self.heat_map.show_class)
        self.record_button.clicked.connect(self.record_and_next)
        self.frame.settings_changed.connect(self._setting_changed)
        self.frame.thresholds_changed.connect(self._thresholds_changed)

    def _start_last(self) -> None:
        written = self.memory.chosen()
        self.toolbar.choice.show_current(written)
        full = self.memory.full(written)
        if written and not (sources.SOURCES["network"].accepts(full) and lacks_password(full)):
            self.start(full)

    def _show_judged(self, judged: Judged) -> None:
        """Thirty times a second."""
        inspector = self.session.inspector
        if self._recalled is not None or inspector is None:
            return
        self._judged = judged
        prediction, region = judged.prediction, judged.region
        scores = prediction.scores.tolist()
        boxes = partial(inspector.boxes, prediction, region=region)
        self.view.set_pixels(judged.frame.pixels)
        self.heat_map.set_result(prediction.heatmap, scores, judged.judgement, region=region, boxes=boxes)
        self.judged_panel.show_judgement(judged.judgement, scores, inspector.thresholds)
        if self._stack.currentWidget() is not self._picture:
            self._show_state()

    def _show_state(self) -> None:
        """State, speed and what can be done now; several times a second, so only what is new is touched."""
        status = self.session.status
        state = status.state if status is not None else None
        self.toolbar.readout.show_pace(self.session.pace if state is State.LIVE else NO_PACE)
        size = self.view.picture_size()
        paused = self.session.paused
        outlook = status.outlook() if status is not None else ""
        now = (status, outlook, paused, size, self._judged is not None, self._recalled, self.toolbar.choice.cameras())
        if now == self._state:
            return
        self._state = now
        self.toolbar.readout.show_state(state, status.what if status is not None else "")
        source = self.session.source
        title = source.title if source is not None else "No camera"
        words = f"{title}, {status.state.value}" if status is not None else title
        self.frame.set_status(Slot.CAMERA, words, _KINDS.get(state, Kind.INFO) if state is not None else Kind.INFO)
        if state in (State.LOST, State.ENDED) and self._recalled is None:
            # A picture of the past with its verdict must not pass for what is in front of the camera.
            self._forget_picture()
        shown = self._judged is not None or self._recalled is not None
        if shown:
            self._stack.setCurrentWidget(self._picture)
        else:
            self._show_card()
        self.toolbar.show_size(size.width(), size.height())
        runs = state not in (None, State.ENDED) and not paused
        self.toolbar.show_running(runs, self._judged is not None)
        self.record_button.setEnabled(self._judged is not None)
        space = state is State.LIVE and self._recalled is None
        self.record_button.setText("Record and next   Space" if space else "Record and next")

    def _show_card(self) -> None:
        status = self.session.status
        self._stack.setCurrentWidget(self.card)
        if status is None:
            self._card_action = self.start_demo
            cameras = self.toolbar.choice.cameras()
            sentence = "No source is chosen yet." if cameras else "No camera is connected."
            advice = "Choose a camera, a video file, a folder or a network address above, or try it with drawn welds."
            self.card.show_empty("camera-off-outline", sentence, "Start the demo camera", advice=advice)
            line = "No picture yet"
        elif status.state is State.LOST:
            self._card_action = self.session.retry
            advice = f"{status.advice} {status.outlook()}".strip()
            self.card.show_failure(status.what, advice, "Try again now")
            line = "No picture: the source is lost"
        elif status.state is State.ENDED:
            self._card_action = self.play_or_pause
            self.card.show_failure(status.what, status.advice, "Start again")
            line = "Nothing is judged"
        else:
            self.card.show_empty("camera-outline", status.what)
            line = "Waiting for the first picture"
        self.judged_panel.clear(line)

    def _card_pressed(self) -> None:
        self._card_action()

    def _forget_picture(self) -> None:
        self._judged = None
        if self._recalled is not None:
            self._recalled = None
            self.filmstrip.setCurrentIndex(QModelIndex())
            self.judged_panel.set_note("")
        self.draw_region(False)
        self.view.set_pixels(None)
        self.heat_map.clear()

    # Region of interest

    def _toggle_region(self) -> None:
        self.draw_region(not self.toolbar.region_button.isChecked())

    def _show_region(self, region: Region | None) -> None:
        self.view.set_region(region)
        self.toolbar.show_region(region is not None)

    def _region_drawn(self, region: Region | None) -> None:
        self.draw_region(False)
        self.toolbar.show_region(region is not None)
        self.session.set_region(region)
        if self.toolbar.choice.current():
            self.memory.set_region(self.toolbar.choice.current(), region)

    # Records

    def _record(self) -> bool:
        """Write what is shown, beside the window; False if nothing is."""
        judged, source, inspector = self._judged, self.session.source, self.session.inspector
        if judged is None or source is None or inspector is None or self._recalled is not None:
            return False
        weld = self.judged_panel.weld.values() if self.judged_panel.weld is not None else {}
        work = partial(live_records.keep, self.context, inspector, judged, source.title, weld, self.frame.person())
        future = self.frame.workers.run(work, self._recorded, self.frame.report, lane=Lane.DATABASE, owner=self)
        self._writing.add(future)
        future.add_done_callback(self._writing.discard)
        return True

    def _recorded(self, brief: Brief) -> None:
        self._put_in_strip(brief)
        self.judged_panel.set_note(f"{brief.weld_id or 'Picture'} is recorded as number {brief.number}.")
        self.frame.records_changed.emit()

    def _strip_read(self, briefs: list[Brief]) -> None:
        for brief in reversed(briefs):
            self._put_in_strip(brief)

    def _put_in_strip(self, brief: Brief) -> None:
        caption = brief.weld_id or f"No. {brief.number}"
        self.filmstrip.put(FilmstripEntry(brief.number, brief.thumbnail, brief.verdict, caption), current=False)
        self.filmstrip.show()
        self._strip_line.show()

    def _recall_record(self, number: object) -> None:
        if isinstance(number, int):
            work = partial(live_records.recall, self.context, number)
            self.frame.run(work, self._show_recalled, lane=Lane.DATABASE, owner=self)

    def _show_recalled(self, record: Recalled | None) -> None:
        if record is None or record.pixels is None:
            self.frame.notify("The picture of this record is not kept any more.", advice="See the page Log.")
            return
        if self.session.status is not None and self.session.status.state is not State.ENDED:
            self.session.set_paused(True)
        self._judged = None
        self._recalled = record
        self.draw_region(False)
        self.view.set_pixels(record.pixels)
        self.view.set_region(record.region)
        self.toolbar.show_region(False)
        self.heat_map.clear()
        self.judged_panel.show_judgement(record.judgement, record.scores, record.thresholds)
        weld = record.weld.get("weld_id", "")
        self.judged_panel.set_note(f"Record {record.number}{f', {weld}' if weld else ''}. Space goes back to live.")
        self._show_state()

    def _go_live(self) -> None:
        self._forget_picture()
        self._show_region(self.session.region)
        self.session.set_paused(False)
        self._show_state()

    # Memory

    def _cameras_found(self, found: list[CameraInfo]) -> None:
        self.toolbar.choice.set_cameras(found)
        self._show_state()

    def _remember_weld(self) -> None:
        if self.judged_panel.weld is not None:
            values = self.judged_panel.weld.values()
            for name in FIELDS:
                self.frame.memory.setValue(_WELD + name, values.get(name, ""))

    def _recall_weld(self) -> None:
        if self.judged_panel.weld is not None:
            self.judged_panel.weld.set_values({name: str(self.frame.memory.value(_WELD + name, "")) for name in FIELDS})

    def _setting_changed(self, section: str, key: str) -> None:
        source = self.session.source
        if section in ("live", "quality") and source is not None:
            self.start(self.memory.full(source.address))

    def _thresholds_changed(self) -> None:
        """Judge by the new set: a new run, because a picture is recorded with the set that judged it."""
        source, status = self.session.source, self.session.status
        if source is None or status is None or status.state is State.ENDED:
            return
        paused = self.session.paused
        self.start(self.memory.full(source.address))
        self.session.set_paused(paused)
