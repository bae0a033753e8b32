"""Live: what a camera or a video shows, judged picture by picture, recorded when something triggers.

While another page is open nothing is judged, because nobody sees the verdicts and folders need the processor; unless a
trigger may come meanwhile (HTTP, a part that comes to rest). The source stays open and the choice stays as it was, so
that coming back takes no time.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from weldspot_desktop.context import Context
from weldspot_desktop.inspection import sources
from weldspot_desktop.inspection.live import Judged, State
from weldspot_desktop.inspection.sources import CameraInfo, SourceError
from weldspot_desktop.inspection.sources.address import lacks_password
from weldspot_desktop.inspection.sources.demo import TEXT as DEMO
from weldspot_desktop.inspection.triggers import Asked, Mode
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame, Kind, Slot
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.live_display import LiveDisplay
from weldspot_desktop.ui.live_recorder import LiveRecorder
from weldspot_desktop.ui.live_records import Recalled
from weldspot_desktop.ui.live_region import LiveRegion
from weldspot_desktop.ui.live_session import NO_PACE, LiveSession
from weldspot_desktop.ui.live_toolbar import LiveToolbar
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.scanner import ScanFilter
from weldspot_desktop.ui.source_asking import SourceAsking
from weldspot_desktop.ui.source_choice import SourceMemory
from weldspot_desktop.ui.source_controls import SourceControls
from weldspot_desktop.ui.trigger_button import ICONS, PHASES, RECORDS
from weldspot_desktop.ui.trigger_dialog import TriggerDialog
from weldspot_desktop.ui.trigger_service import TriggerService
from weldspot_desktop.ui.weld_form import WeldForm
from weldspot_desktop.ui.widgets.inspection_panel import InspectionPanel

_KINDS: Final = {State.LIVE: Kind.GOOD, State.LOST: Kind.ERROR, State.CONNECTING: Kind.WARNING}


class LivePage(Page):
    """Toolbar, picture with heat map, filmstrip of records, and the verdict in the panel."""

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__(context, frame)
        self.session = LiveSession(frame, self)
        self.memory = SourceMemory(frame)
        self.asking = SourceAsking(frame, self)
        self.service = TriggerService(frame, self.session.station, self)
        self.toolbar = LiveToolbar(self.memory)
        self.judged_panel = InspectionPanel()
        self.display = LiveDisplay(frame, self.judged_panel)
        assert self.judged_panel.weld is not None
        self.form = WeldForm(self.judged_panel.weld, self.session.station.weld, frame)
        self.recorder = LiveRecorder(self.session, self.display, self.form, frame, self)
        self.region = LiveRegion(self.display, self.toolbar, self.session, self.memory, self)
        self.scanner = ScanFilter(self)
        self.record_button = QPushButton()
        self._state: tuple[object, ...] | None = None
        self._began = False
        self._lay_out()
        self._make_actions()
        self.source_controls = SourceControls(self, self.session, self.toolbar)
        self._connect()
        self.judged_panel.bars.offer_raw(context.settings.live.show_raw)
        self._setting_changed("live", "smoothing")
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
        self.region.show(region)
        self.session.set_mode(self.memory.trigger(written))
        self.session.start(text, region)

    def start_demo(self) -> None:
        """Judge what the demo camera shows."""
        self.start(DEMO)

    def start_known(self, written: str) -> None:
        """Judge a source that was used before, asking for a password if it had one that is not known any more."""
        full = self.memory.full(written)
        if sources.SOURCES["network"].accepts(full) and lacks_password(full):
            self.asking.address(full)
        else:
            self.start(full)

    def play_or_pause(self) -> None:
        """Start, hold, or go on."""
        if self.display.recalled is not None or self.display.frozen:
            self.go_on()
        elif self.session.status is None or self.session.status.state is State.ENDED:
            written = self.toolbar.choice.current()
            if written:
                self.start_known(written)
            else:
                self.start_demo()
        else:
            self.session.set_paused(not self.session.paused)
            if self.session.paused:
                self.display.show_alone()

    def trigger(self, asked: Asked = Asked.SPACE) -> None:
        """What Space does: record the picture while live (and freeze it, with the manual trigger); otherwise play."""
        status = self.session.status
        still = self.display.recalled is not None or self.display.frozen
        if still or status is None or status.state is not State.LIVE:
            self.play_or_pause()
            return
        if self.session.station.mode is Mode.MANUAL and self.display.judged is not None:
            self.display.freeze()
        self.recorder.record(asked, go_on=True)
        self._show_state()

    def record_now(self) -> None:
        """The button at the foot of the panel: what Space does, and a record also of a paused picture."""
        status = self.session.status
        if status is not None and status.state is State.PAUSED and self.display.recalled is None:
            self.recorder.record(Asked.BUTTON, go_on=True)
        else:
            self.trigger(Asked.BUTTON)

    def snapshot(self) -> None:
        """Record the picture that is shown; the weld stays the same."""
        self.recorder.record(Asked.BUTTON, go_on=False)

    def go_on(self) -> None:
        """Back to the running source, from a frozen picture or a record."""
        if self.display.recalled is not None:
            self._forget_picture()
            self.region.show(self.session.region)
            self.session.set_paused(False)
        self.display.thaw()
        self._show_state()

    def choose_trigger(self, mode: Mode) -> None:
        """Trigger like this from now on, and whenever this source is used."""
        if self.display.frozen:
            self.display.thaw()
        self.session.set_mode(mode)
        if self.toolbar.choice.current():
            self.memory.set_trigger(self.toolbar.choice.current(), mode)
        self._show_state()

    def next_trigger(self) -> None:
        """Go through the triggers."""
        modes = list(Mode)
        self.choose_trigger(modes[(modes.index(self.session.station.mode) + 1) % len(modes)])

    def show_http(self) -> None:
        """Show how another program triggers."""
        dialog = TriggerDialog(self.service, self.frame, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_raw_scores(self, shown: bool) -> None:
        """Show or hide the scores of the newest picture alone, and remember it."""
        if shown != self.context.settings.live.show_raw:
            self.context.settings.live.show_raw = shown
            self.frame.save_settings("live", "show_raw")

    def stop(self) -> None:
        """Let go of the source, for another program."""
        self._forget_picture()
        self.session.stop()

    def look_for_cameras(self) -> None:
        """Read anew which cameras are plugged in."""
        self.frame.run(sources.cameras, self._cameras_found, owner=self)

    # ---------------------------------------------------------------- Page

    def activated(self) -> None:
        self.scanner.install()
        self.look_for_cameras()
        self.session.set_watched(True)
        if not self._began:
            self._began = True
            self.recorder.read_latest()
            self.service.apply()
            self._start_last()

    def deactivated(self) -> None:
        self.scanner.remove()
        self.form.commit()
        self.session.set_watched(False)

    def shutdown(self) -> None:
        self.form.commit()
        self.source_controls.close()
        self.service.shutdown()
        self.session.shutdown()
        # The station suggested the next weld while it wrote the last ones.
        self.form.refresh()

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
        self.view, self.heat_map, self.card = self.display.view, self.display.heat_map, self.display.card
        self.filmstrip = self.recorder.filmstrip
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self.display, 1)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(self.filmstrip)
        theme.set_look(self.record_button, "main")
        self.judged_panel.add_button(self.record_button)
        self.judged_panel.pin_note()

    def _make_actions(self) -> None:
        self.add_action("Record and next, or start", self.trigger, "Space", icon="record-circle-outline")
        self._back = self.add_action("Back to the live picture", self.go_on, "Esc", icon="arrow-u-left-top")
        self.add_action("Start or pause", self.play_or_pause, "P", icon="play-pause")
        self.add_action("Snapshot", self.snapshot, "S", icon="camera-outline", tip="Record without going on")
        self.add_action("Next kind of trigger", self.next_trigger, "T", icon="gesture-tap-button")
        for mode in Mode:
            self.add_action(f"Trigger: {mode.value}", partial(self.choose_trigger, mode), icon=ICONS[mode])
        self.add_action("HTTP trigger: address and token", self.show_http, icon="key-outline", tip="POST /trigger")
        self.add_action(
            "Show or hide raw scores", self.judged_panel.bars.raw_switch.toggle, "Shift+S", icon="sine-wave"
        )
        self.add_action("Draw the region of interest", self.region.toggle, "R", icon="crop")
        self.add_action("Clear the region of interest", self.region.clear, "Shift+R", icon="crop-free")
        self.add_action("Open a video", self.asking.file, "Ctrl+O", icon="folder-open-outline")
        self.add_action("Watch a folder", self.asking.folder, "Ctrl+Shift+O", icon="folder-eye-outline")
        self.add_action("Open a network address", self.asking.address, "Ctrl+L", icon="plus-network-outline")
        self.add_action("Start the demo camera", self.start_demo, icon="creation-outline")
        self.add_action("Look for cameras", self.look_for_cameras, "F5", icon="refresh")
        self.add_action("Stop and let go of the source", self.stop, icon="stop-circle-outline")
        self.add_action("Next record", partial(self.filmstrip.step, 1), "Right", icon="arrow-right")
        self.add_action("Previous record", partial(self.filmstrip.step, -1), "Left", icon="arrow-left")
        self.heat_map.add_actions(self)

    def _connect(self) -> None:
        bar = self.toolbar
        bar.choice.picked.connect(self.start_known)
        bar.choice.file_wanted.connect(self.asking.file)
        bar.choice.folder_wanted.connect(self.asking.folder)
        bar.choice.address_wanted.connect(self.asking.address)
        bar.play_button.clicked.connect(self.play_or_pause)
        bar.snapshot_button.clicked.connect(self.snapshot)
        bar.trigger_button.chosen.connect(self.choose_trigger)
        bar.trigger_button.http_wanted.connect(self.show_http)
        self.asking.named.connect(self.start)
        self.session.judged.connect(self._show_judged)
        self.session.reported.connect(self._show_state)
        self.display.demo_wanted.connect(self.start_demo)
        self.display.retry_wanted.connect(self.session.retry)
        self.display.start_wanted.connect(self.play_or_pause)
        self.recorder.recalled.connect(self._show_recalled)
        self.scanner.scanned.connect(self._scanned)
        self.service.changed.connect(self._service_changed)
        self.record_button.clicked.connect(self.record_now)
        self.judged_panel.bars.raw_switch.toggled.connect(self.show_raw_scores)
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
        if self.display.recalled is not None or self.display.frozen or inspector is None:
            return
        self.display.show_judged(judged, inspector, alone=self.session.paused)
        if not self.display.shows_picture:
            self._show_state()

    def _show_state(self) -> None:
        """State, speed and what can be done now; several times a second, so only what is new is touched."""
        status, station, display = self.session.status, self.session.station, self.display
        state = status.state if status is not None else None
        self.toolbar.readout.show_pace(self.session.pace if state is State.LIVE else NO_PACE)
        size, paused, mode = self.view.picture_size(), self.session.paused, station.mode
        addition = PHASES[station.phase] if mode is Mode.REST and state is State.LIVE else ""
        addition = "frozen" if display.frozen else addition
        judged, recalled = display.judged is not None, display.recalled
        outlook = status.outlook() if status is not None else ""
        now = (status, outlook, paused, size, judged, recalled, self.toolbar.choice.cameras(), mode, addition)
        if now == self._state:
            return
        self._state = now
        self.toolbar.readout.show_state(state, status.what if status is not None else "", addition)
        self.toolbar.show_trigger(mode)
        source = self.session.source
        title = source.title if source is not None else "No camera"
        words = f"{title}, {status.state.value}" if status is not None else title
        self.frame.set_status(Slot.CAMERA, words, _KINDS.get(state, Kind.INFO) if state is not None else Kind.INFO)
        if state in (State.LOST, State.ENDED) and recalled is None and not display.frozen:
            # A picture of the past with its verdict must not pass for what is in front of the camera.
            self._forget_picture()
        if display.judged is not None or recalled is not None:
            display.show_picture()
        else:
            display.show_card(status, cameras=bool(self.toolbar.choice.cameras()))
        self.toolbar.show_size(size.width(), size.height())
        runs = state not in (None, State.ENDED) and not paused and not display.frozen
        self.toolbar.show_running(runs, display.judged is not None)
        self._back.setEnabled(recalled is not None or display.frozen)
        self.record_button.setEnabled(display.judged is not None)
        word = "Go on" if display.frozen else RECORDS[mode]
        space = display.frozen or (state is State.LIVE and recalled is None)
        self.record_button.setText(f"{word}   Space" if space else word)

    def _forget_picture(self) -> None:
        self.display.forget()
        self.recorder.leave_record()
        self.region.draw(False)

    def _show_recalled(self, record: Recalled) -> None:
        if self.session.status is not None and self.session.status.state is not State.ENDED:
            self.session.set_paused(True)
        self.region.draw(False)
        self.display.show_recalled(record)
        self.toolbar.show_region(False)
        weld = record.weld.get("weld_id", "")
        self.judged_panel.set_note(f"Record {record.number}{f', {weld}' if weld else ''}. Space goes back to live.")
        self._show_state()

    def _scanned(self, code: str) -> None:
        self.form.scanned(code)
        self.judged_panel.set_note(f"Scanned: {code.strip()}")

    def _service_changed(self) -> None:
        self.toolbar.trigger_button.show_http(self.service.url)
        self.session.set_keeps_judging(self.service.url is not None)

    # Memory

    def _cameras_found(self, found: list[CameraInfo]) -> None:
        self.toolbar.choice.set_cameras(found)
        self._show_state()

    def _setting_changed(self, section: str, key: str) -> None:
        if section not in ("live", "quality"):
            return
        live = self.context.settings.live
        self.judged_panel.bars.raw_switch.setChecked(live.show_raw)
        self.judged_panel.bars.raw_switch.setEnabled(live.smoothing)
        source = self.session.source
        goes_on = section == "live" and (key.startswith("http_") or self.session.setting_changed(key))
        if source is not None and not goes_on:
            self.start(self.memory.full(source.address))

    def _thresholds_changed(self) -> None:
        """Judge by the new set: a new run, because a picture is recorded with the set that judged it."""
        source, status = self.session.source, self.session.status
        if source is None or status is None or status.state is State.ENDED:
            return
        paused = self.session.paused
        self.start(self.memory.full(source.address))
        self.session.set_paused(paused)
